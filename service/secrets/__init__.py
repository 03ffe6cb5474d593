"""All that handles secrets: encryption at rest, hashes, sealed boxes, key rotation, and Figma
tokens ready for use."""
