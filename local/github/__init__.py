"""A stand-in for GitHub's API on loopback: repositories in memory, with git's own object ids."""

from local.github.faults import Fault
from local.github.repositories import (
    DEMO_REPOSITORY,
    DEMO_TOKEN,
    Hub,
    Installation,
    Repository,
    Token,
)
from local.github.server import GitHubStandIn

__all__ = [
    "DEMO_REPOSITORY",
    "DEMO_TOKEN",
    "Fault",
    "GitHubStandIn",
    "Hub",
    "Installation",
    "Repository",
    "Token",
]
