"""In words: why something was not answered, a delivery's outcome, and a webhook's state."""

CAUSES = {
    "comment_deleted": "The comment was deleted",
    "comment_resolved": "The thread was resolved",
    "discarded": "Discarded by an operator",
    "figma_bad_request": "Figma did not accept the request",
    "figma_figma_down": "Figma was down",
    "figma_down": "Figma was down",
    "figma_forbidden": "Figma gave no access",
    "figma_not_found": "Not there, or not shared",
    "figma_rate_limited": "Figma's quota was used up for days",
    "figma_scope_missing": "A permission is missing at Figma",
    "figma_timeout": "Figma did not answer in time",
    "figma_token_expired": "The connection to Figma expired",
    "figma_token_invalid": "Figma refused the connection",
    "figma_too_large": "Too much for one answer of Figma",
    "figma_unreadable_answer": "Figma's answer was not readable",
    "no_account": "Nobody's connection to Figma is good",
    "post_unclear": "Unclear whether the reply was posted",
    "unexpected": "A fault in the program",
    "account_deleted": "Its asker deleted the account",
    "worker_lost": "Its workers were lost again and again",
}
OUTCOMES = {
    "queued": "To be answered",
    "ignored": "Not for the buddy",
    "own_reply": "Our own reply",
    "duplicate": "Known already",
    "paused": "Paused",
    "ping": "Figma's ping",
    "other_event": "Another event",
    "unreadable": "Not readable",
    "foreign_file": "Of another file",
}
WEBHOOK_STATES = {
    "active": "● Active",
    "paused": "◫ Paused",
    "creating": "◌ Being made",
    "deleted": "✕ Deleted",
}


def cause(code: str) -> str:
    return CAUSES.get(code) or code.replace("_", " ").capitalize() or "Not known"


def outcome(code: str) -> str:
    return OUTCOMES.get(code, code.replace("_", " "))


def webhook_state(
    state: str, is_paused_by_operator: bool, paused_because: str | None = None
) -> str:
    """``is_paused_by_operator``: paused on our side, and only an operator can end it."""
    word = WEBHOOK_STATES.get(state, state)
    if not is_paused_by_operator:
        return word
    if state == "deleted":
        return f"{word}, still paused"
    return f"{word} by {'the buddy' if paused_because == 'unconfirmed_deliveries' else 'support'}"
