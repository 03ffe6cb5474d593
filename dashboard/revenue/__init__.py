"""The page Revenue."""
