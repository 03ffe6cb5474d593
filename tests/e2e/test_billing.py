"""Finance closes a month in the browser, and the files it downloads end with the figures shown."""

import csv
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Page, expect

from local.stage import Stage
from sql.set_operator import set_operator

PASSWORD = "correct-horse-battery-9"
EMAIL = "finance@example.com"
FILL = """
    insert into public.users (figma_user_id, handle) values ('77', '=Ada');
    insert into public.subscriptions (user_id, plan_code, starts_at)
        select id, 'pro', '2026-01-01Z' from public.users;
    insert into public.usage_logs (at, answer_id, feature, status, user_id, plan_code, provider,
        model, cost_microusd, cost_state)
        select '2026-10-20T10:00Z', gen_random_uuid(), 'comment', 'answered', id, 'pro', 'openai',
            'gpt-5-mini', 617284, 'priced' from public.users, generate_series(1, 2);
"""


@pytest.fixture(scope="module")
def dashboard(stage: Stage) -> Stage:
    with psycopg.connect(stage.settings.database_url.get_secret_value()) as connection:
        connection.execute(FILL)
    set_operator(stage.settings, EMAIL, "finance", PASSWORD)
    stage.start_dashboard()
    return stage


def test_a_month_is_closed_and_its_files_end_with_the_tiles(dashboard: Stage, page: Page):
    page.goto(f"{dashboard.dashboard_url}/billing?month=2026-10")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    # With its answer the browser stays signed in.
    with page.expect_response("**/session", timeout=60_000):
        page.get_by_test_id("stBaseButton-primaryFormSubmit").click()
    expect(value_of(page, "Due")).to_have_text("$10.00", timeout=60_000)
    expect(value_of(page, "AI cost")).to_have_text("$1.23")
    expect(value_of(page, "Margin")).to_have_text("$8.77")

    last = last_line(download(page, "Statements"))
    assert (last["Due (USD)"], last["Margin (USD)"]) == ("10.000000", "8.765432")
    last = last_line(download(page, "Raw ledger"))
    assert (last["id"], last["cost (USD)"]) == ("Total of 2 rows", "1.234568")

    page.get_by_label("Reason", exact=True).last.fill("month end")
    page.get_by_text("I have checked the figures above").click()
    page.get_by_role("button", name="Close the month").click()
    expect(page.get_by_text("October 2026 is closed.")).to_be_visible(timeout=60_000)
    expect(page.get_by_text(f"by {EMAIL}")).to_be_visible()
    expect(page.get_by_role("button", name="Close the month")).to_have_count(0)
    expect(value_of(page, "Due")).to_have_text("$10.00")
    [(closed_by, reason)] = dashboard.rows("select closed_by, reason from public.billing_months")
    assert (closed_by, reason) == (EMAIL, "month end")


def value_of(page: Page, label: str):
    tile = page.get_by_test_id("stMetric").filter(
        has=page.get_by_test_id("stMetricLabel").get_by_text(label, exact=True)
    )
    return tile.get_by_test_id("stMetricValue")


def download(page: Page, label: str) -> Path:
    """The file of a card, by its own address: the browser saves it instead of showing it."""
    card = page.get_by_test_id("stVerticalBlock").filter(
        has=page.get_by_text(label, exact=True)
    ).last  # fmt: skip
    card.get_by_role("button", name="Prepare").click()
    link = card.get_by_role("link", name="Download")
    expect(link).to_be_visible(timeout=60_000)
    # The link opens a tab of its own, which closes as soon as the file arrives.
    address = link.get_attribute("href")
    with page.expect_download() as saved:
        page.evaluate(
            "(address) => { const a = document.createElement('a'); a.href = address; a.click(); }",
            address,
        )
    assert saved.value.suggested_filename.endswith("-2026-10.csv")
    return Path(saved.value.path())


def last_line(path: Path) -> dict[str, str]:
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(data.decode("utf-8-sig").splitlines()))[-1]
