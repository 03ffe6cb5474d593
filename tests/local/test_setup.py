"""`make setup` says what an old Python lacks, and leaves a .venv and npm packages that serve."""

import ast
import builtins
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local import setup
from local.setup import NPM_INSTALL, PLUGIN, ROOT, TOOLCHAIN, make_venv


def test_an_old_python_reads_as_far_as_the_sentence_about_it():
    source = Path(setup.__file__).read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 7))
    # `list[Path]` and the like came with 3.9.
    old = {
        name: type(name, (getattr(builtins, name),), {"__class_getitem__": None})
        for name in ("dict", "list", "tuple")
    }
    module: dict[str, Any] = {"__name__": "old", "__file__": setup.__file__}
    module["__builtins__"] = vars(builtins) | old
    exec(compile(tree, "setup.py", "exec"), module)
    module["sys"] = SimpleNamespace(version_info=(3, 8, 18))
    with pytest.raises(SystemExit, match=r"3\.11 or newer is needed, and this is Python 3\.8"):
        module["check_machine"]()


def test_a_venv_is_kept_where_it_was_made_and_made_again_where_it_was_moved_to(tmp_path, capsys):
    first, second = tmp_path / "check out" / ".venv", tmp_path / "moved" / ".venv"
    make_venv(first)
    assert capsys.readouterr().out == "making .venv …\n"
    make_venv(first)
    assert capsys.readouterr().out == ""
    first.parent.rename(second.parent)
    make_venv(second)
    assert "its scripts lead to another folder" in capsys.readouterr().out
    assert (
        subprocess.run([second / "bin" / "pip", "--version"], capture_output=True).returncode == 0
    )
    make_venv(second)
    assert capsys.readouterr().out == ""


def test_a_shared_venv_is_kept_by_the_checkouts_that_link_to_it(tmp_path: Path, capsys):
    shared, link = tmp_path / "shared", tmp_path / "linking"
    write_python(shared, "")
    link.symlink_to(shared)
    make_venv(link)
    assert capsys.readouterr().out == ""


def test_a_venv_of_an_older_python_is_made_again(tmp_path: Path, capsys):
    venv = tmp_path / ".venv"
    write_python(venv, "sys.version_info = (3, 10, 13)")
    make_venv(venv)
    assert "its Python is older than 3.11" in capsys.readouterr().out
    version = [venv / "bin" / "python", "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
    assert subprocess.run(version).returncode == 0


def write_python(venv: Path, change: str) -> None:
    """A folder with this very Python after `change`, and a script that it starts."""
    (venv / "bin").mkdir(parents=True)
    python, pip = venv / "bin" / "python", venv / "bin" / "pip"
    python.write_text(
        f"#!/bin/sh\nexec '{sys.executable}' -c 'import sys; {change}\nexec(sys.argv[1])' \"$2\"\n"
    )
    python.chmod(0o755)
    pip.write_text(f"#!{python}\n")


@pytest.mark.parametrize(
    ("folder", "package"), [(ROOT, "axe-core"), (PLUGIN, "esbuild"), (TOOLCHAIN, "vitest")]
)
def test_npm_brings_what_the_tests_need_whatever_node_env_is(
    tmp_path: Path, folder: Path, package: str
):
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(folder / name, tmp_path)
    npm = Path(sys.executable).with_name(NPM_INSTALL[0])
    done = subprocess.run(
        [npm, *NPM_INSTALL[1:], "--dry-run", "--offline"],
        cwd=tmp_path,
        env={**os.environ, "NODE_ENV": "production"},
        capture_output=True,
        text=True,
    )
    assert package in done.stdout, done.stderr
