"""The page AI cost."""
