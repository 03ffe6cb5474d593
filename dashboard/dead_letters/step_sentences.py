"""The steps of a dry run in words: one sentence for each code of SQL's `private.planned_step`."""

from typing import Any, Final

_RESERVES = (
    "Reserves one use of {payer}'s plan {plan} ({left} left), and takes it only when the reply is "
    "posted."
)
SENTENCES: Final[dict[str, str]] = {
    # Comment
    "comment_is_stored": "Stored when Figma delivered it; Figma is not asked to send it again.",
    "asks_figma_who_wrote_it": "Asks Figma who wrote it and what: a delivery alone proves nothing.",
    "selection_is_stored": "Stored when it was sent; the plugin is not asked to send it again.",
    # Use
    "reserves_a_use": _RESERVES,
    "reserves_the_use_again": f"{_RESERVES} The use of the run before was given back.",
    "commands_are_free": "Commands are free.",
    "build_asks_to_connect": "The author is not connected: no run begins, and nothing is reserved.",
    "build_is_begun": (
        "Run {pipeline_id} has begun before: its result is told, and no other use is reserved."
    ),
    "build_has_no_use": "No use is left: no run begins, and the reply says so.",
    "build_reserves_a_use": (
        "Begins a run, which reserves one use of {payer}'s plan {plan} ({left} left) and takes it "
        "only for a component that passes its checks."
    ),
    "invitations_are_free": "The author is not connected: an invitation is free.",
    "nothing_is_reserved": "Nothing is reserved: {reason}.",
    "reserves_a_use_for_words": (
        "Reserves one use of {payer}'s plan {plan} ({left} left), and takes it only for words of a "
        "model."
    ),
    "no_use_is_left": "No use is left: it is closed as refused.",
    "payer_is_not_known_yet": "Who pays, if anybody, is decided after that.",
    # Design and model
    "reads_thread_and_design": "Reads the thread and the commented node at Figma.",
    "build_reads_the_frame": "The run reads the pinned frame at Figma: up to three calls.",
    "build_may_ask_models": (
        "The run may ask models, up to its ceiling of cost. The sum here is what runs cost usually."
    ),
    "design_was_read": "Read and measured in an earlier run.",
    "asks_the_model": "Asks the model.",
    "asks_the_model_if_it_is_a_question": (
        "Asks the model if it is a question that is to be answered."
    ),
    "measures_and_asks_the_model": "Measures again and asks the model.",
    "draft_is_kept": "The reply drafted in an earlier run is kept: no model is asked again.",
    "not_needed": "Not needed for this reply.",
    # Reply
    "looks_for_our_reply": (
        "Reads the thread for our own reply first. If it stands there, it is kept and nothing is "
        "posted."
    ),
    "posts_one_reply": "Posts one reply in the thread.",
    "posts_one_reply_if_the_comment_exists": (
        "Posts one reply in the thread, or none where Figma has no such comment."
    ),
    "posts_the_refusal": "Posts the refusal ({reason}) in the thread.",
    "posts_the_invitation": "Posts the invitation in the thread.",
    "answers_the_command": "Posts the answer to the command in the thread.",
    "nothing_is_posted": "Nothing is posted; the answer is closed as {state}.",
    # Result of an analysis
    "stores_the_result": "Stores the result for a day. Nothing is posted, and nobody is told.",
    # Books
    "writes_one_ledger_row": "Writes one ledger row, as run {run}.",
    # Everything
    "reply_stands": "Nothing to do: the reply {reply_id} stands in the thread.",
    "reply_stands_and_use_is_settled": (
        "Nothing to do: the reply {reply_id} stands in the thread, and its use is settled."
    ),
    "result_is_stored": "Nothing to do: its result is stored.",
    "design_is_no_longer_kept": "Nothing to do: the design is no longer kept.",
    "was_discarded": "Nothing to do: it was discarded.",
    "is_queued_already": "Nothing to do: it is in the queue already.",
    "is_closed": "Nothing to do: it is closed ({state}).",
}


def step_sentence(code: str, parameters: dict[str, Any]) -> str:
    """The sentence of a step; the code's own words where this version does not know it."""
    # A plan without a limit has no number that is left.
    given = {name: "any number" if value is None else value for name, value in parameters.items()}
    try:
        return SENTENCES[code].format(**given)
    except KeyError:
        return f"{code.replace('_', ' ').capitalize()}."
