"""The page Webhooks."""
