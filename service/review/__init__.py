"""What can be measured in a design without a model, and the review written from it."""

from service.review.facts import Fact, Facts
from service.review.measure import measure
from service.review.written import measured_review

__all__ = ["Fact", "Facts", "measure", "measured_review"]
