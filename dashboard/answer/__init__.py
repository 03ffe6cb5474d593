"""One answer, opened whole."""
