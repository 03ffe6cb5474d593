"""Every SQL function that Python names exists, with exactly the parameters Python sends."""

import ast
import inspect
import re
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

import psycopg
from procrastinate.jobs import Job as QueuedJob

from local.stack import Database
from service.store.answer_records import Recorded, StepRefusal
from service.store.database import STEPS
from service.store.database import Database as ServiceDatabase
from service.store.record import Record, WrongShape
from tests.sql.conftest import Sql
from tests.sql.results import every_result

ROOT = Path(__file__).resolve().parents[2]
# What asks for a SQL function by name, in the dashboard and in commands.
READERS = ("rpc", "call", "call_one", "call_all", "call_table", "call_pages", "send_for", "ask")
CALLEES = (*READERS, "send", "_send", "asker")
PARAMETERS = """
    select proname, coalesce(proargnames, '{}'), pronargs, pronargdefaults from pg_proc
    where pronamespace = 'public'::regnamespace
"""


class Recorder:
    """Stands where the Supabase client would and notes what would be called."""

    def __init__(self):
        self.calls: list[tuple[str, set[str]]] = []

    @property
    def postgrest(self):
        return self

    def rpc(self, function, parameters):
        self.calls.append((function, set(parameters)))
        return self

    def execute(self):
        return self

    @property
    def data(self):
        raise Noted


class Noted(Exception):
    """A call was noted, and nothing comes back that could be read."""


def known_functions(database: Database) -> dict[str, set[str]]:
    with psycopg.connect(database.admin_url) as connection:
        return {
            name: set(arguments[:count])
            for name, arguments, count, _ in connection.execute(PARAMETERS).fetchall()
        }


def test_every_method_of_the_service_calls_a_function_with_its_own_parameters(database: Database):
    known = known_functions(database)
    recorder = Recorder()
    service = ServiceDatabase(recorder)
    for name, code in methods_of(ServiceDatabase):
        call_with_placeholders(service, name, code)
    assert len(recorder.calls) >= 25
    for function, parameters in recorder.calls:
        assert function in known, f"{function} does not exist"
        assert parameters == known[function], function


class Reading(ServiceDatabase):
    """Notes how the result of each function is read, and which are not read at all."""

    def __init__(self):
        self.readers: dict[str, Callable] = dict(STEPS)
        self.unread: set[str] = set()

    def _note(self, read, function, again=True, /, **parameters):
        self.readers[function] = read
        raise Noted

    _read = _find = _list = _value = _note

    def _call(self, function, again=True, /, **parameters):
        self.unread.add(function)
        raise Noted


def how_results_are_read() -> Reading:
    reading = Reading()
    for name, code in methods_of(ServiceDatabase):
        call_with_placeholders(reading, name, code)
    # Read by hand: one as what it holds is, the other over a connection of its own.
    reading.unread -= {"take_steps", "price_overrides"}
    return reading


def test_whatever_a_function_gives_is_read(database: Database):
    with psycopg.connect(database.admin_url) as connection:
        rows = connection.execute(
            "select proname from pg_proc where pronamespace = 'public'::regnamespace"
            " and prorettype <> 'void'::regtype"
        ).fetchall()
    assert how_results_are_read().unread & {name for (name,) in rows} == set()


def test_every_record_has_a_field_for_each_key_of_its_function_and_no_other(sql: Sql):
    readers = how_results_are_read().readers | {
        "take_steps": StepRefusal.from_json,
        "record_events": Recorded.from_json,
    }
    results = defaultdict(list)
    for function, result in every_result(sql):
        results[function].append(result)
    assert set(results) == set(readers)
    problems, seen = [], defaultdict(set)
    for function, read in readers.items():
        for result in results[function]:
            problems += compare(function, read, result, seen)
    expected = {kind for read in readers.values() for kind in records_of(read)}
    problems += [f"No function gave a {kind.__name__}." for kind in expected - set(seen)]
    problems += [
        f"{kind.__name__} reads {name}, which no function gives."
        for kind, keys in seen.items()
        for name in sorted({each.name for each in fields(kind)} - keys)
    ]
    assert sorted(set(problems)) == []


def test_a_difference_is_told_by_function_and_key():
    more = {"state": "answered", "reply_comment_id": "r1", "new": 1}
    told = compare("settle_answer", STEPS["settle_answer"], more, defaultdict(set))
    assert told == ["settle_answer gives new, which no field of Settled reads."]
    [told] = compare("settle_answer", STEPS["settle_answer"], {"state": "x"}, defaultdict(set))
    assert told == 'settle_answer: there is no "reply_comment_id" for Settled.'


def test_a_job_has_the_columns_that_the_queue_reads(database: Database):
    with psycopg.connect(database.admin_url) as connection:
        rows = connection.execute("select * from queue.procrastinate_jobs limit 0")
        columns = {each.name for each in rows.description or ()}
    read = re.findall(r'row\["(\w+)"\]', inspect.getsource(QueuedJob.from_row))
    assert len(read) > 5 and set(read) <= columns


def compare(function: str, read: Callable, result: Any, seen: dict[type, set]) -> list[str]:
    """What is wrong with a result; ``seen`` gets the keys that each record was given."""
    try:
        record = read(result)
    except WrongShape as error:
        return [f"{function}: {error}."]
    return list(differences(function, type(record), result, seen))


def differences(function: str, kind: type, result: Any, seen: dict[type, set]):
    if not issubclass(kind, Record):
        return
    known = {each.name: each.type for each in fields(kind)}
    seen[kind] |= set(result)
    for name, value in result.items():
        if name not in known:
            yield f"{function} gives {name}, which no field of {kind.__name__} reads."
            continue
        for inner in records_in(known[name]):
            for row in value if isinstance(value, list) else [value]:
                if row is not None:
                    yield from differences(function, inner, row, seen)


def records_of(read: Callable) -> set[type]:
    """The records that a reader makes, and those in them."""
    made = getattr(read, "__self__", None)
    if made is None:
        made = read if isinstance(read, type) else get_type_hints(read)["return"]
    found, waiting = set(), records_in(made)
    while waiting:
        found |= waiting
        inner = [records_in(each.type) for kind in waiting for each in fields(kind)]
        waiting = set().union(*inner) - found
    return found


def records_in(kind: Any) -> set[type]:
    if isinstance(kind, type) and issubclass(kind, Record):
        return {kind}
    return set().union(*(records_in(each) for each in get_args(kind)))


def test_every_function_that_the_dashboard_and_commands_name_has_the_parameters_beside_it(
    database: Database,
):
    known = known_functions(database)
    calls = [
        (file.name, *named)
        for folder in ("dashboard", "sql", "local")
        for file in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if (named := function_named_in(node))
    ]
    assert len({function for _, function, _ in calls}) > 80
    assert [each for each in calls if each[1] not in known] == []
    assert [each for each in calls if not each[2] <= known[each[1]]] == []


def test_every_function_named_in_our_statements_exists(database: Database):
    with psycopg.connect(database.admin_url) as connection:
        rows = connection.execute("select oid::regproc::text from pg_proc").fetchall()
    known = {name.removeprefix("public.") for (name,) in rows}
    named = {
        (found if schema == "public" else f"{schema}.{found}", file.name)
        for folder in ("service", "dashboard")
        for file in (ROOT / folder).rglob("*.py")
        for schema, found in re.findall(
            r"\b(public|private)\.(\w+|\{_FUNCTION\})\(", file.read_text()
        )
    }
    named = {(name.replace("{_FUNCTION}", "record_events"), file) for name, file in named}
    assert {name for name, _ in named} >= {"record_events", "private.take_jobs"}
    assert {pair for pair in named if pair[0] not in known} == set()


def function_named_in(node: ast.AST) -> tuple[str, set[str]] | None:
    """The SQL function that a call names, and what of its parameters stands right there."""
    if not isinstance(node, ast.Call):
        return None
    callee = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if callee not in CALLEES:
        return None
    names = [
        (place, each.value)
        for place, each in enumerate(node.args[:2])
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]
    if not names:
        return None
    [(place, function)] = names
    parameters = {f"p_{each.arg}" for each in node.keywords} if callee == "_send" else set()
    for each in node.args[place + 1 :]:
        if isinstance(each, ast.Dict):
            parameters |= {key.value for key in each.keys if isinstance(key, ast.Constant)}
    return function, parameters


def methods_of(owner):
    for name, member in inspect.getmembers(owner, inspect.isfunction):
        if not name.startswith("_") and name != "close":
            yield name, member


def call_with_placeholders(service, name, method):
    documented = re.findall(r"\w+", (method.__doc__ or "").partition("fields:")[2])
    positional, named = [], {}
    for parameter in list(inspect.signature(method).parameters.values())[1:]:
        if parameter.kind is parameter.VAR_KEYWORD:
            named |= dict.fromkeys(documented, "x")
        elif parameter.kind is parameter.KEYWORD_ONLY:
            named[parameter.name] = "x"
        else:
            positional.append("x")
    with suppress(Noted):
        getattr(service, name)(*positional, **named)
