"""The published criteria that more than one rule goes by."""

from service.review.facts import Source

_UNDERSTANDING = "https://www.w3.org/WAI/WCAG22/Understanding/"

CONTRAST = Source("WCAG 2.2 SC 1.4.3", f"{_UNDERSTANDING}contrast-minimum.html")
NON_TEXT_CONTRAST = Source("WCAG 2.2 SC 1.4.11", f"{_UNDERSTANDING}non-text-contrast.html")
TARGET_SIZE = Source("WCAG 2.2 SC 2.5.8", f"{_UNDERSTANDING}target-size-minimum.html")
