"""The whole product, each part its own process, and a browser in front of it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from local.browser import require_browser
from local.sandbox import Sandbox
from local.stage import Stage, build_stage

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with build_stage(fast=True) as stage:
        stage.environment.pop("OPENAI_API_KEY")
        yield stage


@pytest.fixture(scope="module")
def sandbox(stage: Stage) -> Sandbox:
    return stage.start_sandbox()


@pytest.fixture(scope="module")
def product(stage: Stage, sandbox: Sandbox) -> Stage:
    """Web, worker and dashboard, ready."""
    stage.start_web()
    stage.start_worker()
    stage.start_dashboard()
    return stage


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=require_browser(), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails the test on any error in its scripts."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    context.close()
    assert problems == []
