"""The stage that these tests share."""

from tests.exactly_once.scene import model, sandbox, scene

__all__ = ["model", "sandbox", "scene"]
