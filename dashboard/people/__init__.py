"""The page People: search, a person's head, story, context and account."""
