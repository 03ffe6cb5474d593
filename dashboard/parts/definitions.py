"""The one dictionary of what figures mean: tiles, help texts and `docs/metrics.md` read from it.

The name of an entry is its page and what it is there. What is written here stands nowhere else.
"""

from dashboard.parts.metric import Definition, Explanation, Metric
from dashboard.parts.money_definitions import MONEY
from dashboard.parts.people_definitions import PEOPLE
from dashboard.parts.service_definitions import SERVICE

DEFINITIONS: dict[str, Definition] = {**MONEY, **PEOPLE, **SERVICE}


def metric(name: str) -> Metric:
    """The tile of this name."""
    found = DEFINITIONS[name]
    assert isinstance(found, Metric), name
    return found


def explain(name: str, **words: str) -> str:
    """What a chart, a table or a column of this name shows; `words` are what its text leaves open,
    such as {zone}."""
    found = DEFINITIONS[name]
    assert isinstance(found, Explanation), name
    return found.definition.format(**words) if words else found.definition
