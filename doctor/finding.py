"""What a check found, and how it says so: one sentence each for what, why and what to do."""

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warning", "failed", "skipped"]


@dataclass(frozen=True)
class Finding:
    """``about``: which of several things (a model, a host); empty: there is one. ``why`` and ``do``
    are empty where there is nothing to do."""

    status: Status
    what: str
    why: str = ""
    do: str = ""
    about: str = ""


class Skip(Exception):
    """This check cannot say anything here; the text is a sentence that says why."""


def ok(what: str, *, about: str = "") -> Finding:
    return Finding("ok", what, about=about)


def warning(what: str, why: str, do: str, *, about: str = "") -> Finding:
    return Finding("warning", what, why, do, about)


def failed(what: str, why: str, do: str, *, about: str = "") -> Finding:
    return Finding("failed", what, why, do, about)
