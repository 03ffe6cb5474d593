"""Drafts and their tests under strict TypeScript and in Vitest, as the gate runs them."""

from pathlib import Path
from random import Random

import pytest

from service.pipelines.spec import Spec, build_spec
from tests.service.pipelines.fixtures.designs import DESIGNS
from tests.service.pipelines.fixtures.trees import any_design
from tests.service.pipelines.rendering import ran, write_project

TREES = 12


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every design of ours, and trees of chance, each in a folder with its tests."""
    work = tmp_path_factory.mktemp("drafts")
    specs: dict[str, Spec] = {name: build_spec(make()) for name, make in DESIGNS.items()}
    specs |= {f"tree{at}": build_spec(any_design(Random(at))) for at in range(TREES)}
    write_project(specs, work)
    return work


def test_every_draft_is_strict_typescript(project: Path) -> None:
    assert ran(project, "typescript/bin/tsc", "-p", ".") == ""


def test_every_draft_passes_its_tests(project: Path) -> None:
    said = ran(project, "vitest/vitest.mjs", "run", "--no-color")
    assert f"Test Files  {2 * (len(DESIGNS) + TREES)} passed" in said
