"""One team: figures of the month, who is in it, its plan and seats with every change of them."""

from datetime import UTC, date, datetime
from functools import partial

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.parts import causes, definitions, dialogs, formats, tiles, words
from dashboard.parts.metric import Figure, Rows
from dashboard.parts.words import GUEST_RULES, PLACES, SHARING
from dashboard.team import edits
from dashboard.team.queries import Change, SharingChange, Team

METRICS = {
    name: definitions.metric(f"team.{name}")
    for name in ("uses", "due_microusd", "ai_cost_microusd", "margin_microusd")
}
NO_PLAN = "No plan of its own"
TILE_WIDTH = 160


def draw(operator: Operator, team: Team, month: date, zone: str) -> None:
    st.header(words.plain(team.name), anchor=False)
    st.caption(words.plain(" · ".join(facts(team, zone))))
    figures(team, month)
    draw_members(team, zone)
    draw_plan(operator, team, zone)
    draw_sharing(operator, team, zone)
    for title, table, none in (
        ("Webhooks", to_webhooks(team.webhooks, zone), "Nobody in it has switched the buddy on."),
        ("Features", to_flags(team.flags), "There are no feature flags."),
    ):
        st.subheader(title, anchor=False)
        if table.empty:
            st.caption(none)
        else:
            st.dataframe(table, hide_index=True, alt=f"{title} of this team")
    with st.container(horizontal=True):
        for label, page, icon, query in (
            ("Change its features", "settings", "tune", {"section": "Team features"}),
            ("Its webhooks", "webhooks", "webhook", {"webhooks_search": team.name}),
            ("Its growth", "growth", "trending_up", {"team": team.name}),
        ):
            st.page_link(
                f"{page}/page.py", label=label, icon=f":material/{icon}:", query_params=query
            )


def facts(team: Team, zone: str) -> list[str]:
    plan = team.plans.get(team.plan_code, team.plan_code)
    since = f" since {words.moment(team.since, zone)}" if team.since else ""
    told = [
        f"plan {plan}{since}" if plan else NO_PLAN,
        formats.counted(team.seats, "seat") if team.seats else "",
        formats.counted(len(team.members), "member"),
        f"more members than seats: {len(team.members) - team.seats}"
        if team.seats and len(team.members) > team.seats
        else "",
        f"team {team.team_id}",
    ]
    return [each for each in told if each]


def figures(team: Team, month: date) -> None:
    """The month as on its bill, which is one line or more of the page Billing."""

    def rows(name: str) -> Rows:
        line = {each: getattr(team, each) for each in METRICS}
        frame = pd.DataFrame([{"month": f"{month:%Y-%m}", "team": team.name, **line}])
        return Rows(frame, {name: line[name]})

    notes = {
        "uses": f"of {formats.count(team.included)} included",
        "ai_cost_microusd": f"{formats.count(team.unpriced)} unpriced" if team.unpriced else "",
    }
    tiles.draw(
        None,
        [
            (
                metric,
                Figure(getattr(team, name), note=notes.get(name, "")),
                partial(rows, name),
            )
            for name, metric in METRICS.items()
        ],
    )


def draw_members(team: Team, zone: str) -> None:
    st.subheader("Members", anchor=False)
    if team.members.empty:
        st.caption("Nobody is in it.")
        return
    st.caption("Pick a row to open the person. Figures are of the month, days of the dashboard.")
    event = st.dataframe(
        to_members(team.members),
        hide_index=True,
        selection_mode="single-row",
        on_select="rerun",
        key="team_members",
        column_config={"Cost": st.column_config.TextColumn(alignment="right")},
        alt="Members of this team",
    )
    if picked := [place for place in event.selection.rows if place < len(team.members)]:
        person = str(team.members["user_id"].iloc[picked[0]])
        st.switch_page("people/page.py", query_params={"person": person})


def to_members(rows: pd.DataFrame) -> pd.DataFrame:
    now = datetime.now(UTC)
    return pd.DataFrame(
        {
            "Name": rows["handle"],
            "State": rows["state"].str.capitalize(),
            "Answers": rows["answered"],
            "Refused": rows["refused"],
            "Failed": rows["failed"],
            "Cost": [
                formats.money(int(cost)) + (f" + {int(open)} unpriced" if open else "")
                for cost, open in zip(rows["cost_microusd"], rows["unpriced"], strict=True)
            ],
            "Last seen": [
                formats.NONE if pd.isna(at) else formats.ago(at.to_pydatetime(), now)
                for at in rows["last_seen_at"]
            ],
        }
    )


def draw_plan(operator: Operator, team: Team, zone: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Plan and seats", anchor=False, width="content")
        if st.button("Change", key="team_change", icon=":material/edit:", type="tertiary"):
            change(operator, team)
    table = to_history(team.history, team.plans, zone)
    if table.empty:
        st.caption("It never had a plan of its own.")
    else:
        st.dataframe(table, hide_index=True, alt="Changes of plan and seats")


@st.dialog("Change plan and seats", on_dismiss="rerun")
def change(operator: Operator, team: Team) -> None:
    st.write(
        "It is in force from this moment on; the bill of the month counts each part by its days."
    )
    plans = {"": NO_PLAN} | {code: name for code, name in team.plans.items() if code != "trial"}
    codes = list(plans)
    plan = st.selectbox(
        "Plan",
        codes,
        codes.index(team.plan_code) if team.plan_code in codes else 0,
        format_func=lambda each: plans[each],
        key="team_plan",
    )
    seats = 0
    if plan:
        fewest = max(1, team.seats)
        seats = int(st.number_input("Seats", 1, 100_000, fewest, key="team_seats"))
    reason = dialogs.reason_field("team_reason")
    if not st.button("Change it", type="primary", key="team_confirm"):
        return
    if dialogs.attempt(reason, lambda: edits.change_plan(operator, team, plan, seats, reason)):
        dialogs.done("The team's plan and seats are changed.")


def draw_sharing(operator: Operator, team: Team, zone: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("What leaves for AI models", anchor=False, width="content")
        if st.button("Change", key="team_sharing", icon=":material/edit:", type="tertiary"):
            change_sharing(operator, team)
    st.write(SHARING.get(team.sharing, team.sharing))
    table = to_sharing(team.sharing_history, zone)
    if table.empty:
        st.caption("Nobody has changed it.")
    else:
        st.dataframe(table, hide_index=True, alt="Changes of what leaves for AI models")


@st.dialog("Change what leaves for AI models", on_dismiss="rerun")
def change_sharing(operator: Operator, team: Team) -> None:
    st.write(
        "It counts from the team's next question on. What you set here, only operators widen again."
        " With nothing, answers are measured by rules and take no use."
    )
    levels = list(SHARING)
    level = st.radio(
        "May leave",
        levels,
        levels.index(team.sharing) if team.sharing in levels else 0,
        format_func=lambda each: SHARING[each],
        key="team_sharing_level",
    )
    reason = dialogs.reason_field("team_sharing_reason")
    if not st.button("Change it", type="primary", key="team_sharing_confirm"):
        return
    if dialogs.attempt(reason, lambda: edits.set_sharing(operator, team, level, reason)):
        dialogs.done("Changed. It counts from the team's next question on.")


def to_sharing(changes: list[SharingChange], zone: str) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "When": words.moment(each.at, zone),
                "Who": each.who,
                "To": SHARING.get(each.level, each.level),
                "Why": each.reason,
            }
            for each in changes
        ]
    )


def to_history(changes: list[Change], plans: dict[str, str], zone: str) -> pd.DataFrame:
    """Newest first: who, when, from what to what, and why. An end and a start of one moment, as
    each change writes them, are one row."""
    by_moment: dict[str, list[Change]] = {}
    for each in changes:
        by_moment.setdefault(each.at, []).append(each)
    rows = []
    for at, together in by_moment.items():
        ended = next((each for each in together if each.operation == "UPDATE"), None)
        begun = next((each for each in together if each.operation == "INSERT"), None)
        rows.append(
            {
                "When": words.moment(at, zone),
                "Who": together[0].actor,
                "From": _of(ended.before if ended else None, plans),
                "To": _of(begun.after if begun else None, plans),
                "Why": together[0].reason or "",
            }
        )
    return pd.DataFrame(rows, columns=["When", "Who", "From", "To", "Why"])


def _of(row: dict[str, object] | None, plans: dict[str, str]) -> str:
    if not row or "plan_code" not in row:
        return formats.NONE
    code, seats = str(row["plan_code"]), int(str(row.get("seats", 1)))
    return f"{plans.get(code, code)}, {formats.counted(seats, 'seat')}"


def to_webhooks(rows: pd.DataFrame, zone: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Owner": rows["owner"],
            "Where": [
                f"{PLACES.get(context, context)} {label or key}"
                for context, label, key in zip(
                    rows["context"], rows["label"], rows["context_id"], strict=True
                )
            ],
            "State": [causes.WEBHOOK_STATES.get(each, each) for each in rows["state"]],
            "Guests": [GUEST_RULES.get(each, each) for each in rows["guest_rule"]],
            "Last event": [
                formats.NONE if pd.isna(at) else words.moment(at.isoformat(), zone)
                for at in rows["last_event_at"]
            ],
        }
    )


def to_flags(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Feature": rows["name"],
            "For this team": [
                "as for everybody" if own is None or pd.isna(own) else "on" if own else "off"
                for own in rows["own"]
            ],
            "For everybody": ["on" if each else "off" for each in rows["is_on"]],
        }
    )
