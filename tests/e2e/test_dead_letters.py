"""A reply that Figma would not take becomes a dead letter; support replays it from the page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from local.sandbox import Sandbox
from local.stage import Stage, build_stage, wait_until
from sql.set_operator import set_operator

ADA = "Ada Okafor"
FILE = "Checkout redesign"
PASSWORD = "correct-horse-battery-9"
NO_POSTS = {"kind": "500", "method": "POST", "path": "/comments"}


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with build_stage(fast=True) as stage:
        stage.environment.pop("OPENAI_API_KEY")
        stage.environment["JOB_ATTEMPTS"] = "1"
        yield stage


def test_a_dead_letter_is_replayed_from_the_page_and_the_reply_is_posted(
    product: Stage, sandbox: Sandbox, page: Page
) -> None:
    switch_on(product, sandbox, page)
    sandbox.faults(NO_POSTS)
    sandbox.post_comment(ADA, FILE, "@buddy is this contrast ok?")
    failed = "select count(*) from public.answers where state = 'failed'"
    wait_until(lambda: product.rows(failed) == [(1,)], 30, "the dead letter")
    sandbox.faults()
    before = len(sandbox.comments(FILE))

    sign_in_as_support(product, page)
    page.goto(f"{product.dashboard_url}/dead_letters")
    expect(page.get_by_text("Dead letters").first).to_be_visible(timeout=60_000)
    # The table is drawn on a canvas: the box of its first row is below the header, at the left.
    page.get_by_test_id("stDataFrame").click(position={"x": 18, "y": 52})
    expect(page.get_by_text("no model is asked again")).to_be_visible(timeout=10_000)
    expect(page.get_by_text("Posts one reply in the thread.")).to_be_visible()
    page.get_by_label("Reason for the replay").fill("Figma takes comments again")
    page.get_by_role("button", name="Replay 1").click()
    expect(page.get_by_text("1 queued again.")).to_be_visible(timeout=10_000)

    answered = "select state, run from public.answers"
    wait_until(lambda: product.rows(answered) == [("answered", 2)], 60, "the reply")
    page.goto(sandbox.file(FILE)["page"])
    reply = page.get_by_test_id("comment").filter(has_text="9 of 10 free uses left")
    expect(reply).to_be_visible()
    assert len(sandbox.comments(FILE)) == before + 1
    receipts = "select state, run from public.use_receipts order by run"
    assert product.rows(receipts) == [("released", 1), ("settled", 2)]
    log = "select actor, reason from public.audit_log where table_name = 'answers'"
    assert product.rows(log) == [("support@example.com", "Figma takes comments again")]
    assert product.rows("select count(*) > 0 from public.queue_samples") == [(True,)]
    assert sandbox.violations() == []


def switch_on(product: Stage, sandbox: Sandbox, page: Page) -> None:
    page.goto(product.web_url)
    page.get_by_role("link", name="Sign in with Figma").first.click()
    page.get_by_label(ADA).check()
    page.get_by_test_id("allow").click()
    page.wait_for_url("**/account")
    page.get_by_label("Link of a Figma file or team").fill(sandbox.file(FILE)["url"])
    page.get_by_role("button", name="Switch on").click()
    expect(page.locator("li.webhook").filter(has_text=FILE)).to_be_visible()


def sign_in_as_support(product: Stage, page: Page) -> None:
    set_operator(product.settings, "support@example.com", "support", PASSWORD)
    page.goto(product.dashboard_url)
    page.get_by_label("E-mail").fill("support@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    # With its answer the browser stays signed in.
    with page.expect_response("**/session", timeout=60_000):
        page.get_by_test_id("stBaseButton-primaryFormSubmit").click()
    expect(page.get_by_text("Signed in as")).to_be_visible(timeout=60_000)
