"""The page Your sign-in."""
