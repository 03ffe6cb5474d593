"""The locked Python packages: complete, in step with what is asked for, and free to be used."""

import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from local.setup import PIP_INSTALL
from local.stack.stack import ROOT

LOCKS = ("requirements.txt", "requirements-dev.txt")
# Of the tools of the tests, pytest alone is shipped: the owner's list for production asks for it.
NOT_SHIPPED = {
    "hypothesis", "locust", "mypy", "playwright", "pre-commit", "pytest-xdist", "ruff",
    "schemathesis", "uv"
}  # fmt: skip
FORBIDDING = re.compile(r"\bA?GPL|GNU (Affero )?General")
RENEW = "run `make lock`, which writes both locks"


def read_lock(name: str) -> dict[str, set[str]]:
    """The locked versions of each package. One with two is locked for different Pythons."""
    versions: dict[str, set[str]] = {}
    text = (ROOT / name).read_text(encoding="utf-8")
    for package, version in re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==([\w.+!]+)", text, re.M):
        versions.setdefault(canonicalize_name(package), set()).add(version)
    return versions


def read_asked(name: str) -> list[Requirement]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-r "))]


def read_asked_names(name: str) -> set[str]:
    return {canonicalize_name(each.name) for each in read_asked(name)}


@pytest.mark.parametrize("name", LOCKS)
def test_each_package_is_locked_exactly_and_with_hashes(name: str):
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", "")
    packages = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    pin = r"[\w.-]+(\[[\w,-]+\])?==[\w.+!]+( ; [^;]+?)?( +--hash=sha256:[0-9a-f]{64})+"
    assert packages
    assert [line for line in packages if not re.fullmatch(pin, line.rstrip())] == []
    # Neither an index nor a folder of packages of the machine that wrote it.
    assert not re.search(r"://|--(extra-)?index|--find-links", text)


@pytest.mark.parametrize(("asked", "lock"), [("requirements.in", 0), ("requirements-dev.in", 1)])
def test_what_is_asked_for_is_locked(asked: str, lock: int):
    locked = read_lock(LOCKS[lock])
    stale = [
        str(requirement)
        for requirement in read_asked(asked)
        if not all(
            requirement.specifier.contains(version)
            for version in locked.get(canonicalize_name(requirement.name), {"0"})
        )
    ]
    assert not stale, RENEW


def test_the_tests_run_with_what_production_installs():
    production, development = map(read_lock, LOCKS)
    apart = {name: versions for name, versions in production.items()
             if development.get(name) != versions}  # fmt: skip
    assert not apart, RENEW


def test_no_tool_of_the_tests_but_pytest_is_shipped():
    shipped = set(read_lock("requirements.txt"))
    assert "pytest" in shipped
    assert not NOT_SHIPPED & shipped
    assert read_asked_names("requirements-dev.in") >= NOT_SHIPPED


def test_what_is_installed_is_what_is_locked():
    for name, versions in read_lock("requirements-dev.txt").items():
        try:
            installed = distribution(name).version
        except PackageNotFoundError:
            continue
        assert installed in versions, f"{name} {installed}: `make setup` installs the locked one"


def test_installing_asks_for_the_hashes():
    assert "--require-hashes" in PIP_INSTALL


def test_the_hooks_of_commits_use_the_locked_tools():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [each["repo"] for each in hooks["repos"]] == ["local"]
    tools = {hook["entry"].split()[0] for hook in hooks["repos"][0]["hooks"]}
    assert {Path(tool).name for tool in tools} <= read_asked_names("requirements-dev.in")
    assert all(tool.startswith(".venv/bin/") for tool in tools)


def test_no_package_forbids_the_licence_of_this_product():
    """The GPL would reach what is shipped with it; LGPL and MPL do not reach their users."""
    for name in read_lock("requirements-dev.txt"):
        try:
            about = distribution(name).metadata
        except PackageNotFoundError:
            continue
        classifiers = about.get_all("Classifier") or []
        licences = [about.get("License-Expression") or "", *classifiers]
        forbidding = [
            text for text in licences if re.search(r"\bA?GPL|GNU (Affero )?General", text)
        ]
        assert not forbidding, f"{name}: {forbidding}"
