"""Draws a replay's dry run: what is already done, and what would be done, charged and posted."""

import pandas as pd
import streamlit as st

from dashboard.dead_letters.edits import Outcome
from dashboard.dead_letters.queries import Plan
from dashboard.dead_letters.step_sentences import step_sentence
from dashboard.parts import formats

STATUSES = {
    "done": "✓ Already done",
    "do": "▸ Will do",
    "charge": "$ Will charge",
    "post": "✎ Will post",
    "none": "– Not needed",
}
OUTCOMES = {
    "queued": "queued again",
    "nothing_to_do": "had nothing to do",
    "over_cap": "left out: above the cost cap",
    "no_estimate": "left out: no price is known, so no cap can be kept",
    "not_found": "not found",
}


def draw(plans: list[Plan], names: dict[str, str]) -> None:
    """Draw a line of totals, then the steps of each answer. `names` maps ids to display names."""
    st.markdown(f"**{summary(plans)}**")
    for plan in plans:
        title = f"{names.get(plan.id, plan.id)}: {_cost(plan)}"
        with st.expander(title, expanded=len(plans) == 1):
            st.table(steps(plan))


def steps(plan: Plan) -> pd.DataFrame:
    """Columns Step, What happens, Detail."""
    return pd.DataFrame(
        {
            "Step": [step.step for step in plan.steps],
            "What happens": [STATUSES[step.status] for step in plan.steps],
            "Detail": [step_sentence(step.code, step.parameters) for step in plan.steps],
        }
    ).set_index("Step")


def summary(plans: list[Plan]) -> str:
    """What all of them would post, charge and cost."""
    if not any(plan.can_replay for plan in plans):
        return "Nothing to do."
    posts = sum(plan.posts for plan in plans)
    uses = sum(plan.takes_use for plan in plans)
    models = sum(plan.asks_model for plan in plans)
    return (
        f"Posts {_some(posts, 'reply', 'replies')}, charges {_some(uses, 'use', 'uses')}, asks the "
        f"model {_some(models, 'time', 'times')}: {_money(estimate(plans))}."
    )


def estimate(plans: list[Plan]) -> int | None:
    """Micro-dollars; None if any of the costs is unknown."""
    known = [each.estimated_microusd for each in plans if each.estimated_microusd is not None]
    return sum(known) if len(known) == len(plans) else None


def describe_results(results: list[Outcome]) -> str:
    """The result of a replay in words: "2 queued again, 1 left out: above the cost cap"."""
    outcomes = pd.Series([each.outcome for each in results]).value_counts(sort=False)
    return ", ".join(f"{count} {OUTCOMES[outcome]}" for outcome, count in outcomes.items()) + "."


def _cost(plan: Plan) -> str:
    return _money(plan.estimated_microusd) if plan.can_replay else "nothing to do"


def _money(microusd: int | None) -> str:
    if microusd is None:
        return "cost not known: the model it will ask has no priced answer of the last 30 days"
    return "no model cost" if microusd == 0 else f"about {formats.money(microusd)}"


def _some(count: int, one: str, many: str) -> str:
    return f"{formats.count(count)} {one if count == 1 else many}"
