"""The README's picture of a finished build: `python -m local.build_picture`."""

from playwright.sync_api import ViewportSize, expect, sync_playwright

from local.browser import require_browser
from local.stack.stack import ROOT
from local.stage import build_stage

PICTURE = ROOT / "docs" / "screenshots" / "build.png"
FILE, NODE = "Checkout redesign", "1-2"
# Wide enough for two columns; design and component are both drawn whole at the design's own width.
SIZE: ViewportSize = {"width": 1440, "height": 900}
WIDTH = "390 px"
MOST_SECONDS = 300


def main() -> None:
    with build_stage(fast=True) as stage, sync_playwright() as playwright:
        stage.start_model(delay_ms=0)
        sandbox = stage.start_sandbox()
        stage.start_web()
        stage.start_worker()
        stage.start_builder()
        browser = playwright.chromium.launch(
            executable_path=require_browser(), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport=SIZE)
        page.goto(stage.web_url)
        page.get_by_role("link", name="Sign in with Figma").first.click()
        page.get_by_label("Ada Okafor").check()
        page.get_by_test_id("allow").click()
        page.wait_for_url("**/account")
        page.goto(f"{stage.web_url}/build")
        link = f"{sandbox.file(FILE)['url']}?node-id={NODE}"
        page.get_by_label("Link to a frame or component").fill(link)
        page.get_by_role("button", name="See what it takes").click()
        page.get_by_role("button", name="Build it").click()
        expect(page.get_by_text("Download the ZIP")).to_be_visible(timeout=MOST_SECONDS * 1000)
        page.reload()
        page.get_by_label(WIDTH).check()
        page.wait_for_load_state("networkidle")
        page.screenshot(path=PICTURE, full_page=True)
        browser.close()


if __name__ == "__main__":
    main()
