"""SQL refuses and answers with codes that have their sentences in Python; none is left over."""

import json
import re
from pathlib import Path
from string import Formatter

import pytest

from dashboard.dead_letters import step_sentences
from service.sentences import SENTENCES, sentence

FUNCTIONS = Path(__file__).parents[2] / "sql/functions"
STATES = {"22023", "42501", "PT400", "PT404", "PT409", "PT412", "PT422"}
# How a dry run is undone; nobody sees it.
SILENT = "raise exception sqlstate 'UNDO0'"
# Words that SQL may hold, by what they are.
WORDS_OF_SQL = {
    # Names of rows that are about nobody or nothing in particular, beside the names of others.
    "Nobody (no account)", "Nobody (guests)", "No team", "Unknown person", "Unknown team",
    "Deleted user", ": Deleted user", "Credits and adjustments", " (no use to attribute to)",
    # By what somebody was found, beside one-word names of the same kind.
    "Figma id", "asked in that file",
    # Forms of a time, and queries that are put together.
    "YYYY-MM-DD HH24:MI \"UTC\"", "(at at time zone %L)::date",
    "delete from %1$s where ctid = any (array(select ctid from %1$s where %2$s limit $1 for update"
    " skip locked))",
    # Tables that are made and dropped by name.
    "create table private.%I (like %s including all excluding identity)",
    "alter table private.%I enable row level security",
    "revoke all on private.%I from public, anon, authenticated, service_role",
    "alter table private.%I drop constraint if exists %I",
    "alter table public.%I detach partition private.%I",
    "alter table public.%I attach partition private.%I default",
    "alter table public.%I attach partition private.%I for values from (%L) to (%L)",
    r"FROM \('([^']+)'\)", r"TO \('([^']+)'\)",
    # Why something was written into the books, the audit log or a removal at Figma. It is kept with
    # its row for ever, beside reasons that people typed, and stays what it was on that day.
    "Recorded after ", "Re-priced after ", "The plan in ", " was changed after it was closed",
    "Undo of version %s: %s",
    "More deliveries within an hour that Figma does not confirm than a webhook may bring.",
    "Figma no longer accepted their connection.", "Given up after seven days. ",
}  # fmt: skip


def raised() -> list[tuple[str, str]]:
    """(file and line, text) of each statement that raises."""
    found = []
    for path in sorted(FUNCTIONS.rglob("*.sql")):
        text = path.read_text()
        for match in re.finditer(r"raise exception\b[^;]*", text):
            line = text.count("\n", 0, match.start()) + 1
            found.append((f"{path.relative_to(FUNCTIONS)}:{line}", match[0]))
    return found


def arguments(text: str) -> list[str]:
    """The arguments of a call, of which ``text`` begins after its opening bracket."""
    found, depth = [""], 0
    for token in re.findall(r"'(?:[^']|'')*'|[(),]|[^'(),]+", text):
        depth += (token == "(") - (token == ")")
        if depth < 0:
            break
        if token == "," and depth == 0:
            found.append("")
        else:
            found[-1] += token
    return [each.strip() for each in found]


def parameters(statement: str) -> set[str]:
    """Names given in jsonb_build_object: those before each of its values."""
    _, built, given = statement.partition("jsonb_build_object(")
    return {name.strip("'") for name in arguments(given)[::2]} if built else set()


def steps() -> list[tuple[str, set[str]]]:
    """(code, names of its parameters) of each step that a dry run may have."""
    files = ("answers/dry_runs.sql", "analysis/analysis_replaying.sql")
    text = "".join((FUNCTIONS / each).read_text() for each in files)
    calls = [arguments(each) for each in text.split("private.planned_step(")[1:]]
    return [
        (code, parameters(" ".join(call[3:])))
        for call in calls
        if call[0].startswith("'")
        for code in re.findall(r"(?:^|then |else )'(\w+)'", call[2])
    ]


def looks_like_words(text: str) -> bool:
    """A capital and a second word at its start, or four words in a row."""
    return bool(re.match(r"\W*[A-Z][^ ]* |.*\b([A-Za-z']+ ){3}[A-Za-z']{2}", text, re.S))


def literals() -> list[tuple[str, str]]:
    """(file and line, text) of each string in the code of functions; comments are left out."""
    found = []
    for path in sorted(FUNCTIONS.rglob("*.sql")):
        text = path.read_text()
        for match in re.finditer(r"--[^\n]*|comment on [^;]*? is |'((?:[^']|'')*)'", text):
            if match[1] is not None and not text[: match.start()].endswith(" is "):
                line = text.count("\n", 0, match.start()) + 1
                found.append((f"{path.relative_to(FUNCTIONS)}:{line}", match[1].replace("''", "'")))
    return found


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def test_every_code_has_a_sentence_with_exactly_its_parameters() -> None:
    codes = set()
    for place, statement in raised():
        if statement == SILENT:
            continue
        match = re.match(
            r"raise exception using errcode = '(\w+)', message = '([a-z][a-z0-9_]*)'", statement
        )
        assert match, f"{place} raises no code; its sentence belongs into service/sentences.py"
        state, code = match.groups()
        assert state in STATES, place
        assert code in SENTENCES, f"{place}: {code} has no sentence in service/sentences.py"
        assert parameters(statement) == fields(SENTENCES[code]), place
        codes.add(code)
    assert len(codes) > 80
    assert set(SENTENCES) == codes


def test_every_step_of_a_dry_run_has_a_sentence_with_exactly_its_parameters() -> None:
    found = steps()
    for code, names in found:
        assert names == fields(step_sentences.SENTENCES.get(code, "")), code
    assert {code for code, _ in found} == set(step_sentences.SENTENCES)


def test_sql_holds_no_words_for_people_but_names_and_reasons_that_are_kept() -> None:
    found = [(place, text) for place, text in literals() if looks_like_words(text)]
    left = [(place, text) for place, text in found if text not in WORDS_OF_SQL]
    assert not left, "SQL gives a code and its parameters; the words belong into Python"
    assert {text for _, text in found} == WORDS_OF_SQL


def test_sentences_are_sentences() -> None:
    for code, template in (SENTENCES | step_sentences.SENTENCES).items():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", code)
        assert template[0].isupper() or template[0] == "{"
        assert template.endswith((".", "…"))


@pytest.mark.parametrize(
    ("message", "details", "shown"),
    [
        ("no_such_person", None, "There is no such person."),
        ("no_plan_called_so", {"plan": "max"}, "There is no plan called max."),
        ("only_these_may_see_this", {"roles": ["founder"]}, "Only founders may see this."),
        ("only_these_may_see_this", {"roles": ["founder", "finance"]},
         "Only founders and finance may see this."),
        # Of another version: parameters, codes and sentences that this one does not know.
        ("no_plan_called_so", {"name": "max"}, "The database refused this: no plan called so."),
        ("no_plan_called_so", None, "The database refused this: no plan called so."),
        ("something_new", {"a": 1}, "The database refused this: something new."),
        ("There is no such thing.", None, "There is no such thing."),
        ("permission denied for table plans", None, "permission denied for table plans"),
        ("", None, ""),
    ],
)  # fmt: skip
def test_what_is_shown(message: str, details: object, shown: str) -> None:
    given = json.dumps(details) if details is not None else None
    assert sentence(message, given) == shown


def test_details_that_are_no_parameters_are_passed_over() -> None:
    for details in ("Failing row contains (1).", "[1]", "3", {"plan": "max"}, 7):
        assert sentence("no_such_person", details) in (
            "There is no such person.",
            "The database refused this: no such person.",
        )


@pytest.mark.parametrize(
    ("code", "given", "shown"),
    [
        ("posts_the_refusal", {"reason": "limit"}, "Posts the refusal (limit) in the thread."),
        # A plan without a limit.
        ("reserves_a_use", {"payer": "Ada", "plan": "Team", "left": None},
         "Reserves one use of Ada's plan Team (any number left), and takes it only when the reply "
         "is posted."),
        # Of another version.
        ("posts_the_refusal", {}, "Posts the refusal."),
        ("waits_for_the_moon", {"phase": 1}, "Waits for the moon."),
    ],
)  # fmt: skip
def test_a_step_is_shown_in_words(code: str, given: dict[str, object], shown: str) -> None:
    assert step_sentences.step_sentence(code, given) == shown
