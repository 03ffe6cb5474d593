"""Tests in a real browser on the real stack; a package, so that they can share one company."""
