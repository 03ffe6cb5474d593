"""Every English sentence the buddy writes into a thread. Plain text, polite, short.

No sentence contains a trigger word: anyone who copied it would call the buddy.
"""

from datetime import UTC, datetime
from typing import Literal

from service.store.people_records import Usage

# Those that are answered at once.
PlainCommand = Literal["help", "usage", "stop", "resume", "good", "bad"]
PictureGap = Literal["off", "team", "model", "size", "quota", "empty", "failed"]
DesignGap = Literal["quota", "forbidden", "missing", "failed", "off"]

HELP = """\
Ask me about the design in a comment and I review it. What helps:
- Pin the comment to a frame; I then measure contrast, tap targets, spacing and type sizes.
- Ask one clear question, such as "Is the contrast of the Pay button enough?"
Instead of a question you can write one word after my name:
- help: this text
- build: I make a tested React component of the pinned frame (one use); build PayButton names it
- usage: how many uses are left
- stop: I stay silent in this thread
- resume: I answer in this thread again
- good, or bad and a reason: what you think of my last answer in this thread"""
HELP_MORE = "Limits, privacy, what I see and what leaves for AI models: {link}"
STOPPED = "I stay silent in this thread from now on. Address me with the word resume to undo that."
RESUMED = "I am back: I answer in this thread again."
THANKS = "Thank you, noted. Nothing was charged."
SORRY = """\
Thank you, noted: my last answer in this thread did not help. Nothing was charged.
If you meant to ask something, write it with a question mark."""
NOTHING_TO_RATE = """\
I have not answered a question in this thread yet, so there is nothing to rate. If you meant to \
ask something, write it with a question mark. Nothing was charged."""
NOT_CONNECTED = "You are not connected yet, so there are no uses to count. Connect here: {link}"
CONNECT_TO_BUILD = """\
I build components for people who have connected their Figma account. It takes a minute, and the \
first uses are free: {link}
After that, write build in this thread again."""
PIN_TO_BUILD = """\
I build the frame that a comment is pinned to, and this comment is pinned to none. Pin a new \
comment to a frame or component and write build there. Nothing was charged."""
BUILD_WHAT = """\
The word build starts a component of the pinned frame, and what follows it here is no name for \
one, so nothing was started. Write build alone, or with one name, such as build PayCard. To ask \
something, begin with another word. Nothing was charged."""
BUILD_MISNAMED = "{why} Nothing was started or charged."
BUILD_GONE = "The run of this build is no longer kept. Write build again to start another."
BUILD_LINK = "Look at it beside the design, and download it: {link}"
BUILD_FAILED = """\
{name} could not be built. {why}
All stages: {link}"""
BUILD_CANCELLED = (
    "The build of {name} was cancelled before it ended. Write build again to start another: {link}"
)
INVITE = """\
Hello{name}! I answer people who have connected their Figma account. It takes a minute, and the \
first answers are free:
{link}
After that, ask again in this thread. I say this only once in this file."""
TRIAL_USED_UP = """\
All {limit} free uses are used, so I did not review this one. Nothing was charged.
To go on, choose a plan: {link}"""
PLAN_USED_UP = """\
All {limit} uses of this month are used, so I did not review this one. Nothing was charged.
The count starts again on {date}. To change the plan: {link}"""
PLAN_USED_UP_FOR_GOOD = """\
All {limit} uses of the plan are used, so I did not review this one. Nothing was charged.
To change the plan: {link}"""
TOO_FAST = """\
That was more than {limit} comments within a minute, so I did not review this one. Nothing was \
charged. Please ask again in a minute."""
AUTHOR_LIMIT = """\
You have had {limit} replies from me in this file within a day. I say this once, and stay silent \
for you here until tomorrow."""
UNBILLED_LIMIT = """\
Too many questions here could not be answered today after a model had worked on them, so I did not \
review this one. Nothing was charged. Please ask again tomorrow."""
SUSPENDED = "This account is suspended, so I did not review this one.{contact}"
PAUSE = (
    "I pause in this thread for up to {minutes} now, so that two bots cannot keep each other going."
)
PREVIEW_WAITS = """\
I have drafted an answer. The person who switched me on here looks at it before I post it, within \
a day."""
PREVIEW_DROPPED = """\
The person who switched me on here decided not to post my answer. Nothing was charged."""
PREVIEW_EDITED = "The person who switched me on here has put this answer into words of their own."
PREVIEW_EXPIRED = """\
The person who switched me on here did not release my answer within a day, so I do not post it. \
Nothing was charged. Ask again if you still need one."""
DEFERRED = """\
Figma lets me make no more calls here until {time}. I have kept the question and answer it then; \
you need not ask again.{upgrade}"""
UPGRADE = " Figma's page on its limits: {link}"

_GAPS: dict[DesignGap, str] = {
    "quota": "I could not look at the design itself: Figma's quota for reading designs is used up "
    "{until}.",
    "forbidden": "I could not look at the design itself: Figma does not let my account read it.",
    "missing": "I could not look at the design itself: the frame of this comment is gone.",
    "failed": "I could not look at the design itself: Figma did not hand it out in time.",
    "off": "I did not look at the design itself: reading designs is switched off for your team.",
}
PICTURE_SEEN = "I also looked at the frame as Figma draws it."
_NO_PICTURE = "I went by layers and measurements, without a picture of the frame{reason}."
_PICTURE_GAPS: dict[PictureGap, str] = {
    "off": "",
    "team": ": pictures are switched off for your team",
    "model": ": the model that answered takes none",
    "size": ": it is too large to be seen at once",
    "quota": ": the account that reads it may have too few calls left at Figma",
    "empty": ": Figma could not draw it",
    "failed": ": Figma did not hand one out in time",
}
NO_NODE = (
    "This comment is not pinned to a frame that I can measure, so this answer goes by the words."
)
# For a measured review that has nothing to measure. What would help follows it.
NOTHING_MEASURED = (
    "No AI model answered, and rules do not read words: without a frame under the pin there is "
    "nothing they can measure."
)
# For a measured review that stands in for an answer of a model.
WITHHELD = "I left out what an AI model wrote: it named values that nobody had measured."
# For a measured review on a day that has cost all that it may.
DAY_SPENT = (
    "Our AI models have no budget left for today (UTC), so rules wrote this review. It took none "
    "of your uses; ask again tomorrow for a whole answer."
)
# For a measured review where those whose design or question it is let nothing out.
KEPT_IN = (
    "Nothing of this left for an AI model: your team, or the one this file belongs to, chose so. "
    "Rules wrote this review, and it took none of your uses."
)
NOTHING_LEFT = "Without the design rules have nothing to measure either."
DESIGN_NEEDED = "No AI model answered either, and without the design rules have nothing to measure."
TOO_LARGE_DESIGN = (
    "I could not look at the design itself: there is too much in this frame for one answer of "
    "Figma. Pin the comment to a smaller frame and ask again."
)
# For dead letters: what an operator reads. Never shown in a thread.
NOT_AT_FIGMA = "Figma lists no such comment in this file."
NOT_ADDRESSED = "As it stands at Figma, this comment does not call the buddy."
OWN_REPLY = "At Figma this is a reply of the buddy itself."
TOO_OLD = "Figma has had this comment for more than a day: its delivery came too late, or again."
FOREIGN_FILE = "Figma has sent no event of this file for this webhook."
NO_WEBHOOK = "The webhook of this delivery is gone."
PAUSED_MEANWHILE = "Its webhook is paused, so Figma was not asked."
COMMENT_DELETED = "The comment was deleted before it was answered."
COMMENT_RESOLVED = "The thread was resolved before it was answered."
NO_ACCOUNT = "No connected Figma account can see this file. Its owner has to connect again."
UNEXPECTED = "An unexpected error stopped every attempt; the log has it under the request id."
WORKER_LOST = "The worker stopped {count} times in the middle of this answer."
POST_UNCLEAR = "Figma confirmed no attempt to post the reply, and it is not in the thread."
WAITED_TOO_LONG = "Figma gave no access for {days} days."


def footer(usage: Usage | None) -> str:
    """The count in the last line: "7 of 10 free uses left". Empty for an unlimited plan."""
    if not usage or usage.is_unlimited:
        return ""
    if usage.plan_code == "trial":
        return f"{usage.left} of {usage.limit} free uses left"
    when = " this month" if usage.resets_at else ""
    return f"{usage.left} of {usage.limit} uses left{when}"


def refusal(
    reason: str,
    usage: Usage | None,
    *,
    plans_link: str,
    support_link: str,
    answers_per_minute: int,
    author_replies: int = 0,
) -> str:
    """Why this comment gets no review, and what to do. ``reason`` is begin_answer's code."""
    limit = usage.limit if usage else 0
    if reason == "trial_used_up":
        return TRIAL_USED_UP.format(limit=limit, link=plans_link)
    if reason == "plan_used_up" and usage and usage.resets_at:
        date = format_date(usage.resets_at)
        return PLAN_USED_UP.format(limit=limit, date=date, link=plans_link)
    if reason == "plan_used_up":
        return PLAN_USED_UP_FOR_GOOD.format(limit=limit, link=plans_link)
    if reason == "too_fast":
        return TOO_FAST.format(limit=answers_per_minute)
    if reason == "author_limit":
        return AUTHOR_LIMIT.format(limit=author_replies)
    if reason == "unbilled_limit":
        return UNBILLED_LIMIT
    contact = f" To sort it out: {support_link}" if support_link else " Please contact us."
    return SUSPENDED.format(contact=contact)


def command_answer(
    command: PlainCommand,
    usage: Usage | None,
    connect_link: str,
    reason: str = "",
    *,
    help_link: str = "",
    plans_link: str = "",
) -> str:
    """``reason``: "nothing_to_rate" where a thumb is about no answer."""
    if reason == "nothing_to_rate":
        return NOTHING_TO_RATE
    if command == "usage":
        if not usage:
            return NOT_CONNECTED.format(link=connect_link)
        return usage_report(usage, plans_link)
    return {
        "help": f"{HELP}\n{HELP_MORE.format(link=help_link)}" if help_link else HELP,
        "stop": STOPPED,
        "resume": RESUMED,
        "good": THANKS,
        "bad": SORRY,
    }[command]


def usage_report(usage: Usage, plans_link: str = "") -> str:
    """What is used and left, and what answers under way hold, so that it adds up."""
    plan = f"You are on the plan {usage.plan_name}"
    if usage.is_unlimited:
        return f"{plan}: {usage.used} uses so far, with no limit to watch."
    spent = f"{plan}: {usage.used} of {usage.limit} uses used, {usage.left} left."
    if usage.reserved:
        them = "1 is" if usage.reserved == 1 else f"{usage.reserved} are"
        spent += f" Beside those, {them} taken by what I am working on."
    if usage.resets_at:
        spent += f" The count starts again on {format_date(usage.resets_at)}."
    if not usage.left and plans_link:
        spent += f"\nTo go on, choose a plan: {plans_link}"
    return spent


def invitation(handle: str, link: str) -> str:
    name = " ".join(handle.split())[:40]
    return INVITE.format(name=f" {name}" if name else "", link=link)


def design_gap(gap: DesignGap, until: datetime | None = None, upgrade_link: str = "") -> str:
    """Why the answer does without the design, in one sentence; then Figma's own link, if any."""
    sentence = _GAPS[gap].format(until=f"until {format_time(until)}" if until else "for now")
    return sentence + (UPGRADE.format(link=upgrade_link) if upgrade_link else "")


def no_picture(gap: PictureGap) -> str:
    """That the answer does without a picture of the frame, and why."""
    return _NO_PICTURE.format(reason=_PICTURE_GAPS[gap])


def nothing_measured(gap: str, *, is_withheld: bool = False) -> str:
    """Why a measured review measures nothing. ``gap`` is the result of ``design_gap``, or empty.
    ``is_withheld``: a model answered, and its answer was left out for its numbers."""
    if is_withheld:
        return " ".join(each for each in (WITHHELD, gap, NOTHING_LEFT) if each)
    return f"{gap} {DESIGN_NEEDED}" if gap else NOTHING_MEASURED


def deferral(until: datetime, upgrade_link: str = "") -> str:
    upgrade = UPGRADE.format(link=upgrade_link) if upgrade_link else ""
    return DEFERRED.format(time=format_time(until), upgrade=upgrade)


def pause(window_seconds: int) -> str:
    minutes = max(1, -(-window_seconds // 60))
    return PAUSE.format(minutes=f"{minutes} minute{'' if minutes == 1 else 's'}")


def format_date(at: datetime) -> str:
    """ "1 December 2026", in UTC."""
    at = at.astimezone(UTC)
    return f"{at.day} {at:%B %Y}"


def format_time(at: datetime) -> str:
    """ "1 December 2026, 09:30 UTC"."""
    return f"{format_date(at)}, {at.astimezone(UTC):%H:%M} UTC"
