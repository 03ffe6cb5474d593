"""Turning the pages of a long list, newest first."""

from typing import Any


def turn_back(pages: list[Any]) -> None:
    """Forget the page that is shown, so that the one before it is."""
    pages.pop()
