"""The files finance takes away: written row by row, from the page and from `make export` alike."""
