"""What came of asking a model, in a sentence for people, wherever they read it."""

from typing import Final

_KEPT = "The component stayed as it was."
_REFUSED: Final[dict[str, str]] = {
    "no_files": "it held no file",
    "unclosed_block": "it ended in the middle of a file",
    "foreign_path": "it named a file that no model may write",
    "doubled_path": "it held the same file twice",
    "too_long": "it was far too long",
    "truncated": "it was cut off at its limit",
    "unreadable": "it held code that no draft has",
    "forbidden_name": "it used something that a component must not use",
    "changed_import": "it changed the imports",
    "changed_code": "it changed code",
    "changed_words": "it changed what people read",
    "changed_layout": "it changed the layout",
    "lost_node": "it left out a layer",
    "doubled_node": "it had a layer twice",
    "foreign_node": "it made up a layer",
    "refused_tag": "it gave an element a tag that does not fit",
    "refused_group": "it grouped what cannot be grouped",
    "refused_attribute": "it gave an element what no model may give",
    "refused_name": "it chose a name that does not fit",
}
_SAID: Final[dict[str, str]] = {
    "edited": "A model improved names and meaning.",
    "unchanged": "A model was asked and had nothing to improve.",
    "no_model": f"No model answered. {_KEPT}",
    "no_price": f"No model was asked, as none has a known price. {_KEPT}",
    "ceiling_reached": f"No model was asked: what models may cost in this run is spent. {_KEPT}",
    "over_cost_ceiling": f"No model was asked: it could have cost more than was left. {_KEPT}",
    "too_large": f"No model was asked: the component is too large to be sent. {_KEPT}",
    "no_candidate": f"No model was asked: there was no file that could be read. {_KEPT}",
    "nothing_to_mend": "There was nothing to mend.",
    "too_many_rounds": f"It was mended as often as it may be. {_KEPT}",
}
# All that is known.
REASONS: Final = frozenset({*_SAID, *_REFUSED})


def told(reason: str) -> str:
    """The sentence for ``Edited.reason``. A code that this version does not know is told by its
    words."""
    if reason in _SAID:
        return _SAID[reason]
    why = _REFUSED.get(reason, reason.replace("_", " "))
    return f"A model's answer was refused: {why}. {_KEPT}"
