"""The HTTP surface, one module per area; each has ``register(app)``."""
