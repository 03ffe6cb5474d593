"""Looks at the pixels of texts that the review calls a problem where axe does not decide: is the
contrast too low in what the browser really draws?

A page is drawn three times as large, so that letters have pixels of their full colour, once with
its letters and once without them. Each pixel is compared with what is there without letters.
"""

import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops
from playwright.sync_api import Browser, Page

from bench.review.browsing import opened
from bench.review.flaws.workshop import ratio

_SCALE = 3
_NO_LETTERS = """*, *::before, *::after {
    color: transparent !important; -webkit-text-fill-color: transparent !important }"""
# Where letters cross something that is no part of their ground, a few pixels may differ more.
_STRAY = 0.002


@dataclass(frozen=True)
class Claim:
    """A text on a page of which the review says that its contrast is below the threshold."""

    page: str
    box: dict[str, float]
    threshold: float


@dataclass(frozen=True)
class Shown:
    """Where a page comes from: its folder, its path in it, and the size of the window."""

    root: Path
    path: str
    window: tuple[int, int]


def refuted(
    browser: Browser, pages: Mapping[str, Shown], claims: Sequence[Claim]
) -> list[tuple[Claim, float]]:
    """The claims that the pixels refute, each with the best contrast that they show."""
    by_page: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_page[claim.page].append(claim)
    wrong = []
    for name, made in by_page.items():
        shown = pages[name]
        with opened(browser, shown.root, shown.path, shown.window, _SCALE) as page:
            lettered = [_picture(page, claim.box) for claim in made]
            page.add_style_tag(content=_NO_LETTERS)
            for claim, one in zip(made, lettered, strict=True):
                best = _best(one, _picture(page, claim.box))
                if best >= claim.threshold:
                    wrong.append((claim, best))
    return wrong


def _picture(page: Page, box: dict[str, float]) -> Image.Image:
    clip: Any = {"x": max(box["x"], 0), "y": max(box["y"], 0)}
    clip |= {"width": max(box["width"], 1), "height": max(box["height"], 1)}
    return Image.open(io.BytesIO(page.screenshot(full_page=True, clip=clip))).convert("RGB")


def _best(lettered: Image.Image, bare: Image.Image) -> float:
    """The best contrast of a letter's pixel with its ground, but for a few stray ones."""
    pairs: dict[tuple[Any, Any], int] = defaultdict(int)
    drawn = ImageChops.difference(lettered, bare).convert("L").point(lambda each: each and 255)
    for at in _lit(drawn):
        pairs[lettered.getpixel(at), bare.getpixel(at)] += 1
    stray = _STRAY * lettered.width * lettered.height
    for pair in sorted(pairs, key=lambda pair: ratio(*map(_hex, pair)), reverse=True):
        stray -= pairs[pair]
        if stray < 0:
            return ratio(*map(_hex, pair))
    return 1.0


def _lit(picture: Image.Image) -> list[tuple[int, int]]:
    width, data = picture.width, picture.tobytes()
    return [(at % width, at // width) for at, value in enumerate(data) if value]


def _hex(pixel: tuple[int, int, int]) -> str:
    return "#" + "".join(f"{channel:02x}" for channel in pixel)
