"""What a package tells of the run that made it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class About:
    """``figma_url``: the address of the layer, as we wrote it. ``made_on``: the day, as YYYY-MM-DD.

    ``model``: "" if the code is by rules alone. ``cost_microusd``: of all calls of models, None if
    no price is known. ``rounds``: repairs. ``seconds``: of all stages. ``versions``: the tools that
    it was tested with, by name. ``notes``: what a draft left out, beside what the spec says.
    """

    pipeline_id: str = ""
    figma_url: str = ""
    file_version: str = ""
    made_on: str = ""
    model: str = ""
    model_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_microusd: int | None = 0
    rounds: int = 0
    seconds: float | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
