"""What is kept, for how long, and what removes it: one line for each kind.

The dashboard shows when each was last removed, and PRIVACY.md has the same lines; a test holds both
against what SQL does (``public.purge_expired``). Times of months are in days.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

# Workers look through nearly all of it once an hour.
EVERY: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Kept:
    """``what`` in words, the ``table`` that holds it, and for how ``long``. ``every``: how often it
    is looked through."""

    what: str
    table: str
    long: str
    every: timedelta = EVERY

    @property
    def late_after(self) -> timedelta:
        """What has not been looked through for so long is late."""
        return max(4 * EVERY, 2 * self.every)


KINDS: Final[dict[str, Kept]] = {
    "deliveries": Kept("What Figma delivered, word for word", "webhook_deliveries", "30 days"),
    "payloads": Kept(
        "What was delivered to webhooks of people who left", "webhook_deliveries", "one hour"
    ),
    "traces": Kept("What was sent to models for an answer", "answer_traces", "30 days"),
    "analysis_traces": Kept("What was sent to models for an analysis", "answer_traces", "25 hours"),
    "analyses": Kept("Analyses and their words; failed ones 30 days", "analyses", "25 hours"),
    "batches": Kept("Analyses that were asked for together", "analysis_batches", "25 hours"),
    "claims": Kept("Which analysis equal requests wait for", "analysis_claims", "1 hour"),
    "counters": Kept("How often somebody asked lately", "analysis_windows", "24 hours"),
    "rehearsals": Kept("Trials of a guidance, with their answers", "rehearsals", "7 days"),
    "sessions": Kept("Sign-ins that are over", "sessions", "until they end"),
    "handovers": Kept("Sign-ins of the plugin under way", "plugin_handovers", "1 hour"),
    "quotas": Kept("Limits that Figma told", "figma_quotas", "30 days"),
    "files": Kept("Which files a webhook may speak for", "webhook_files", "7 days"),
    "limits": Kept("Who had a day's replies in a file", "author_limits", "30 days"),
    "spending": Kept("Model cost without a use, by day", "unbilled_spending", "92 days"),
    "windows": Kept("Counts of rate limits", "rate_windows", "until they end"),
    "outcomes": Kept("What became of suggestions", "suggestion_outcomes", "400 days"),
    "advice": Kept("What became of advice", "advice_outcomes", "400 days"),
    "advice_hours": Kept("What became of advice, by hour", "advice_hourly", "400 days"),
    "advice_days": Kept("What became of advice, by day", "advice_daily", "400 days"),
    "context_days": Kept(
        "What became of advice, by guidance and day", "advice_contexts_daily", "400 days"
    ),
    "thumbs": Kept("Who liked an answer or not", "advice_thumbs", "400 days"),
    "pipelines": Kept("Components: rows of runs", "pipelines", "400 days"),
    "artifacts": Kept(
        "Components: designs, pictures, code and reports (a team may have set other days)",
        "pipeline_artifacts",
        "30 days",
    ),
    "orphans": Kept(
        "Files in the bucket that belong to no run",
        "pipeline_artifacts",
        "1 day",
        timedelta(days=1),
    ),
    "runs": Kept("How components ended", "pipeline_history", "400 days"),
    "built": Kept("How components ended, by hour", "pipeline_hourly", "400 days"),
    "measures": Kept("Measures of components, by hour", "pipeline_measures_hourly", "400 days"),
    "built_days": Kept("How components ended, by day", "pipeline_daily", "400 days"),
    "measure_days": Kept("Measures of components, by day", "pipeline_measures_daily", "400 days"),
    "ends": Kept("How analyses ended, without words", "analysis_ends", "400 days"),
    "end_days": Kept("How analyses ended, by day", "analysis_daily", "400 days"),
    "time_days": Kept("How long analyses took, by day", "analysis_times_daily", "400 days"),
    "rule_days": Kept("What became of suggestions, by day", "analysis_rules_daily", "400 days"),
    "limited": Kept("How often too many were asked for", "analysis_limited", "400 days"),
    "calls": Kept("Single calls of models, without words", "model_calls", "400 days"),
    "uploads": Kept("Bills of providers", "provider_bills", "800 days"),
    "reservations": Kept("Money reserved for calls", "spend_reservations", "8 days"),
    "stops": Kept("Days on which the spend was reached", "spend_stops", "400 days"),
    "alerts": Kept("Alerts", "alerts", "400 days"),
    "samples": Kept("The queue, minute by minute", "queue_samples", "92 days"),
    "hours": Kept("Deliveries by hour", "webhook_hourly", "92 days"),
    "days": Kept("Deliveries by day", "webhook_daily", "92 days"),
    "renewals": Kept("Renewals of a connection that failed", "refresh_failures", "1 day"),
    "facts": Kept("What was seen of disks and the certificate", "health_facts", "7 days"),
    "refusals": Kept("Deliveries that Figma did not confirm", "webhook_refusals", "92 days"),
}
