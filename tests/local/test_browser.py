"""A Chromium is found where there is one, and its absence is said aloud."""

import platform
from pathlib import Path

import pytest

from local.browser import BrowserError, ensure_browser, find_browser, require_browser

SNAP = """
[ -x /snap/bin/chromium ] || {{ echo "This command requires the chromium snap" >&2; exit {code}; }}
exec /snap/bin/chromium "$@"
"""


@pytest.fixture
def path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The one folder on the path, on a machine with Debian."""
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    run_on(monkeypatch, ID="debian")
    return tmp_path


def run_on(monkeypatch: pytest.MonkeyPatch, **release: str) -> None:
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: release)


def write_program(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_a_given_browser_goes_first(monkeypatch, path):
    write_program(path / "chromium", "echo Chromium 140")
    given = write_program(path / "mine", "echo Chromium 141")
    monkeypatch.setenv("CHROMIUM", given)
    assert find_browser() == given


@pytest.mark.parametrize("text", [None, "exit 1"])
def test_a_given_browser_that_cannot_run_is_refused(monkeypatch, path, text):
    monkeypatch.setenv("CHROMIUM", str(path / "mine"))
    if text:
        write_program(path / "mine", text)
    with pytest.raises(BrowserError, match="cannot be run"):
        find_browser()


def test_a_browser_that_does_not_start_is_passed_over(path):
    write_program(path / "chromium", "exit 1")
    (path / "chromium-browser").write_text("neither a program nor a script")
    (path / "chromium-browser").chmod(0o755)
    chrome = write_program(path / "google-chrome", "echo Google Chrome 140")
    assert find_browser() == chrome


@pytest.mark.parametrize("code", [0, 1])
def test_a_script_that_starts_a_snap_is_no_browser(path, code):
    write_program(path / "chromium-browser", SNAP.format(code=code))
    assert find_browser() is None


def test_a_link_to_the_program_that_starts_snaps_is_no_browser(path):
    (path / "chromium").symlink_to(write_program(path / "snap", "exit 0"))
    assert find_browser() is None


def test_without_any_browser_the_way_to_one_is_said(path):
    with pytest.raises(BrowserError, match="apt-get install chromium"):
        require_browser()


@pytest.mark.parametrize("release", [{"ID": "ubuntu"}, {"ID": "pop", "ID_LIKE": "ubuntu debian"}])
def test_where_apt_has_only_a_snap_nothing_is_installed_and_chrome_is_named(
    monkeypatch, path, release
):
    run_on(monkeypatch, **release)
    write_program(path / "apt-get", f"echo > '{path}/called'")
    with pytest.raises(BrowserError, match="Install Google Chrome"):
        ensure_browser()
    assert not (path / "called").exists()
