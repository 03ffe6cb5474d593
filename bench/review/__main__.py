"""`python -m bench.review [pages] [flaws] [clean] [--json FILE]`: measure the review, print its
figures beside their goals, and end with status 1 if a goal is missed."""

import argparse
import json
import random
import sys
from collections.abc import Callable
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from bench import results
from bench.review import templates
from bench.review.browsing import Judged, browser, judge
from bench.review.designs import all_designs
from bench.review.figures import (
    Figure,
    as_json,
    clean_figures,
    held_out_figures,
    seeded_figures,
)
from bench.review.flaws import SEED
from bench.review.held_out import Tally, compare
from bench.review.pixels import Shown, refuted
from bench.review.seeded import measure_clean, measure_flaws

# A desk and a phone.
WINDOWS = ((1440, 900), (390, 844))
LOOKED_AT = 100

Part = tuple[list[Figure], dict[str, Any]]


def measure_pages() -> Part:
    """The held-out pages, at each width."""
    templates.install()
    pages: list[tuple[str, Judged]] = []
    shown: dict[str, Shown] = {}
    with browser() as chromium:
        for package, found in groupby(templates.templates(), key=lambda page: page.package):
            print(f"{package}: axe looks at its pages …", flush=True)
            for page in found:
                for window in WINDOWS:
                    name = f"{page.name} at {window[0]} px"
                    shown[name] = Shown(page.root, page.path, window)
                    pages.append((name, judge(chromium, page.root, page.path, window)))
        tallies = compare(pages)
        _look_at_pixels(chromium, shown, tallies["color-contrast"])
    return list(held_out_figures(tallies)), {
        "views": len(pages),
        "held_out": {rule: asdict(tally) for rule, tally in tallies.items()},
    }


def _look_at_pixels(chromium: Browser, shown: dict[str, Shown], tally: Tally) -> None:
    """Look at some of what the review claims where axe does not decide."""
    looked_at = random.Random(SEED).sample(tally.claims, min(LOOKED_AT, len(tally.claims)))
    print(f"looking at the pixels of {len(looked_at)} texts …", flush=True)
    tally.looked_at = len(looked_at)
    tally.refuted = refuted(chromium, shown, looked_at)


def measure_seeded() -> Part:
    """The seeded flaws."""
    tallies = measure_flaws(all_designs())
    return list(seeded_figures(tallies)), {"seeded": [asdict(tally) for tally in tallies]}


def measure_designs() -> Part:
    """The clean designs."""
    tallies = measure_clean(all_designs())
    return list(clean_figures(tallies)), {"clean": [asdict(tally) for tally in tallies]}


PARTS: dict[str, Callable[[], Part]] = {
    "pages": measure_pages,
    "flaws": measure_seeded,
    "clean": measure_designs,
}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make measure-review")
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all by default")
    parser.add_argument("--json", type=Path, help="also write everything to this file")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    figures: list[Figure] = []
    details: dict[str, Any] = {}
    for name in asked.parts or PARTS:
        told, more = PARTS[name]()
        results.print_table([figure.row() for figure in told])
        print()
        figures += told
        details |= more
    if asked.json:
        asked.json.write_text(json.dumps(as_json(figures, **details), indent=1), encoding="utf-8")
        print(f"Everything is in {asked.json}.")
    missed = [figure.what for figure in figures if figure.is_met is False]
    print("Goals not met: " + "; ".join(missed) if missed else "Every goal is met.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
