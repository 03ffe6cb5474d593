"""How operators reach the dashboard in a browser, and when a page of it is drawn to its end."""

from playwright.sync_api import Locator, Page, expect

from local.stage import Stage

PASSWORD = "correct-horse-battery-9"
# Generous: what is waited for comes at once on an idle machine.
SLOW = 60_000
# Streamlit says that a run goes on, and greys what the run has not drawn anew yet.
BUSY = (
    '[data-testid="stApp"][data-test-script-state="running"], [data-testid="stStatusWidget"], '
    '[data-testid="stSkeleton"], [data-testid="stAppSkeleton"], [data-stale="true"]'
)
IS_DRAWN = """(busy) => document.querySelector('[data-testid="stHeading"]')
    && !document.querySelector(busy)"""


def email_of(role: str) -> str:
    return f"{role}@example.com"


def sign_in(page: Page, stage: Stage, role: str, path: str = "") -> None:
    """Sign in at `path`, and wait for the page there."""
    page.goto(f"{stage.dashboard_url}/{path}")
    # With its answer the browser stays signed in.
    with page.expect_response("**/session", timeout=SLOW):
        fill_in(page, email_of(role), PASSWORD)
    expect(page.get_by_text("Signed in as")).to_be_attached(timeout=SLOW)
    settle(page)


def fill_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_test_id("stBaseButton-primaryFormSubmit").click()


def settle(page: Page) -> None:
    """Wait until the page is drawn to its end."""
    page.wait_for_function(IS_DRAWN, arg=BUSY, timeout=SLOW)


def value_of(page: Page, label: str) -> Locator:
    """The figure of the tile with this label."""
    tile = page.get_by_test_id("stMetric").filter(
        has=page.get_by_test_id("stMetricLabel").get_by_text(label, exact=True)
    )
    return tile.get_by_test_id("stMetricValue")
