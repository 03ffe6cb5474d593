"""The page Trials."""
