"""Every SQL function that Python names exists, with exactly the parameters Python sends."""

import ast
import inspect
import re
from pathlib import Path

import psycopg

from local.stack import Database
from service.database import Database as ServiceDatabase

ROOT = Path(__file__).resolve().parents[2]
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


def test_every_function_named_anywhere_in_python_exists(database: Database):
    known = known_functions(database)
    named = set()
    for folder in ("service", "dashboard", "sql", "local"):
        for file in (ROOT / folder).rglob("*.py"):
            named |= {
                (node.args[0].value, file.name)
                for node in ast.walk(ast.parse(file.read_text()))
                if isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "rpc"
                and node.args
                and isinstance(node.args[0], ast.Constant)
            }
    assert {pair for pair in named if pair[0] not in known} == set()


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
