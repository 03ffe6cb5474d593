"""Signing in in a real browser: what was planted, tabs, headers, and a second factor."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from dashboard.access.cookies import SESSION, VISIT, new_id
from local.stack import Database
from local.stack.stack import free_port
from local.stage import Stage, answers
from tests.dashboard.gotrue import GoTrue
from tests.e2e.axe import STREAMLIT, grave_problems
from tests.e2e.conftest import watch
from tests.e2e.operators import PASSWORD, SLOW, email_of, fill_in, settle, sign_in

TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def attacker(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def plant(context: BrowserContext, company: Stage, value: str, *names: str) -> None:
    context.add_cookies(
        [{"name": name, "value": value, "url": company.dashboard_url} for name in names]
    )


def id_of(context: BrowserContext, name: str) -> str | None:
    found = {each["name"]: each["value"] for each in context.cookies()}
    return found.get(name)


def expect_form(page: Page, company: Stage) -> None:
    page.goto(company.dashboard_url)
    expect(page.get_by_label("E-mail")).to_be_visible(timeout=SLOW)


def given_at_sign_in(page: Page, company: Stage, role: str) -> str:
    """Sign in; the id that the browser was given."""
    sign_in(page, company, role)
    given = id_of(page.context, SESSION)
    assert given
    return given


def test_a_planted_cookie_does_not_become_signed_in(company: Stage, page: Page, attacker: Page):
    planted = new_id()
    plant(page.context, company, planted, SESSION, VISIT)
    given = given_at_sign_in(page, company, "founder")
    assert given != planted

    plant(attacker.context, company, planted, SESSION, VISIT)
    expect_form(attacker, company)

    # Nor what is planted afterwards.
    page.context.clear_cookies(name=SESSION)
    plant(page.context, company, planted, SESSION)
    page.reload()
    expect(page.get_by_label("E-mail")).to_be_visible(timeout=SLOW)
    attacker.reload()
    expect(attacker.get_by_label("E-mail")).to_be_visible(timeout=SLOW)


def test_scripts_cannot_read_the_cookies_and_no_address_holds_the_ticket(
    company: Stage, page: Page
):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    given = given_at_sign_in(page, company, "founder")
    seen = page.evaluate("document.cookie")
    assert SESSION not in seen and given not in seen
    assert all("ticket" not in url and given not in url for url in asked)
    assert all(url.partition("?")[2] == "" for url in asked if url.endswith("/session"))


def test_tabs_share_a_sign_in_and_its_end(company: Stage, page: Page):
    first = given_at_sign_in(page, company, "founder")
    second = page.context.new_page()
    second.goto(company.dashboard_url)
    settle(second)
    expect(second.get_by_text(email_of("founder"))).to_be_visible()
    second.get_by_role("button", name="Sign out").click()
    expect(second.get_by_label("E-mail")).to_be_visible(timeout=SLOW)
    page.reload()
    expect(page.get_by_label("E-mail")).to_be_visible(timeout=SLOW)
    # The same page signs in again, under another id.
    with page.expect_response("**/session", timeout=SLOW):
        fill_in(page, email_of("founder"), PASSWORD)
    settle(page)
    assert id_of(page.context, SESSION) not in (None, first)
    page.reload()
    settle(page)
    expect(page.get_by_text(email_of("founder"))).to_be_visible()


def test_another_site_cannot_sign_the_browser_in(company: Stage, page: Page, attacker: Page):
    """The attacker's own ticket, posted by a page of another site."""
    expect_form(attacker, company)
    attacker.route("**/session", lambda route: route.abort())
    with attacker.expect_request("**/session", timeout=SLOW) as held:
        fill_in(attacker, email_of("support"), PASSWORD)
    ticket = held.value.post_data
    expect_form(page, company)
    elsewhere = company.dashboard_url.replace("127.0.0.1", "localhost")
    page.route("**/evil", lambda route: route.fulfill(body="<p>evil</p>", content_type="text/html"))
    page.goto(f"{elsewhere}/evil")
    script = """async ([url, body]) => {
        await fetch(url, {method: "POST", body, mode: "no-cors", credentials: "include"})
            .catch(() => undefined)
    }"""
    # Of what is refused the other site is not even shown the answer.
    with page.expect_event("requestfailed"):
        page.evaluate(script, [f"{company.dashboard_url}/session", ticket])
    assert id_of(page.context, SESSION) is None
    expect_form(page, company)


@dataclass
class Guarded:
    """A dashboard whose sign-in service has second factors."""

    url: str
    gotrue: GoTrue


@pytest.fixture(scope="module")
def guarded(company: Stage) -> Iterator[Guarded]:
    settings = company.settings
    claims = Database(
        name="",
        database_url="",
        admin_url="",
        anon_key=settings.supabase_anon_key.get_secret_value(),
        service_role_key="",
        jwt_secret=company.jwt_secret,
        supabase_url=settings.supabase_url,
    )
    gotrue = GoTrue(claims)
    server = gotrue.start()
    url = f"http://127.0.0.1:{free_port()}"
    company.start(
        "guarded", "-m", "streamlit", "run", "dashboard/server.py",
        "--server.port", url.rsplit(":", 1)[1], "--server.address", "127.0.0.1",
        ready=lambda: answers(f"{url}/_stcore/health"),
        env={"SUPABASE_URL": gotrue.url, "DASHBOARD_REQUIRE_MFA": "true"},
    )  # fmt: skip
    yield Guarded(url, gotrue)
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("role", "width", "scheme"), [("finance", 1440, "light"), ("support", 390, "dark")]
)
def test_a_second_factor_is_set_up_and_then_asked_for(
    guarded: Guarded, browser: Browser, role: str, width: int, scheme: str
):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    problems = watch(page)
    page.goto(guarded.url)
    fill_in(page, email_of(role), PASSWORD)
    expect(page.get_by_role("heading", name="Set up a second factor")).to_be_visible(timeout=SLOW)
    check(page)
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible(timeout=SLOW)
    settle(page)
    check(page)
    factor_id = next(
        key for key, each in guarded.gotrue.factors.items() if each["status"] == "unverified"
    )
    # Its cookie comes after the page: one that came later would sign in whoever is to be asked.
    with page.expect_response("**/session", timeout=SLOW):
        enter_code(page, guarded.gotrue.code(factor_id), "Switch on")
    expect(page.get_by_text("Signed in as")).to_be_attached(timeout=SLOW)
    context.clear_cookies()
    page.goto(guarded.url)
    fill_in(page, email_of(role), PASSWORD)
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible(timeout=SLOW)
    check(page)
    with page.expect_response("**/session", timeout=SLOW):
        enter_code(page, guarded.gotrue.code(factor_id), "Go on")
    page.goto(f"{guarded.url}/your_sign_in")
    expect(page.get_by_role("heading", name="Your sign-in", level=1)).to_be_visible(timeout=SLOW)
    settle(page)
    check(page)
    context.close()
    assert problems == []


def enter_code(page: Page, code: str, label: str) -> None:
    page.get_by_label("Code", exact=True).fill(code)
    page.get_by_role("button", name=label).click()


def check(page: Page) -> None:
    settle(page)
    assert grave_problems(page, STREAMLIT) == []
    assert page.evaluate(TOO_WIDE) == 0
