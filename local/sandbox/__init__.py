"""A stateful stand-in for Figma on this machine: the part of Figma that this product uses."""

from local.sandbox.client import Sandbox
from local.sandbox.config import SandboxConfig

__all__ = ["Sandbox", "SandboxConfig"]
