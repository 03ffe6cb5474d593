"""Definitions of the figures about people: who comes, stays, pays, and what one person used."""

from dashboard.parts.formats import SMALL_SAMPLE
from dashboard.parts.metric import Definition, Explanation, Metric

ACTIVE = "Active: got at least one answer to a comment, or an analysis."
WINDOW = "Over the 30 days before the end of the period."

PEOPLE: dict[str, Definition] = {
    "overview.active": Metric(
        "active_users",
        "Active users",
        "People who got at least one answer or analysis, by whole days that the period touches. "
        "Commands such as `@buddy help` count here. A team's people are those who are in it now.",
        source="overview",
    ),
    "overview.conversion": Metric(
        "converted",
        "Trial conversion",
        "Of the people whose first answer or analysis, on the trial, came in this period: "
        "those who (or "
        "whose team) began to pay before its end. Rises for a while after the period. Plans "
        "do not narrow it. The line: the same of those whose first answer had come by then, "
        f"from the {SMALL_SAMPLE}th person on. Below {SMALL_SAMPLE} people the people are "
        "shown, with a 95 % interval.",
        source="overview",
        unit="share",
    ),
    "growth.sign_ups": Metric(
        "sign_ups",
        "Sign-ups",
        "People who signed in with Figma for the first time. Plan and team are those they "
        "have now.",
        source="growth_sign_ups",
    ),
    "growth.activation": Metric(
        "activation",
        "Activation",
        "Share of the sign-ups with a first answer or analysis within 24 hours. Sign-ups "
        "whose 24 hours "
        "are not over are left out.",
        source="growth_sign_ups",
        unit="share",
    ),
    "growth.dau": Metric(
        "dau",
        "DAU",
        f"{ACTIVE} People active on the last whole day of the period, compared with the last "
        "such weekday of the period before.",
        source="growth_active_days",
    ),
    "growth.wau": Metric(
        "wau",
        "WAU",
        f"{ACTIVE} People active in the 7 days that end with that day.",
        source="growth_active_days",
    ),
    "growth.mau": Metric(
        "mau",
        "MAU",
        f"{ACTIVE} People active in the 30 days that end with that day.",
        source="growth_active_days",
    ),
    "growth.stickiness": Metric(
        "stickiness",
        "Stickiness",
        "DAU ÷ MAU: the mean DAU of the 30 days that end with the last whole day, divided by "
        f"their MAU. Above 20 % is usually called good. Below {SMALL_SAMPLE} people: the mean "
        "DAU of how many, with a 95 % interval as if each had been asked on one day (Wilson).",
        source="growth_active_days",
        unit="share",
    ),
    "growth.active_people": Explanation(
        "Active people",
        f"{ACTIVE} DAU, WAU and MAU: people active on each day, in the 7 and in the 30 days "
        "that end with it, under the plan and team of their latest active day. Today is not "
        "over.",
        "growth_active_days",
    ),
    "growth.lifecycle": Explanation(
        "Lifecycle",
        f"{ACTIVE} New: for the first time ever. Kept: in the period before as well. "
        "Resurrected: before, but not in the period before. Lost: active in the period "
        "before, not in this one. Plan and team are those of the first answer in a period. "
        "Hatched: not over yet.",
        "growth_lifecycle",
    ),
    "growth.retention": Explanation(
        "Retention",
        f"{ACTIVE} Rows: people by the period of their first answer, and how many they are. "
        f"Columns: periods since. Cells of fewer than {SMALL_SAMPLE} people show the people; "
        "hover for their 95 % interval (Wilson). Grey: the period is not over, the cell can "
        "still rise. Plan and team are those people have now. The rows tell of each person "
        "the numbers of the columns they were active in.",
        "growth_cohorts",
    ),
    "growth.features": Explanation(
        "Feature use",
        "People who had used each feature by the end of the period, and their share of all "
        "who had signed up by then, under the plan and team they have now. Uses are those of "
        "the period: answers posted, and analyses by a model, by rules alone or from the cache. "
        "Measuring without words is no use. Saved contexts and switched-on files are not told "
        "apart by plan or team.",
        "growth_features",
    ),
    "trials.on_trial": Metric(
        "on_trial",
        "On trial now",
        "People who have not paid and were active within 30 days, or signed up within 30 days "
        "and have not begun. At this moment, whatever the period.",
        source="trial_standing",
    ),
    "trials.cohort": Metric(
        "by_start_cohort",
        "30 days: cohort (ChartMogul)",
        f"{WINDOW} Of the people whose trial began in them, those who have paid since. It can "
        "still rise: their trials go on.",
        source="trial_conversion",
        unit="share",
    ),
    "trials.per_new": Metric(
        "converted_per_new",
        "30 days: ÷ new (Baremetrics)",
        f"{WINDOW} People who became paying, whenever their trial began, ÷ trials that began. "
        "Can pass 100 % when fewer begin than before.",
        source="trial_conversion",
        unit="share",
    ),
    "trials.per_ended": Metric(
        "converted_per_ended",
        "30 days: ÷ ended (Stripe)",
        f"{WINDOW} People who became paying ÷ trials that ended. A trial of uses ends with the "
        "first payment, with its last free use, or after 30 days without answer or analysis.",
        source="trial_conversion",
        unit="share",
    ),
    "trials.talk": Explanation(
        "People to talk to today",
        "People on the trial, one reason each, the most pressing first. Nobody stays on the "
        "list for longer than a week or two.",
        "trial_talk_today",
    ),
    "trials.standing": Explanation(
        "Where everyone stands",
        "Everybody with a trial by the free uses they have taken, at this moment. Silent: neither "
        "answer nor analysis for 30 days. Deleted accounts and people who paid without a "
        "trial are left "
        "out.",
        "trial_standing",
    ),
    "trials.time_to_convert": Explanation(
        "Time to convert",
        "From the first free answer or analysis to the first payment, own or the team's, of "
        "those who "
        "became paying in the time shown. Those who have not paid are not in it.",
        "trial_time_to_convert",
    ),
    "trials.survival": Explanation(
        "Survival by use",
        "Kaplan-Meier over uses instead of days: the share still with us after each answer, "
        "from the first to paying. At each step: went on ÷ (went on + stopped), multiplied "
        "up. Stopped: no answer for 30 days. People still inside are censored: they count up "
        "to the answer they are at, and are not judged beyond. Band: 95 % (Greenwood, "
        f"log-log). Open circles: fewer than {SMALL_SAMPLE} people were judged; they are "
        "labelled with those who went on, and hovering gives their 95 % interval (Wilson).",
        "trial_survival",
    ),
    "people.plan": Explanation(
        "Plan",
        "Their own subscription, else their team's, else the trial.",
        "person_card",
    ),
    "people.uses_left": Metric(
        "uses_left",
        "Uses left",
        "Allowance of the plan's current period plus granted uses, minus uses settled and "
        "reserved.",
        source="person_card",
    ),
    "people.answers": Metric(
        "answered",
        "Answers",
        "Ledger rows of all time of this person that ended with a posted reply, commands "
        "included, or with an analysis, also a free one.",
        source="person_card",
    ),
    "people.cost": Metric(
        "cost_microusd",
        "AI cost",
        "What the models cost for this person, of all time. Calls without a known price are "
        "counted apart.",
        source="person_card",
        unit="money",
    ),
}
