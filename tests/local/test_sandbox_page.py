"""The sandbox's pages in a real browser: sign in, comment on the drawing, see a reply arrive."""

import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from local.browser import require_browser
from local.sandbox import Sandbox, SandboxConfig

CHECKOUT = "Checkout redesign"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=require_browser(), args=["--no-sandbox"]
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox.start() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.reset()
    return running


@pytest.fixture(params=[1440, 390])
def page(browser: Browser, sandbox: Sandbox, request: pytest.FixtureRequest) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": request.param, "height": 850})
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(sandbox.url)
    yield page
    assert problems == []
    page.close()


def test_a_person_pins_a_comment_and_sees_the_reply_arrive(sandbox: Sandbox, page: Page) -> None:
    page.get_by_label("You are").select_option(label="Jonas Lind")
    page.locator('[data-node="1:41"] rect').first.click()
    expect(page.get_by_test_id("target")).to_have_text("New thread on Field")
    page.get_by_label("Comment", exact=True).fill("Is this too small, ")
    page.get_by_test_id("mention").click()
    page.get_by_role("button", name="Buddy", exact=False).last.click()
    page.get_by_test_id("send").click()
    mine = page.get_by_test_id("comment").filter(has_text="Is this too small")
    expect(mine).to_contain_text("@Buddy")
    expect(mine).to_have_attribute("data-author", "Jonas Lind")
    root = sandbox.comments(CHECKOUT)[-1]
    assert root["client_meta"]["node_id"] == "1:41"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    sandbox.post_comment("Buddy", CHECKOUT, "It is 40 px high.", root=root["id"])
    expect(page.locator(f"#thread-{root['id']}")).to_contain_text("It is 40 px high.")


def test_a_person_replies_in_a_thread(sandbox: Sandbox, page: Page) -> None:
    page.get_by_label("Reply in thread 2").click()
    page.get_by_label("Comment", exact=True).fill("A link, I think")
    page.get_by_test_id("send").click()
    expect(page.get_by_test_id("threads")).to_contain_text("A link, I think")
    comments = {each["message"]: each for each in sandbox.comments(CHECKOUT)}
    root = comments["Is “Apply” a button or a link?\nI missed it twice."]
    assert comments["A link, I think"]["parent_id"] == root["id"]


def test_faults_are_switched_on_and_off(sandbox: Sandbox, page: Page) -> None:
    page.get_by_test_id("tab-faults").click()
    page.get_by_test_id("fault-kind").select_option("reply_lost")
    page.get_by_test_id("fault-times").fill("2")
    page.get_by_test_id("fault-add").click()
    expect(page.get_by_test_id("fault")).to_contain_text("2 times")
    page.get_by_test_id("faults-clear").click()
    expect(page.get_by_test_id("fault")).to_have_count(0)


def test_allowing_goes_back_to_the_app_and_declining_stays(sandbox: Sandbox, page: Page) -> None:
    config = SandboxConfig()
    asked = {
        "client_id": config.client_id,
        "redirect_uri": config.redirect_uris[0],
        "scope": "current_user:read",
        "state": "s",
        "response_type": "code",
    }
    consent = f"{sandbox.url}/oauth?{urlencode(asked)}"
    page.goto(consent)
    page.get_by_test_id("decline").click()
    expect(page.get_by_test_id("declined")).to_contain_text("You did not allow access")
    page.goto(consent)
    page.route(re.compile("figma-oauth"), lambda route: route.fulfill(body="back"))
    page.get_by_test_id(f"person-{sandbox.person('Mei Tanaka')['id']}").check(force=True)
    page.get_by_test_id("allow").click()
    expect(page).to_have_url(re.compile(r"figma-oauth\?code=[\w-]+&state=s$"))
