"""The parts of the people page: search, a person's head, story, context and account."""
