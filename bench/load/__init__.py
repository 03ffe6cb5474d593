"""`make load`: a thousand people at once against the whole product, on this machine alone."""
