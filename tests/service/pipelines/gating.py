"""The gate for tests: a sandbox where this machine has one, and candidates made of our designs."""

from collections.abc import Mapping
from functools import cache

import pytest

from local.apt import can_install
from service.pipelines.gate import Floor, GateRequest, GateResult, Sandbox, check, find_tools
from service.pipelines.generate import generate
from service.pipelines.spec import Spec, build_spec
from service.pipelines.testing import write_tests
from tests.service.pipelines.fixtures.designs import DESIGNS

TOOLS = find_tools()


@cache
def _missing() -> str:
    return Sandbox(TOOLS).missing()


def require_sandbox() -> Sandbox:
    """Skips only where nothing can be done: `make test` installs what is missing if it may."""
    missing = _missing()
    if missing and ("namespaces" in missing or not can_install()):
        pytest.skip(missing)
    assert not missing
    return Sandbox(TOOLS)


def spec_of(name: str) -> Spec:
    return build_spec(DESIGNS[name]())


def files_of(spec: Spec) -> dict[str, str]:
    """The draft as a candidate: traced."""
    return dict(generate(spec, traced=True).files)


def gated(
    sandbox: Sandbox,
    spec: Spec,
    files: Mapping[str, str] | None = None,
    tests: Mapping[str, str] | None = None,
    picture: bytes | None = None,
    floor: Floor | None = None,
) -> GateResult:
    files = files_of(spec) if files is None else files
    tests = write_tests(spec) if tests is None else tests
    return check(GateRequest(spec, files, tests, picture, 7, floor), sandbox, TOOLS)


def kinds(result: GateResult) -> set[str]:
    """What stops the candidate."""
    return {each.kind for each in result.failures if not each.is_advice}
