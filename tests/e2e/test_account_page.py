"""The account page tells what is known of each webhook, and no more, without a reload."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from local.sandbox import Sandbox
from local.stage import Stage
from tests.e2e.axe import grave_problems

FILE = "Checkout redesign"
OTHER_SESSIONS = """
    insert into public.sessions
        (token_hash, user_id, kind, label, created_at, last_used_at, expires_at)
    select made.label, users.id, made.kind, made.label, now() - interval '9 days',
        now() - interval '3 days', now() + interval '1 day'
    from public.users, (values ('browser', 'Safari on iPhone'), ('browser', 'Edge on Windows'),
        ('plugin', 'Figma app on macOS')) as made (kind, label)
    where users.handle = 'Ada Okafor'
"""
UNHEARD = "update public.user_webhooks set confirmed_at = null, last_event_at = null, created_at = "
HEARD = "update public.user_webhooks set last_event_at = now()"


@pytest.fixture(scope="module")
def served(stage: Stage, sandbox: Sandbox) -> Stage:
    stage.start_web()
    return stage


@pytest.fixture
def account(served: Stage, sandbox: Sandbox, page: Page) -> Page:
    """Ada's account page, the buddy on in one file."""
    sandbox.faults(rate_limits=False)
    page.goto(served.web_url)
    page.get_by_role("link", name="Sign in with Figma").first.click()
    page.get_by_label(re.compile("Ada Okafor")).check()
    page.get_by_test_id("allow").click()
    page.wait_for_url("**/account")
    page.get_by_label("Link of a Figma file or team").fill(sandbox.file(FILE)["url"])
    page.get_by_role("button", name="Switch on").click()
    expect(pill(page)).to_be_visible()
    change(served, HEARD)
    page.reload()
    expect(pill(page)).to_have_text("On")
    return page


def pill(page: Page) -> Locator:
    return page.locator("li.webhook").filter(has_text=FILE).locator(".pill")


def draft(name: str) -> dict[str, str]:
    return {
        "answer_id": f"00000000-0000-4000-8000-{ord(name[0]):012}", "author_handle": "Grace",
        "question": "Is it large enough?", "file_key": "key", "file_name": "Checkout",
        "root_comment_id": "7", "body": f"Draft {name}", "asked_at": "2026-12-01T06:15:00Z",
        "until": "2026-12-02T06:15:00Z",
    }  # fmt: skip


def notice(page: Page) -> Locator:
    return page.locator("#notice")


def test_waiting_for_figma_turns_into_on_by_itself(served: Stage, account: Page):
    change(served, f"{UNHEARD} now() + interval '1 hour'")
    account.reload()
    expect(pill(account)).to_have_text("Waiting for Figma")
    assert grave_problems(account) == []
    change(served, HEARD)
    expect(pill(account)).to_have_text("On")
    expect(account.locator("li.webhook .last")).to_have_text("just now")


def test_no_word_from_figma_is_said_with_what_it_means(served: Stage, account: Page):
    hint = account.get_by_text("Figma has not reached us yet")
    expect(hint).to_be_hidden()
    change(served, f"{UNHEARD} now() + interval '1 hour'")
    account.reload()
    expect(pill(account)).to_have_text("Waiting for Figma")
    change(served, f"{UNHEARD} now() - interval '2 minutes'")
    expect(pill(account)).to_have_text("No word from Figma yet")
    expect(hint).to_be_visible()
    account.reload()
    expect(pill(account)).to_have_text("No word from Figma yet")
    expect(hint).to_be_visible()
    assert grave_problems(account) == []


def test_a_draft_that_comes_later_is_shown_beside_one_that_is_being_edited(account: Page):
    asked = []
    drafts = [draft("first"), draft("second")]
    shown = drafts[:1]

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(json={"previews": shown})

    def tell_uses(route: Route) -> None:
        given = route.fetch()
        usage = given.json()["usage"]
        route.fulfill(json=given.json() | {"usage": usage | {"left": usage["left"] - len(shown)}})

    account.route("**/api/previews", answer)
    account.route("**/api/user/me", tell_uses)
    uses = account.locator("#uses strong")
    left = int(uses.inner_text())
    account.clock.install()
    account.reload()
    account.clock.fast_forward(31_000)
    account.get_by_label("Before an answer is posted").select_option("always")
    expect(notice(account)).to_have_text("Saved.")
    assert asked == []
    account.clock.fast_forward(31_000)
    expect(account.get_by_role("heading", name="One answer waits for you")).to_be_visible()
    expect(uses).to_have_text(str(left - 1))
    expect(account.get_by_label("Uses left")).to_have_js_property("value", left - 1)
    account.get_by_label("The drafted answer").fill("My own words")
    shown = drafts[1:]
    account.clock.fast_forward(31_000)
    expect(account.get_by_role("heading", name="2 answers wait for you")).to_be_visible()
    words = account.get_by_label("The drafted answer")
    expect(words.first).to_have_value("My own words")
    expect(words.last).to_have_value("Draft second")
    expect(account.get_by_text("it expires 2 December, 06:15 UTC")).to_have_count(2)
    assert grave_problems(account) == []


def test_the_notice_after_switching_on_follows_what_figma_does(
    served: Stage, sandbox: Sandbox, account: Page
):
    change(served, f"{UNHEARD} now() + interval '1 hour'")
    message = "It is on as soon as Figma's first message reaches us."

    def answer(route: Route) -> None:
        given = route.fetch()
        body = given.json() | {"message": message} if route.request.method == "POST" else None
        route.fulfill(response=given, json=body or given.json())

    account.route("**/api/webhook/manage", answer)
    account.get_by_label("Link of a Figma file or team").fill(sandbox.file(FILE)["url"])
    account.get_by_role("button", name="Switch on").click()
    expect(notice(account)).to_have_text(message)
    expect(pill(account)).to_have_text("Waiting for Figma")
    change(served, HEARD)
    expect(notice(account)).to_have_text(f"The buddy is now on in {FILE}.")


def test_a_guest_rule_that_was_not_saved_is_not_shown(account: Page):
    select = account.get_by_label("People without an account")
    refusal = {"error": "unavailable", "message": "The database cannot answer right now."}
    account.route(
        "**/api/webhook/manage",
        lambda route: (
            route.fulfill(status=503, json=refusal)
            if route.request.method == "PATCH"
            else route.continue_()
        ),
    )
    select.select_option("owner_pays")
    expect(notice(account)).to_have_text(refusal["message"])
    expect(select).to_have_value("invite")
    account.unroute_all()
    select.select_option("ignore")
    expect(notice(account)).to_have_text("Saved.")
    account.reload()
    expect(select).to_have_value("ignore")
    select.select_option("invite")
    expect(notice(account)).to_have_text("Saved.")


def test_who_pays_for_guests_is_told_what_they_get(served: Stage, account: Page):
    select = account.get_by_label("People without an account")
    told = account.get_by_text("They get none of your guidance until you")
    expect(told).to_be_hidden()
    select.select_option("owner_pays")
    expect(told).to_be_visible()
    expect(notice(account)).to_have_text("Saved.")
    account.reload()
    expect(told).to_be_visible()
    assert grave_problems(account) == []
    told.get_by_role("link", name="share some with guests").click()
    expect(account.get_by_role("group", name="Shared with guests")).to_be_in_viewport()
    select.select_option("invite")
    expect(told).to_be_hidden()


def test_what_guests_may_get_is_ticked_field_by_field(served: Stage, account: Page):
    group = account.get_by_role("group", name="Shared with guests")
    brand, tone = (group.get_by_label(name, exact=True) for name in ("Brand", "Tone"))
    saved = account.locator("#guidance-state")
    expect(group.get_by_role("checkbox", checked=True)).to_have_count(0)
    account.get_by_label("Tone", exact=True).first.fill("brief")
    brand.check()
    # Of a new account the page says "saved just now" before anything is saved.
    with account.expect_response("**/api/user/context"):
        account.get_by_role("button", name="Save guidance").click()
    expect(saved).to_contain_text("saved just now")
    account.reload()
    expect(brand).to_be_checked()
    expect(tone).not_to_be_checked()
    assert shared(served) == [(["brand"],)]
    # Saved in another tab meanwhile, where the brand was no longer shared.
    change(
        served,
        "select public.save_context(user_id, version, private.context_content(user_id)"
        """ || '{"shared_with_guests": ["tone"]}', 'user', '') from public.user_contexts""",
    )
    account.get_by_role("button", name="Save guidance").click()
    account.get_by_role("button", name="Show the newer one").click()
    expect(brand).not_to_be_checked()
    expect(tone).to_be_checked()
    assert grave_problems(account) == []
    tone.uncheck()
    with account.expect_response("**/api/user/context"):
        account.get_by_role("button", name="Save guidance").click()
    expect(saved).to_contain_text("saved just now")
    assert shared(served) == [([],)]


def test_a_pause_that_figma_refused_is_shown_as_one_and_says_so(sandbox: Sandbox, account: Page):
    sandbox.faults({"kind": "500", "path": "/v2/webhooks/"}, rate_limits=False)
    account.get_by_role("button", name="Pause").click()
    expect(notice(account)).to_contain_text("Figma did not let us pause its webhook too")
    expect(pill(account)).to_have_text("Paused")
    account.on("dialog", lambda dialog: dialog.accept())
    account.get_by_role("button", name="Remove").click()
    expect(notice(account)).to_contain_text("We go on trying for seven days.")
    expect(account.locator("li.webhook")).to_have_count(0)


def test_an_account_that_goes_promises_only_what_is_tried(account: Page, sandbox: Sandbox):
    told: list[str] = []
    account.on("dialog", lambda dialog: (told.append(dialog.message), dialog.accept()))
    sandbox.revoke("Ada Okafor")
    account.get_by_text("What is deleted").click()
    account.get_by_label("Type delete to confirm").fill("delete")
    account.get_by_role("button", name="Delete my account").click()
    account.wait_for_url(re.compile("/$"))
    [message] = told
    assert f"stay in Figma, and what they send is ignored: {FILE}." in message
    assert "seven days" not in message


def test_other_browsers_are_signed_out_from_here(served: Stage, sandbox: Sandbox, account: Page):
    mine = account.locator("li.session").filter(has_text="This browser")
    others = account.locator("li.session").filter(has_not_text="This browser")
    everywhere = account.get_by_role("button", name="Sign out everywhere else")
    change(served, OTHER_SESSIONS)
    account.reload()
    expect(mine).to_contain_text("Chrome on ")
    expect(others.filter(has_text="Safari on iPhone")).to_contain_text("Last used 3 days ago")
    for width, scheme in ((1440, "light"), (390, "dark")):
        account.set_viewport_size({"width": width, "height": 900})
        account.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert grave_problems(account) == []
    others.filter(has_text="Safari on iPhone").get_by_role("button", name="Sign out").click()
    expect(notice(account)).to_have_text("Signed out there: Safari on iPhone.")
    expect(others.filter(has_text="Safari on iPhone")).to_have_count(0)
    everywhere.click()
    expect(notice(account)).to_have_text("You are signed out everywhere but here.")
    expect(others).to_have_count(0)
    expect(everywhere).to_be_hidden()
    account.reload()
    expect(mine).to_be_visible()
    expect(others).to_have_count(0)


def change(stage: Stage, statement: str) -> None:
    is_call = statement.startswith("select")
    stage.rows(statement if is_call else f"{statement} returning 1")  # type: ignore[arg-type]


def shared(stage: Stage) -> list[tuple]:
    return stage.rows("select shared_with_guests from public.user_contexts")


def test_what_somebody_typed_stays_when_their_session_is_over(account: Page):
    account.get_by_role("textbox", name="Tone").fill("Short and warm")
    account.context.clear_cookies()
    account.get_by_role("button", name="Save").click()
    error = account.locator("#guidance-error")
    expect(error).to_contain_text("You are signed out, so nothing was changed.")
    expect(account.get_by_role("textbox", name="Tone")).to_have_value("Short and warm")
