"""What somebody did, as a deed: "closed September 2026", "set Ana's plan to Pro"."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from dashboard.data.audit import Entry
from dashboard.parts import formats
from dashboard.parts.words import GUEST_RULES, SHARING
from service.outside_names import model_name, provider_name

# The addresses of service/isolation; the first letters tell one from the next.
_CANARY = re.compile(r"isolation-canary-([0-9a-f]{8})[0-9a-f]{24}@example\.com")
# What an entry is about, for the filter.
ABOUT = {
    "alert_channels": "Alert channels",
    "analyses": "Analyses",
    "answers": "Answers and comments",
    "billing_adjustments": "Credits and charges",
    "billing_months": "Closed months",
    "budgets": "Budgets",
    "date_notes": "Notes on days",
    "follow_ups": "People to talk to",
    "model_prices": "Model prices",
    "model_sharing": "What leaves for AI models",
    "operator_invitations": "Invitations",
    "operators": "Operators",
    "person_notes": "Notes on people",
    "pipeline_limits": "Limits of pipelines",
    "pipeline_targets": "Repositories",
    "pipelines": "Components",
    "plans": "Plans and prices",
    "product_settings": "Triggers and limits",
    "provider_bill_headers": "Kinds of provider bills",
    "provider_bill_models": "Models on provider bills",
    "provider_bills": "Provider bills",
    "rehearsals": "Trials of a guidance",
    "reliability_targets": "Objectives",
    "report_settings": "Weekly report",
    "reporting_settings": "Reporting zone",
    "repricings": "Re-pricings",
    "subscriptions": "Subscriptions",
    "teams": "Teams",
    "use_grants": "Granted uses",
    "user_contexts": "Contexts",
    "user_webhooks": "Webhooks",
    "users": "People",
    "webhook_removals": "Removals of webhooks",
}
SETTINGS = {
    "triggers": "the triggers",
    "guest_rule": "the guest rule",
    "answers_per_minute": "the answers per person and minute",
    "loop_breaker_replies": "the replies in one thread before a pause",
    "loop_breaker_window_seconds": "the seconds over which replies in a thread are counted",
    "author_replies_per_day": "the replies per person, file and day",
    "unbilled_microusd_per_day": "the unpaid model cost a day",
    "job_attempts": "the attempts before a dead letter",
    "model_cost_ceiling_microusd": "the most one answer may cost",
    "models_off": "the models that are not asked",
    "service_microusd_per_day": "the most that all models may cost a day",
}
BOOKINGS = {
    "credit": "credited",
    "charge": "charged",
    "late_use": "booked late uses of",
    "late_cost": "booked late cost of",
    "late_fee": "booked a late fee of",
}
REMOVALS = {
    "removed": "removed {whose} webhook at Figma",
    "taken_over": "kept {whose} webhook at Figma: the person came back",
    "left": "gave up removing {whose} webhook at Figma",
}

INVITATIONS = {
    "accepted": "accepted the invitation of {email}",
    "failed": "could not send the invitation of {email}",
    "removed": "withdrew the invitation of {email}",
}


@dataclass(frozen=True)
class Deed:
    """One entry with what its sentence needs; `plans`: names of plans by code."""

    entry: Entry
    plans: Mapping[str, str]

    @property
    def row(self) -> dict[str, Any]:
        return self.entry.after or self.entry.before or {}

    @property
    def old(self) -> dict[str, Any]:
        return self.entry.before or {}

    @property
    def who(self) -> str:
        return self.entry.subject or "somebody"

    @property
    def whose(self) -> str:
        return f"{self.who}'s"

    @property
    def plan(self) -> str:
        code = str(self.row.get("plan_code") or self.row.get("code") or "")
        return self.plans.get(code) or code.replace("_", " ").title()

    @property
    def model(self) -> str:
        return model_name(*(str(self.row.get(each) or "") for each in ("provider", "model")))

    def changed(self, field: str) -> bool:
        """Whether an update gave this field another value."""
        return bool(self.entry.before) and self.old.get(field) != self.row.get(field)

    def dollars(self, field: str) -> str:
        return formats.money(int(self.row.get(field) or 0))


def sentence(entry: Entry, plans: Mapping[str, str]) -> str:
    """What was done, beginning with a verb. What a newer database logs is told in general."""
    tell = DEEDS.get((entry.table_name, entry.operation))
    if tell:
        return tell(Deed(entry, plans))
    verb = {"INSERT": "added", "DELETE": "removed", "REVEAL": "saw", "EXPORT": "exported"}
    what = entry.table_name.replace("_", " ")
    return f"{verb.get(entry.operation, 'changed')} something in {what}"


def _month(text: object) -> str:
    return f"{date.fromisoformat(str(text)[:10]):%B %Y}" if text else "a month"


def _day(text: object) -> str:
    return f"{date.fromisoformat(str(text)[:10]):%-d %b %Y}"


def _channel(deed: Deed) -> str:
    name = f"the alert channel {deed.row.get('name', '')}".strip()
    if deed.changed("state"):
        verbs = {"on": "switched on", "off": "switched off", "removed": "removed"}
        return f"{verbs.get(str(deed.row.get('state')), 'changed')} {name}"
    return f"changed {name}"


def _letter(what: str) -> Callable[[Deed], str]:
    def tell(deed: Deed) -> str:
        gone = deed.row.get("reason") == "discarded" or deed.row.get("state") == "cancelled"
        return f"{'discarded' if gone else 'replayed'} {deed.whose} {what}"

    return tell


def _pipeline(deed: Deed) -> str:
    verbs = {"cancelled": "cancelled", "push": "had pushed"}
    verb = verbs.get(str(deed.row.get("state")), "retried")
    return f"{verb} the component {deed.row.get('component') or ''} of {deed.who}".replace(
        "  ", " "
    )


def _booking(deed: Deed) -> str:
    amount = formats.money(abs(int(deed.row.get("amount_microusd") or 0)))
    verb = BOOKINGS.get(str(deed.row.get("kind")), "booked for")
    return f"{verb} {deed.who}: {amount} for {_month(deed.row.get('for_month'))}"


def _date_note(deed: Deed) -> str:
    day = _day(deed.row["day"]) if deed.row.get("day") else "a day"
    if deed.entry.operation == "DELETE":
        return f"removed the note on {day}: {deed.row.get('text', '')}".removesuffix(": ")
    verb = "wrote" if deed.entry.operation == "INSERT" else "changed"
    return f"{verb} the note on {day}: {deed.row.get('text', '')}".removesuffix(": ")


def _follow_up(deed: Deed) -> str:
    if deed.row.get("is_done"):
        return f"marked talking to {deed.who} as done"
    to = deed.row.get("assigned_to")
    return f"gave talking to {deed.who} to {to}" if to else f"left talking to {deed.who} open"


def _bill(deed: Deed) -> str:
    verb = "removed" if deed.entry.operation == "DELETE" else "uploaded"
    first, last = deed.row.get("first_day"), deed.row.get("last_day")
    days = f" from {_day(first)} to {_day(last)}" if first and last else ""
    provider = provider_name(str(deed.row.get("provider") or "a provider"))
    return f"{verb} a bill of {provider}{days}"


def _report(deed: Deed) -> str:
    return f"switched the weekly report {'on' if deed.row.get('is_on') else 'off'}"


def _budget(deed: Deed) -> str:
    scope, key = deed.row.get("scope"), str(deed.row.get("scope_key") or "")
    of = {
        "global": "of everybody",
        "plan": f"of the plan {deed.plans.get(key) or key.title()}",
    }.get(str(scope), f"of {deed.who}")
    if deed.entry.operation == "DELETE" or deed.row.get("ended_at"):
        return f"ended the budget {of}"
    return f"set the budget {of} to {deed.dollars('monthly_microusd')} a month"


def _price(deed: Deed) -> str:
    if deed.entry.operation == "UPDATE" and deed.row.get("valid_to"):
        return f"ended a price of {deed.model} on {_day(deed.row['valid_to'])}"
    ask, told = (deed.dollars(f"{each}_microusd_per_million") for each in ("input", "output"))
    return f"set the price of {deed.model} to {ask} in and {told} out per million tokens"


def _repricing(deed: Deed) -> str:
    if deed.row.get("finished_at"):
        return (
            f"re-priced {formats.counted(int(deed.row.get('calls') or 0), 'call')} of {deed.model}"
        )
    began = deed.entry.operation == "INSERT"
    return f"{'began' if began else 'went on'} to re-price calls of {deed.model}"


def _seat(deed: Deed) -> str:
    """An operator's address. Those that a worker makes to try the walls each night are made-up."""
    email = str(deed.row.get("email") or "an operator")
    canary = _CANARY.fullmatch(email)
    return f"the test account {canary[1]} of the isolation check" if canary else email


def _operator(deed: Deed) -> str:
    email, role = _seat(deed), deed.row.get("role", "")
    if deed.entry.operation == "INSERT":
        return f"let {email} in as {role}"
    if deed.changed("disabled_at"):
        return f"locked {email} out" if deed.row.get("disabled_at") else f"let {email} in again"
    return f"made {email} {role}" if deed.changed("role") else f"changed the operator {email}"


def _invitation(deed: Deed) -> str:
    email = deed.row.get("email", "somebody")
    if deed.changed("state") and deed.row.get("state") in INVITATIONS:
        return INVITATIONS[str(deed.row["state"])].format(email=email)
    return f"sent the invitation of {email} again"


def _plan(deed: Deed) -> str:
    price = deed.dollars("price_microusd")
    uses = "unlimited uses" if deed.row.get("is_unlimited") else f"{deed.row.get('uses') or 0} uses"
    return f"set the plan {deed.row.get('name') or deed.plan} to {price} per month with {uses}"


def _setting(deed: Deed) -> str:
    code, value = str(deed.row.get("code", "")), deed.row.get("value")
    name = SETTINGS.get(code, code.replace("_", " ")) or "a setting"
    if value is None:
        return f"set {name} back to the environment's value"
    if "microusd" in code and isinstance(value, int):
        told = formats.money(value)
    elif isinstance(value, list):
        told = ", ".join(map(str, value))
    else:
        told = GUEST_RULES.get(str(value), str(value))
    return f"set {name} to {told}"


def _objective(deed: Deed) -> str:
    target = formats.exact_percent(float(deed.row.get("target") or 0))
    limit = deed.row.get("threshold_ms")
    what = f"answered within {formats.limit(limit)}" if limit else "answered at all"
    return f"set the objective “{what}” to {target}"


def _subscription(deed: Deed) -> str:
    seats = int(deed.row.get("seats") or 1)
    if deed.entry.operation == "INSERT":
        more = f" with {seats} seats" if deed.row.get("team_id") else ""
        return f"set {deed.whose} plan to {deed.plan}{more}"
    if deed.changed("ends_at") and deed.row.get("ends_at"):
        return f"ended {deed.whose} plan {deed.plan} on {_day(deed.row['ends_at'])}"
    if deed.changed("seats"):
        return f"set the seats of {deed.who} to {seats}"
    return f"changed {deed.whose} plan {deed.plan}"


def _team(deed: Deed) -> str:
    name = f"the team {deed.row.get('name', '')}".strip()
    if deed.changed("name"):
        return f"renamed the team {deed.old.get('name', '')} to {deed.row.get('name')}"
    if deed.changed("feature_flags"):
        old, new = deed.old.get("feature_flags") or {}, deed.row.get("feature_flags") or {}
        parts = [
            f"{'on' if new[code] else 'off'}: {code.replace('_', ' ')}"
            if code in new
            else f"as for everybody: {code.replace('_', ' ')}"
            for code in sorted({**old, **new})
            if old.get(code) != new.get(code)
        ]
        return f"set features of {name} ({', '.join(parts)})"
    return f"changed {name}"


def _person(deed: Deed) -> str:
    if deed.changed("state"):
        return {
            "suspended": f"suspended {deed.who}",
            "active": f"let {deed.who} ask again",
            "deleted": f"deleted {deed.whose} account",
        }.get(str(deed.row.get("state")), f"changed {deed.whose} account")
    if deed.changed("team_id"):
        return f"{'put' if deed.row.get('team_id') else 'took'} {deed.who} " + (
            "into a team" if deed.row.get("team_id") else "out of their team"
        )
    return f"changed {deed.whose} account"


def _grant(deed: Deed) -> str:
    uses = formats.counted(int(deed.row.get("uses") or 0), "use")
    is_back = deed.entry.operation == "DELETE" or deed.row.get("revoked_at")
    return f"took {uses} back from {deed.who}" if is_back else f"granted {deed.who} {uses}"


def _webhook(deed: Deed) -> str:
    if deed.changed("operator_paused_at"):
        return (
            f"{'paused' if deed.row.get('operator_paused_at') else 'resumed'} {deed.whose} webhook"
        )
    if deed.changed("state"):
        verbs = {"paused": "paused", "active": "resumed", "deleted": "switched off"}
        return f"{verbs.get(str(deed.row.get('state')), 'changed')} {deed.whose} webhook"
    if deed.changed("guest_rule"):
        rule = GUEST_RULES.get(str(deed.row.get("guest_rule")), "changed")
        return f"set the guest rule of {deed.whose} webhook to “{rule}”"
    return f"changed {deed.whose} webhook"


def _sharing(deed: Deed) -> str:
    level = SHARING.get(str(deed.row.get("level")), "something else").lower()
    return f"let out to AI models for {deed.who}: {level}"


def _repository(deed: Deed) -> str:
    return f"set the repository of {deed.who} to {deed.row.get('repository', '')}".rstrip()


def _fixed(text: str) -> Callable[[Deed], str]:
    """A sentence with the names {who}, {whose} and fields of the row, empty where it has none."""

    def tell(deed: Deed) -> str:
        fields = defaultdict(str, {**deed.row, "who": deed.who, "whose": deed.whose})
        fields["provider"] = provider_name(str(fields["provider"] or ""))
        return text.format_map(fields).strip()

    return tell


def _of(table: str, tell: Callable[[Deed], str], *operations: str) -> dict[Any, Any]:
    return {(table, each): tell for each in operations}


# Every kind of entry that the database writes; a test compares them with its triggers.
DEEDS: dict[tuple[str, str], Callable[[Deed], str]] = {
    ("alert_channels", "INSERT"): _fixed("added the alert channel {name}"),
    ("alert_channels", "UPDATE"): _channel,
    ("alert_channels", "DELETE"): _fixed("removed the alert channel {name}"),
    ("analyses", "UPDATE"): _letter("failed analysis"),
    ("analyses", "REVEAL"): _fixed("looked at an analysis of {who}"),
    ("answers", "UPDATE"): _letter("failed question"),
    ("answers", "REVEAL"): _fixed("read a comment of {who}"),
    ("billing_adjustments", "INSERT"): _booking,
    ("billing_months", "INSERT"): lambda deed: f"closed {_month(deed.row.get('month'))}",
    **_of("budgets", _budget, "INSERT", "UPDATE", "DELETE"),
    **_of("date_notes", _date_note, "INSERT", "UPDATE", "DELETE"),
    **_of("follow_ups", _follow_up, "INSERT", "UPDATE", "DELETE"),
    **_of("model_prices", _price, "INSERT", "UPDATE"),
    ("model_prices", "DELETE"): lambda deed: f"removed a price of {deed.model}",
    ("operator_invitations", "INSERT"): _fixed("invited {email} as {role}"),
    ("operator_invitations", "UPDATE"): _invitation,
    **_of("model_sharing", _sharing, "INSERT", "UPDATE"),
    ("model_sharing", "DELETE"): _fixed("forgot what {who} let out to AI models"),
    **_of("operators", _operator, "INSERT", "UPDATE"),
    ("operators", "DELETE"): lambda deed: f"removed the operator {_seat(deed)}",
    ("person_notes", "INSERT"): _fixed("wrote a note on {who}"),
    ("person_notes", "UPDATE"): _fixed("changed a note on {who}"),
    ("person_notes", "DELETE"): _fixed("removed a note on {who}"),
    **_of("pipeline_limits", _fixed("set the limits of pipelines of {who}"), "INSERT", "UPDATE"),
    ("pipeline_limits", "DELETE"): _fixed("took back the limits of pipelines of {who}"),
    **_of("pipeline_targets", _repository, "INSERT", "UPDATE"),
    ("pipeline_targets", "DELETE"): _fixed("removed the repository of {who}"),
    ("pipelines", "UPDATE"): _pipeline,
    **_of("plans", _plan, "INSERT", "UPDATE"),
    ("plans", "DELETE"): lambda deed: f"removed the plan {deed.row.get('name') or deed.plan}",
    **_of("product_settings", _setting, "INSERT", "UPDATE"),
    ("product_settings", "DELETE"): lambda deed: (
        f"put {SETTINGS.get(str(deed.row.get('code')), 'a setting')} back as it was at first"
    ),
    **_of("provider_bill_headers", _fixed("said how to read a kind of bill"), "INSERT", "UPDATE"),
    ("provider_bill_headers", "DELETE"): _fixed("forgot how to read a kind of bill"),
    **_of(
        "provider_bill_models",
        _fixed("said that {billed} on bills of {provider} is {model}"),
        "INSERT",
        "UPDATE",
    ),
    ("provider_bill_models", "DELETE"): _fixed("forgot what {billed} on bills of {provider} is"),
    **_of("provider_bills", _bill, "INSERT", "UPDATE", "DELETE"),
    ("rehearsals", "REVEAL"): _fixed("tried a guidance on the questions of {who}"),
    **_of("report_settings", _report, "INSERT", "UPDATE", "DELETE"),
    **_of("reliability_targets", _objective, "INSERT", "UPDATE"),
    ("reliability_targets", "DELETE"): lambda _: "removed an objective",
    **_of(
        "reporting_settings",
        _fixed("set the reporting zone to {time_zone}, weeks from {week_start}"),
        "INSERT",
        "UPDATE",
    ),
    ("reporting_settings", "DELETE"): lambda _: "put the reporting zone back to UTC",
    **_of("repricings", _repricing, "INSERT", "UPDATE"),
    **_of("subscriptions", _subscription, "INSERT", "UPDATE"),
    ("subscriptions", "DELETE"): lambda deed: f"removed {deed.whose} plan {deed.plan}",
    ("teams", "INSERT"): _fixed("added the team {name}"),
    ("teams", "UPDATE"): _team,
    ("teams", "DELETE"): _fixed("removed the team {name}"),
    **_of("use_grants", _grant, "INSERT", "UPDATE", "DELETE"),
    ("user_contexts", "UPDATE"): _fixed("saved version {version} of {whose} context"),
    ("user_webhooks", "UPDATE"): _webhook,
    ("users", "UPDATE"): _person,
    ("users", "REVEAL"): _fixed("saw {whose} e-mail address"),
    ("users", "EXPORT"): _fixed("exported everything about {who}"),
    ("webhook_removals", "UPDATE"): lambda deed: REMOVALS.get(
        str(deed.row.get("outcome")), "tried to remove {whose} webhook at Figma"
    ).format(whose=deed.whose),
}
