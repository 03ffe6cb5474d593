"""The page Analyses."""
