"""The page Pipelines."""
