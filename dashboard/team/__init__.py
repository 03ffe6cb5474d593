"""One team, opened whole."""
