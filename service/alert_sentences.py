"""What people read of an alert: SQL stores its kind and its parameters, never its words.

Service and dashboard show ``alert_words(…)``. An alert of an older version has no parameters, and
one of a newer version may have others: both are shown as they are stored. What to do about each
kind stands in docs/runbook.md, under its name.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from service.outside_names import provider_name

Parameters = Mapping[str, Any]
ABOUT_DELETED: Final = "About a deleted user."
RUNBOOK: Final = "docs/runbook.md"


def alert_words(
    kind: str, parameters: Parameters | None, title: str, detail: str
) -> tuple[str, str]:
    """One line, and what it means and what to do. ``title`` and ``detail`` are the stored ones."""
    if parameters is None:
        return title, detail
    try:
        return _WORDS[kind](parameters)
    except (KeyError, TypeError, ValueError):
        return title, detail


def runbook_entry(kind: str, address: str = "") -> str:
    """Where it says what to do. ``address``: RUNBOOK_URL; "" names the file."""
    return f"{address or RUNBOOK}#{kind}"


def runbook_words(kind: str, address: str = "") -> str:
    """The same for people: without an address there is no link that they could open."""
    return runbook_entry(kind, address) if address else f"{RUNBOOK}, entry {kind}"


def _budget(of: Parameters) -> tuple[str, str]:
    whose = {
        "global": "everything",
        "user": of["name"] or "one person",
        "team": of["name"] or "one team",
        "plan": f"plan {of['name']}",
        "model": f"model {of['name']}",
    }[of["scope"]]
    return (
        f"{of['threshold']} % of a budget reached: {whose}",
        f"AI cost of {date.fromisoformat(of['month']):%B %Y} is {_dollars(of['spent_microusd'])} "
        f"of {_dollars(of['monthly_microusd'])}. Nobody is refused: look at the page AI cost.",
    )


def _dead_letter(of: Parameters) -> tuple[str, str]:
    became = _some(
        of["comments"], "A question became a dead letter", "questions became dead letters"
    )
    return (
        f"{became}: {of['reason']}",
        f"{of['failure_message']} Nobody was charged. Look at the page Dead letters: cure the "
        "cause, then replay.",
    )


def _error_budget(of: Parameters) -> tuple[str, str]:
    hours = "hour" if of["hours"] == 1 else f"{of['hours']} hours"
    return (
        "Too many comments fail" if of["objective"] == "answered" else "Too many answers are late",
        f"In the last {hours} {of['missed']} of {of['cases']} comments missed the objective of "
        f"{of['target'] * 100:.6g} %: the error budget burns {of['burn_rate']:.1f} times too fast. "
        "Look at the page Reliability.",
    )


def _queue_stuck(of: Parameters) -> tuple[str, str]:
    if "queue" in of:
        return (
            f"{_stages(of)} for over fifteen minutes",
            f"The oldest waits since {_moment(of['since']):%H:%M} UTC although {of['workers']} of "
            f"our {_RUNNERS[of['queue']]}s run. If they are only busy, start more. Look at the "
            "page Pipelines and at their logs.",
        )
    # An alert of an older version counts comments alone.
    analyses, comments = of.get("analyses", 0), of["comments"]
    if analyses and comments:
        waits = f"{comments + analyses} comments and analyses wait"
    elif analyses:
        waits = _some(analyses, "An analysis waits", "analyses wait")
    else:
        waits = _some(comments, "A comment waits", "comments wait")
    return (
        f"{waits} for an answer for over five minutes",
        f"The oldest waits since {_moment(of['since']):%H:%M} UTC although {of['workers']} of our "
        "workers run. Look at the page Reliability and the workers' logs.",
    )


def _no_worker(of: Parameters) -> tuple[str, str]:
    if "queue" in of:
        runner = _RUNNERS[of["queue"]]
        return (
            f"No {runner} is running, and {_stages(of, is_first=False)}",
            f"The oldest waits since {_at(of['since'])}. Nothing is lost: components are built as "
            f"soon as one runs. Start it: python -m service.{runner}.",
        )
    return (
        "No worker is running",
        f"The last one was seen on {_at(of['seen_at'])}. Comments are kept and answered as soon "
        "as one runs.",
    )


def _figma_quota(of: Parameters) -> tuple[str, str]:
    what = (
        "its files are answered without looking at the design."
        if of["tier"] == 1
        else "its files cannot be read or written; questions there are kept."
    )
    return (
        f"Figma's quota is used up for {of['name'] or 'the account of the buddy'}",
        f"Until {_at(of['until'])} {what}",
    )


def _unpriced(of: Parameters) -> tuple[str, str]:
    count = _some(of["calls"], "One call since yesterday counts", "calls since yesterday count")
    return (
        f"Calls without a price: {provider_name(of['provider'])} {of['model']}",
        f"{count} in no cost. Set a price on the page Settings and re-price on AI cost.",
    )


def _webhook_paused(of: Parameters) -> tuple[str, str]:
    return (
        "A webhook was paused: Figma does not confirm what it delivers",
        f"Webhook {of['webhook_id']} brought {of['deliveries']} such deliveries since yesterday. "
        "Search for it on the page Webhooks: its owner cannot end this pause, support can.",
    )


def _author_limit(of: Parameters) -> tuple[str, str]:
    title = "Somebody has drawn a day's replies in one file"
    if "figma_user_id" not in of:
        return title, ABOUT_DELETED
    return title, (
        f"Figma user {of['figma_user_id']} in the file {of['file_key']}: the buddy is silent for "
        "them there until tomorrow. Look for a bot that answers it."
    )


def _unbilled(of: Parameters) -> tuple[str, str]:
    title = f"Models were paid {_dollars(of['cost_microusd'])} today without a use being taken"
    if "scope_key" not in of:
        return title, ABOUT_DELETED
    answers = _some(of["answers"], "one answer", "answers")
    return title, (
        f"For the {of['scope']} {of['scope_key']}: {answers} could not be posted. Look at the page "
        "Dead letters for the cause."
    )


def _connection_lost(of: Parameters) -> tuple[str, str]:
    waits = _some(of["questions"], "One question waits", "questions wait")
    return (
        "A connection to Figma is lost, and questions wait for it",
        f"{waits} for a sign-in since {_at(of['since'])}; a day after it came, a question becomes "
        "a dead letter. The account page says so to the person with the id "
        f"{of['user_id']}: search for it on the page People, and write to them.",
    )


def _bill_drift(of: Parameters) -> tuple[str, str]:
    month = f"{date.fromisoformat(of['month']):%B %Y}"
    parts = []
    if of["billed_microusd"] is not None and of["drift"] is not None:
        side = "below" if of["drift"] < 0 else "above"
        parts.append(
            f"Billed {_dollars(of['billed_microusd'])}, our books say "
            f"{_dollars(of['our_microusd'])}: {abs(of['drift']) * 100:.1f} % {side} the bill."
        )
    if of["coverage"] is not None and of["coverage"] < 0.98:
        parts.append(f"We saw {of['coverage'] * 100:.1f} % of what was billed.")
    parts.append("Look at the page Provider bills: the worst days and models come first.")
    whose = provider_name(of["provider"])
    return f"The bill of {whose} for {month} is not what we booked", " ".join(parts)


def _isolation(of: Parameters) -> tuple[str, str]:
    at = _at(of["at"])
    if not of["holes"]:
        return (
            "Nobody has tried for two days whether accounts are isolated",
            f"The last try, on {at}, could not be finished: {of['problem']} Look at the page "
            "Reliability.",
        )
    more = f", and {of['holes'] - 1} more" if of["holes"] > 1 else ""
    return (
        "An account's rows can be reached by somebody else",
        f"Found on {at}: {of['visitor']} could {of['what']}{more}. Look at the page Reliability, "
        "then at what changed last in the database's policies and grants.",
    )


def _weekly_report(of: Parameters) -> tuple[str, str]:
    """Plain text, a line for each page: the figures as it shows them for these dates."""
    first, last = date.fromisoformat(of["first"]), date.fromisoformat(of["last"])
    dates = f"?period=Own+dates&dates={first}&dates={last}"
    revenue, overview = (f"{of['address']}/{page}{dates}" for page in ("revenue", "overview"))
    moved = of["mrr_microusd"] - of["mrr_start_microusd"]
    unpriced = f" ({of['unpriced']} calls without a price)" if of["unpriced"] else ""
    lines = (
        f"Revenue: MRR {_dollars(of['mrr_microusd'])} ({'+' if moved >= 0 else ''}"
        f"{_dollars(moved)}: new {_dollars(of['new_microusd'])}, expansion "
        f"{_dollars(of['expansion_microusd'])}, reactivation "
        f"{_dollars(of['reactivation_microusd'])}, contraction "
        f"{_dollars(of['contraction_microusd'])}, churn {_dollars(of['churn_microusd'])}); ARR "
        f"{_dollars(of['arr_microusd'])}; {of['paying']} paying, {of['customers_lost']} of "
        f"{of['customers']} lost. {revenue}",
        f"Overview: {of['answers']} answers, {of['failed']} failed; {of['active_users']} people "
        f"got an answer; {of['trials_started']} trials began; AI cost "
        f"{_dollars(of['cost_microusd'])}{unpriced} of {_dollars(of['revenue_microusd'])} revenue. "
        f"{overview}",
    )
    title = f"Weekly report, {first:%-d %b} to {last:%-d %b %Y} ({of['zone']})"
    return title, "\n".join(lines)


def _day_spend(of: Parameters) -> tuple[str, str]:
    return (
        f"The day's spend on models is reached: {_dollars(of['limit_microusd'])}",
        f"Since {_moment(of['since']):%H:%M} UTC no model is asked; until midnight UTC people get "
        "the measured review, and nobody is charged for it. Raise the limit on the page Settings "
        "to go on at once.",
    )


def _silence(of: Parameters) -> tuple[str, str]:
    if of["what"] == "answers":
        return (
            "No comment was answered for over two hours",
            f"{of['deliveries']} deliveries came meanwhile, and at this hour of the week some "
            f"{of['usual']} comments are answered. Look at the page Live for what becomes of them.",
        )
    return (
        "Figma has delivered nothing for over two hours",
        f"At this hour of the week some {of['usual']} deliveries come. The last one came before "
        f"{_at(of['since'])}. Look at Figma's status page, then at whether WEBHOOK_URL can be "
        "reached from outside.",
    )


def _refresh_failing(of: Parameters) -> tuple[str, str]:
    refused = (
        f"{of['refused']} were refused for good and have to sign in again: is FIGMA_CLIENT_SECRET "
        "still the one of our app at Figma?"
        if of["refused"]
        else "None was refused for good: Figma may be away, and they are tried again."
    )
    return (
        f"Figma does not renew the connections of {of['people']} people",
        f"It began at {_moment(of['since']):%H:%M} UTC. {refused}",
    )


def _model_failing(of: Parameters) -> tuple[str, str]:
    why = f", mostly {of['reason']}" if of["reason"] else ""
    return (
        f"A model fails: {provider_name(of['provider'])} {of['model']}",
        f"{of['failed']} of its latest {of['asked']} calls failed{why}. The next "
        "model of the chain is asked, and after the last one people get the measured review. Look "
        "at the provider's status page and at its key.",
    )


def _builds_failing(of: Parameters) -> tuple[str, str]:
    where = f" in the stage {of['stage']}" if of["stage"] else ""
    return (
        f"Components fail: {of['failed']} of the latest {of['ended']} runs",
        f"Mostly for {of['cause']}{where}. Nobody was charged. Look at the page Pipelines: cure "
        "the cause, then retry them there.",
    )


def _disk(of: Parameters) -> tuple[str, str]:
    share = f"{of['used_bytes'] / of['limit_bytes'] * 100:.0f} %"
    sizes = f"{_gigabytes(of['used_bytes'])} of {_gigabytes(of['limit_bytes'])} GB"
    if of["what"] == "database":
        return (
            f"The database uses {share} of what it may",
            f"It holds {sizes}. At the limit nothing more can be written, and no comment is "
            "answered. Make it larger, then look for what grew.",
        )
    return (
        f"The disk of {of['what']} is {share} full",
        f"{sizes} are used. A builder needs room for each component, and logs need some too.",
    )


def _certificate(of: Parameters) -> tuple[str, str]:
    if of["problem"]:
        return (
            f"The certificate of {of['host']} is refused",
            f"{of['problem']} Browsers warn people, and Figma may deliver nothing.",
        )
    return (
        f"The certificate of {of['host']} ends on {_moment(of['not_after']):%-d %B %Y}",
        "It should have been renewed before. After that moment browsers warn people, and Figma may "
        "deliver nothing.",
    )


def _backup_missing(of: Parameters) -> tuple[str, str]:
    return (
        "There is no backup of the last day",
        f"The newest one is of {_at(of['at'])}. Make one now (make backup), then look at why the "
        "schedule did not.",
    )


def _advice_rule(of: Parameters) -> tuple[str, str]:
    return (
        f"Nobody takes the advice of the rule {of['rule']}",
        f"In four weeks {of['taken']} of {of['cases']} findings were mended. Look at the page "
        "Quality, then at some of its disputes: the rule may be wrong.",
    )


# What its end means, by kind. Budgets and the weekly report are told for their day and have none.
_ENDS: Final = {
    "dead_letter": "No new one came for half an hour. What there is stays until it is replayed.",
    "error_budget": "The error budget no longer burns that fast. What it lost stays lost.",
    "queue_stuck": "Nothing waits that long any more.",
    "no_worker": "One runs again, or nothing waits for it any more.",
    "figma_quota": "Figma takes calls again.",
    "unpriced": "Every call of the last day has a price.",
    "webhook_paused": "It runs again, or has been paused for a day: the page Webhooks says which.",
    "author_limit": "The day is over: they are answered again.",
    "unbilled": "The day is over, or its bound was raised.",
    "connection_lost": "No question waits for a sign-in any more.",
    "bill_drift": "Bill and books agree again.",
    "isolation": "The watch has tried everything again, and it held.",
    "day_spend": "The day is over, or the limit was raised: models are asked again.",
    "silence": "Something came again, or the usual hours are over.",
    "refresh_failing": "For an hour hardly any renewal has failed.",
    "model_failing": "Most of its calls succeed again, or it is no longer asked.",
    "builds_failing": "Most runs end with a component again, or none was asked for since.",
    "disk": "There is room again, or that machine is gone.",
    "certificate": "It was renewed.",
    "backup_missing": "There is a backup of the last day.",
    "advice_rule": "Some of its advice is taken again.",
}


def _recovered(of: Parameters) -> tuple[str, str]:
    over = of["over"]
    title, _ = alert_words(over["kind"], over["parameters"], over["title"], over["detail"])
    end = f"Told on {_at(over['at'])}, over on {_at(over['ended_at'])}."
    return f"Over: {title}", f"{_ENDS.get(over['kind'], '')} {end}".strip()


def _test(_: Parameters) -> tuple[str, str]:
    return (
        "This is a test",
        "Alerts of Figma AI Buddy arrive here. There is nothing to do.",
    )


# Of every kind that a channel can be told: what goes wrong, and the weekly report.
_WORDS: Final[dict[str, Callable[[Parameters], tuple[str, str]]]] = {
    "budget": _budget,
    "dead_letter": _dead_letter,
    "error_budget": _error_budget,
    "queue_stuck": _queue_stuck,
    "no_worker": _no_worker,
    "figma_quota": _figma_quota,
    "unpriced": _unpriced,
    "webhook_paused": _webhook_paused,
    "author_limit": _author_limit,
    "unbilled": _unbilled,
    "connection_lost": _connection_lost,
    "bill_drift": _bill_drift,
    "isolation": _isolation,
    "weekly_report": _weekly_report,
    "day_spend": _day_spend,
    "silence": _silence,
    "refresh_failing": _refresh_failing,
    "model_failing": _model_failing,
    "builds_failing": _builds_failing,
    "disk": _disk,
    "certificate": _certificate,
    "backup_missing": _backup_missing,
    "advice_rule": _advice_rule,
    "recovered": _recovered,
    "test": _test,
}
KINDS: Final = frozenset(_WORDS) - {"recovered", "test"}


def _stages(of: Parameters, *, is_first: bool = True) -> str:
    one = "A stage of a component waits" if is_first else "a stage of a component waits"
    return _some(of["stages"], one, "stages of components wait")


# Who takes the stages of a queue.
_RUNNERS: Final = {"pipelines": "worker", "builds": "builder"}


def _some(count: int, one: str, many: str) -> str:
    return one if count == 1 else f"{count} {many}"


def _dollars(microusd: int) -> str:
    return f"${microusd / 1_000_000:,.2f}"


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:,.1f}"


def _moment(at: str) -> datetime:
    return datetime.fromisoformat(at).astimezone(UTC)


def _at(moment: str) -> str:
    """As the dashboard writes it: 1 Dec 2026, 06:35 UTC."""
    return f"{_moment(moment):%-d %b %Y, %H:%M} UTC"
