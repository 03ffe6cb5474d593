"""The README's picture of a comment and its reply: `python -m local.thread_picture`.

No model is asked, so that all that the reply says was measured in the drawing beside it.
"""

from playwright.sync_api import ViewportSize, expect, sync_playwright

from local.browser import require_browser
from local.stack.stack import ROOT
from local.stage import build_stage, wait_until

PICTURE = ROOT / "docs" / "screenshots" / "thread.png"
FILE, OWNER = "Checkout redesign", "Ada Okafor"
QUESTION = "@buddy can everybody read this?"
# On the button of the frame.
PIN = {"node_id": "1:2", "node_offset": {"x": 195, "y": 720}}
SIZE: ViewportSize = {"width": 1200, "height": 860}


def main() -> None:
    with build_stage(fast=True) as stage, sync_playwright() as playwright:
        sandbox = stage.start_sandbox()
        stage.start_web()
        stage.start_worker(OPENAI_API_KEY="", OPENAI_BASE_URL="")
        browser = playwright.chromium.launch(
            executable_path=require_browser(), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport=SIZE)
        page.goto(stage.web_url)
        page.get_by_role("link", name="Sign in with Figma").first.click()
        page.get_by_label(OWNER).check()
        page.get_by_test_id("allow").click()
        page.wait_for_url("**/account")
        file = sandbox.file(FILE)
        page.get_by_label("Link of a Figma file or team").fill(file["url"])
        page.get_by_role("button", name="Switch on").click()
        expect(page.locator("li.webhook .pill")).to_be_visible()
        asked = sandbox.post_comment(OWNER, FILE, QUESTION, pin=PIN)
        wait_until(
            lambda: any(each["parent_id"] == asked["id"] for each in sandbox.comments(FILE)),
            120,
            "the reply",
        )
        page.goto(file["page"])
        expect(page.get_by_text(QUESTION.removeprefix("@buddy ")).first).to_be_visible()
        page.wait_for_load_state("networkidle")
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
