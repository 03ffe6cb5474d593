"""Draws the plugin's icon, cover and screenshots: `python -m local.plugin_pictures`.

The screenshots are of the real plugin in the sandbox, in front of the real service.
"""

import base64
import json
from pathlib import Path

from playwright.sync_api import Browser, FloatRect, Page, expect, sync_playwright

from local.browser import require_browser
from local.plugin import FOLDER, build_plugin
from local.stack.stack import ROOT
from local.stage import Stage, build_stage

LISTING = FOLDER / "listing"
PICTURES = ROOT / "docs" / "screenshots"
MARK = (ROOT / "service" / "web" / "static" / "mark.svg").read_text(encoding="utf-8")
THEMES = ("light", "dark")
PAGE = (1280, 760)
STRIP_SIZE = (1400, 700)

ICON = f"<body style='margin:0'>{MARK.replace('<svg', '<svg width=128 height=128')}</body>"
COVER = """
<style>
  body {{ margin: 0; width: 1920px; height: 1080px; overflow: hidden; position: relative;
    background: linear-gradient(120deg, #2b1a8f, #5b3df5 60%, #8b74ff);
    color: #fff; font-family: Inter, system-ui, sans-serif; }}
  main {{ position: absolute; left: 130px; top: 230px; width: 860px; }}
  h1 {{ font-size: 104px; line-height: 1.08; margin: 44px 0 32px; letter-spacing: -2px; }}
  p {{ font-size: 43px; line-height: 1.4; margin: 0; }}
  img {{ position: absolute; width: 480px; border-radius: 20px; box-shadow: 0 30px 90px #0007; }}
</style>
<main>{mark}<h1>{name}</h1><p>{tagline}</p></main>
<img src="{dark}" style="left: 1340px; top: 170px; rotate: 4deg">
<img src="{light}" style="left: 1050px; top: 90px; rotate: -3deg">
"""

# A newcomer's first minute, step by step.
STEPS = ("Sign in with Figma", "Select a frame", "Measure it", "Apply what is suggested")
STRIP = """
<style>
  body {{ margin: 0; padding: 24px; display: flex; gap: 24px; width: {width}px;
    box-sizing: border-box; background: #f4f3fa; color: #1d1a33;
    font: 600 20px Inter, system-ui, sans-serif; }}
  figure {{ margin: 0; flex: 1; min-width: 0; }}
  img {{ display: block; width: 100%; border-radius: 10px; box-shadow: 0 2px 12px #0003; }}
  figcaption {{ margin-bottom: 14px; }}
</style>
{steps}
"""


def main() -> None:
    LISTING.mkdir(exist_ok=True)
    with build_stage(fast=True) as stage, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=require_browser(), args=["--no-sandbox"]
        )
        _prepare(stage)
        for theme in THEMES:
            steps = _take(browser, stage, theme)
            if theme == "light":
                _draw(browser, _strip(steps), STRIP_SIZE, PICTURES / "first_minute.png")
        _draw(browser, ICON, (128, 128), LISTING / "icon.png")
        _draw(browser, _cover(), (1920, 1080), LISTING / "cover.png")
        browser.close()


def _prepare(stage: Stage) -> None:
    folder = stage.folder / "plugin"
    build_plugin(stage.web_url, folder, with_stand_in=True)
    stage.start_model(delay_ms=0)
    stage.start_sandbox(SANDBOX_PLUGIN=str(folder))
    stage.start_web()
    stage.start_worker()


def _take(browser: Browser, stage: Stage, theme: str) -> list[bytes]:
    """A person signs in, measures a screen and applies one fix: a picture of each step."""
    context = browser.new_context(viewport={"width": PAGE[0], "height": PAGE[1]})
    page = context.new_page()
    page.goto(f"{stage.sandbox_url}/plugin")
    plugin = page.frame_locator("#plugin")
    # Before its scripts have run, nothing hears that a theme was chosen.
    plugin.locator("main > *").first.wait_for()
    page.get_by_label("Theme").select_option(theme)
    plugin.locator(f"html.figma-{theme} main > *").first.wait_for()
    steps = [page.screenshot(clip=_window(page))]
    with context.expect_page() as opened:
        plugin.get_by_role("button", name="Sign in with Figma").click()
    opened.value.get_by_label("Ada Okafor").check()
    opened.value.get_by_test_id("allow").click()
    opened.value.get_by_role("button", name="The codes match").click()
    expect(plugin.get_by_role("button", name="Review")).to_be_visible()
    opened.value.close()
    page.locator('[data-id="1:2"]').dispatch_event("click", {"bubbles": True})
    expect(plugin.get_by_text("selected")).to_be_visible()
    steps.append(page.screenshot(clip=_window(page)))
    plugin.get_by_role("button", name="Measure · free").click()
    apply = plugin.get_by_role("button", name="Apply to").first
    apply.wait_for()
    _show_result(page)
    steps.append(page.screenshot(clip=_window(page)))
    apply.click()
    expect(plugin.get_by_text("Measured again")).to_be_visible()
    _show_result(page)
    page.screenshot(path=PICTURES / f"plugin_{theme}.png")
    page.screenshot(path=LISTING / f".{theme}.png", clip=_window(page))
    steps.append(page.screenshot(clip=_window(page)))
    context.close()
    return steps


def _show_result(page: Page) -> None:
    result = page.frame_locator("#plugin").locator(".result")
    result.evaluate("(found) => scrollTo(0, found.offsetTop - 70)")
    page.wait_for_timeout(500)


def _strip(steps: list[bytes]) -> str:
    figures = (
        f"<figure><figcaption>{at}. {name}</figcaption>"
        f'<img src="data:image/png;base64,{base64.b64encode(picture).decode()}"></figure>'
        for at, (name, picture) in enumerate(zip(STEPS, steps, strict=True), 1)
    )
    return STRIP.format(width=STRIP_SIZE[0], steps="".join(figures))


def _window(page: Page) -> FloatRect:
    box = page.locator("#plugin").bounding_box()
    assert box
    return box


def _cover() -> str:
    listing = json.loads((LISTING / "listing.json").read_text(encoding="utf-8"))
    shots = {}
    for theme in THEMES:
        picture = LISTING / f".{theme}.png"
        shots[theme] = f"data:image/png;base64,{base64.b64encode(picture.read_bytes()).decode()}"
        picture.unlink()
    mark = MARK.replace("<svg", '<svg width="150" height="150"').replace("#5b3df5", "#2b1a8f")
    return COVER.format(mark=mark, name=listing["name"], tagline=listing["tagline"], **shots)


def _draw(browser: Browser, html: str, size: tuple[int, int], path: Path) -> None:
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.set_content(html)
    page.screenshot(path=path, omit_background=True)
    page.close()


if __name__ == "__main__":
    main()
