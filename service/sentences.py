"""What people read when the database refuses: one sentence for each code that SQL raises.

SQL raises a code as the error's message, and the sentence's parameters as JSON in its detail::

    raise exception using errcode = 'PT422', message = 'no_plan_called_so',
        detail = jsonb_build_object('plan', p_plan_code)::text;

Service and dashboard show ``sentence(message, details)``. During a deploy, processes of two
versions use the same SQL. A process from before this module shows the code itself. A process that
does not know a newer code shows the code's words. So each code is named in words that say what
happened. A sentence that older SQL still raises is shown unchanged. A test checks that codes,
parameters and sentences match.
"""

import json
import re
from typing import Any, Final

from service.guidance import AREA_CHARS, MOST_AREAS

SENTENCES: Final[dict[str, str]] = {
    # Who may
    "only_these_may_see_this": "Only {roles} may see this.",
    "only_founders_may_change_this": "Only founders may change this.",
    "only_founders_and_finance_may_preview_prices": (
        "Only founders and finance may see what a price would change."
    ),
    "only_founders_change_how_days_are_counted": "Only founders change how days are counted.",
    "only_operators_may_see_the_queue": "Only operators may see the queue.",
    "your_role_may_not_do_this": "Your role may not do this.",
    "your_role_may_not_see_dead_letters": "Your role may not see dead letters.",
    "rows_never_change": "Rows of {table} never change; write a new one instead.",
    # Why
    "say_why": "Say why in a few words: the reason is kept in the audit log.",
    "reason_too_short": "Give a reason of at least three characters: it is kept in the audit log.",
    "say_why_the_month_is_closed": "Say why the month is closed, in at least 3 characters.",
    "say_why_it_is_adjusted": "Say why, in at least 3 characters.",
    # Rehearsals
    "rehearsal_suspended": "This account is suspended, so nothing is tried for it.",
    "rehearsals_used_up": (
        "A guidance can be tried five times in 24 hours, and that is used up. Try again tomorrow, "
        "or save it and ask in a file."
    ),
    "no_such_rehearsal": "There is no such trial of a guidance: they are kept for seven days.",
    "no_such_preview": "There is no such draft of yours that waits.",
    "preview_over": "This draft is decided already, or its day is over.",
    "nothing_to_rehearse": (
        "There is no answered question yet to try a guidance on. Ask one in a file first."
    ),
    # AI cost
    "prices_missing_or_negative": "Prices of input and output are needed and cannot be negative.",
    "price_too_high": "A price above a million dollars per million tokens is surely a slip.",
    "service_tier_not_as_in_answers": (
        "Name the service tier as answers do, in small letters: standard, flex, priority, batch …"
    ),
    "kinds_of_tokens_not_as_in_ledger": (
        "Other kinds of tokens are named as in the ledger (input_audio_tokens), each with a "
        "price that is not negative."
    ),
    "name_provider_and_model": "Name the provider and the model.",
    "period_ends_before_it_starts": "The period must end after it starts.",
    "period_not_of_whole_hours": "The period must start and end on a whole hour.",
    "period_not_over": "The period must be over: calls of its last hour may still be written down.",
    "kinds_of_tokens_without_a_price": (
        "Calls of this period hold {kinds}: give a price for that too, or they would seem "
        "cheaper than they are."
    ),
    "period_too_long_to_preview": (
        "This period holds {calls} calls, too many for one preview. Take a shorter one: a "
        "preview covers 1,000,000."
    ),
    "another_repricing_not_finished": (
        "Another re-pricing of this model is not finished. Continue that one first."
    ),
    "priced_anew_since_the_preview": (
        "This model was priced anew since the preview. Look at a new preview first."
    ),
    "key_of_another_repricing": "This key belongs to another re-pricing.",
    # Provider bills
    "bill_is_there_already": (
        "An upload for {provider} already tells this of {first_day} to {last_day}. Replace that "
        "one, or choose other days."
    ),
    "bill_days_not_fit": (
        "The compared days must lie between 2020 and today (UTC), at most 401 in a row."
    ),
    "bill_tells_nothing": "The upload names no provider, or has nothing to compare.",
    "bill_too_long": "An upload holds at most {most} lines. Export fewer days at once.",
    "bill_lines_are_missing": (
        "Only {came} of {sent} lines arrived. Nothing is compared yet: upload the file again."
    ),
    "no_such_upload": "There is no such upload; somebody may have removed it meanwhile.",
    # Alerts
    "channel_name_missing_or_too_long": "Give the channel a name of at most 60 characters.",
    "note_missing_or_too_long": "Write something, at most {longest} characters.",
    "note_changed_meanwhile": (
        "Somebody else changed or removed this note meanwhile. Look at it again, then decide."
    ),
    "no_such_assignee": "Pick a founder or somebody from support who may use the dashboard.",
    "follow_up_changed_meanwhile": (
        "Somebody else changed this meanwhile. Look at it again, then decide."
    ),
    "view_name_missing_or_too_long": "Give the view a name of at most 60 characters.",
    "too_many_views": "This page has 20 of your views already. Remove one first.",
    "weekday_1_to_7": "Pick a day of the week.",
    "pick_a_kind_of_alert": "Pick at least one kind of alert.",
    "too_many_channels": "There are 20 channels already. Remove one first.",
    "no_such_channel": "There is no such channel.",
    "channel_changed_meanwhile": (
        "Somebody else changed this channel meanwhile. Look at it again, then decide."
    ),
    "channel_changed_or_removed_meanwhile": (
        "Somebody else changed or removed this channel meanwhile. Look at it again, then decide."
    ),
    "channel_is_off": "Switch the channel on first.",
    "test_was_sent_a_moment_ago": "A test was sent a moment ago. Wait five seconds.",
    "alert_not_given_up_or_channel_off": (
        "Only what was given up can be sent again, and only to a channel that is on."
    ),
    # Answers
    "no_such_answer": "There is no such answer.",
    "another_attempt_has_taken_over": "Another attempt has taken over this answer.",
    "answer_was_given_up": "This answer was given up; replay it instead.",
    "delivery_was_not_stored": "The delivery could not be stored; it is to be sent again.",
    "reply_is_another_answers": "This reply was booked for another answer already.",
    "use_was_not_written": "The use could not be written to the ledger: the next number of "
    "`usage_logs` may be one that was given already.",
    "no_such_analysis": "You have no such analysis.",
    "no_such_batch": "You have no such batch of analyses, or it was more than a day ago.",
    "pick_1_to_200_answers": "Pick between 1 and 200 answers at once.",
    # Pipelines
    "no_such_pipeline": (
        "You have no such run. Check its address, or sign in as the one who started it."
    ),
    "no_such_stage": "This attempt at a stage is not known.",
    "stage_cannot_follow": "This stage cannot follow that one.",
    "path_of_another_pipeline": "A file of a pipeline lies under the path of that pipeline.",
    "pipeline_has_ended": "This run has ended already.",
    "pipeline_limits_changed_meanwhile": (
        "Somebody changed the limits of this team meanwhile; look at them again."
    ),
    "pipeline_limits_unfit": (
        "At a time 1 to 100 runs, waiting at most 1000, files for 1 to 400 days, up to $100 of "
        "model money, and a model as provider/model."
    ),
    # Billing
    "month_not_named_by_its_first_day": "A month is named by its first day.",
    "month_not_over": (
        "{month} is not over yet: it can be closed from the first day of the next month (UTC)."
    ),
    "month_was_closed": (
        "{month} was closed on {closed_at} by {closed_by}; a closed month stays closed."
    ),
    "amount_not_above_0": "A credit or a charge needs an amount above 0.",
    "day_in_the_future": "The day must not lie in the future.",
    "no_such_user_or_team": "There is no such user or team.",
    # Ledger
    "no_such_time_zone": (
        "There is no time zone called {time_zone}. Use a name such as Europe/Berlin."
    ),
    "time_zone_with_half_hours": (
        "Days of {time_zone} do not start on a whole UTC hour, and use is counted by whole "
        "UTC hours. Pick a time zone without half hours."
    ),
    "week_starts_on_monday_or_sunday": "A week starts on monday or sunday.",
    # People
    "no_such_person": "There is no such person.",
    "account_was_deleted": "This account was deleted: there is nothing left to change.",
    "account_is_active_or_suspended": (
        "An account is active or suspended; deleting it is an action of its own."
    ),
    "account_is_so_already": "The account is {state} already.",
    "grant_1_to_100000_uses": "Grant between 1 and 100,000 uses.",
    "grant_was_made_before": (
        "This grant was made before, with another number of uses. Look at it, then decide."
    ),
    "no_such_grant": "There is no such grant, or it was taken back already.",
    "plan_of_person_changed_meanwhile": (
        "The plan was changed meanwhile: it is now {plan}. Look again, then decide."
    ),
    "plan_they_have": "This is the plan they have.",
    "no_plan_called_so": "There is no plan called {plan}.",
    "account_has_no_context": "This account has no context.",
    "person_has_no_context": "This person has no context.",
    "context_changed_meanwhile": "The context was changed meanwhile (it is now version {version}).",
    "context_with_other_fields": (
        "A context has exactly the fields instructions, tone, brand, design_system_rules, "
        "language, focus_areas and model, and may have shared_with_guests."
    ),
    "context_field_too_long": "The field {field} takes text of up to {characters} characters.",
    "focus_areas_not_a_list": "The field focus_areas is a list.",
    "focus_areas_too_many_or_too_long": (
        f"There may be up to {MOST_AREAS} focus areas of up to {AREA_CHARS} characters each."
    ),
    "not_to_be_shared_with_guests": (
        "What may be shared with guests: instructions, tone, brand, design_system_rules, "
        "language and focus_areas."
    ),
    "version_cannot_be_undone": "Version {version} is not a change that can be undone.",
    # What may leave for a provider of models
    "no_such_model_sharing": "What may leave is texts and pictures, texts, or nothing.",
    "model_sharing_chosen_by_another": (
        "Somebody else in your team, or support, chose that less than that leaves. Ask them to "
        "change it, or write to support."
    ),
    "model_sharing_changed_meanwhile": (
        "Somebody changed meanwhile what may leave for this team. Look at it again, then decide."
    ),
    # Reliability
    "target_not_between_0_and_100": "A target lies between 0 and 100 per cent.",
    "time_not_between_1_and_1440_seconds": (
        "A time lies between one second and 24 minutes (1,440 seconds): longer answers are "
        "not told apart."
    ),
    "no_such_objective": "There is no such objective.",
    # Settings
    "triggers_unfit": (
        "Triggers are one to ten different words of 3 to 40 characters, each beginning with "
        "@, / or !, such as @buddy."
    ),
    "team_plan_changed_meanwhile": "Somebody has changed this team's plan meanwhile: look again.",
    "team_plan_unfit": "A team has a paid plan that exists, and 1 to 100,000 seats.",
    "team_plan_they_have": "That is the plan and the number of seats that the team has.",
    "models_unfit": "Name each model as provider/model, or a provider alone; at most 100.",
    "no_such_guest_rule": "A guest rule is invite, owner_pays or ignore.",
    "no_such_setting": "There is no such setting.",
    "setting_out_of_range": "This setting is a whole number from {least} to {most}.",
    "setting_changed_meanwhile": (
        "Somebody else changed this setting meanwhile. Look at it again, then decide."
    ),
    "no_such_feature_flag": "There is no such feature flag.",
    "no_such_team": "There is no such team.",
    "flag_changed_meanwhile": (
        "Somebody else changed this flag meanwhile. Look at it again, then decide."
    ),
    "no_such_kind_of_budget": "A budget is for everything, a person, a team, a plan or a model.",
    "budget_cannot_be_negative": "A budget cannot be negative.",
    "no_such_person_team_or_plan": "There is no such person, team, plan or model.",
    "budget_changed_meanwhile": (
        "Somebody else changed this budget meanwhile. Look at it again, then decide."
    ),
    "price_of_the_past": "A price of the past is changed by re-pricing, on the page AI cost.",
    "price_changed_meanwhile": (
        "Somebody else set a price for this model meanwhile. Look at it again, then decide."
    ),
    "no_such_plan": "There is no plan of this name.",
    "plan_changed_meanwhile": (
        "Somebody else changed this plan meanwhile. Look at it again, then decide."
    ),
    "plan_unfit": (
        "A plan needs a name, and a price, uses and a price of overage that are not negative."
    ),
    "plan_changes_too_early": "A plan changes from now on or later, and after its last change.",
    "no_such_role": "A role is founder, support or finance.",
    "no_such_operator": "There is no such operator.",
    "nobody_changes_their_own_role": "Nobody changes their own role. Ask another founder.",
    "not_an_email_address": "This is no e-mail address. Enter one like name@example.com.",
    "dashboard_address_not_https": (
        "The link of an invitation leads back to this dashboard, so it has to be open under an "
        "https address (on this machine, http will do). Open it there, then invite."
    ),
    "is_an_operator_already": (
        "This address is an operator already. Change the role or the access further up."
    ),
    "is_invited_already": (
        "This address has an open invitation already. Send that one again, or remove it first."
    ),
    "no_such_invitation": "There is no such invitation.",
    "invitation_changed_meanwhile": (
        "This invitation changed meanwhile. Look at it again, then decide."
    ),
    "invitation_is_over": "This invitation is over. Invite the address anew.",
    "invitation_is_being_sent": "This invitation is being sent right now. Wait a moment.",
    "invitation_sent_too_often": (
        "Five mails went to this address. Remove the invitation, and ask the person on another "
        "way before you invite them anew."
    ),
    "invitation_sent_just_now": "A mail was asked for within the last minute. Wait a moment.",
    "operator_changed_meanwhile": (
        "Somebody else changed this operator meanwhile. Look at them again, then decide."
    ),
    # Webhooks
    "webhook_can_be_paused_or_active": "A webhook can be paused or active.",
    "no_such_webhook": "There is no such webhook.",
    "no_such_webhook_of_yours": "You have no such webhook.",
    "webhook_is_gone": "This webhook is gone.",
    "webhook_neither_paused_nor_resumed": (
        "This webhook is {state}: it can be neither paused nor resumed."
    ),
    "paused_by_its_owner": (
        "Its owner paused this webhook at Figma, where only the owner can resume it."
    ),
    "paused_by_operator": (
        "The team that runs the buddy has paused it there. Write to support to have it "
        "switched on again."
    ),
    "switched_on_meanwhile": (
        "Somebody else switched the buddy on there at the same time. Look again in a minute."
    ),
}
_CODE = re.compile(r"[a-z][a-z0-9_]*")
# The plural of a role, for its members.
_ROLES = {"founder": "founders"}


def sentence(message: str, details: object = None) -> str:
    """The sentence to show for a database error whose message is for people.

    ``details`` is the error's detail: JSON of the sentence's parameters, or None.
    """
    try:
        given = json.loads(details) if isinstance(details, str) and details else {}
        return SENTENCES[message].format(**{name: _word(value) for name, value in given.items()})
    except (KeyError, ValueError, AttributeError):
        # It comes from another version: show the code's words, or its own sentence.
        is_code = _CODE.fullmatch(message)
        return f"The database refused this: {message.replace('_', ' ')}." if is_code else message


def _word(value: Any) -> str:
    if isinstance(value, list):
        return " and ".join(_ROLES.get(str(each), str(each)) for each in value)
    return "nothing" if value is None else str(value)
