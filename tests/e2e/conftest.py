"""The whole product, each part its own process, and a browser in front of it."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from local.browser import require_browser
from local.sandbox import Sandbox
from local.seed import seed
from local.stage import Stage, build_stage
from sql.set_operator import ROLES, set_operator
from tests.e2e.operators import PASSWORD, email_of

# A slow, busy machine is no failure.
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)

# Enough for every chart to have something in it.
PEOPLE = 60
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with build_stage(fast=True) as stage:
        stage.start_model(delay_ms=0)
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


@pytest.fixture(scope="package")
def company() -> Iterator[Stage]:
    """Web, dashboard and Figma's stand-in with a small made-up company, and an operator per role.

    Shared by tests that only look.
    """
    with build_stage(fast=True) as stage:
        seed(stage.settings.database_url.get_secret_value(), PEOPLE)
        for role in ROLES:
            set_operator(stage.settings, email_of(role), role, PASSWORD)
        stage.start_sandbox()
        stage.start_web()
        stage.start_dashboard()
        yield stage


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=require_browser(), args=FLAGS)
        make_context = chromium.new_context

        def patient_context(**more: Any) -> BrowserContext:
            context = make_context(**more)
            context.set_default_timeout(PATIENCE_MS)
            return context

        chromium.new_context = patient_context  # type: ignore[method-assign]
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails the test on any error in its scripts, and on what its policy refused."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    problems = watch(page)
    yield page
    context.close()
    assert problems == []


def watch(page: Page) -> list[str]:
    """Collects what goes wrong in a page: errors of scripts, and what its content security policy
    kept from it."""
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console",
        lambda message: (
            problems.append(message.text) if "Content Security Policy" in message.text else None
        ),
    )
    return problems
