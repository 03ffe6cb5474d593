"""Definitions of the money figures: what the buddy earns, what models cost, what is owed."""

from dashboard.parts.metric import Definition, Explanation, Metric
from dashboard.parts.shared_definitions import ANSWERED, EVERYBODY, REPORTED

FORECAST = (
    "Finished days of the month, plus for each day left (today included) the mean of the same "
    "weekdays among the last 56 finished days. The range takes their 10 % and 90 % quantiles on "
    f"every day at once, so it is rather too wide than too narrow. {EVERYBODY}"
)
BARS = "Ledger and later adjustments together. The bars add up to the tile AI cost"
MARGIN = (
    "(Revenue − AI cost) ÷ revenue. Revenue of a day is MRR at its start ÷ days of its month, "
    "summed over the days that start in the period."
)
COST = (
    "What the models cost: reported by the provider, or priced from its list, with later "
    "re-pricing counted in. Calls without a known price are not in the sum; they are counted "
    "below it."
)

MONEY: dict[str, Definition] = {
    "team.uses": Metric(
        "uses",
        "Uses",
        "Uses of the team's plan in the UTC month, as on its bill.",
        source="team_detail",
    ),
    "team.due_microusd": Metric(
        "due_microusd",
        "Owes",
        "Fee by days and seats, overage, credits and adjustments of the UTC month, as on its bill.",
        unit="money",
        source="team_detail",
    ),
    "team.ai_cost_microusd": Metric(
        "ai_cost_microusd",
        "AI cost",
        "What models have cost for its uses in the UTC month, as on its bill.",
        unit="money",
        better="down",
        source="team_detail",
    ),
    "team.margin_microusd": Metric(
        "margin_microusd",
        "Margin",
        "What it owes less its AI cost, of the UTC month.",
        unit="money",
        source="team_detail",
    ),
    "settings.day_spent": Explanation(
        "Spent today",
        "What models have cost since midnight UTC, as the ledger has it, with re-pricing.",
        "day_spend",
    ),
    "settings.day_reserved": Explanation(
        "Reserved",
        "What calls under way may still cost at most, and calls of today whose bill is not known. "
        "Only while there is a limit.",
        "day_spend",
    ),
    "settings.day_limit": Explanation(
        "Limit of a day",
        "The most that all models may cost in a UTC day. No call begins that could go beyond.",
        "day_spend",
    ),
    "overview.mrr": Metric(
        "mrr_microusd",
        "MRR",
        "Monthly recurring revenue: seats × monthly price of every subscription in force at "
        "the end of the period, or now. Free plans, tax and one-off amounts are not in it.",
        source="overview",
        unit="money",
    ),
    "overview.paying": Metric(
        "seats",
        "Paid seats",
        "Paid seats at the end of the period, or now; a personal plan is one seat.",
        source="overview",
    ),
    "overview.margin": Metric(
        "gross_margin",
        "Gross margin",
        MARGIN,
        source="overview",
        unit="share",
    ),
    "overview.multiple": Metric(
        "revenue_per_cost",
        "Revenue ÷ inference",
        "Revenue ÷ AI cost of the same period. Above 5 is healthy, below 3 a problem.",
        source="overview",
        unit="ratio",
    ),
    "overview.cost": Metric(
        "cost_microusd",
        "AI cost",
        COST,
        source="overview",
        unit="money",
        better="neither",
    ),
    "overview.revenue_and_cost": Explanation(
        "Revenue and AI cost per step",
        f"{MARGIN} {COST}",
        "overview",
    ),
    "ai_cost.total": Metric(
        "total_microusd",
        "AI cost",
        "Ledger plus later adjustments: what providers reported and what was priced from a "
        "list. Unpriced calls are in no sum; they are counted apart.",
        source="ai_cost",
        unit="money",
        better="neither",
    ),
    "ai_cost.calls": Metric(
        "calls",
        "Model calls",
        "Calls that were made to models, whether they answered or failed: each attempt counts, so "
        f"there may be more than ledger rows. What was passed over was not called. {EVERYBODY}",
        source="model_call_counts",
    ),
    "ai_cost.cached": Metric(
        "cached_share",
        "Cached input",
        "Input tokens read from the provider's cache ÷ all input tokens. They cost less.",
        source="ai_cost",
        unit="share",
    ),
    "ai_cost.unpriced": Metric(
        "unpriced",
        "Unpriced calls",
        "Calls for which no price is known, re-pricing counted in: of the model, of a kind of "
        "tokens, or at the service tier that answered. Give them one below. A model that did "
        "not answer in time tells no tokens: what it bills can only be read on its invoice.",
        source="ai_cost",
        better="down",
    ),
    "ai_cost.course": Explanation(
        "AI cost per step",
        "What providers reported, and what was priced from a list with later adjustments. "
        "Unpriced calls are in no bar.",
        "ai_cost",
    ),
    "ai_cost.breakdown": Explanation(
        "Where it comes from",
        f"{BARS}.",
        "ai_cost",
    ),
    "ai_cost.breakdown_hours": Explanation(
        "Where it comes from: hour",
        f"{BARS}: every day of the period, laid over each other by the clock of {{zone}}.",
        "ai_cost_hours",
    ),
    "ai_cost.breakdown_payers": Explanation(
        "Where it comes from: person, team",
        f"{BARS} of whole days, by who paid and, for teams, by their team at that moment.",
        "ai_cost_people",
    ),
    "ai_cost.states": Explanation(
        "How sure the cost is",
        f"{REPORTED} Priced: counted from its price list, or by a re-pricing. Unpriced: no "
        "price is known, or a model that did not answer in time told no tokens, so it is in "
        "no sum, not even as $0.",
        "ai_cost",
    ),
    "ai_cost.tokens": Explanation(
        "Tokens by kind",
        "Each token once. Cached input is read from the provider's cache and costs less; what "
        "is written to it mostly costs more than fresh input. Reasoning is output nobody "
        "sees, paid like the answer. Sound, pictures and the service tier of each call are in "
        "the ledger file of the page Billing.",
        "ai_cost",
    ),
    "ai_cost.so_far": Metric(
        "spent_microusd",
        "So far",
        "Ledger and adjustments of this month, today included.",
        source="ai_cost_forecast",
        unit="money",
        better="down",
    ),
    "ai_cost.forecast": Metric(
        "forecast_microusd",
        "Forecast",
        FORECAST,
        source="ai_cost_forecast",
        unit="money",
        better="down",
    ),
    "ai_cost.forecast_low": Metric(
        "low_microusd",
        "Forecast, low",
        FORECAST,
        source="ai_cost_forecast",
        unit="money",
        better="down",
    ),
    "ai_cost.forecast_high": Metric(
        "high_microusd",
        "Forecast, high",
        FORECAST,
        source="ai_cost_forecast",
        unit="money",
        better="down",
    ),
    "ai_cost.budgets": Explanation(
        "Budgets this month",
        "AI cost of this month against what is expected, of everything, a plan, a team or a "
        "person. An alert is given at 50, 80 and 100 %, once each a month. Nobody is refused.",
        "budget_standing",
    ),
    "revenue.mrr": Metric(
        "mrr_microusd",
        "MRR",
        "Seats × monthly price of every subscription in force at the end of the period (at "
        "most now). Trials, free plans and tax are not in it.",
        source="revenue_totals",
        unit="money",
    ),
    "revenue.new": Metric(
        "new_microusd",
        "New",
        "MRR of payers who never paid before.",
        source="revenue_totals",
        unit="money",
    ),
    "revenue.expansion": Metric(
        "expansion_microusd",
        "Expansion",
        "More from payers: seats, plan or price.",
        source="revenue_totals",
        unit="money",
    ),
    "revenue.reactivation": Metric(
        "reactivation_microusd",
        "Reactivation",
        "MRR of payers who had left.",
        source="revenue_totals",
        unit="money",
    ),
    "revenue.contraction": Metric(
        "contraction_microusd",
        "Contraction",
        "Less from payers who stay.",
        source="revenue_totals",
        unit="money",
        better="down",
    ),
    "revenue.churn": Metric(
        "churn_microusd",
        "Churn",
        "MRR of payers who left.",
        source="revenue_totals",
        unit="money",
        better="down",
    ),
    "revenue.paying": Metric(
        "paying",
        "Payers",
        "Users and teams with MRR above 0 at the end of the period.",
        source="revenue_totals",
    ),
    "revenue.arpu": Metric(
        "arpu_microusd",
        "ARPU",
        "MRR ÷ payers.",
        source="revenue_totals",
        unit="money",
    ),
    "revenue.quick_ratio": Metric(
        "quick_ratio",
        "Quick ratio",
        "(New + expansion + reactivation) ÷ (contraction + churn). There is none without losses.",
        source="revenue_totals",
        unit="ratio",
    ),
    "revenue.nrr": Metric(
        "nrr",
        "NRR",
        "MRR at the end of those who paid at the start of the period ÷ their MRR then. Pick a "
        "year for the usual figure. Nobody who came later counts.",
        source="revenue_totals",
        unit="share",
    ),
    "revenue.grr": Metric(
        "grr",
        "GRR",
        "As NRR, but nobody counts for more than at the start.",
        source="revenue_totals",
        unit="share",
    ),
    "revenue.arr": Metric(
        "arr_microusd",
        "ARR",
        "Annual recurring revenue: 12 × MRR.",
        source="revenue_churn",
        unit="money",
    ),
    "revenue.customer_churn": Metric(
        "customer_churn",
        "Customer churn",
        "Of the users and teams that paid at the start of the period, those that pay nothing at "
        "its end. Whoever came back in between is not lost.",
        source="revenue_churn",
        unit="share",
        better="down",
    ),
    "revenue.gross_churn": Metric(
        "gross_churn",
        "MRR churn",
        "Gross MRR churn rate: (contraction + churn) of the period ÷ MRR at its start, as "
        "ChartMogul has it. Whoever came and left within the period counts as well.",
        source="revenue_churn",
        unit="share",
        better="down",
    ),
    "revenue.net_churn": Metric(
        "net_churn",
        "Net MRR churn",
        "(Contraction + churn − expansion − reactivation) ÷ MRR at the start, as ChartMogul has "
        "it. Below 0: those who were there pay more than before. New payers do not count.",
        source="revenue_churn",
        unit="share",
        better="down",
    ),
    "revenue.ltv": Metric(
        "ltv_microusd",
        "LTV",
        "Lifetime value: ARPU ÷ customer churn of a month. That churn is the cancellations of the "
        "period ÷ the months that all payers together paid in it, a month being 30.44 days. It "
        "is what a payer brings in, before cost; without a cancellation there is none.",
        source="revenue_churn",
        unit="money",
    ),
    "revenue.course": Explanation(
        "MRR over time",
        "MRR at the end of each step of the period (months from a quarter on): that before it, "
        "plus the movements of the step. The last is that of now.",
        "revenue_steps",
    ),
    "revenue.cohorts": Explanation(
        "Revenue retention",
        "Payers by the month of their first payment, the last twelve months until the end of the "
        "period. A cell is the MRR they have at the end of a later month ÷ the MRR they began "
        "with, so it may be above 100 %; or how many of them still pay. Grey: the month is not "
        "over.",
        "revenue_cohorts",
    ),
    "revenue.movements": Explanation(
        "MRR movements",
        "What changed the MRR, by step of the period: new, expansion and reactivation "
        "upwards, contraction and churn downwards. Together they lead from the MRR at its "
        "start to that at its end.",
        "revenue_steps",
    ),
    "revenue.plan_mix": Explanation(
        "Plan mix",
        "MRR, payers and seats by plan at the end of the period (at most now).",
        "revenue_plans",
    ),
    "revenue.margins": Explanation(
        "Margin of a month",
        "What payers owe for a month minus what the models cost, by plan, by user, and by "
        "user and version of the guidance in force.",
        "margin_by",
    ),
    "revenue.attributed": Metric(
        "revenue_microusd",
        "Revenue attributed",
        "What payers owe for the month, each plan's split over its uses by their number; an "
        "empty seat keeps a row of its own.",
        source="margin_by",
        unit="money",
    ),
    "revenue.ai_cost": Metric(
        "ai_cost_microusd",
        "AI cost of the month",
        "As on the billing page.",
        source="margin_by",
        unit="money",
        better="down",
    ),
    "revenue.margin": Metric(
        "margin_microusd",
        "Margin of the month",
        "Revenue attributed − AI cost.",
        source="margin_by",
        unit="money",
    ),
    "revenue.break_even": Explanation(
        "Plan breaks even at",
        "How many uses a month, answers and charged analyses, the price of one seat pays for, at "
        "the mean AI cost of a use on this plan in this month. Beyond them a seat costs more than "
        "it brings in.",
        "margin_by",
    ),
    "billing.due": Metric(
        "due_microusd",
        "Due",
        "What payers owe: fees + overage + credits (negative) + adjustments. A plan is paid "
        "for each UTC day at whose start it is in force.",
        source="billing_totals",
        unit="money",
    ),
    "billing.ai_cost": Metric(
        "ai_cost_microusd",
        "AI cost",
        "What the models cost us, with re-pricing and with late facts of closed months. Calls "
        "without a known price are not in it.",
        source="billing_totals",
        unit="money",
        better="down",
    ),
    "billing.margin": Metric(
        "margin_microusd",
        "Margin",
        "Due − AI cost.",
        source="billing_totals",
        unit="money",
    ),
    "billing.uses": Metric(
        "uses",
        "Uses",
        ANSWERED,
        source="billing_totals",
    ),
    "billing.overage": Metric(
        "overage_uses",
        "Overage",
        "Uses beyond the included ones (the plan's uses × seats). They cost what the plan "
        "says; often nothing.",
        source="billing_totals",
        better="neither",
    ),
    "billing.credits": Metric(
        "credits_microusd",
        "Credits",
        "Given to payers by hand, with a reason.",
        source="billing_totals",
        unit="money",
        better="neither",
    ),
    "billing.adjustments": Metric(
        "adjustments_microusd",
        "Adjustments",
        "Charges by hand, and fees that changed after their month was closed.",
        source="billing_totals",
        unit="money",
        better="neither",
    ),
    "billing.unpriced": Metric(
        "unpriced",
        "Unpriced calls",
        "Model calls whose price is not known: they are in no sum until they are re-priced.",
        source="billing_totals",
        better="down",
    ),
    "billing.statements": Explanation(
        "Statements",
        "One line per user and team: what they used, what is in the price, and what they owe. "
        "A use counts for the user where they pay for that plan themselves, else for their "
        "team.",
        "billing_statement",
    ),
    "billing.late_facts": Explanation(
        "Credits, charges and late facts",
        "What is booked in this month beside fees: credits and charges by hand, and facts "
        "about months that were closed before they became known, dated to the day they belong "
        "to.",
        "billing_adjustment_list",
    ),
}
