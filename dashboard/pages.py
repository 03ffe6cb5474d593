"""The pages, their sections, and the roles that may open them.

The database checks the same roles for every read: sql/functions/access.sql.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

FOLDER = Path(__file__).parent
# The path that Streamlit gives its default page.
HOME = ""
EVERYBODY = frozenset({"founder", "support", "finance"})
FOUNDERS = frozenset({"founder"})
SUPPORT = frozenset({"founder", "support"})
FINANCE = frozenset({"founder", "finance"})


@dataclass(frozen=True)
class Entry:
    """A page of the navigation. `folder` holds its page.py and is its path in the URL."""

    folder: str
    title: str
    icon: str
    help: str
    roles: frozenset[str] = EVERYBODY


SECTIONS: dict[str, tuple[Entry, ...]] = {
    "Watch": (
        Entry(
            folder="overview",
            title="Overview",
            icon="monitoring",
            help="Money, people, answers and errors of a period, and what needs attention now.",
            roles=FOUNDERS,
        ),
        Entry(
            folder="live",
            title="Live",
            icon="stream",
            help="Answers as they happen, and the queue at this moment.",
            roles=SUPPORT,
        ),
        Entry(
            folder="answer",
            title="One answer",
            icon="chat",
            help="One answer opened whole: every step, model call, token and cost, and what became "
            "of it.",
            roles=SUPPORT,
        ),
        Entry(
            folder="reliability",
            title="Reliability",
            icon="ecg_heart",
            help="Errors by cause, answer times, model providers, the queue, deliveries, Figma's "
            "quotas, and how fast the error budget burns.",
            roles=SUPPORT,
        ),
    ),
    "Business": (
        Entry(
            folder="ai_cost",
            title="AI cost",
            icon="savings",
            help="What the models cost, where it comes from and where it is heading; re-pricing.",
            roles=FINANCE,
        ),
        Entry(
            folder="revenue",
            title="Revenue",
            icon="payments",
            help="MRR and its movements, who stays, margins, and other prices for a past month.",
            roles=FINANCE,
        ),
        Entry(
            folder="billing",
            title="Billing",
            icon="receipt_long",
            help="What each user and team owes for a month, closing it, and files for the books.",
            roles=FINANCE,
        ),
        Entry(
            folder="provider_bills",
            title="Provider bills",
            icon="balance",
            help="What model providers billed beside what we booked: coverage, drift, and why.",
            roles=FINANCE,
        ),
    ),
    "Product": (
        Entry(
            folder="growth",
            title="Growth",
            icon="trending_up",
            help="Sign-ups, activation, active people, lifecycle, retention and feature use.",
            roles=FOUNDERS,
        ),
        Entry(
            folder="trials",
            title="Trials",
            icon="hourglass_top",
            help="Where everyone stands of the free uses, who goes on, who pays, whom to talk to.",
            roles=SUPPORT,
        ),
        Entry(
            folder="analyses",
            title="Analyses",
            icon="design_services",
            help="Analyses of selections: how they end, times, cache, batches, refusals, and which "
            "suggestions people apply, undo and ignore.",
            roles=SUPPORT,
        ),
        Entry(
            folder="pipelines",
            title="Pipelines",
            icon="conveyor_belt",
            help="Components built from designs: success, stage times, cost, queue, failures by "
            "cause, quality, and each run opened whole.",
            roles=SUPPORT,
        ),
        Entry(
            folder="quality",
            title="Quality",
            icon="thumbs_up_down",
            help="Whether answers were grounded and their advice helped, by rule, model and "
            "context version; every dispute opened.",
            roles=SUPPORT,
        ),
    ),
    "People": (
        Entry(
            folder="people",
            title="People",
            icon="person_search",
            help="Find a person, see their whole story, edit their context, and help them.",
            roles=SUPPORT,
        ),
        Entry(
            folder="team",
            title="Teams",
            icon="groups",
            help="One team opened whole: members, seats, plan, use, cost, margin, webhooks and "
            "features; its plan and seats changed, with every change before.",
            roles=FOUNDERS,
        ),
        Entry(
            folder="audit",
            title="Audit log",
            icon="fact_check",
            help="Who changed what, when and why, and the proof that nobody changed this log.",
            roles=SUPPORT,
        ),
    ),
    "Operate": (
        Entry(
            folder="dead_letters",
            title="Dead letters",
            icon="mark_email_unread",
            help="Comments and analyses that ended without a reply: why, what a replay would do, "
            "replay and discard. Failed pipelines are on their own page.",
            roles=SUPPORT,
        ),
        Entry(
            folder="webhooks",
            title="Webhooks",
            icon="webhook",
            help="Every webhook with its owner, state, deliveries and silence; pause and resume.",
            roles=SUPPORT,
        ),
    ),
    "Settings": (
        Entry(
            folder="settings",
            title="Settings",
            icon="settings",
            help="Plans, model prices, budgets, operators and the reporting time zone.",
            roles=FOUNDERS,
        ),
        Entry(
            folder="your_sign_in",
            title="Your sign-in",
            icon="phonelink_lock",
            help="Your second factors: set one up, see which there are, remove one.",
            roles=EVERYBODY,
        ),
    ),
}


def for_role(
    role: str | None, draw_closed: Callable[[Entry], None] | None = None
) -> dict[str, list[st.Page]]:
    """The sections for `st.navigation`. With None: every page, only to register the URLs.

    Two kinds of pages are hidden: the home page, so that the first page of the menu keeps an
    address of its own, and the pages of other roles, which `draw_closed` explains.
    """
    sections: dict[str, list[st.Page]] = {}
    first: st.Page | None = None
    for section, entries in SECTIONS.items():
        pages = []
        for entry in entries:
            if role is None or role in entry.roles:
                pages.append(_page(entry))
                first = first or pages[-1]
            elif draw_closed:
                pages.append(_closed(entry, draw_closed))
        if pages:
            sections[section] = pages
    if first is None:
        return {}
    return {"": [_home(first)], **sections}


def _page(entry: Entry) -> st.Page:
    return st.Page(
        FOLDER / entry.folder / "page.py",
        url_path=entry.folder,
        title=entry.title,
        icon=f":material/{entry.icon}:",
        help=entry.help,
    )


def _closed(entry: Entry, draw: Callable[[Entry], None]) -> st.Page:
    def run() -> None:
        draw(entry)

    return st.Page(run, url_path=entry.folder, title=entry.title, visibility="hidden")


def _home(first: st.Page) -> st.Page:
    """Without a default page of its own, Streamlit serves the first page at `/` alone."""

    def go_on() -> None:
        given = {name: st.query_params.get_all(name) for name in st.query_params}
        st.switch_page(first, query_params=given)

    return st.Page(go_on, title="Figma AI Buddy", default=True, visibility="hidden")
