"""The files for finance, written row by row: on the page and by `make export`."""
