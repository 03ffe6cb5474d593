"""All rules of the review, in the order in which their findings are told."""

from service.review.rule import Rule
from service.review.rules import (
    contrast_control,
    contrast_text,
    invisible_text,
    spacing_grid,
    target_overlap,
    target_size,
    text_size,
    token_use,
)

RULES: tuple[Rule, ...] = (
    contrast_text.RULE,
    invisible_text.RULE,
    contrast_control.RULE,
    target_size.RULE,
    target_overlap.RULE,
    text_size.RULE,
    spacing_grid.RULE,
    token_use.RULE,
)
