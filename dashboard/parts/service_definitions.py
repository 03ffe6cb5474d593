"""Definitions of the service's figures: answers, errors, times, the queue, webhooks."""

from dashboard.parts.formats import SMALL_SAMPLE
from dashboard.parts.metric import Definition, Explanation, Metric
from dashboard.parts.shared_definitions import ANSWERED, ERROR_RATE, EVERYBODY, GROUNDED, REPORTED

SERVICE: dict[str, Definition] = {
    "overview.answers": Metric(
        "answers",
        "Answers",
        f"{ANSWERED} Commands such as `@buddy help` and refusals are not answers, and analyses "
        "stand on their own.",
        source="overview",
    ),
    "overview.error_rate": Metric(
        "error_rate",
        "Error rate",
        f"{ERROR_RATE} Below {SMALL_SAMPLE} cases the cases are shown, with a 95 % interval.",
        source="overview",
        unit="share",
        better="down",
    ),
    "overview.latency": Metric(
        "latency_p95_ms",
        "Answer time, p95",
        "19 of 20 answers were posted within this time, from the arrival of Figma's webhook "
        "to the posted reply. The rows give it per step; it is no sum of them.",
        source="overview",
        unit="ms",
        better="down",
    ),
    "overview.comments": Explanation(
        "Comments per step",
        "What became of the comments that asked: answered, refused (no use left, nobody to "
        "charge, or too many at once), or to be answered and failed.",
        "overview",
    ),
    "live.waiting": Metric(
        "queued",
        "Waiting",
        "Addressed comments and analyses no worker has taken yet. The age is that of the "
        "oldest one that "
        "waits or is in work, since it arrived, was replayed or could be tried again.",
        source="queue_status",
        better="down",
    ),
    "live.in_work": Metric(
        "working",
        "In work",
        "Comments and analyses a worker has begun, those between two attempts included.",
        source="queue_status",
    ),
    "live.put_off": Metric(
        "deferred",
        "Put off",
        "Comments that wait for a quota at Figma or for a model to come back.",
        source="queue_status",
        better="down",
    ),
    "live.dead_letters": Metric(
        "dead_letters",
        "Dead letters",
        "Comments and analyses that failed for good, each with its reason. Nobody was charged.",
        source="queue_status",
        better="down",
    ),
    "live.workers": Metric(
        "workers",
        "Live workers",
        "Worker processes whose heartbeat arrived within the last 30 seconds.",
        source="queue_status",
    ),
    "live.builds_waiting": Metric(
        "builds_waiting",
        "Builds waiting",
        "Stages of components that a builder could take now, and since when the oldest could.",
        source="queue_status",
        better="down",
    ),
    "live.builds_in_work": Metric(
        "builds_working",
        "Builds in work",
        "Stages of components that a builder is at: plans, tests, proofs and packages.",
        source="queue_status",
    ),
    "live.builders": Metric(
        "builders",
        "Live builders",
        "Builder processes whose heartbeat arrived within the last 30 seconds.",
        source="queue_status",
    ),
    "answer.one": Explanation(
        "One answer",
        "What became of one comment: who asked and paid, each step with its time, each model call "
        "with tokens by kind and cost, uses, ledger and deliveries. Words are shown behind a "
        "reason, which is logged; what was sent to models is kept 30 days.",
        "answer_detail",
    ),
    "answer.cost": Explanation(
        "Cost",
        "What all its model calls have cost, over all runs; re-pricing is not in it. Without a "
        "price where one of them has none.",
        "answer_detail",
    ),
    "answer.time": Explanation(
        "Time to reply",
        "From the arrival of Figma's webhook to the end of the last run.",
        "answer_detail",
    ),
    "answer.tokens": Explanation(
        "Tokens",
        "Of all billed calls, over all runs, as the providers counted them. By kind below.",
        "answer_detail",
    ),
    "answer.attempts": Explanation(
        "Attempts",
        "How often a worker took it up, over all runs: put off, failed and lost ones too.",
        "answer_detail",
    ),
    "live.price": Explanation(
        "Price",
        f"{REPORTED} Priced: counted from its price list. Unpriced: no price is known, so the "
        "cost is not in any sum.",
        "latest_answers",
    ),
    "live.time": Explanation(
        "Time",
        "From the arrival of Figma's webhook to the posted reply.",
        "latest_answers",
    ),
    "live.why": Explanation(
        "Why",
        "Why it was refused, put off or failed.",
        "latest_answers",
    ),
    "reliability.error_rate": Metric(
        "error_rate",
        "Error rate",
        ERROR_RATE,
        source="reliability",
        unit="share",
        better="down",
    ),
    "reliability.total_time": Metric(
        "total_p95_ms",
        "Answer time, p95",
        "19 of 20 answers were posted within this time, from the arrival of Figma's webhook.",
        source="reliability",
        unit="ms",
        better="down",
    ),
    "reliability.model_time": Metric(
        "model_p95_ms",
        "Model time, p95",
        "19 of 20 answers waited at most this long for the models, fallbacks included.",
        source="reliability",
        unit="ms",
        better="down",
    ),
    "reliability.figma_time": Metric(
        "figma_p95_ms",
        "Figma time, p95",
        "19 of 20 answers spent at most this long in calls to Figma.",
        source="reliability",
        unit="ms",
        better="down",
    ),
    "reliability.fallbacks": Metric(
        "fallbacks",
        "Fallbacks",
        "Calls that failed at one model provider, or passed it over, so that the next was "
        f"asked, for answers and analyses. {EVERYBODY}",
        source="provider_calls",
        better="down",
    ),
    "reliability.without_model": Metric(
        "without_model",
        "Without a model",
        "Answers written from measured facts alone, because no model answered, none is set up, or "
        "the model kept naming values that nobody had measured.",
        source="reliability",
        better="down",
    ),
    "reliability.grounded": Metric(
        "grounded_share",
        "Grounded answers",
        f"{GROUNDED} The others were repaired once, or fell back to the measured "
        f"review: no value that nobody measured is posted. Below {SMALL_SAMPLE} answers the "
        "answers are shown, with a 95 % interval.",
        source="grounding",
        unit="share",
    ),
    "reliability.deliveries": Metric(
        "deliveries",
        "Deliveries",
        f"What Figma's webhooks delivered, redeliveries included. {EVERYBODY}",
        source="delivery_course",
        better="neither",
    ),
    "reliability.silent": Metric(
        "silent",
        "Silent webhooks, now",
        "Active webhooks quiet for a day and for half as long again as their longest pause in "
        "the 28 days before. Now, of everybody, whatever the period.",
        source="webhook_list",
        better="down",
    ),
    "reliability.objectives": Explanation(
        "Objectives",
        "What is promised: which share of the comments that were to be answered is answered, "
        "and which share in time, over 30 days. The rest to 100 % is the error budget. "
        f"{EVERYBODY}",
        "slo_windows",
    ),
    "reliability.burn_rate": Explanation(
        "Burn rate",
        "Burn rate: how many times faster than allowed the error budget of 30 days is used "
        "up, in so many whole hours and the current one. 1× uses it up in just 30 days. A "
        "failed comment counts against both objectives.",
        "slo_windows",
    ),
    "reliability.error_budget": Explanation(
        "Error budget of the last 30 days",
        "100 % minus the cases that missed the objective so far ÷ those it allows among all "
        "cases of the 30 days. Below zero the promise of the 30 days is broken. Of everybody.",
        "slo_course",
    ),
    "reliability.causes": Explanation(
        "Failures by cause",
        "Comments that were to be answered and ended without a reply and without a charge, by "
        "what stopped them.",
        "reliability",
    ),
    "reliability.times": Explanation(
        "Answer time",
        "Of answered comments. Total: from the arrival of Figma's webhook to the posted "
        "reply. Model: waiting for the models, fallbacks included. Figma: in calls to Figma. "
        "Percentiles are within 2 % of the exact ones.",
        "reliability",
    ),
    "reliability.providers": Explanation(
        "Model providers",
        "Availability: answered ÷ (answered + failed) calls, for answers and analyses. A "
        "failed or passed-over call is "
        f"a fallback: the next in the chain was asked. {EVERYBODY}",
        "provider_calls",
    ),
    "reliability.queue": Explanation(
        "Queue",
        "Per step the deepest the queue was and the age of its oldest answer (since it "
        "arrived, was replayed or could be tried again), from one sample a minute. Of "
        "everybody. Minutes without a sample had no worker.",
        "queue_course",
    ),
    "reliability.delivery_course": Explanation(
        "Webhook deliveries",
        "What Figma delivered, by what became of it, redeliveries included; of all webhooks "
        "or of the one picked.",
        "delivery_course",
    ),
    "reliability.silence": Explanation(
        "Silence per webhook",
        "Silent: active, quiet for a day and for half as long again as its longest pause in "
        "the 28 days before. Figma has no page that would tell.",
        "webhook_list",
    ),
    "reliability.isolation": Explanation(
        "Isolation of accounts",
        "Each night a worker makes two designers and an account in each role, and tries with their "
        "real tokens, as a stranger and from another designer's session what none of them may: to "
        "read and change the rows of one of the two. They exist for that moment only and are in no "
        "figure.",
        "isolation_list",
    ),
    "reliability.retention": Explanation(
        "What is removed after its time",
        "Rows and files that are kept for a time, by kind: when each was last looked through, and "
        "what was removed then and in all. A worker does so when it starts and each hour, of "
        "files without a run each day. Late: not for four hours, or two days.",
        "retention_list",
    ),
    "reliability.quotas": Explanation(
        "Figma's quotas",
        "What Figma said when it refused a call because an account's quota was used up.",
        "figma_quota_list",
    ),
    "reliability.quota_forecast": Explanation(
        "Forecast of a quota",
        "Figma tells of a quota only when it refuses a call, and never what is left: the "
        "forecast sets designs an account read in the last seven days, in all files listed "
        "here, against Figma's published ceiling for such a seat.",
        "figma_quota_list",
    ),
    "dead_letters.letters": Metric(
        "letters",
        "Dead letters",
        "Comments that ended without a reply and without a charge, now. They stay until they "
        "are replayed or discarded.",
        source="dead_letter_causes",
        better="down",
    ),
    "webhooks.total": Metric(
        "total",
        "Webhooks",
        "All of them, in any state.",
        source="webhook_list",
        better="neither",
    ),
    "webhooks.active": Metric(
        "active",
        "Active",
        "Those whose comments are answered.",
        source="webhook_list",
    ),
    "webhooks.paused": Metric(
        "paused",
        "Paused",
        "By their owner at Figma, or by support here.",
        source="webhook_list",
        better="neither",
    ),
    "webhooks.silent": Metric(
        "silent",
        "Silent",
        "Active, but quiet for a day and for half as long again as the longest pause between "
        "hours with events in the 28 days before. Needs five such hours.",
        source="webhook_list",
        better="down",
    ),
    "webhooks.deliveries": Explanation(
        "Deliveries",
        "Events Figma sent for this webhook, by outcome: of the period in the chart, and the "
        "latest below. In the chart each redelivery of an event counts; in the list it stands "
        "with its event.",
        "delivery_course",
    ),
    "webhooks.unconfirmed": Explanation(
        "Not confirmed",
        "Deliveries of the last 92 days that named a comment which Figma does not confirm, or "
        "a file that the webhook does not speak for. They are not answered, and cost nobody "
        "anything.",
        "webhook_list",
    ),
}
