"""What the help pages say of commands, limits and scopes, taken from the code that goes by them."""

from collections.abc import Mapping
from typing import Final

from service.analysis.request import MAX_LAYERS, MAX_QUESTION
from service.config import Settings
from service.figma.addressing import Command
from service.guidance import CHARS
from service.llm import MAX_THREAD_LINES
from service.store.live_settings import LiveValues
from service.store.public_records import PublicPlan

# In the order in which the pages show them.
COMMANDS: Final[Mapping[Command, str]] = {
    "help": "what it can do",
    "build": "a tested component of the pinned frame",
    "usage": "your uses left",
    "stop": "quiet in this thread",
    "resume": "answer here again",
    "good": "the last answer helped",
    "bad": "it did not; a reason may follow",
}
# What each permission that we ask for at Figma is for.
# https://developers.figma.com/docs/rest-api/scopes/
SCOPES: Final[Mapping[str, str]] = {
    "current_user:read": "your name, e-mail address and picture at Figma, so that you can sign in",
    "file_comments:read": "the comments of files where the buddy is on: the thread it was asked in",
    "file_comments:write": "to post its reply",
    "file_content:read": "the frame under the pin, and layers that you build from",
    "file_metadata:read": "the name and version of a file",
    "webhooks:read": "which webhooks of yours the buddy has made",
    "webhooks:write": "to make, pause and remove the webhook by which Figma tells it of comments",
    "projects:read": "the projects of a team, to switch the buddy on for them",
}


def limits(settings: Settings, values: LiveValues) -> list[tuple[str, str]]:
    """What is limited, and how, as in force now."""
    window = values.loop_breaker_window_seconds // 60 or 1
    return [
        ("Questions", f"{values.answers_per_minute:,} a minute for each person"),
        (
            "Replies",
            f"{values.author_replies_per_day:,} a day to one person in one file; after "
            f"{values.loop_breaker_replies} in a row in a thread it pauses there for {window} min",
        ),
        ("Analyses in the plugin", f"{settings.analyses_per_quarter_hour:,} in 15 minutes"),
        ("A selection", f"{MAX_LAYERS:,} layers, and {MAX_QUESTION:,} characters of a question"),
        (
            "Components",
            f"{settings.pipelines_per_team} built at once for a team, or for you without one",
        ),
        ("A thread", f"its last {MAX_THREAD_LINES} comments are read"),
        (
            "Guidance",
            f"{CHARS['instructions']:,} characters of instructions, "
            f"{CHARS['design_system_rules']:,} of design-system rules",
        ),
    ]


def plan_line(plan: PublicPlan) -> tuple[str, str]:
    """A plan's name, and what it gives for what."""
    price = plan.price_microusd / 1_000_000
    cost = f"${price:,.2f}".removesuffix(".00") + f" a month for each {plan.per}"
    uses = f"{plan.uses:,} uses" + (" a month" if plan.period == "month" else ", once")
    if plan.is_unlimited:
        uses = f"unlimited; fair use is {plan.uses:,} a month"
    more = plan.overage_microusd / 1_000_000
    extra = f"; ${more:,.2f} for each use beyond" if more else ""
    return plan.name, f"{'free' if not price else cost}: {uses}{extra}"
