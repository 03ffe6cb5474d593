"""A Chromium is found where there is one, and its absence is said aloud."""

import pytest

from local.browser import BrowserError, find_browser, require_browser


def test_a_given_browser_goes_first(monkeypatch):
    monkeypatch.setenv("CHROMIUM", "/bin/sh")
    assert find_browser() == "/bin/sh"


def test_a_given_browser_that_cannot_run_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "none"))
    with pytest.raises(BrowserError, match="cannot be run"):
        find_browser()


def test_without_any_browser_the_way_to_one_is_said(monkeypatch, tmp_path):
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BrowserError, match="apt-get install chromium"):
        require_browser()
