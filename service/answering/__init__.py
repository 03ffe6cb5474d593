"""How one comment is answered: decided, read, reviewed, posted once, and settled."""
