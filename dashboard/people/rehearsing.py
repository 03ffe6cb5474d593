"""What the buddy would have said: a guidance is tried on a person's latest questions, before it is
saved. The operator reads words of the person here, so each trial has a reason and is logged."""

from typing import Any

import streamlit as st

from dashboard.access.auth import Operator
from dashboard.parts import dialogs, gate, notices
from dashboard.parts.formats import money
from dashboard.people import edits, queries
from dashboard.people.person import Rehearsal, RehearsalOffer, RehearsedAnswer

# How many questions are offered to try.
CHOICES = (5, 10, 20)
_STARTED = "people_rehearsal"
_PENDING = {"waiting": "Waits for its turn …", "asking": "Being answered …"}
_FAILED = {
    "ceiling_reached": "Not tried: the questions before it cost as much as one trial may.",
    "day_spend": "Not tried: the day's spend on models is reached.",
    "worker_lost": "It was interrupted, and is not asked twice.",
    "forgotten": "The account was deleted meanwhile.",
}


def pick_questions(operator: Operator, user_id: str, key: str) -> int | None:
    """How many questions to try, each choice with its cost; None where a trial cannot begin."""
    offer = queries.offer_rehearsal(operator, user_id)
    if not offer.costs_microusd:
        st.caption("There is no answered question of theirs yet to try a guidance on.")
        return None
    if not offer.left:
        st.caption("Tried five times in 24 hours for this person, which is the most.")
        return None
    counts = [each for each in CHOICES if each < len(offer.costs_microusd)]
    counts.append(len(offer.costs_microusd))
    return st.selectbox(
        "Questions for “What would it have said?”",
        counts,
        format_func=lambda count: f"The last {count}: {_cost_of(offer, count)}",
        key=key,
        help="Their latest questions are answered with this guidance, from what was measured for "
        "them then. Nothing is posted, no use is taken; the cost is ours, under the feature "
        "rehearsal.",
    )


def start(
    operator: Operator, user_id: str, content: dict[str, Any], questions: int, reason: str
) -> None:
    begun = dialogs.attempt(
        reason, lambda: edits.start_rehearsal(operator, user_id, content, questions, reason)
    )
    if begun is not None:
        st.session_state[_STARTED] = (user_id, begun.id, None)


def draw(user_id: str) -> None:
    """The trial that was started last for this person, if any."""
    started = st.session_state.get(_STARTED)
    if started and started[0] == user_id:
        _, rehearsal_id, found = started
        if found:
            _draw(found)
        else:
            _wait(user_id, rehearsal_id)


@st.fragment(run_every="1s")
def _wait(user_id: str, rehearsal_id: str) -> None:
    """Ask once a second until all is tried; then rerun the page without asking again."""
    with notices.show_errors(in_full=False):
        found = queries.read_rehearsal(gate.recheck_operator(), rehearsal_id)
        if found.state == "done":
            st.session_state[_STARTED] = (user_id, rehearsal_id, found)
            queries.offer_rehearsal.clear()
            st.rerun()
        _draw(found)


def _draw(found: Rehearsal) -> None:
    st.subheader("What would it have said?", anchor=False)
    tried = sum(each.state in ("done", "failed") for each in found.answers)
    if found.state == "done":
        least = "at least " if found.unpriced else ""
        st.caption(f"All {tried} tried. It cost {least}{money(found.cost_microusd)}.")
    else:
        st.progress(tried / len(found.answers), f"{tried} of {len(found.answers)} tried")
    for answer in found.answers:
        _draw_answer(answer)


def _draw_answer(answer: RehearsedAnswer) -> None:
    with st.container(border=True):
        st.text(answer.question)
        then, now = st.columns(2)
        then.caption(f"Said with version {answer.said_version}")
        then.text(answer.said or "Its words are no longer kept.")
        cost = f" for {money(answer.cost_microusd)}" if answer.cost_microusd else ""
        by = " by measuring alone" if answer.source == "measured" else cost
        now.caption(f"Would say{by}" + (": the same" if answer.would_say == answer.said else ""))
        pending = _PENDING.get(answer.state) or _FAILED.get(answer.code, "It failed.")
        now.text(answer.would_say or pending)


def _cost_of(offer: RehearsalOffer, count: int) -> str:
    costs = [each for each in offer.costs_microusd[:count] if each is not None]
    return f"about {money(sum(costs))}" if len(costs) == count else "cost not known before"
