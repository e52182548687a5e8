"""Comparing policies: which is stricter, proved over all ages, day kinds, minutes and limits, or refuted by a case."""
