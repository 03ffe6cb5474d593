"""Screenshots of the dashboard for the README, from demo data: `python -m local.screenshots`."""

from pathlib import Path

from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

from local.browser import require_browser
from local.seed import seed
from local.stack.stack import ROOT
from local.stage import Stage, build_stage
from sql.set_operator import set_operator

FOLDER = ROOT / "docs" / "screenshots"
PAGES = ("overview", "growth", "trials", "revenue", "ai_cost", "reliability")
EMAIL, PASSWORD = "founder@example.com", "for-screenshots-only-9"
BUSY = '[data-test-script-state="running"], [data-testid="stSkeleton"], [data-stale="true"]'
# Time for layout shifts and animations after drawing.
SETTLE_MS = 3000
# Tall enough for the first charts.
SIZE: ViewportSize = {"width": 1440, "height": 1440}


def sign_in(page: Page, stage: Stage) -> None:
    set_operator(stage.settings, EMAIL, "founder", PASSWORD)
    page.goto(stage.dashboard_url)
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    # This response sets the cookie that keeps the browser signed in.
    with page.expect_response("**/session", timeout=60_000):
        page.get_by_test_id("stBaseButton-primaryFormSubmit").click()
    page.get_by_role("heading", name="Overview").wait_for()


def take(page: Page, stage: Stage, name: str, folder: Path) -> None:
    page.goto(f"{stage.dashboard_url}/{'' if name == 'overview' else name}")
    page.get_by_test_id("stHeading").first.wait_for()
    expect(page.locator(BUSY)).to_have_count(0, timeout=120_000)
    page.wait_for_timeout(SETTLE_MS)
    page.screenshot(path=folder / f"{name}.png")


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with build_stage(fast=True) as stage, sync_playwright() as playwright:
        seed(stage.settings.database_url.get_secret_value())
        stage.start_worker()
        stage.start_dashboard()
        browser = playwright.chromium.launch(
            executable_path=require_browser(), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport=SIZE)
        sign_in(page, stage)
        for name in PAGES:
            take(page, stage, name, FOLDER)
        browser.close()


if __name__ == "__main__":
    main()
