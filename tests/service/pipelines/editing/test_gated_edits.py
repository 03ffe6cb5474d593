"""Edits under the real gate: the tests that follow the edit pass, and the component is no worse."""

import re
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from local.model.edits import better
from service.pipelines.editing import is_better, is_sure, with_meaning
from service.pipelines.editing.allowances import BOXES, TEXTS
from service.pipelines.editing.edit_rules import Refused, check_edit
from service.pipelines.gate import Floor, GateResult, Sandbox
from service.pipelines.generate import generate
from service.pipelines.spec import Spec, build_spec
from service.pipelines.testing import write_tests
from tests.service.pipelines import gating
from tests.service.pipelines.editing.test_meanings import PAIR
from tests.service.pipelines.fixtures.designs import DESIGNS
from tests.service.pipelines.fixtures.trees import any_design
from tests.service.pipelines.gating import require_sandbox
from tests.service.pipelines.rendering import ran, write_project

LOOKED = (
    *("geometry_share", "text_share", "colour_delta_e_p95", "rur", "apr", "str", "avu"),
    "single_use_tokens",
)
GROUPS = '<section className="contents" aria-label="Both"><ul className="contents">'


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return require_sandbox()


def gated(
    sandbox: Sandbox, spec: Spec, files: dict[str, str], floor: Floor | None = None
) -> GateResult:
    meant = with_meaning(spec, files)
    return gating.gated(sandbox, meant, files, floor=floor)


def test_what_the_stand_in_edits_passes_and_is_better(sandbox: Sandbox) -> None:
    spec = build_spec(DESIGNS["alert_set"]())
    files = dict(generate(spec, traced=True).files)
    edited = {**files, "Alert.tsx": better(files["Alert.tsx"])}
    before = gated(sandbox, spec, files)
    after = gated(sandbox, spec, edited, Floor(spec, files))
    assert (before.is_passed, after.is_passed) == (True, True), after.failures
    assert is_better(after, before)
    assert not is_better(before, after)
    # One look in the candidate's browser finds of the draft what its own gate does.
    assert after.floor is not None and is_sure(after)
    assert [getattr(after.floor, name) for name in LOOKED] == [
        getattr(before.quality, name) for name in LOOKED
    ]


def test_groups_and_lists_move_nothing(sandbox: Sandbox) -> None:
    files = dict(generate(PAIR, traced=True).files)
    text = files["Page.tsx"]
    for what, instead in (
        ('<div data-node="2:1"', f'{GROUPS}<li data-node="2:1"'),
        ("</div>\n      <div", "</li>\n      <li"),
        ("</div>\n    </section>", "</li></ul></section>\n    </section>"),
    ):
        text = text.replace(what, instead, 1)
    check_edit("Page.tsx", files["Page.tsx"], text, given={})
    before = gated(sandbox, PAIR, files)
    after = gated(sandbox, PAIR, {**files, "Page.tsx": text})
    assert after.is_passed, after.failures
    assert after.quality.geometry_share == before.quality.geometry_share == 1.0
    assert is_better(after, before)


_OPENS = re.compile(r"^( *)<([a-z0-9]+) data-node=.*$")


def edited_by_chance(spec: Spec, chance: Random) -> dict[str, str]:
    """The draft's files after some edits of chance, each of which a model may make."""
    files = dict(generate(spec, traced=True).files)
    path = f"{spec.name}.tsx"
    for _ in range(60):
        lines = files[path].split("\n")
        at = chance.randrange(len(lines))
        found = _OPENS.match(lines[at])
        if found is None:
            continue
        indent, tag = found[1], found[2]
        closed = lines[at].endswith((f"</{tag}>", "/>"))
        end = at if closed else lines.index(f"{indent}</{tag}>", at)
        new = chance.choice(sorted(BOXES | TEXTS))
        if chance.random() < 0.4:
            lines[at] = f'{indent}<{new} className="contents">\n{lines[at]}'
            lines[end] = f"{lines[end]}\n{indent}</{new}>"
        else:
            lines[at] = lines[at].replace(f"<{tag} ", f"<{new} ", 1)
            before, is_there, after = lines[end].rpartition(f"</{tag}>")
            lines[end] = f"{before}</{new}>{after}" if is_there else lines[end]
        with suppress(Refused):
            check_edit(path, files[path], "\n".join(lines), given={})
            files[path] = "\n".join(lines)
    return files


def test_the_tests_follow_every_edit(tmp_path: Path) -> None:
    """All designs and trees of chance, edited by chance: strict types, and tests from the spec."""
    specs = {name: build_spec(make()) for name, make in DESIGNS.items()}
    specs |= {f"tree{at}": build_spec(any_design(Random(at))) for at in range(12)}
    write_project(specs, tmp_path)
    changed = 0
    for seed, (name, spec) in enumerate(specs.items()):
        files = edited_by_chance(spec, Random(seed))
        meant = with_meaning(spec, files)
        changed += meant != spec
        for path, text in {**files, **write_tests(meant)}.items():
            (tmp_path / name / path).write_text(text)
    assert changed > len(specs) / 2
    assert ran(tmp_path, "typescript/bin/tsc", "-p", ".") == ""
    said = ran(tmp_path, "vitest/vitest.mjs", "run", "--no-color")
    assert f"Test Files  {2 * len(specs)} passed" in said


def test_without_the_meaning_the_tests_refuse_it(sandbox: Sandbox) -> None:
    spec = build_spec(DESIGNS["alert_set"]())
    files = dict(generate(spec, traced=True).files)
    edited = {**files, "Alert.tsx": better(files["Alert.tsx"])}
    assert gating.kinds(gating.gated(sandbox, spec, edited)) == {"tests"}
