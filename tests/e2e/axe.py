"""What axe finds wrong with a page: https://github.com/dequelabs/axe-core

Only what Streamlit draws by itself and lets nobody change is left out, each with its reason.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

from playwright.sync_api import Page

SCRIPT = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ["serious", "critical"]
# Gives "rule: element: what to do" for each; exclusions are looked at where the elements are.
RUN = """async ([exclusions, grave]) => {
    const isExcluded = (rule, target) => exclusions.some((each) =>
        each.rules.includes(rule) && document.querySelector(target)?.matches(each.selector))
    const found = await axe.run(document, {resultTypes: ['violations']})
    return found.violations.filter((violation) => grave.includes(violation.impact))
        .flatMap((violation) => violation.nodes
            .filter((node) => !isExcluded(violation.id, node.target[0]))
            .map((node) => `${violation.id}: ${node.html}: ${node.failureSummary}`))
}"""


@dataclass(frozen=True)
class Exclusion:
    """Elements that these rules of axe are not asked about, and why."""

    selector: str
    rules: tuple[str, ...]
    reason: str


STREAMLIT = (
    Exclusion(
        '[data-testid="stSidebarNavItems"], [data-testid="stSidebarNavItems"] li',
        ("list", "listitem"),
        "st.navigation puts a div round each section, between the list and its items",
    ),
    Exclusion(
        '[data-testid="stMetric"] [role="graphics-symbol"]',
        ("svg-img-alt",),
        "the sparkline of st.metric names its marks for nobody; the figure beside it says it all",
    ),
)


def grave_problems(page: Page, exclusions: tuple[Exclusion, ...] = ()) -> list[str]:
    """Violations of impact serious and critical: "rule: element: what to do"."""
    if not page.evaluate("'axe' in window"):
        # As a debugger does: the service's own pages let no script in.
        page.evaluate(SCRIPT.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(RUN, [[asdict(each) for each in exclusions], GRAVE])
    return found
