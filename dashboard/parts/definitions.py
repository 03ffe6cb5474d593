"""The one dictionary of what figures mean, used by tiles, help texts and `docs/metrics.md`.

The name of an entry is its page and its name there. No definition is written anywhere else.
"""

from dashboard.parts.analysis_definitions import ANALYSES
from dashboard.parts.bill_definitions import BILLS
from dashboard.parts.metric import Definition, Explanation, Metric
from dashboard.parts.money_definitions import MONEY
from dashboard.parts.people_definitions import PEOPLE
from dashboard.parts.pipeline_definitions import PIPELINES
from dashboard.parts.quality_definitions import QUALITY
from dashboard.parts.service_definitions import SERVICE

DEFINITIONS: dict[str, Definition] = {
    **MONEY,
    **BILLS,
    **PEOPLE,
    **SERVICE,
    **ANALYSES,
    **PIPELINES,
    **QUALITY,
}


def metric(name: str) -> Metric:
    """The tile of this name."""
    found = DEFINITIONS[name]
    assert isinstance(found, Metric), name
    return found


def explain(name: str, **words: str) -> str:
    """What the chart, table or column of this name shows.

    `words` fill the placeholders of its text, such as {zone}.
    """
    found = DEFINITIONS[name]
    assert isinstance(found, Explanation), name
    return found.definition.format(**words) if words else found.definition
