"""The page People: search, a person's summary, story, context and account."""
