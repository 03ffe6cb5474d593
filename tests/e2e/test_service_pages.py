"""The service's own pages, for axe and on a phone, light and dark."""

import base64
import hashlib
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from local.stage import Stage
from tests.e2e.axe import STREAMLIT, grave_problems

CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(b"a secret").digest()).rstrip(b"=").decode()
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(params=["light", "dark"])
def phone(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, color_scheme=request.param
    )
    yield context.new_page()
    context.close()


def test_the_pages_of_the_service_are_usable_by_everybody(company: Stage, phone: Page):
    look(phone, company.web_url)
    look(phone, f"{company.web_url}/docs")
    look(phone, f"{company.web_url}/docs/rules")
    look(phone, f"{company.web_url}/help")
    look(phone, f"{company.web_url}/status")
    look(phone, f"{company.web_url}/not-there")
    look(phone, f"{company.web_url}/api/auth/figma-oauth?code=made-up&state=made-up")

    phone.goto(company.web_url)
    phone.get_by_role("link", name="Sign in with Figma").first.click()
    expect(phone.get_by_test_id("allow")).to_be_visible()
    check(phone)
    phone.get_by_label(re.compile("Ada Okafor")).check()
    phone.get_by_test_id("allow").click()
    phone.wait_for_url("**/account")
    check(phone)
    closed = phone.locator("details:not([open]) > summary")
    while closed.count():
        closed.first.click()
    check(phone)

    look(phone, f"{company.web_url}/api/auth/plugin?challenge={CHALLENGE}")
    phone.get_by_role("button", name="Decline").click()
    expect(phone.get_by_role("heading", name="The plugin was not connected")).to_be_visible()
    check(phone)


def test_the_form_to_sign_in_to_the_dashboard_is_usable_by_everybody(company: Stage, phone: Page):
    phone.goto(company.dashboard_url)
    expect(phone.get_by_test_id("stBaseButton-primaryFormSubmit")).to_be_visible(timeout=30_000)
    assert grave_problems(phone, STREAMLIT) == []
    assert phone.evaluate(TOO_WIDE) == 0


def look(page: Page, address: str) -> None:
    page.goto(address)
    check(page)


def check(page: Page) -> None:
    """Nothing grave for axe, and nothing beyond the edge of a phone."""
    assert grave_problems(page) == []
    assert page.evaluate(TOO_WIDE) == 0
