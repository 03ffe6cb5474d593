"""What people read about a run: its states, its stages, and why it ended without a component.

SQL and jobs know codes and parameters alone. The page, the API, a reply to a comment and the
dashboard all say them by these words. A code that this version does not know is told by its words.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

Tone = Literal["good", "problem", "waiting", "muted"]
STAGES: Final = ("read", "spec", "generate", "test", "gate", "repair", "package", "push")
ENDED: Final = frozenset({"done", "failed", "cancelled"})


@dataclass(frozen=True)
class Told:
    """One sentence each: what happened, why, and what to do next. ``why`` may be empty."""

    happened: str
    why: str
    next_step: str

    def __str__(self) -> str:
        return " ".join(each for each in (self.happened, self.why, self.next_step) if each)


@dataclass(frozen=True)
class StateWord:
    """``word`` is what a label shows, ``tone`` its colour; ``doing`` says what goes on."""

    word: str
    tone: Tone
    doing: str


@dataclass(frozen=True)
class StageWord:
    word: str
    does: str


STAGE_WORDS: Final[dict[str, StageWord]] = {
    "read": StageWord("Read", "Gets the frame and its pictures from Figma."),
    "spec": StageWord("Plan", "Works out layout, tokens, variants and what each element is."),
    "generate": StageWord("Write", "Writes the component by rules; a model may improve names."),
    "test": StageWord("Write tests", "Writes tests from the plan, not from the code."),
    "gate": StageWord("Prove", "Checks types, tests, broken copies, pictures and accessibility."),
    "repair": StageWord("Repair", "Mends what the checks found, at most twice."),
    "package": StageWord("Pack", "Packs the files and the report into a ZIP."),
    "push": StageWord("Push", "Opens a pull request on GitHub."),
}
_ENDS: Final[dict[str, StateWord]] = {
    "queued": StateWord("Waiting", "waiting", "It waits for its turn and starts by itself."),
    "done": StateWord("Done", "good", "The component is ready."),
    "failed": StateWord("Failed", "problem", "It ended without a component."),
    "cancelled": StateWord("Cancelled", "muted", "It was cancelled, and took no use."),
}
# What a run that is done has proven, by its verdict.
_VERDICTS: Final[dict[str, StateWord]] = {
    "passed": _ENDS["done"],
    "not_passed": StateWord(
        "Not passed", "problem", "The component is written, and it fails some of the checks."
    ),
    "not_tested": StateWord(
        "Not tested", "waiting", "The component is written, and nothing has proven it."
    ),
}

_GIVEN_UP = "This run was given up."
_AGAIN = "Start it again; nothing was charged."
_LATER = "Try it again in a few minutes; nothing was charged."
# Why a run could not start, could not go on, or has less in it. A parameter that is missing reads
# as "it".
_CODES: Final[dict[str, tuple[str, str, str]]] = {
    # It did not start.
    "no_uses": (
        "This run was not started.",
        "All uses of the plan are used, and a component takes one.",
        "Choose a plan, or wait if yours starts its count again each month; nothing was charged.",
    ),
    "suspended": (
        "This run was not started.",
        "This account is suspended.",
        "Write to support to sort it out.",
    ),
    "pipelines_off": (
        "This run was not started.",
        "Building components is switched off for your team.",
        "Ask the team that runs this service to switch it on.",
    ),
    "too_many_pipelines": (
        "This run was not started.",
        "Your team has as many runs waiting as it may have.",
        "Wait until some have ended, or cancel those you no longer need.",
    ),
    "unbilled_limit": (
        "This run was not started.",
        "Too many runs ended today without a component after a model had worked on them.",
        "Try again tomorrow; nothing was charged.",
    ),
    "figma_limited": (
        "This run was not started.",
        "Figma gives your account no more calls for this file until {until}.",
        "Start it then; nothing was charged.",
    ),
    "nothing_to_push": (
        "Nothing was pushed.",
        "Only a component that has passed its checks is pushed.",
        "Look at what fails, or start the run anew.",
    ),
    "push_no_target": (
        "Nothing was pushed.",
        "No GitHub repository is set for the team of this run, or whoever started it has left it.",
        "Set one on the Build page, then push again, or start the run anew.",
    ),
    "push_cancelled": (
        "Nothing was pushed.",
        "The push was cancelled.",
        "Push it whenever you like; the component is there.",
    ),
    "pipeline_not_failed": (
        "This run was not tried again.",
        "It has not failed: it runs, or has ended in another way.",
        "Look at how it stands, or start it anew.",
    ),
    "files_are_gone": (
        "This run was not tried again.",
        "Its files are no longer kept.",
        "Start it anew with the same link.",
    ),
    "no_target": (
        "This run was not started.",
        "It was to be pushed, and no GitHub repository is set.",
        "Set one on the Build page, or start without pushing.",
    ),
    "key_reused": (
        "This run was not started.",
        "The Idempotency-Key was used for another design.",
        "Make a new key for a new run.",
    ),
    # Figma
    "no_account": (
        "Figma was not asked.",
        "Your connection to Figma has ended.",
        "Sign in with Figma again, then retry; nothing was charged.",
    ),
    "figma_forbidden": (
        "The frame was not read.",
        "Figma does not let your account read this file.",
        "Ask its owner to share it with you, then retry; nothing was charged.",
    ),
    "figma_not_found": (
        "The frame was not read.",
        "Figma has no such file, or your account cannot see it.",
        "Check the link, then start again; nothing was charged.",
    ),
    "figma_bad_request": (
        "The frame was not read.",
        "Figma does not understand the link.",
        "Copy the link of the frame again, and start anew; nothing was charged.",
    ),
    **dict.fromkeys(
        ("figma_down", "figma_figma_down", "figma_timeout", "figma_unreadable_answer"),
        (
            "The frame was not read.",
            "Figma has trouble just now, or took too long.",
            "Retry in a few minutes; nothing was charged.",
        ),
    ),
    "node_gone": (
        "The frame was not read.",
        "It is no longer in the file.",
        "Copy the link of a frame that is there, and start again; nothing was charged.",
    ),
    "figma_rate_limited": (
        "The frame was not read.",
        "Figma gives your account no more calls for now.",
        "Retry when its quota is open again; nothing was charged.",
    ),
    "figma_token_refused": (
        "The frame was not read.",
        "Figma no longer accepts your connection.",
        "Sign in with Figma again, then retry; nothing was charged.",
    ),
    "design_too_large": (
        "The frame was not read.",
        "There is too much in it for one component.",
        "Choose a smaller frame or a single component; nothing was charged.",
    ),
    "nothing_to_build": (
        "There is nothing to build.",
        "The frame is empty, or everything in it is hidden.",
        "Choose a frame with visible layers; nothing was charged.",
    ),
    # Model
    "ceiling_reached": (
        "The model was not asked any more.",
        "This run has used what it may spend on models.",
        "The best candidate so far was kept.",
    ),
    "model_unavailable": (
        "The component was written by rules alone.",
        "No AI model answered in time.",
        "You can start it again later for better names.",
    ),
    # Gate
    "sandbox_unavailable": (
        "The component was not tested.",
        "The machine that builds it cannot run generated code shut in.",
        "Take it as a draft, or ask the team that runs this service; nothing was charged.",
    ),
    "not_gated": (
        "No candidate passed all checks.",
        "What failed is listed below.",
        "Simplify the frame where it failed and start again; nothing was charged.",
    ),
    "gate_timeout": (
        "The checks were stopped.",
        "They took longer than they may.",
        "Try a smaller frame; nothing was charged.",
    ),
    # Packing
    "no_component": (
        "The component could not be packed.",
        "It has no file of its name.",
        _AGAIN,
    ),
    "bad_file_name": (
        "The component could not be packed.",
        "One of its files has a name that we do not write.",
        _AGAIN,
    ),
    "doubled_file": (
        "The component could not be packed.",
        "Two of its files would be one on some systems.",
        _AGAIN,
    ),
    "too_many_files": (
        "The component could not be packed.",
        "It has more than {most} files.",
        "Choose a smaller frame; nothing was charged.",
    ),
    "file_too_large": (
        "The component could not be packed.",
        "One of its files has more than {kilobytes} kB.",
        "Choose a smaller frame; nothing was charged.",
    ),
    "files_too_large": (
        "The component could not be packed.",
        "Its files have more than {kilobytes} kB together.",
        "Choose a smaller frame; nothing was charged.",
    ),
    # Storage and workers
    "storage_away": (
        "A file of this run could not be stored.",
        "The store did not answer.",
        _LATER,
    ),
    "artifact_too_large": (
        "A file of this run could not be stored.",
        "It is larger than one file may be.",
        "Choose a smaller frame; nothing was charged.",
    ),
    "artifact_gone": (
        "A file of this run is gone.",
        "Files are kept for a time, and this one is past it.",
        _AGAIN,
    ),
    "unavailable": (
        _GIVEN_UP,
        "The database could not be reached for long.",
        _LATER,
    ),
    "runner_stopped": (
        "This stage was interrupted.",
        "The machine that worked on it was restarted.",
        "It goes on by itself.",
    ),
    "worker_lost": (
        _GIVEN_UP,
        "The machine stopped several times in the middle of it.",
        "Try a smaller frame, or write to support; nothing was charged.",
    ),
    "attempts_used_up": (
        _GIVEN_UP,
        "One of its steps failed several times.",
        _LATER,
    ),
    "unexpected": (
        _GIVEN_UP,
        "There was a mistake on our side. It has been recorded.",
        "Start it again, and write to support if it stays; nothing was charged.",
    ),
    # GitHub
    "github_token_invalid": (
        "Nothing was pushed.",
        "GitHub does not accept the stored token: it may be expired or revoked.",
        "Enter a new one on the Build page, then retry.",
    ),
    "github_app_not_set_up": (
        "Nothing was pushed.",
        "This service has no GitHub App.",
        "Enter a token without an installation on the Build page, then retry.",
    ),
    "github_app_refused": (
        "Nothing was pushed.",
        "GitHub gives the App no access to {repository}.",
        "Check that it is installed there with contents and pull requests, then retry.",
    ),
    "github_permission_missing": (
        "Nothing was pushed.",
        "The token lacks {permission} for {repository}.",
        "Allow it at GitHub or make a new token with it, then retry.",
    ),
    "github_forbidden": (
        "Nothing was pushed.",
        "GitHub does not let the token act in {repository}.",
        "Check what its organisation admits, then retry.",
    ),
    "github_rate_limited": (
        "Nothing was pushed.",
        "GitHub allows the token no more calls for now.",
        "Retry in an hour.",
    ),
    "github_not_found": (
        "Nothing was pushed.",
        "GitHub shows the token no {repository}, or not the branch that is set.",
        "Check both on the Build page, then retry.",
    ),
    "github_moved": (
        "Nothing was pushed.",
        "The repository {repository} was renamed or moved.",
        "Enter its name of now on the Build page, then retry.",
    ),
    "github_archived": (
        "Nothing was pushed.",
        "The repository {repository} is archived.",
        "Unarchive it at GitHub or enter another one, then retry.",
    ),
    "github_fork": (
        "Nothing was pushed.",
        "The repository {repository} is a fork, where pull requests are easily overlooked.",
        "Enter the one that it was made from, then retry.",
    ),
    "github_disabled": (
        "Nothing was pushed.",
        "GitHub has disabled the repository {repository}.",
        "Ask GitHub why, or enter another one, then retry.",
    ),
    "github_read_only": (
        "Nothing was pushed.",
        "The account behind the token may only read {repository}.",
        "Ask its owner for write access, then retry.",
    ),
    "github_empty": (
        "Nothing was pushed.",
        "The repository {repository} is empty, and a branch needs a first commit.",
        "Make one at GitHub, such as a README, then retry.",
    ),
    "github_protected": (
        "Nothing was pushed.",
        "A rule of {repository} forbids the branches of the buddy.",
        "Allow branches that begin with buddy/, then retry.",
    ),
    "github_rejected": (
        "Nothing was pushed.",
        "GitHub did not accept the request for {repository}.",
        "Check branch and folder on the Build page, then retry.",
    ),
    "github_conflict": (
        "Nothing was pushed.",
        "Something else changed {repository} at the same time.",
        "Retry in a minute.",
    ),
    "github_down": (
        "Nothing was pushed.",
        "GitHub has trouble just now.",
        "Retry in a few minutes.",
    ),
    "github_timeout": (
        "Nothing was pushed.",
        "GitHub took too long.",
        "Retry in a few minutes.",
    ),
    "github_unreadable": (
        "Nothing was pushed.",
        "The answer of GitHub was not understood.",
        "Retry in a few minutes.",
    ),
    "push_path_refused": (
        "Nothing was pushed.",
        "The file {path} may not be pushed: it would leave its folder, or GitHub acts upon it.",
        "Download the component instead.",
    ),
    "push_too_much": (
        "Nothing was pushed.",
        "There are too many or too large files for one push.",
        "Download the component instead.",
    ),
    "push_no_files": (
        "Nothing was pushed.",
        "There was no file to push.",
        "Start the run again.",
    ),
    "push_target_unfit": (
        "Nothing was pushed.",
        "The {part} of the GitHub setting cannot be used.",
        "Set it anew on the Build page, then retry.",
    ),
    "push_folder_absolute": (
        "Nothing was pushed.",
        "The folder that is set begins with a slash or a drive.",
        "Set one such as src/components on the Build page, then retry.",
    ),
    "push_folder_outside": (
        "Nothing was pushed.",
        "The folder that is set has a . or .. in it.",
        "Set one such as src/components on the Build page, then retry.",
    ),
    "push_folder_acted_upon": (
        "Nothing was pushed.",
        "The folder that is set is one that git or GitHub act upon.",
        "Set one such as src/components on the Build page, then retry.",
    ),
    "push_folder_unfit": (
        "Nothing was pushed.",
        "The folder that is set has letters that no folder should have.",
        "Set one such as src/components on the Build page, then retry.",
    ),
    "push_base_own": (
        "Nothing was pushed.",
        "The branch that is set for pull requests is one of the buddy's own.",
        "Set another, such as main, on the Build page, then retry.",
    ),
    "push_base_unfit": (
        "Nothing was pushed.",
        "The branch that is set for pull requests has a name that no branch can have.",
        "Set one such as main on the Build page, then retry.",
    ),
    "push_base_missing": (
        "Nothing was pushed.",
        "The repository has no branch {branch}.",
        "Set one that is there on the Build page, then retry.",
    ),
    "push_token_unreadable": (
        "Nothing was pushed.",
        "The stored GitHub token cannot be read any more.",
        "Enter one anew on the Build page, then retry.",
    ),
    "push_setter_gone": (
        "Nothing was pushed.",
        "Whoever entered the GitHub token has left the team.",
        "Enter another one on the Build page, then retry.",
    ),
    "push_branch_changed": (
        "Nothing was pushed.",
        "Somebody else has committed to the branch {branch}, so it is left alone.",
        "Merge or delete that branch, then retry.",
    ),
}
# The stage that failed would meet the same again: another frame or link is needed, or a new run.
_SAME_AGAIN: Final = frozenset({
    "figma_not_found", "figma_bad_request", "node_gone", "design_too_large", "nothing_to_build",
    "no_component", "bad_file_name", "doubled_file", "too_many_files", "file_too_large",
    "files_too_large", "artifact_too_large", "artifact_gone",
})  # fmt: skip
_ATTEMPTS: Final[dict[str, Told]] = {
    "worker_lost": Told(
        "This attempt was lost.", "The machine that worked on it stopped in the middle of it.", ""
    ),
    "runner_stopped": Told(
        "This attempt was interrupted.", "The machine that worked on it was restarted.", ""
    ),
    "cancelled": Told("This attempt was stopped.", "The run was cancelled.", ""),
}
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def state_word(state: str, verdict: str | None = None) -> StateWord:
    """How a run stands. ``verdict``: of one that is done."""
    if state == "done":
        return _VERDICTS.get(verdict or "", _ENDS["done"])
    if state in STAGE_WORDS:
        return StateWord(STAGE_WORDS[state].word, "waiting", STAGE_WORDS[state].does)
    return _ENDS.get(state) or StateWord(state.replace("_", " ").capitalize(), "muted", "")


def tell(code: str, params: Mapping[str, Any] | None = None) -> Told:
    """The words for a code of SQL or of a stage."""
    parts = _CODES.get(code)
    if parts is None:
        return Told(_GIVEN_UP, f"The reason: {code.replace('_', ' ')}.", _AGAIN)
    given = params or {}
    happened, why, next_step = (
        _PLACEHOLDER.sub(lambda found: _word(found[1], given.get(found[1])), part) for part in parts
    )
    return Told(happened, why, next_step)


def tell_attempt(code: str, params: Mapping[str, Any] | None = None) -> Told:
    """The words for how one attempt at a stage ended. What becomes of its run, and whether that is
    charged, is no attempt's to say."""
    told = _ATTEMPTS.get(code) or tell(code, params)
    happened = "This attempt ended." if told.happened == _GIVEN_UP else told.happened
    return Told(happened, told.why, "")


def can_help_to_retry(code: str, files_until: datetime | None, now: datetime) -> bool:
    """Whether a failed run may end otherwise when it goes on from the stage that failed."""
    return code not in _SAME_AGAIN and (files_until is None or files_until > now)


def what_next(state: str, verdict: str | None = None) -> str:
    """What a person does now, in one sentence. Of a run that failed, ``tell`` says it."""
    if state == "done" and verdict == "not_tested":
        return "Download it as a draft and test it yourself; it took no use."
    if state == "done" and verdict == "not_passed":
        return "Read below what fails, then mend it by hand or in the design; it took no use."
    if state == "done":
        return "Look at it beside the design, then download it."
    if state == "cancelled":
        return "Start it again whenever you like."
    if state == "failed":
        return "Retry it from the stage that failed, or start anew."
    return "There is nothing to do: this page follows it, and you can close it and come back."


def uses_words(state: str, *, is_charged: bool) -> str:
    """What a run takes of the plan."""
    if is_charged:
        return "One use was taken."
    if state in ENDED:
        return "No use was taken."
    return "One is reserved. It is taken only if the component passes its checks."


def models_words(state: str, calls: int, microusd: int, *, unknown: int) -> str:
    """What AI models cost in a run. ``unknown``: calls whose cost nobody knows."""
    if calls == 0:
        return "None was asked." if state in ENDED else "None was asked so far."
    made = f"{calls} call{'' if calls == 1 else 's'}"
    if unknown:
        known = f"{dollars(microusd)} is known" if microusd else "nothing is known"
        return f"{made}; of their cost {known}."
    return f"{made}, {dollars(microusd)}."


def dollars(microusd: int) -> str:
    """Millionths of a dollar in words: "$0.12"."""
    if 0 < microusd < 10_000:
        return "less than a cent"
    return f"${microusd / 1_000_000:.2f}"


def quota_words(limit_type: str, reads: int, limited_until: datetime | None) -> str:
    """What a run takes of somebody's quota at Figma, and what is known of that quota.

    ``limit_type``: as Figma said with its last refusal, low (View, Collab) or high (Dev, Full).
    ``reads``: runs of this file in 28 days.
    https://developers.figma.com/docs/rest-api/rate-limits/
    """
    takes = "Up to three of your calls for designs, and none for a version that was read before."
    if limited_until is not None:
        return (
            f"{takes} Figma gives you no more calls until {limited_until:%-d %B, %H:%M} UTC: start "
            "it then, or it may end without a result."
        )
    if limit_type == "low":
        made = "none was" if reads == 0 else "one was" if reads == 1 else f"{reads} were"
        return f"{takes} Your seat has about six a month, and {made} made here for runs lately."
    if limit_type == "high":
        return f"{takes} Your seat has many a minute."
    return (
        f"{takes} How many you have is not known yet: a View or Collab seat has about six a month, "
        "a Dev or Full seat many a minute."
    )


def _word(name: str, value: Any) -> str:
    if name == "until" and isinstance(value, str):
        return f"{datetime.fromisoformat(value).astimezone(UTC):%-d %B, %H:%M} UTC"
    return "it" if value is None else str(value)
