"""Designs of our own, made up by hand and clean, as Figma would give them."""

from bench.review.designs.drawing import Design
from bench.review.designs.screens import all_designs

__all__ = ["Design", "all_designs"]
