"""Each reason has its sentence."""

import re
from pathlib import Path

import pytest

import service.pipelines.editing as room
from service.pipelines.editing.asking_edits import Edited
from service.pipelines.editing.edit_sentences import REASONS, told

CODE = "\n".join(path.read_text() for path in Path(room.__file__).parent.glob("*.py"))


def test_the_reasons_are_those_that_the_code_gives() -> None:
    given = set(re.findall(r'(?:Refused|_refuse)\(\s*"([a-z_]+)"', CODE))
    assert len(given) > 15
    assert given <= REASONS
    told_by_edits = set(re.findall(r'"([a-z_]+)"', Edited.__doc__ or ""))
    # Money is reserved before any edit is asked for.
    assert told_by_edits | {"ceiling_reached"} == REASONS


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_each_reason_is_a_sentence(reason: str) -> None:
    assert re.fullmatch(r"[A-Z][^_]+\.", told(reason))


def test_a_reason_of_a_later_version_is_told_by_its_words() -> None:
    assert "refused: some new reason." in told("some_new_reason")
