"""A page in a real browser becomes a node tree that the review measures as axe does."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from bench.review.browsing import Judged, judge
from bench.review.held_out import compare
from bench.review.pixels import Claim, Shown, refuted

WINDOW = (800, 600)
PAGE = """<!doctype html><html lang="en"><title>Try-out</title><style>
  body { margin: 0; padding: 20px; font: 16px/24px sans-serif; color: #222; background: #fafafa }
  .pale { color: #b0b0b0 }  .dim { color: #9db7e8 }
  .missing { font-family: "Icons that are not there" }
  .shade { background: linear-gradient(90deg, #fff, #ddd) }
  .card { background: #1a56c4; color: #fff; padding: 16px; border-radius: 8px; margin: 24px 0;
          border: 2px solid #103a86 }
  .veil { opacity: .4 }  .tiny { display: inline-block; width: 16px; height: 16px; margin: 0 1px;
          background: #444; font-size: 0 }
  .behind { position: relative }  .behind::before { content: ""; position: absolute; inset: 0;
          z-index: -1; background: #fff3b0 }
  .drawer { position: fixed; left: -400px; top: 0; width: 300px; height: 300px; background: red }
  .away { position: absolute; width: 1px; height: 1px; overflow: hidden; clip: rect(0, 0, 0, 0) }
</style><main>
  <h1>Try-out of the measure</h1>
  <p class="pale">Pale words on a light ground.</p>
  <p class="shade">Words on a gradient.</p>
  <div class="card">White words on a card. <a href="#x" class="dim">A link in them</a></div>
  <p class="veil">Words that are seen through.</p>
  <p class="behind">Words before their own ground.</p>
  <p><a class="tiny" href="#a">a</a><a class="tiny" href="#b">b</a></p>
  <p><button style="padding:12px 24px">Large enough</button></p>
  <p><label>Name <input placeholder="Your name"></label> <input disabled value="Locked"></p>
  <div class="drawer">A drawer that waits outside</div><span class="away">For screen readers</span>
  <p class="missing">schedule</p>
  <p style="display:none">Not shown</p><p style="visibility:hidden">Nor this</p>
</main></html>"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("page")
    (folder / "page.html").write_text(PAGE, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def judged(browser: Browser, root: Path) -> Judged:
    return judge(browser, root, "page.html", WINDOW)


def nodes(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node, *(each for below in node.get("children", []) for each in nodes(below))]


def test_the_review_agrees_with_axe(judged: Judged):
    tallies = compare([("page", judged)])
    contrast, target = tallies["color-contrast"], tallies["target-size"]
    assert (contrast.found, contrast.declared, contrast.missed, contrast.false) == (3, 0, 0, 0)
    assert contrast.agreed >= 6
    assert contrast.differed == 0
    assert (target.found, target.missed, target.false) == (2, 0, 0)


def test_pixels_refute_what_is_not_so(browser: Browser, root: Path, judged: Judged):
    boxes = {
        each["characters"]: each["absoluteBoundingBox"]
        for each in nodes(judged.document)
        if each["type"] == "TEXT"
    }
    pale, seen_through, gradient = (
        Claim("page", boxes[text], 4.5)
        for text in (
            "Pale words on a light ground.",
            "Words that are seen through.",
            "Words on a gradient.",
        )
    )
    found = refuted(
        browser, {"page": Shown(root, "page.html", WINDOW)}, [pale, seen_through, gradient]
    )
    assert [claim for claim, _ in found] == [gradient]


def test_what_is_seen_is_drawn_and_nothing_else(judged: Judged):
    texts = [each["characters"] for each in nodes(judged.document) if each["type"] == "TEXT"]
    assert "Pale words on a light ground." in texts
    assert {"Your name", "Locked", "Large enough"} <= set(texts)
    hidden = ("A drawer that waits outside", "For screen readers", "Not shown", "Nor this")
    assert not set(hidden) & set(texts)


def test_looks_become_figmas_fields(judged: Judged):
    (card,) = [each for each in nodes(judged.document) if each.get("cornerRadius") == 8]
    assert (card["strokeWeight"], card["absoluteBoundingBox"]["width"]) == (2, 760)
    (veil,) = [each for each in nodes(judged.document) if each.get("opacity") == 0.4]
    assert [each["characters"] for each in nodes(veil) if "characters" in each] == [
        "Words that are seen through."
    ]
    fonts = {each["style"]["fontFamily"] for each in nodes(judged.document) if "style" in each}
    assert {"sans-serif", "serif"} <= fonts
    assert "Icons that are not there" not in fonts
    kinds = [paint["type"] for each in nodes(judged.document) for paint in each["fills"]]
    assert "GRADIENT_LINEAR" in kinds


def test_a_control_has_a_designers_name_and_a_link_in_a_sentence_is_text(judged: Judged):
    named = [each["name"] for each in nodes(judged.document) if each["type"] == "FRAME"]
    assert named.count("Link") == 2
    assert {"Button", "Input", "Input disabled"} <= set(named)
    (button,) = [each for each in nodes(judged.document) if each["name"] == "Button"]
    assert button["interactions"]
