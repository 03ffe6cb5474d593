"""Every table, view and function against every role, asked at the API itself with real tokens.

The rows of the matrix come from the catalogue: what is new and not listed fails.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest

from local.stack import Database
from tests.sql.access_matrix import FILTERED, GATED, NEED_A_HISTORY
from tests.sql.conftest import Sql
from tests.sql.test_access import CLOSED_TABLES, OPERATOR_FUNCTIONS, READS, add_one_row_each

OPERATORS = ("founder", "support", "finance")
# nobody: signed in, but no operator.
OUTSIDERS = ("anon", "nobody")
REFUSED = "42501"
# Immutable even for the service.
APPEND_ONLY = {
    "adjustments", "audit_log", "billing_adjustments", "billing_months", "billing_statements",
    "usage_logs",
}  # fmt: skip


def values() -> dict[str, Any]:
    """One for every parameter, of this moment: a run may pass midnight."""
    now = datetime.now(UTC)
    return {
        "p_from": (now - timedelta(days=2)).isoformat(),
        "p_to": (now + timedelta(hours=1)).isoformat(),
        "p_now": now.isoformat(),
        "p_first": f"{now - timedelta(days=2):%Y-%m-%d}",
        "p_last": f"{now:%Y-%m-%d}",
        "p_day": f"{now:%Y-%m-%d}",
        "p_month": f"{now:%Y-%m-01}",
        "p_starts": [(now - timedelta(days=2)).isoformat()],
        "p_step": "day",
        "p_days": 30,
        "p_limit": 50,
        "p_after": "",
        "p_after_at": "-infinity",
        "p_after_id": 0,
        "p_search": "",
        "p_only_silent": False,
    }


OWN_VALUES: dict[str, dict[str, Any]] = {
    "ai_cost_people": {"p_by": "user"},
    "margin_by": {"p_by": "plan"},
    "passcode_batch": {"p_after": None},
    "reencryption_batch": {"p_after": None},
}


AUDITED = """
    select relname from pg_class
    where oid in (select tgrelid from pg_trigger where tgfoid = 'private.audit'::regproc)
"""


@dataclass
class Api:
    """The API as each role reaches it; `ask` gives (error code or None, answer)."""

    http: httpx.Client
    keys: dict[str, tuple[str, str]]

    def ask(self, role: str, method: str, path: str, body: Any = None) -> tuple[str | None, Any]:
        key, token = self.keys[role]
        headers = {"apikey": key, "Authorization": f"Bearer {token}", "Prefer": "return=minimal"}
        answer = self.http.request(method, f"/rest/v1{path}", headers=headers, json=body)
        read = answer.json() if answer.content else None
        if answer.status_code < 300:
            return None, read
        assert answer.status_code in ((401,) if role == "anon" else (400, 403, 404, 409, 422)), (
            f"{role} {method} {path}: {answer.status_code} {answer.text}"
        )
        return str(read["code"]), read

    def call(self, role: str, name: str, arguments: list[str]) -> tuple[str | None, Any]:
        moment = values()
        given = {each: moment.get(each) for each in arguments} | OWN_VALUES.get(name, {})
        return self.ask(role, "POST", f"/rpc/{name}", given)


@pytest.fixture
def api(database: Database) -> Iterator[Api]:
    with httpx.Client(base_url=database.supabase_url, timeout=30) as http:
        made = Api(http, {"anon": (database.anon_key,) * 2})
        made.keys["service"] = (database.service_role_key,) * 2
        for role in ("nobody", *OPERATORS):
            email = f"{role}@example.test"
            headers = {"apikey": database.anon_key}
            body = {"email": email, "password": "correct horse battery"}
            signed_up = http.post("/auth/v1/signup", headers=headers, json=body).json()
            if role != "nobody":
                who = {"p_user_id": signed_up["user"]["id"], "p_email": email, "p_role": role}
                assert made.ask("service", "POST", "/rpc/set_operator", who) == (None, None)
            made.keys[role] = (database.anon_key, signed_up["access_token"])
        yield made


@pytest.fixture
def catalogue(database: Database) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        yield connection


def relations(catalogue: psycopg.Connection) -> dict[str, dict[str, tuple[bool, bool]]]:
    """Tables and views; of each column whether operators may read it and whether it can be set."""
    found: dict[str, dict[str, tuple[bool, bool]]] = {}
    for relation, column, is_open, is_plain in catalogue.execute("""
        select relname, attname, has_column_privilege('authenticated', c.oid, attnum, 'select'),
            attidentity = '' and attgenerated = ''
        from pg_class as c join pg_attribute on attrelid = c.oid
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm')
            and attnum > 0 and not attisdropped
        order by relname, attnum
    """):
        found.setdefault(relation, {})[column] = (is_open, is_plain)
    return found


def functions(catalogue: psycopg.Connection) -> dict[str, list[str]]:
    """Functions of the API with the names of their parameters."""
    rows = catalogue.execute("""
        select proname, coalesce(proargnames[1:pronargs], '{}') from pg_proc
        where pronamespace = 'public'::regnamespace order by proname
    """).fetchall()
    assert len({name for name, _ in rows}) == len(rows), "the API cannot tell overloads apart"
    return dict(rows)


def test_each_role_reads_the_tables_and_columns_it_needs_and_no_others(
    api: Api, catalogue: psycopg.Connection
) -> None:
    with catalogue.transaction():
        add_one_row_each(catalogue)
    for table, columns in relations(catalogue).items():
        opened = [name for name, (is_open, _) in columns.items() if is_open]
        closed = [name for name, (is_open, _) in columns.items() if not is_open]
        assert bool(opened) == (table not in CLOSED_TABLES), table
        every = f"/{table}?limit=1&select={','.join(opened or columns)}"
        for role in (*OUTSIDERS, *OPERATORS):
            code, rows = api.ask(role, "GET", every)
            if role in READS and table in READS[role]:
                assert code is None and len(rows) == 1, f"{role} sees nothing in {table}"
            else:
                assert code == REFUSED or rows == [], f"{role} sees {table}"
            for column in closed:
                code, _ = api.ask(role, "GET", f"/{table}?limit=1&select={column}")
                assert code == REFUSED, f"{role} may read {table}.{column}"
        code, rows = api.ask("service", "GET", f"/{table}?limit=1")
        assert code is None and len(rows) == 1, f"the service sees nothing in {table}"


def test_nobody_reads_in_the_audit_log_what_they_may_not_read_in_its_table(
    api: Api, catalogue: psycopg.Connection
) -> None:
    audited = {table for (table,) in catalogue.execute(AUDITED)}
    for table in sorted(audited):
        catalogue.execute(
            "insert into public.audit_log (actor, table_name, row_key, operation)"
            " values (%s, %s, gen_random_uuid(), 'UPDATE')",
            (f"who changed {table}", table),
        )
    for role in (*OUTSIDERS, *OPERATORS):
        reads = READS.get(role, set())
        # Of operators everybody but founders reads only themselves.
        may = audited & reads - (set() if role == "founder" else {"operators"})
        may = may if "audit_log" in reads else set()
        code, rows = api.ask(role, "GET", "/audit_log?select=table_name")
        assert {row["table_name"] for row in rows if code is None} == may, role
        (refused, rows), (_, choices) = (
            api.call(role, name, []) for name in ("audit_rows", "audit_choices")
        )
        if role in GATED["audit_rows"]:
            assert {row["table_name"] for row in rows} == set(choices["tables"]) == may, role
            actors = {each for each in choices["actors"] if each.startswith("who changed")}
            assert actors == {f"who changed {table}" for table in may}, role
        else:
            assert refused == REFUSED, role


def test_only_the_service_writes_and_nobody_changes_the_books(
    api: Api, catalogue: psycopg.Connection
) -> None:
    views = {name for (name,) in catalogue.execute("select viewname from pg_views"
             " where schemaname = 'public'")}  # fmt: skip
    for table, columns in relations(catalogue).items():
        column = next(name for name, (_, is_plain) in columns.items() if is_plain)
        changes = (
            ("POST", f"/{table}", {column: None}),
            ("PATCH", f"/{table}?{column}=not.is.null", {column: None}),
            ("DELETE", f"/{table}?{column}=is.null", None),
        )
        for method, path, body in changes:
            for role in (*OUTSIDERS, *OPERATORS):
                with _views_cannot_be_written(table in views):
                    code, _ = api.ask(role, method, path, body)
                    assert code == REFUSED, f"{role} may {method} {table}: {code}"
            with _views_cannot_be_written(table in views):
                code, _ = api.ask("service", method, path.replace("not.is", "is"), body)
                is_closed = table in APPEND_ONLY and method != "POST"
                assert (code == REFUSED) == is_closed, f"service {method} {table}: {code}"


@contextlib.contextmanager
def _views_cannot_be_written(is_view: bool) -> Iterator[None]:
    """Postgres refuses to write a joined view before it looks at anybody's rights (500, 55000)."""
    if not is_view:
        yield
        return
    with pytest.raises(AssertionError, match="55000"):
        yield


def test_every_function_operators_may_call_stands_in_the_matrix_once(
    catalogue: psycopg.Connection,
) -> None:
    opened = {name.removeprefix("public.") for name in OPERATOR_FUNCTIONS}
    assert GATED.keys() & FILTERED.keys() == set()
    assert GATED.keys() | FILTERED.keys() == opened & functions(catalogue).keys() == opened


def test_each_role_calls_the_functions_it_needs_and_is_refused_the_rest(
    api: Api, catalogue: psycopg.Connection
) -> None:
    for name, arguments in functions(catalogue).items():
        code, _ = api.call("anon", name, arguments)
        assert code == REFUSED, f"anon may call {name}"
        if name in FILTERED:
            continue
        allowed = GATED.get(name, frozenset({"service"}))
        for role in ("nobody", *OPERATORS, *(["service"] if "service" in allowed else [])):
            code, _ = api.call(role, name, arguments)
            assert (code != REFUSED) == (role in allowed), f"{role} calls {name}: {code}"


def test_what_a_role_may_not_read_does_not_change_what_functions_answer(
    api: Api, catalogue: psycopg.Connection, sql: Sql
) -> None:
    known = functions(catalogue)
    roles = ("nobody", *OPERATORS)
    before = {
        (each, name): api.call(each, name, known[name]) for each in roles for name in FILTERED
    }
    with catalogue.transaction():
        add_one_row_each(catalogue)
    live_a_little(sql)
    learns: dict[str, set[str]] = {}
    for role, name in before:
        code, answer = api.call(role, name, known[name])
        assert code is None, f"{role} calls {name}: {code} {answer}"
        if answer != before[role, name][1]:
            learns.setdefault(name, set()).add(role)
    told = {name: roles for name, roles in FILTERED.items() if name not in NEED_A_HISTORY}
    assert learns == told


def live_a_little(sql: Sql) -> None:
    """Somebody is answered, at a price and without one, and once in vain."""
    person = sql.sign_in("2")
    webhook = sql.switch_on(person, "FILE2")
    for number, cost in enumerate((5, None)):
        answer = sql.ask(webhook, f"c{number}", author_figma_id="2")["answer_id"]
        sql.begin(answer)
        state = "unpriced" if cost is None else "priced"
        sql.settle(answer, f"r{number}", provider="openai", model="m", cost_microusd=cost,
                   cost_state=state)  # fmt: skip
    failed = sql.ask(webhook, "c9", author_figma_id="2")["answer_id"]
    attempt = sql.begin(failed)["attempt"]
    sql.call("release_use", failed, attempt, "figma_down", "Figma is down.", {})
