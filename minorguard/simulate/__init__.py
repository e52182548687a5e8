"""Seeing and testing what a policy means: previews, and policy tests with their coverage."""
