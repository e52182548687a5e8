"""MinorGuard: limits time, features, content and recommendations for minors, exactly and explainably."""

__version__ = "0.1.0"
