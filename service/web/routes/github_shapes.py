"""The JSON of where components are pushed to, as pydantic models."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr, StringConstraints

from service.web.routes.shapes import Strict, text

# Postgres keeps it as a bigint; GitHub's numbers are far smaller.
_LARGEST_NUMBER = 2**53 - 1
Token = Annotated[SecretStr, Field(min_length=1, max_length=255)]


class PushTargetIn(Strict):
    repository: Annotated[str, StringConstraints(min_length=1, max_length=300)] = Field(
        description="owner/name, or the address of its page."
    )
    base_branch: text(200) = Field(  # type: ignore[valid-type]
        default="", description="Where pull requests go; empty: the repository's default branch."
    )
    folder: text(200) = Field(  # type: ignore[valid-type]
        default="", description="Where components go; empty: the root."
    )
    token: Token = Field(
        description="A fine-grained token for this repository: contents and pull requests, read "
        "and write. It is sealed, and shown to nobody again."
    )
    installation_id: int | None = Field(
        default=None,
        ge=1,
        le=_LARGEST_NUMBER,
        description="The App's installation, if it is to be used in place of the token.",
    )


class PushTargetShown(BaseModel):
    repository: str
    base_branch: str
    folder: str
    signs_in_with: Literal["token", "app"]
    installation_id: int | None
    is_team: bool = Field(description="It is the team's; else mine alone.")
    set_by_handle: str
    set_at: datetime
    is_setter_gone: bool = Field(
        description="Whoever entered the token has left, so it is no longer used."
    )


class PushTargetAnswer(BaseModel):
    target: PushTargetShown | None
    app_is_offered: bool = Field(description="Whether this service has a GitHub App.")


class PushTargetSet(BaseModel):
    target: PushTargetShown
    message: str = Field(description="What the token can do.")


class PushTargetRemoved(BaseModel):
    removed: bool
    message: str
