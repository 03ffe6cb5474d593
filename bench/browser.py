"""From opening a page in a browser to its first figures, for each page of the dashboard."""

import json
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Page, sync_playwright

from bench.pages import EMAIL, OPENED, PASSWORD, WITH_PERIOD, WITHOUT, opened
from local.browser import require_browser
from local.stage import Stage, percentile
from sql.set_operator import set_operator

OPENINGS = 12
# Read first, so that the server is warm: not measured.
WARMING = 2
# An alert where a page has nothing to show, and says so.
FIGURES = ", ".join(
    f'[data-testid="stMain"] [data-testid="{each}"]'
    for each in ("stMetricValue", "stDataFrame", "stPlotlyChart", "stExpander", "stForm", "stAlert")
)
WAIT_MS = 60_000
# The page itself notes the first frame with a figure, by its own clock: a locator that waits looks
# twice a second.
NOTE_FIRST = f"""
const look = () => {{
    const found = [...document.querySelectorAll({json.dumps(FIGURES)})];
    if (found.some(each => each.getClientRects().length)) {{
        window.firstFigureMs = performance.now();
    }} else {{
        requestAnimationFrame(look);
    }}
}};
requestAnimationFrame(look);
"""


def first_figures(stage: Stage) -> list[dict[str, Any]]:
    """Rows {page, p50_ms, p95_ms}; each opening is a navigation as with a bookmark."""
    set_operator(stage.settings, EMAIL, "founder", PASSWORD)
    stage.start_dashboard()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=require_browser(), args=["--no-sandbox"]
        )
        page = browser.new_page()
        page.set_default_timeout(WAIT_MS)
        page.add_init_script(NOTE_FIRST)
        _sign_in(page, stage)
        addresses = {name: f"{stage.dashboard_url}/{name}" for name in (*WITH_PERIOD, *WITHOUT)}
        for name in OPENED:
            one = urlencode(opened(stage, name))
            addresses[f"{name}, opened"] = f"{stage.dashboard_url}/{name}?{one}"
        spent: dict[str, list[float]] = {name: [] for name in addresses}
        # In turn, so that other load on the machine affects all pages.
        for opening in range(WARMING + OPENINGS):
            for name, times in spent.items():
                took = _open(page, addresses[name])
                if opening >= WARMING:
                    times.append(took)
        browser.close()
    return [
        {
            "page": name,
            "p50_ms": round(percentile(times, 0.50)),
            "p95_ms": round(percentile(times, 0.95)),
        }
        for name, times in spent.items()
    ]


def _open(page: Page, address: str) -> float:
    """Milliseconds from the navigation to the first frame with a figure."""
    page.goto(address, wait_until="commit")
    return page.wait_for_function("() => window.firstFigureMs").json_value()


def _sign_in(page: Page, stage: Stage) -> None:
    page.goto(stage.dashboard_url)
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    # This response sets the cookie that keeps the browser signed in.
    with page.expect_response("**/session", timeout=WAIT_MS):
        page.get_by_test_id("stBaseButton-primaryFormSubmit").click()
    page.get_by_role("heading", name="Overview").wait_for()
