"""Prints what came of a run, and gives it as tables to be kept."""

from collections import Counter
from typing import Any

from bench import results
from bench.chaos.accounting import TAKEN
from bench.chaos.recovery import worst
from bench.chaos.run import Outcome

Row = dict[str, Any]
MOST_SHOWN = 40


def report(outcome: Outcome) -> dict[str, list[Row]]:
    """Tables by name: figures, recovery, breaches, troubles."""
    numbers = figures(outcome)
    recovery = worst(outcome.recovered)
    print()
    results.print_table([{"figure": name, "count": count} for name, count in numbers.items()])
    print()
    results.print_table(recovery)
    print()
    for note in outcome.notes:
        print(note)
    for name, why in outcome.skipped.items():
        print(f"not tried: {name}: {why}")
    for trouble in outcome.troubles:
        print(f"TROUBLE: {trouble}")
    for breach in outcome.breaches[:MOST_SHOWN]:
        print(f"BROKEN: {breach.rule}: {breach.row}")
    if len(outcome.breaches) > MOST_SHOWN:
        print(f"… and {len(outcome.breaches) - MOST_SHOWN} more, in the file")
    if not outcome.breaches:
        print("Every rule of the books holds.")
    return {
        "figures": [numbers],
        "recovery": recovery,
        "breaches": [{"rule": each.rule, "row": each.row} for each in outcome.breaches],
        "troubles": [{"trouble": each} for each in outcome.troubles],
        "skipped": [{"fault": name, "why": why} for name, why in outcome.skipped.items()],
    }


def figures(outcome: Outcome) -> dict[str, Any]:
    """What a run is summed up in."""
    books = outcome.books
    states = Counter(row["state"] for row in books.answers)
    receipts = Counter(row["state"] for row in books.receipts)
    answered = {
        row["id"]
        for row in books.answers
        if (row["state"], row["decision"]) == ("answered", "answer")
    }
    taken = {row["answer_id"] for row in books.receipts if row["state"] in TAKEN}
    return {
        "comments written": len(books.comments),
        "deliveries tried": outcome.attempts,
        "deliveries acknowledged": len(books.acknowledged),
        "deliveries not taken, and sent again": outcome.unacknowledged,
        "lost": sum("acknowledged" in each.rule for each in outcome.breaches),
        "duplicates stopped": sum(row["redelivered"] for row in books.received)
        + sum(row["outcome"] == "duplicate" for row in books.received),
        "doubled replies": sum(each.rule == "a reply is posted once" for each in outcome.breaches),
        "processes killed (-9)": sum(outcome.kills.values()),
        **{f"of them {name}": count for name, count in sorted(outcome.kills.items())},
        "attempts taken over or again": sum(max(0, row["attempt"] - 1) for row in books.answers),
        **{f"comments {state}": count for state, count in sorted(states.items())},
        "comments answered with a use": len(answered),
        "replies at Figma": len(books.replies),
        "uses taken for them": len(taken & answered),
        "uses given back": receipts["released"],
        "rows of the ledger": len(books.usage),
        "analyses": len(books.analyses),
        "components": len(books.pipelines),
        "components passed": sum(row["verdict"] == "passed" for row in books.pipelines),
        "calls of the model answered": books.completed_calls,
        "calls booked": books.booked_calls,
        "calls booked as unknown": books.unknown_calls,
    }
