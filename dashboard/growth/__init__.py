"""The page Growth."""
