"""What the figures of the page Provider bills mean."""

from dashboard.parts.metric import Definition, Explanation, Metric

BILLS: dict[str, Definition] = {
    "provider_bills.calls": Metric(
        "seen_calls",
        "Calls seen",
        "Of the calls that the provider billed, the share that we booked: matched by their ids "
        "where the bill tells them, else the smaller number of each day and model.",
        "share",
        source="bill_totals",
    ),
    "provider_bills.tokens": Metric(
        "seen_tokens",
        "Tokens seen",
        "Of the billed tokens, input and output together, the share that we booked: of each day "
        "and model the smaller number.",
        "share",
        source="bill_totals",
    ),
    "provider_bills.dollars": Metric(
        "seen_microusd",
        "Dollars seen",
        "Of the billed amount, the share that stands in our books: of each day and model the "
        "smaller amount.",
        "share",
        source="bill_totals",
    ),
    "provider_bills.drift": Metric(
        "difference_microusd",
        "Drift",
        "(Ours − billed) ÷ billed, over all compared days and models. Beyond 2 % either way there "
        "is an alert, and where we saw less than 98 %.",
        "share",
        "neither",
        source="bill_totals",
    ),
    "provider_bills.billed": Metric(
        "billed_microusd",
        "Billed",
        "What the provider billed for models on the compared days. Credits, tax, and lines of "
        "other services are left out and named with each upload.",
        "money",
        "neither",
        source="bill_totals",
    ),
    "provider_bills.ours": Metric(
        "our_microusd",
        "Our books",
        "What we booked for the same days, with later re-pricing. Calls without a known price "
        "are in no amount.",
        "money",
        "neither",
        source="bill_totals",
    ),
    "provider_bills.quantity": Metric(
        "quantity_microusd",
        "From calls or tokens",
        "The part of billed − ours that comes from calls or tokens which only one side has: what "
        "lines without a counterpart cost, or the tokens that one side has more, at the price on "
        "the bill.",
        "money",
        "neither",
        source="bill_totals",
    ),
    "provider_bills.price": Metric(
        "price_microusd",
        "From prices",
        "The rest of billed − ours: the same calls or tokens at another price than ours.",
        "money",
        "neither",
        source="bill_totals",
    ),
    "provider_bills.rows": Explanation(
        "Days and models",
        "Each UTC day and model of the bill beside our books, those that differ most first. A "
        "quantity within 0.1 %, or a price within rounding, agrees. Pick a row to see the lines of "
        "both sides.",
        "bill_rows",
    ),
    "provider_bills.course": Explanation(
        "Difference per day",
        "Billed − ours of each UTC day: above the line the provider billed more than we booked.",
        "bill_rows",
    ),
    "provider_bills.lines": Explanation(
        "Without a counterpart",
        "Single calls whose id stands on one side only: billed and never seen, or booked and never "
        "billed. Bills by day tell no ids: there the table above says how many are missing.",
        "bill_lines",
    ),
}
