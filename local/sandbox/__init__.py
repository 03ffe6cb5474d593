"""A stand-in for Figma with state: what this product can see of Figma, on this machine alone."""

from local.sandbox.client import Sandbox
from local.sandbox.config import SandboxConfig

__all__ = ["Sandbox", "SandboxConfig"]
