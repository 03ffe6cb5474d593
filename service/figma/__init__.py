"""Everything the service knows about Figma: its API, its webhook payloads, links and replies."""
