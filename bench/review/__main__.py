"""`python -m bench.review [pages] [flaws] [clean] [--json FILE]`: measure the review, print its
figures beside their goals, and end with status 1 if a goal is missed."""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

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
from bench.review.held_out import compare
from bench.review.seeded import measure_clean, measure_flaws

# A desk and a phone.
WINDOWS = ((1440, 900), (390, 844))

Part = tuple[list[Figure], dict[str, Any]]


def measure_pages() -> Part:
    """The held-out pages, at each width."""
    templates.install()
    pages: list[tuple[str, Judged]] = []
    with browser() as chromium:
        for package, found in groupby(templates.templates(), key=lambda page: page.package):
            print(f"{package}: axe looks at its pages …", flush=True)
            pages += [
                (f"{page.name} at {window[0]} px", judge(chromium, page.root, page.path, window))
                for page in found
                for window in WINDOWS
            ]
    tallies = compare(pages)
    return list(held_out_figures(tallies)), {
        "views": len(pages),
        "held_out": {rule: asdict(tally) for rule, tally in tallies.items()},
    }


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
