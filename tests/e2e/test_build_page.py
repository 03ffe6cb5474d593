"""The Build page: a designer pastes a link, sees what it takes, watches the run and takes the
result; on a desk and on a phone, light and dark, with and without scripts."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from local.sandbox import Sandbox
from local.stage import Stage
from service.wiring import Services, build_services
from tests.e2e.axe import grave_problems
from tests.e2e.conftest import watch
from tests.service.pipeline_play import ROW, WIDTHS, Player

FILE = "Checkout redesign"
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# What stands for a component and for its design in the pictures.
CARD = """<body style="margin:0;font:16px sans-serif;background:#fff">
<section style="padding:24px;border-radius:12px;max-width:420px;background:#f4f1ff">
<h2 style="margin:0 0 8px">Pay with card</h2><p>Your card is charged once.</p>
<button style="padding:12px 20px;border:0;border-radius:8px;background:#5433e0;color:#fff">
Pay now</button></section></body>"""


@pytest.fixture(scope="module")
def served(stage: Stage, sandbox: Sandbox) -> Stage:
    stage.start_web()
    return stage


@pytest.fixture(scope="module")
def services(served: Stage) -> Iterator[Services]:
    made = build_services(served.settings)
    yield made
    made.close()


@pytest.fixture(scope="module")
def pictures(browser: Browser) -> dict[str, bytes]:
    """By width, and of the design."""
    context = browser.new_context()
    page, made = context.new_page(), {}
    for name, width in [("design", 468), *((str(each), each) for each in WIDTHS)]:
        page.set_viewport_size({"width": width, "height": 240})
        page.set_content(CARD)
        made[name] = page.screenshot()
    context.close()
    return made


@pytest.fixture(scope="module")
def ada(served: Stage, sandbox: Sandbox, browser: Browser) -> Any:
    """Ada's cookies."""
    sandbox.faults(rate_limits=False)
    context = browser.new_context()
    page = context.new_page()
    page.goto(served.web_url)
    page.get_by_role("link", name="Sign in with Figma").first.click()
    page.get_by_label(re.compile("Ada Okafor")).check()
    page.get_by_test_id("allow").click()
    page.wait_for_url("**/account")
    expect(page.get_by_role("link", name="Open the Build page")).to_be_visible()
    kept = context.storage_state()
    context.close()
    with_uses(served)
    return kept


@pytest.fixture(params=["light", "dark"])
def phone(browser: Browser, ada: Any, request: pytest.FixtureRequest) -> Iterator[Page]:
    size = {"width": 390, "height": 844}
    yield from opened(browser.new_context(
        viewport=size, color_scheme=request.param, storage_state=ada))  # fmt: skip


@pytest.fixture(params=["light", "dark"])
def desk(browser: Browser, ada: Any, request: pytest.FixtureRequest) -> Iterator[Page]:
    size = {"width": 1440, "height": 900}
    yield from opened(browser.new_context(
        viewport=size, color_scheme=request.param, storage_state=ada))  # fmt: skip


@pytest.fixture
def page(browser: Browser, ada: Any) -> Iterator[Page]:
    yield from opened(browser.new_context(storage_state=ada))


def opened(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    problems = watch(page)
    yield page
    context.close()
    assert problems == []


def with_uses(served: Stage) -> None:
    served.rows("update public.plans set uses = 1000 where code = 'trial' returning 1")


def frame_link(sandbox: Sandbox) -> str:
    return f"{sandbox.file(FILE)['url'].partition('?')[0]}?node-id=2-1"


def start(page: Page, served: Stage, sandbox: Sandbox, name: str = "") -> str:
    """Start a run on the page, and stay on its page; its id."""
    page.goto(f"{served.web_url}/build")
    page.get_by_label("Link to a frame or component").fill(frame_link(sandbox))
    page.get_by_role("button", name="See what it takes").click()
    page.get_by_label("Name of the component").fill(name)
    page.get_by_role("button", name="Build it").click()
    page.wait_for_url(re.compile(r"/build/[0-9a-f-]{36}$"))
    return page.url.rpartition("/")[2]


def check(page: Page) -> None:
    """Nothing grave for axe, and nothing beyond the edge."""
    assert grave_problems(page) == []
    assert page.evaluate(TOO_WIDE) == 0


def test_from_a_link_to_the_download(
    served: Stage, sandbox: Sandbox, services: Services, page: Page, pictures: dict[str, bytes]
):
    page.goto(f"{served.web_url}/build")
    expect(page.get_by_role("heading", name="No runs yet")).to_be_visible()
    page.get_by_label("Link to a frame or component").fill(sandbox.file(FILE)["url"].split("?")[0])
    page.get_by_role("button", name="See what it takes").click()
    expect(page.get_by_role("alert")).to_contain_text("one frame is built at a time")

    player = Player(services, start(page, served, sandbox, "Pay card"), pictures)
    expect(page.get_by_role("heading", name="PayCard")).to_be_visible()
    player.to_gate()
    running = page.locator(".stage.done", has_text="Write tests")
    expect(running).to_be_visible()
    player.end("gate", "package", *player.files_of_gate(), quality=ROW)
    player.end("package", "done", *player.files_of_package())
    expect(page.locator("h1 .pill")).to_have_text("Done")
    expect(page.get_by_role("status")).to_contain_text("Done: Look at it beside the design")

    shown = page.locator("figure[data-width]:visible")
    expect(shown).to_have_count(1)
    page.get_by_label("360 px", exact=True).check()
    expect(shown).to_have_attribute("data-width", "360")
    assert (
        shown.locator("img").evaluate("each => each.decode().then(() => each.naturalWidth)") == 360
    )
    expect(page.locator(".figures li", has_text="Geometry")).to_contain_text("98 %")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the ZIP").click()
    assert download.value.suggested_filename == "PayCard.zip"
    check(page)

    page.get_by_role("link", name="What each is, and why").click()
    expect(page.get_by_text("Its name says so.")).to_be_visible()
    check(page)
    page.locator("li", has_text="Pay now").get_by_role("combobox").select_option("a")
    page.get_by_role("button", name="Build again with these").click()
    page.wait_for_url(re.compile(rf"/build/(?!{player.id})[0-9a-f-]{{36}}$"))
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("h1 .pill")).to_have_text("Cancelled")
    page.get_by_role("link", name="All runs").click()
    expect(page.get_by_role("heading", name="Earlier runs")).to_be_visible()
    expect(page.locator("li.run")).to_have_count(2)


def test_a_failed_run_is_tried_again_from_its_page(
    served: Stage, sandbox: Sandbox, services: Services, page: Page
):
    player = Player(services, start(page, served, sandbox, "Forbidden card"))
    player.fail("read", "figma_forbidden")
    expect(page.get_by_text("does not let your account read this file").first).to_be_visible()
    page.get_by_role("button", name="Retry from Read").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    player.to_done()
    expect(page.locator("h1 .pill")).to_have_text("Done")


def test_the_page_asks_while_it_is_looked_at_and_the_run_goes_on(
    served: Stage, sandbox: Sandbox, services: Services, page: Page
):
    player = Player(services, start(page, served, sandbox, "Watched card"))
    asked: list[str] = []
    page.on("request", lambda each: asked.append(each.url) if each.url.endswith("/part") else None)
    with page.expect_response("**/part"):
        pass
    hide(page, True)
    count = len(asked)
    page.wait_for_timeout(5_000)
    assert len(asked) <= count + 1

    page.route("**/part", lambda route: route.abort())
    hide(page, False)
    expect(page.get_by_text("The service cannot be reached at the moment.")).to_be_visible()
    page.unroute("**/part")
    expect(page.locator("#away")).to_be_hidden()
    player.to_done()
    expect(page.locator("h1 .pill")).to_have_text("Done")
    count = len(asked)
    page.wait_for_timeout(5_000)
    assert len(asked) == count


def hide(page: Page, is_hidden: bool) -> None:
    page.evaluate(
        "value => { Object.defineProperty(document, 'hidden', {value, configurable: true});"
        " document.dispatchEvent(new Event('visibilitychange')); }",
        is_hidden,
    )


def test_it_works_without_scripts(
    served: Stage,
    sandbox: Sandbox,
    services: Services,
    browser: Browser,
    ada: Any,
    pictures: dict[str, bytes],
):
    context = browser.new_context(java_script_enabled=False, storage_state=ada)
    page = context.new_page()
    player = Player(services, start(page, served, sandbox, "Plain card"), pictures)
    player.to_done()
    page.reload()
    expect(page.locator("h1 .pill")).to_have_text("Done")
    expect(page.locator("figure[data-width]:visible")).to_have_count(len(WIDTHS))
    expect(page.locator(".widths")).to_be_hidden()
    context.close()


def test_every_state_is_usable_by_everybody_on_a_phone(
    served: Stage, sandbox: Sandbox, services: Services, phone: Page, pictures: dict[str, bytes]
):
    every_state(served, sandbox, services, phone, pictures)


def test_every_state_is_usable_by_everybody_at_a_desk(
    served: Stage, sandbox: Sandbox, services: Services, desk: Page, pictures: dict[str, bytes]
):
    every_state(served, sandbox, services, desk, pictures)


def every_state(
    served: Stage, sandbox: Sandbox, services: Services, page: Page, pictures: dict[str, bytes]
) -> None:
    def ended(word: str) -> None:
        expect(page.locator("h1 .pill")).to_have_text(word)
        check(page)

    page.goto(f"{served.web_url}/build?link=nonsense")
    check(page)
    page.goto(f"{served.web_url}/build")
    page.get_by_label("Link to a frame or component").fill(frame_link(sandbox))
    page.get_by_role("button", name="See what it takes").click()
    check(page)

    player = Player(
        services,
        start(page, served, sandbox, "Cardholder verification confirmation acknowledgement panel"),
        pictures,
    )
    check(page)
    player.to_gate()
    expect(page.locator(".stage.done", has_text="Write tests")).to_be_visible()
    check(page)
    player.end("gate", "package", *player.files_of_gate(), quality=ROW)
    player.end("package", "done", *player.files_of_package())
    ended("Done")
    page.get_by_text("All files").click()
    check(page)
    page.goto(f"{page.url}/plan")
    check(page)

    Player(services, start(page, served, sandbox, "Draft"), pictures).to_done(quality=None)
    ended("Not tested")
    row = {**ROW, "is_passed": False, "geometry_share": 0.5, "overflow_widths": [360, 768]}
    Player(services, start(page, served, sandbox, "Bad card"), pictures).to_done(quality=row)
    ended("Not passed")
    Player(services, start(page, served, sandbox, "Secret card")).fail("read", "figma_forbidden")
    ended("Failed")
    start(page, served, sandbox, "Unwanted card")
    page.get_by_role("button", name="Cancel").click()
    ended("Cancelled")
    page.goto(f"{served.web_url}/build")
    check(page)
    page.goto(f"{served.web_url}/account")
    check(page)
