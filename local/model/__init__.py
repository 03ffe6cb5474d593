"""A stand-in for an OpenAI-compatible provider, for running and testing without an account."""

from local.model.server import ModelStandIn

__all__ = ["ModelStandIn"]
