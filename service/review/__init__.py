"""Measures a design without a model, and writes a review from the facts."""

from service.review.facts import Fact, Facts
from service.review.house_rules import with_house_rules
from service.review.measure import measure
from service.review.passing import WouldPass, asks_what_passes, what_would_pass
from service.review.screen import Options
from service.review.written import measured_review

__all__ = [
    "Fact",
    "Facts",
    "Options",
    "WouldPass",
    "asks_what_passes",
    "measure",
    "measured_review",
    "what_would_pass",
    "with_house_rules",
]
