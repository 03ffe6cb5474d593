"""Opens HTML pages from the disk in Chromium, and gives of each its node tree and axe's verdicts.

Nothing is asked of the network: what a page wants from elsewhere it does not get. Clock, chance and
animation are held still, so that a page looks the same each time.
"""

import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Browser, Page, Route, sync_playwright

from local.browser import require_browser
from local.stack.stack import ROOT

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")
# Names that end so lead nowhere (RFC 2606); each request to it is answered from the disk.
HOST = "http://page.invalid/"
RULES = ("color-contrast", "target-size")
_AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
_NODE_TREE = Path(__file__).with_name("node_tree.js")
_NOON = datetime(2026, 6, 15, 12, 0)
_STILL = """
    let seed = 1
    Math.random = () => (seed = (seed * 16807) % 2147483647) / 2147483647
"""
_NO_MOTION = """*, *::before, *::after {
    animation: none !important; transition: none !important; scroll-behavior: auto !important }"""
# Each verdict with the ids of the nodes that stand for its element.
_JUDGE = """async ([tree, rules]) => {
    const { document: root, labels, isInView } = eval(tree)()
    const found = await axe.run(document, {
        runOnly: { type: 'rule', values: rules }, elementRef: true, iframes: false })
    const verdicts = ['violations', 'passes', 'incomplete'].flatMap((verdict) =>
        found[verdict].flatMap(({ id, nodes }) => nodes.map((node) => ({
            rule: id, verdict, is_seen: isInView(node.element),
            box: labels.get(node.element)?.box ?? null,
            texts: labels.get(node.element)?.texts ?? [],
            html: node.html.slice(0, 200),
            reason: [...node.any, ...node.all, ...node.none].map((check) =>
                check.data?.messageKey || check.id).join(' '),
            ratio: node.any[0]?.data?.contrastRatio || 0,
        }))))
    return { document: root, verdicts }
}"""


@dataclass(frozen=True)
class Verdict:
    """What axe says of one element, and the nodes that stand for it in the tree: its ``box``, and
    the ``texts`` directly in it. ``is_seen``: it is in view; axe judges what is out of view
    by what covers it.

    ``reason`` is the key of axe's message, ``ratio`` the contrast that axe measured (0: none).
    """

    rule: str
    verdict: Literal["violations", "passes", "incomplete"]
    is_seen: bool
    box: str | None
    texts: tuple[str, ...]
    html: str
    reason: str
    ratio: float


@dataclass(frozen=True)
class Judged:
    """A page as a node tree, with axe's verdicts on its elements."""

    document: dict[str, Any]
    verdicts: tuple[Verdict, ...]


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=require_browser(), args=[*FLAGS])
        yield chromium
        chromium.close()


@contextmanager
def opened(
    browser: Browser, root: Path, path: str, window: tuple[int, int], scale: int = 1
) -> Iterator[Page]:
    """The file ``path`` of the folder ``root`` as a page that stands still.

    ``window`` is its size in px, ``scale`` how many pixels of the screen a px has.
    """
    context = browser.new_context(
        viewport={"width": window[0], "height": window[1]},
        device_scale_factor=scale,
        reduced_motion="reduce",
        bypass_csp=True,
    )
    try:
        page = context.new_page()
        page.clock.set_fixed_time(_NOON)
        page.add_init_script(_STILL)
        page.route("**/*", lambda route: _answer(route, root))
        page.goto(HOST + path, wait_until="networkidle")
        page.add_style_tag(content=_NO_MOTION)
        page.evaluate("document.fonts.ready.then(() => {})")
        yield page
    finally:
        context.close()


def judge(browser: Browser, root: Path, path: str, window: tuple[int, int]) -> Judged:
    """A page's node tree, and what axe says of its elements."""
    with opened(browser, root, path, window) as page:
        page.evaluate(_AXE.read_text(encoding="utf-8"))
        found = page.evaluate(_JUDGE, [_NODE_TREE.read_text(encoding="utf-8"), RULES])
    verdicts = tuple(
        Verdict(**{**each, "texts": tuple(each["texts"])}) for each in found["verdicts"]
    )
    return Judged(found["document"], verdicts)


def _answer(route: Route, root: Path) -> None:
    """A file of the folder; nothing for every other request."""
    url = route.request.url
    if not url.startswith(HOST):
        route.abort()
        return
    path = (root / unquote(urlsplit(url).path).lstrip("/")).resolve()
    if path.is_file() and path.is_relative_to(root.resolve()):
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        route.fulfill(body=path.read_bytes(), content_type=kind)
    else:
        route.fulfill(status=404, body="")
