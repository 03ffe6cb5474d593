"""Where the buddy is on: webhooks at Figma and their rows here, changed together."""
