"""What a design goes by itself, for one line above the suggestions: its grid, colours and sizes."""

from typing import Any

from service.review.paint import paint_colours, to_hex, visible_paints
from service.review.screen import Screen
from service.review.text_runs import text_runs
from service.review.tree import text


def file_facts(screen: Screen) -> dict[str, Any]:
    colours = dict.fromkeys(
        to_hex(paint_colours(paint)[0][:3])
        for place in screen.places
        for field in ("fills", "strokes")
        for paint in visible_paints(place.node, field)
        if text(paint, "type") == "SOLID"
    )
    sizes = {round(run.size, 2) for place in screen.texts for run in text_runs(place.node)}
    return {
        "grid": 4,
        "palette": list(colours),
        "type_sizes": sorted(int(each) if each.is_integer() else each for each in sizes if each),
    }
