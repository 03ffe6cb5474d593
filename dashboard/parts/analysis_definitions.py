"""Definitions of the figures about analyses of selections."""

from dashboard.parts.formats import SMALL_SAMPLE
from dashboard.parts.metric import Definition, Explanation, Metric

RULES_ALONE = "measured by rules alone, because no model answered or none may be asked"
FEW = f"Below {SMALL_SAMPLE} the cases are shown, with a 95 % interval (Wilson)."

ANALYSES: dict[str, Definition] = {
    "overview.analyses": Metric(
        "analyses",
        "Analyses",
        "Selections analysed for people in the plugin: by a model, by rules alone, or from the "
        "cache. The page Analyses has more.",
        source="analysis_course",
    ),
    "analyses.done": Metric(
        "done",
        "Analyses",
        f"Selections that were analysed: written by a model, {RULES_ALONE}, or shown from the "
        "cache. Measuring without words is free and is not counted.",
        source="analysis_course",
    ),
    "analyses.cache_share": Metric(
        "cache_share",
        "Cache share",
        "From the cache ÷ analyses. An equal request of the same team within five minutes, or "
        f"while the first is at work, shows the first one's result and costs nothing. {FEW}",
        source="analysis_course",
        unit="share",
        better="neither",
    ),
    "analyses.fallback_share": Metric(
        "fallback_share",
        "Fallback share",
        f"Of the analyses not from the cache: those {RULES_ALONE}. Nobody is charged for them. "
        f"Which models were passed over before another answered is on Reliability. {FEW}",
        source="analysis_course",
        unit="share",
        better="down",
    ),
    "analyses.error_rate": Metric(
        "error_rate",
        "Failed",
        "Failed ÷ (written by a model + measured alone + failed). A failed analysis is a dead "
        "letter; whoever asked gets a measured one and is not charged. What comes from the "
        f"cache does not count here. {FEW}",
        source="analysis_course",
        unit="share",
        better="down",
    ),
    "analyses.refused": Metric(
        "refused",
        "Refused",
        "Asked for, and refused: no use was left, the account is suspended, it cost us enough "
        "that day, or the person asked for too many within 15 minutes (measuring included). "
        "Strangers without an account are not counted.",
        source="analysis_course",
        better="down",
    ),
    "analyses.median": Metric(
        "p50_ms",
        "Time, median",
        "Half of the analyses that a model wrote were ready within this time of the request. "
        "Neither cached nor measured ones count, nor those of batches, which nobody waits for.",
        source="analysis_times",
        unit="ms",
        better="down",
    ),
    "analyses.slow": Metric(
        "p95_ms",
        "Time, p95",
        "19 of 20 of the analyses that a model wrote were ready within this time; the same ones "
        "count as for the median. It is no sum of the steps in its rows.",
        source="analysis_times",
        unit="ms",
        better="down",
    ),
    "analyses.batches": Metric(
        "batches",
        "Batches",
        "Batches of several selections of which at least one ended in the period.",
        source="analysis_batch_rows",
        better="neither",
    ),
    "analyses.suggested": Metric(
        "with_change",
        "Suggestions",
        "Suggestions shown with a change to apply, of the analyses of the period.",
        source="analysis_suggestions",
        better="neither",
    ),
    "analyses.taken": Metric(
        "taken",
        "Suggestions taken",
        "Applied ÷ suggestions shown with a change to apply, of the analyses of the period. The "
        f"latest word counts: what was undone is not applied. {FEW}",
        source="analysis_suggestions",
        unit="share",
    ),
    "analyses.cost": Metric(
        "cost_microusd",
        "AI cost",
        "What the models cost for analyses, re-pricing included. It is part of the cost on the "
        "page AI cost, by feature. Unpriced calls are left out.",
        source="analysis_costs",
        unit="money",
        better="neither",
    ),
    "analyses.cost_each": Metric(
        "cost_each_microusd",
        "Cost per analysis",
        "AI cost of analyses ÷ (analyses that a model wrote − unpriced calls). What came from "
        "the cache or was measured alone is not in the divisor.",
        source="analysis_costs",
        unit="money",
        better="down",
    ),
    "analyses.course": Explanation(
        "Analyses per step",
        "How the analyses ended that ended in each step. Refused: also those that were asked for "
        "too fast. Cancelled: of a batch that was cancelled before they began.",
        "analysis_course",
    ),
    "analyses.types": Explanation(
        "By type",
        "Analyses by what was asked for and by who wrote the words; neither refused, failed nor "
        "cancelled ones.",
        "analysis_course",
    ),
    "analyses.times": Explanation(
        "Time to a result",
        "From the request to the stored result, of analyses that a model wrote and that were "
        "asked for one at a time. After a replay the time counts from there. Median and p95 "
        "are within 2 % of the exact times.",
        "analysis_times",
    ),
    "analyses.suggestions": Explanation(
        "Suggestions",
        "What people made of the suggestions of this period, by rule, whenever they decided. "
        "Taken: applied ÷ with a change. Ignored of shown: ignored ÷ shown. Both with their "
        "95 % interval (Wilson). Rules of which it is surest that nobody takes them come first: "
        "the lowest upper end of the interval. Rules without a change to apply come last. "
        "Without what web measured by itself, whose suggestions are not stored.",
        "analysis_suggestions",
    ),
    "analyses.latest": Explanation(
        "Latest analyses",
        "Those still kept, whatever the period: 25 hours, dead letters 30 days. Pick one to see "
        "how it went. Nobody's design or words are shown.",
        "latest_analyses",
    ),
    "analyses.one": Explanation(
        "One analysis",
        "How it went, its runs with what each cost, and what became of each suggestion. Its "
        "question, design and result are shown behind a reason, which is logged.",
        "analysis_detail",
    ),
}
