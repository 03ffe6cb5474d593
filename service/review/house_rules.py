"""What a guidance says about measuring, in lines of its own among the design-system rules:

    Rules off: line-length, apca
    Grid: 8

So designers and support change it where they already write, and every version of it is kept.
"""

import re
from dataclasses import replace

from service.review.screen import Options

_OFF = re.compile(r"^[ \t>*•-]*rules?[ \t]+off[ \t]*:[ \t]*(.+)$", re.IGNORECASE | re.MULTILINE)
_GRID = re.compile(
    r"^[ \t>*•-]*(?:spacing[ \t]+)?grid[ \t]*:[ \t]*(\d{1,3}(?:[.,]\d{1,2})?)"
    r"[ \t]*(?:px|dp|pt)?[ \t.]*$",
    re.IGNORECASE | re.MULTILINE,
)
_ID = re.compile(r"[a-z]+(?:-[a-z]+)*")
_NO_IDS = {"and", "or"}
_SMALLEST_PX, _LARGEST_PX = 1.0, 100.0


def with_house_rules(options: Options, text: str) -> Options:
    """These options, with the rules that ``text`` switches off and the grid that it sets.

    A name that no rule has is kept: the facts say that there is none.
    """
    off = {each for line in _OFF.findall(text) for each in _ID.findall(line.casefold())} - _NO_IDS
    grids = [float(each.replace(",", ".")) for each in _GRID.findall(text)]
    # The last one counts, as in a list of changes.
    grid = next((each for each in reversed(grids) if _SMALLEST_PX <= each <= _LARGEST_PX), None)
    return replace(options, off=options.off | off, grid=options.grid or grid)
