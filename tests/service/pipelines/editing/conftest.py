"""Two stand-in providers on loopback, as the chain's own tests have them."""

from tests.service.llm.conftest import first, running, spare

__all__ = ["first", "running", "spare"]
