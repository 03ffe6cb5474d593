"""Events, states and times of a person in plain words."""

from dashboard.parts import analysis_words, call_tables, formats, pipeline_words, words
from dashboard.parts.answer_table import STATES, reason_of
from dashboard.people.context_merge import FIELDS
from dashboard.people.person import Detail, Event

KINDS = {
    "Sign-ins": "sign_in",
    "Webhooks": "webhook",
    "Questions": "question",
    "Answers and analyses": "answer",
    "Receipts": "receipt",
    "Errors": "error",
    "Edits": "edit",
}
ICONS = {
    "sign_in": "login",
    "webhook": "webhook",
    "question": "chat",
    "answer": "check_circle",
    "receipt": "receipt_long",
    "error": "error",
    "edit": "edit",
}
# Features whose ledger rows are of an answer to a comment.
COMMENTS = ("comment", "command", "invite")
ACTIVITIES = {
    "sign_up": "Signed up",
    "sign_in": "Signed in",
    "webhook_made": "Switched the buddy on",
    "webhook_paused": "Paused a webhook",
    "webhook_resumed": "Resumed a webhook",
    "webhook_deleted": "Switched a webhook off",
    "trial_used_up": "Used the last free use",
    "account_deleted": "Account deleted",
}
EDITS = {
    ("users", "UPDATE"): "Account changed",
    ("users", "REVEAL"): "E-mail address shown to an operator",
    ("users", "EXPORT"): "Data exported",
    ("answers", "REVEAL"): "Comment shown to an operator",
    ("answers", "UPDATE"): "Dead letter replayed or discarded",
    ("analyses", "REVEAL"): "Analysis shown to an operator",
    ("rehearsals", "REVEAL"): "Guidance tried on their questions by an operator",
    ("analyses", "UPDATE"): "Dead letter replayed or discarded",
    ("pipelines", "UPDATE"): "Pipeline cancelled or retried",
    ("pipeline_targets", "INSERT"): "Repository for components set",
    ("pipeline_targets", "UPDATE"): "Repository for components changed",
    ("pipeline_targets", "DELETE"): "Repository for components removed",
    ("subscriptions", "INSERT"): "Subscription started",
    ("subscriptions", "UPDATE"): "Subscription changed",
    ("use_grants", "INSERT"): "Uses granted",
    ("use_grants", "UPDATE"): "Granted uses taken back",
    ("user_webhooks", "UPDATE"): "Webhook changed",
    ("webhook_removals", "UPDATE"): "Removal of a webhook at Figma ended",
}
OUTCOMES = {
    "removed": "it is gone",
    "taken_over": "the person came back and uses it again",
    "left": "it was left there",
}


def title(event: Event) -> str:
    kind, what, detail = event.kind, event.what, event.detail
    if kind == "question":
        asked = "Asked" if what == "question" else f"Wrote the command “{what}”"
        return f"{detail.guest} asked (paid by this person)" if detail.guest else asked
    if detail.feature == "analysis" and kind in ("answer", "error"):
        return _analysis(what, detail)
    if detail.feature == "pipeline_run" and kind in ("answer", "error"):
        return _pipeline(what, detail)
    if kind == "answer":
        return "Answered" if what == "answered" else "Refused"
    if kind == "error":
        return "Failed"
    if what == "delivery":
        return "Webhook delivered"
    if kind == "receipt" and what in ("reserved", "settled", "released", "withdrawn"):
        return f"Use {what}"
    if what == "context":
        return f"Context version {detail.version}"
    if what == "plan_changed":
        return f"Plan changed from {words.plan(detail.old_plan)} to {words.plan(detail.new_plan)}"
    if what == "webhook_paused" and detail.by == "buddy":
        return "The buddy paused a webhook: Figma did not confirm what it delivered"
    default = what.replace("_", " ").capitalize()
    return ACTIVITIES.get(what) or EDITS.get((what, detail.operation)) or default


def _analysis(what: str, detail: Detail) -> str:
    """What was asked for and how it ended; the type of an old one is forgotten."""
    asked = (
        f"Analysis ({analysis_words.type_of(detail.type).lower()})" if detail.type else "Analysis"
    )
    if what != "answered":
        return f"{asked} {what}"
    known = analysis_words.OUTCOMES.get(detail.source or "")
    return f"{asked} {known[1].lower()}" if known else asked


def _pipeline(what: str, detail: Detail) -> str:
    """How a run ended; one that is at work again is told as it ended then."""
    if what == "failed":
        return "Component failed"
    known = pipeline_words.OUTCOMES.get(detail.outcome)
    return f"Component built: {known[1].lower()}" if known else "Component built"


def about_context(guidance: list[str] | None) -> str:
    """What the context version in force added to an answer; `guidance` None: not known."""
    said = "The context that was in force then."
    if guidance is None:
        return said
    names = ", ".join(FIELDS[field][0] for field in guidance) or "none of it"
    return f"{said} The model got: {names}."


def facts(event: Event, zone: str) -> list[str]:
    """More facts about an event, each a few words."""
    detail = event.detail
    place = detail.file_name or detail.file_key or ""
    by_kind = {
        "question": _question,
        "answer": _outcome,
        "error": _outcome,
        "receipt": _receipt,
        "edit": _edit,
        "webhook": _webhook,
    }
    say = by_kind.get(event.kind)
    said = say(detail, zone) if say else []
    return [each for each in (place, *said) if each]


def _question(detail: Detail, zone: str) -> list[str]:
    sign, word = STATES.get(detail.state, ("", detail.state))
    return [f"{sign} {word}".strip(), reason_of(detail.reason, "") if detail.reason else ""]


def _outcome(detail: Detail, zone: str) -> list[str]:
    code = detail.error_code
    if code and detail.feature == "pipeline_run":
        return [
            pipeline_words.cause_of(code),
            f"took {formats.duration(detail.latency_ms)}",
        ]
    is_told = detail.provider or detail.model
    model = call_tables.written_by(detail.provider, detail.model) if is_told else ""
    return [
        reason_of(code, detail.failure_message or "") if code else "",
        model,
        f"AI cost {formats.money(detail.cost_microusd)}" if detail.provider else "",
        f"took {formats.duration(detail.latency_ms)}",
        f"run {detail.run}" if detail.run > 1 else "",
    ]


def _receipt(detail: Detail, zone: str) -> list[str]:
    closed = detail.closed_at
    return [
        f"plan {words.plan(detail.plan_code)}" if detail.plan_code else "",
        f"closed {words.moment(closed, zone)}" if closed else "",
        reason_of(detail.reason, "") if detail.reason else "",
    ]


def _edit(detail: Detail, zone: str) -> list[str]:
    actor = detail.actor
    uses = (detail.after or {}).get("uses")
    return [
        f"{uses} uses" if uses else "",
        OUTCOMES.get((detail.after or {}).get("outcome", ""), ""),
        _state_change(detail),
        f"by {'the person' if actor == 'user' else actor}" if actor else "",
        f"because: {detail.reason}" if detail.reason else "",
    ]


def _state_change(detail: Detail) -> str:
    before, after = detail.before or {}, detail.after or {}
    old, new = before.get("state"), after.get("state", "gone")
    return "" if old is None or old == new else f"{old} → {new}"


def _webhook(detail: Detail, zone: str) -> list[str]:
    again = detail.redelivered
    return [
        detail.outcome.replace("_", " "),
        f"redelivered {again} times" if again else "",
    ]
