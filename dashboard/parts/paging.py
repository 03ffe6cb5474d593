"""Paging through a long list, newest first."""

from typing import Any


def turn_back(pages: list[Any]) -> None:
    """Drop the current page, so that the one before it is shown."""
    pages.pop()
