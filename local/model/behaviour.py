"""How the stand-in answers: delay and faults, switched with PUT /standin/behaviour."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from local.model.edits import Edit

Fault = Literal[
    "429",
    "quota",
    "500",
    "401",
    "credits",
    "flagged",
    "region",
    "timeout",
    "drip",
    "drop",
    "garbage",
    "empty",
    "content_filter",
    "refusal",
    "length",
]

# What the endpoint does with a JSON schema: take it, ignore it as Anthropic's compatible endpoint
# does, not know the parameter, not support it with this model, or find fault with the schema.
Schemas = Literal["taken", "ignored", "unknown", "unsupported", "invalid"]


class Behaviour(BaseModel):
    """Fields that are left out go back to their defaults.

    ``fault`` affects the next ``times`` calls (None: every call). ``timeout`` never responds,
    ``drip`` sends a byte now and then and never ends, ``drop`` closes the connection.
    ``report_cost`` adds ``usage.cost`` in dollars, as OpenRouter does.
    ``text`` replaces the answer, ``usage`` the whole usage object (for instance one recorded
    at a provider), ``answered_as`` the model's name, and ``service_tier`` the tier (None: no tier).
    ``texts`` are answers to be given one after another before that; "{json}" in them is the JSON
    answer that it would give. ``schemas`` says what it does with a JSON schema.
    ``edit`` says how it edits the files of a component.
    Without ``pictures`` it refuses them, as OpenAI's models without eyes do.
    ``only_max_tokens`` refuses ``max_completion_tokens``, as some older servers do.
    """

    model_config = ConfigDict(extra="forbid")

    delay_ms: int = Field(default=0, ge=0, le=600_000)
    fault: Fault | None = None
    times: int | None = Field(default=None, ge=1)
    retry_after: int = Field(default=1, ge=0)
    report_cost: float | None = Field(default=None, ge=0)
    cached_tokens: int | None = Field(default=None, ge=0)
    reasoning_tokens: int | None = Field(default=None, ge=0)
    text: str | None = None
    texts: list[str] = Field(default_factory=list)
    schemas: Schemas = "taken"
    edit: Edit = "good"
    usage: dict[str, Any] | None = None
    answered_as: str | None = None
    service_tier: str | None = "default"
    only_max_tokens: bool = False
    pictures: bool = True

    def take_text(self) -> str | None:
        """The text for this call, if one was given; takes it off the list."""
        return self.texts.pop(0) if self.texts else self.text

    def take_fault(self) -> Fault | None:
        """The fault for this call, if any; counts it down."""
        fault = self.fault
        if fault is not None and self.times is not None:
            self.times -= 1
            if self.times == 0:
                self.fault = self.times = None
        return fault
