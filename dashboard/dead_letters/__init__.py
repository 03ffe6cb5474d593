"""The page Dead letters."""
