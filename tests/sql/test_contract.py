"""Every SQL function that Python names exists, with exactly the parameters Python sends."""

import ast
import inspect
import re
from pathlib import Path

import psycopg

from local.stack import Database
from service.store.database import Database as ServiceDatabase

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

    data = None


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
    getattr(service, name)(*positional, **named)
