"""Where the buddy is on: its webhooks at Figma and their rows here are created, changed and removed
together."""
