"""Two operators edit one context in two browsers: a conflict, a choice, and an undo afterwards."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from playwright.sync_api import Browser, Locator, Page, TimeoutError, expect

from local.stage import Stage
from sql.set_operator import set_operator
from tests.e2e.axe import STREAMLIT, grave_problems
from tests.e2e.operators import settle

PASSWORD = "correct-horse-battery-9"
SLOW = 60_000


@pytest.fixture(scope="module")
def person(stage: Stage) -> str:
    """Somebody's id; the dashboard runs and has two operators."""
    made = stage.sign_in("4711", "Ada Okafor", "token")
    for role in ("founder", "support"):
        set_operator(stage.settings, f"{role}@example.com", role, PASSWORD)
    stage.start_dashboard()
    return made


@contextmanager
def signed_in(browser: Browser, stage: Stage, role: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 1200})
    page = context.new_page()
    page.goto(stage.dashboard_url)
    page.get_by_label("E-mail").fill(f"{role}@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    # With its answer the browser stays signed in.
    with page.expect_response("**/session", timeout=60_000):
        page.get_by_test_id("stBaseButton-primaryFormSubmit").click()
    expect(page.get_by_text("Signed in as")).to_be_attached(timeout=SLOW)
    yield page
    context.close()


def open_context(stage: Stage, page: Page, person: str) -> None:
    page.goto(f"{stage.dashboard_url}/people?person={person}&people_part=Context")
    expect(page.get_by_text(re.compile(r"You edit version \d+"))).to_be_visible(timeout=SLOW)


def fill(page: Page, label: str, text: str) -> None:
    field = page.get_by_label(label, exact=True)
    field.fill(text)
    field.blur()


def save(page: Page, reason: str) -> None:
    fill(page, "Reason", reason)
    page.get_by_role("button", name="Save", exact=True).click()


def versions(stage: Stage) -> list[tuple]:
    return stage.rows(
        "select version, content ->> 'tone', content ->> 'brand', saved_by"
        " from public.user_context_versions where version > 1 order by version"
    )


def version_of(page: Page, number: int) -> Locator:
    return page.get_by_test_id("stExpander").filter(has_text=f"Version {number} ·")


def test_a_conflict_is_chosen_field_by_field_and_one_change_undone_later(
    stage: Stage, browser: Browser, person: str
):
    with (
        signed_in(browser, stage, "founder") as founder,
        signed_in(browser, stage, "support") as support,
    ):
        open_context(stage, founder, person)
        open_context(stage, support, person)
        fill(founder, "Tone", "warm")
        save(founder, "asked by phone")
        expect(founder.get_by_text("You edit version 2.")).to_be_visible(timeout=SLOW)

        fill(support, "Tone", "cool")
        fill(support, "Brand", "bold")
        save(support, "ticket 4711")
        expect(support.get_by_text("Somebody else changed this context")).to_be_visible(
            timeout=SLOW
        )
        assert versions(stage) == [(2, "warm", "", "founder@example.com")]
        merge = support.get_by_role("button", name="Save the merged version")
        expect(merge).to_be_disabled()
        support.get_by_text("Keep mine", exact=True).click()
        expect(merge).to_be_enabled(timeout=SLOW)
        merge.click()
        expect(support.get_by_text("You edit version 3.")).to_be_visible(timeout=SLOW)
        assert versions(stage)[1:] == [(3, "cool", "bold", "support@example.com")]

        # Until then the form of the merge stands there too, with a reason of its own.
        settle(support)
        fill(support, "Language", "de")
        save(support, "ticket 4712")
        expect(support.get_by_text("You edit version 4.")).to_be_visible(timeout=SLOW)

        undo(support, 3, "back to before", newest=4)
        expect(support.get_by_text("You edit version 5.")).to_be_visible(timeout=SLOW)
        assert versions(stage)[-1] == (5, "warm", "", "support@example.com")

        undo(support, 2, "too warm", newest=5)
        expect(support.get_by_text("Later versions changed what version 2")).to_be_visible(
            timeout=SLOW
        )
        expect(support.get_by_text("Version 3 by support@example.com: Tone")).to_be_visible()
        again = support.get_by_role("button", name="Save as a new version")
        expect(again).to_be_enabled(timeout=SLOW)
        again.click()
        expect(support.get_by_text("You edit version 6.")).to_be_visible(timeout=SLOW)
        assert versions(stage)[-1] == (6, "", "", "support@example.com")

        undo(support, 3, "not bold after all", newest=6)
        put_back = support.get_by_role("button", name="Save as a new version")
        expect(put_back).to_be_disabled(timeout=SLOW)
        support.get_by_text("As before version 3", exact=True).click()
        expect(put_back).to_be_enabled(timeout=SLOW)
        put_back.click()
        expect(support.get_by_text("You edit version 7.")).to_be_visible(timeout=SLOW)
    assert versions(stage)[-1] == (7, "warm", "", "support@example.com")
    assert stage.rows("select language from public.user_contexts") == [("de",)]
    assert stage.rows(
        "select reason from public.user_context_versions order by version desc limit 1"
    ) == [("Undo of version 3: not bold after all",)]


def undo(page: Page, number: int, reason: str, *, newest: int) -> None:
    # Drawn to its end: what is drawn anew would close again.
    expect(version_of(page, newest)).to_be_visible(timeout=SLOW)
    settle(page)
    version = version_of(page, number)
    button = version.get_by_role("button", name="Undo this change")
    if not button.is_visible():
        version.locator("summary").click()
        settle(page)
    dialog = page.get_by_role("dialog")
    # Where the page begins to be drawn anew under the pointer, Streamlit drops the click.
    button.click()
    with suppress(TimeoutError):
        dialog.wait_for(timeout=20_000)
    if not dialog.is_visible():
        button.click()
    field = dialog.get_by_label("Reason", exact=True)
    field.fill(reason)
    field.blur()
    dialog.get_by_role("button", name="Undo", exact=True).click()


def test_what_a_person_shares_with_guests_is_picked_from_the_fields(
    stage: Stage, browser: Browser, person: str
):
    with signed_in(browser, stage, "support") as page:
        open_context(stage, page, person)
        fields = page.get_by_role("toolbar", name="Shared with guests")
        expect(fields.get_by_role("button")).to_have_count(6)
        brand = fields.get_by_role("button", name="Brand")
        brand.click()
        expect(brand).to_have_attribute("aria-pressed", "true")
        # What is picked is paler under the pointer.
        page.mouse.move(0, 0)
        settle(page)
        assert grave_problems(page, STREAMLIT) == []
        save(page, "asked by phone")
        expect(page.get_by_role("main")).to_contain_text(
            re.compile(r"Version \d+ · Shared with guests"), timeout=SLOW
        )
    assert stage.rows("select shared_with_guests from public.user_contexts") == [(["brand"],)]


def test_uses_are_granted_in_a_dialog_that_insists_on_a_reason(
    stage: Stage, browser: Browser, person: str
):
    with signed_in(browser, stage, "support") as page:
        page.goto(f"{stage.dashboard_url}/people?person={person}&people_part=Account")
        page.get_by_role("button", name="Grant uses").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("button", name="Grant", exact=True).click()
        expect(dialog).to_contain_text("at least three characters", timeout=SLOW)
        field = dialog.get_by_label("Reason", exact=True)
        field.fill("lost a day to an outage")
        field.blur()
        dialog.get_by_role("button", name="Grant", exact=True).click()
        tile = page.get_by_test_id("stMetric").filter(has_text="Uses left")
        expect(tile.get_by_test_id("stMetricValue")).to_have_text("20", timeout=SLOW)
    assert stage.rows("select uses, reason, granted_by from public.use_grants") == [
        (10, "lost a day to an outage", "support@example.com")
    ]
