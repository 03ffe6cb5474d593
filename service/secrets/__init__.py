"""What must not be read: encryption at rest, hashes, sealed boxes, keys that change, and Figma
tokens ready for use."""
