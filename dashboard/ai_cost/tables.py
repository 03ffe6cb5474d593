"""The tables of the page AI cost: from frames in micro-dollars to text for the page."""

from collections.abc import Mapping, Sequence

import pandas as pd

from dashboard.ai_cost.edits import Preview
from dashboard.ai_cost.queries import Costs, Repricing
from dashboard.parts import cost_words, formats, words
from dashboard.parts.metric import Rows
from dashboard.parts.model_prices import model_in_words
from service.outside_names import PROVIDERS

NAMES = {"measured-review": "measured review"}


def names(rows: pd.DataFrame, title: str, plans: Mapping[str, str]) -> list[str]:
    """The display name of each row of a breakdown; `plans` maps codes to names.

    Two people with the same name get different display names.
    """
    of_title = {"Plan": plans, "Provider": PROVIDERS}.get(title, {})
    told = {**NAMES, "": f"no {title.lower()}", **of_title}
    return formats.distinct(told.get(name, name) for name in rows["name"])


def of_ledger(rows: Rows) -> Rows:
    """`calls` counts rows of the ledger: one row may have taken several calls of models."""
    footer = {("ledger_rows" if key == "calls" else key): sum_ for key, sum_ in rows.footer.items()}
    return Rows(rows.frame.rename(columns={"calls": "ledger_rows"}), footer)


def breakdown(
    rows: pd.DataFrame,
    title: str,
    names: Sequence[str],
    before: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """rows: name and measures; `names`: their display names.

    Columns: title, Ledger rows, Cost, Share, Cached input, Unpriced; if the rows of the period
    before are given, also Before and Change.
    """
    whole = int(rows["total_microusd"].sum())
    table = pd.DataFrame(
        {
            title: list(names),
            "Ledger rows": [formats.count(each) for each in rows["calls"]],
            "Cost": [cost_words.money(int(each)) for each in rows["total_microusd"]],
            "Share": [
                formats.percent(each / whole) if whole > 0 else formats.NONE
                for each in rows["total_microusd"]
            ],
            "Cached input": [
                formats.percent(cached / tokens) if tokens else formats.NONE
                for cached, tokens in zip(
                    rows["cached_input_tokens"], rows["input_tokens"], strict=True
                )
            ],
            "Unpriced": [formats.count(each) for each in rows["unpriced"]],
        }
    )
    if before is None:
        return table
    # People may share a name: match by id if there is one.
    key = "id" if "id" in rows.columns else "name"
    past = dict(zip(before[key], before["total_microusd"], strict=True))
    costs = [(int(now), int(past.get(each, 0))) for each, now in
             zip(rows[key], rows["total_microusd"], strict=True)]  # fmt: skip
    table.insert(3, "Before", [cost_words.money(then) for _, then in costs])
    table.insert(4, "Change", [str(formats.change(*pair) or formats.NONE) for pair in costs])
    return table


def state_rows(costs: Costs) -> pd.DataFrame:
    """Columns state, calls, cost_microusd; the cost is None if no price is known."""
    total = costs.total
    return pd.DataFrame(
        {
            "state": ["reported", "priced", "unpriced"],
            "calls": [getattr(total, each) for each in ("reported", "priced", "unpriced")],
            "cost_microusd": pd.array(
                [total.reported_microusd, total.priced_microusd, None], dtype="Int64"
            ),
        }
    )


def states(costs: Costs) -> pd.DataFrame:
    """The three cost states. Unpriced calls have no amount: not even $0."""
    total = costs.total
    return pd.DataFrame(
        {
            "State": ["Reported by the provider", "Priced from a list", "Unpriced"],
            "Ledger rows": [
                formats.count(getattr(total, each)) for each in ("reported", "priced", "unpriced")
            ],
            "Cost": [
                cost_words.money(total.reported_microusd),
                cost_words.money(total.priced_microusd),
                "no price" if total.unpriced else formats.NONE,
            ],
        }
    )


def token_kinds(costs: Costs) -> pd.DataFrame:
    """Columns kind, tokens. Each token counts once: as fresh input, as read from or written to the
    provider's cache, as answer, or as reasoning."""
    total = costs.total
    cached, written = total.cached_input_tokens, total.cache_write_tokens
    kinds = {
        "Input, fresh": total.input_tokens - cached - written,
        "Input, cached": cached,
        "Input, written to the cache": written,
        "Output, answer": total.output_tokens - total.reasoning_tokens,
        "Output, reasoning": total.reasoning_tokens,
    }
    return pd.DataFrame({"kind": list(kinds), "tokens": list(kinds.values())})


def tokens(costs: Costs) -> pd.DataFrame:
    """Tokens by kind as text, with the share of each."""
    kinds = token_kinds(costs)
    whole = int(kinds["tokens"].sum())
    return pd.DataFrame(
        {
            "Tokens": kinds["kind"],
            "Number": [formats.count(each) for each in kinds["tokens"]],
            "Share": [
                formats.percent(each / whole) if whole else formats.NONE for each in kinds["tokens"]
            ],
        }
    )


def people_of(preview: Preview) -> pd.DataFrame:
    """Before and after per person, the largest change first."""
    people = preview.people
    return pd.DataFrame(
        {
            "Person": [each.name for each in people],
            "Calls": [formats.count(each.calls) for each in people],
            "Newly priced": [formats.count(each.newly_priced) for each in people],
            "Before": [cost_words.money(each.before_microusd) for each in people],
            "After": [cost_words.money(each.after_microusd) for each in people],
            "Change": [cost_words.signed(each.change_microusd) for each in people],
        }
    )


def repricings(rows: list[Repricing], zone: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "When": [words.moment(each.created_at, zone) for each in rows],
            "Model": [
                model_in_words(each.provider, each.model, each.service_tier) for each in rows
            ],
            "Period (UTC)": [
                f"{words.day(each.from_at)} – {words.day(each.to_at)}" for each in rows
            ],
            "Calls": [formats.count(each.calls) for each in rows],
            "Newly priced": [formats.count(each.newly_priced) for each in rows],
            "Adjustments": [cost_words.signed(each.amount_microusd) for each in rows],
            "State": ["done" if each.finished_at else "not finished" for each in rows],
            "By": [each.actor for each in rows],
            "Why": [each.reason for each in rows],
        }
    )
