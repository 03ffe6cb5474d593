"""Every table, view and function against every role, asked at the API itself with real tokens.

The rows of the matrix come from the catalogue: what is new and not listed fails.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from local.stack import Database
from tests.sql import access_columns, access_matrix
from tests.sql.access_columns import TABLES
from tests.sql.access_matrix import FUNCTIONS, NEED_A_HISTORY, READS
from tests.sql.building import Builder
from tests.sql.conftest import Sql
from tests.sql.test_access import add_one_row_each
from tests.sql.test_analyses import LIMIT, item, work, worker_lives

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
        "p_provider": "p",
    }


OWN_VALUES: dict[str, dict[str, Any]] = {
    "advice_by": {"p_kind": "model"},
    "ai_cost_people": {"p_by": "user"},
    # Where add_one_row_each puts one.
    "billing_adjustment_list": {"p_month": "2020-02-01"},
    "margin_by": {"p_by": "plan"},
    "passcode_batch": {"p_after": None},
    "reencryption_batch": {"p_after": None},
    "target_batch": {"p_after": None},
}
# Who is told less, or of another moment, than founders.
OWN_ANSWERS: dict[str, set[str]] = {
    "audit_choices": {"support"},
    "audit_rows": {"support"},
    "latest_analyses": {"support"},
    "latest_answers": {"support"},
    "pipeline_measures": {"support"},
    "pipeline_rows": {"support"},
    "queue_status": {"support", "finance", "service"},
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

    def call(
        self, role: str, name: str, arguments: list[str], **known: Any
    ) -> tuple[str | None, Any]:
        moment = values() | known
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


def test_every_function_table_and_column_stands_in_the_matrix_once_and_says_why(
    catalogue: psycopg.Connection,
) -> None:
    kinds = access_matrix.MATRIX
    assert sorted(name for kind in kinds for name in kind.names) == sorted(functions(catalogue))
    found = relations(catalogue)
    assert sorted(table.name for table in access_columns.MATRIX) == sorted(found)
    for table in access_columns.MATRIX:
        columns = found[table.name]
        opened = {name for name, (is_open, _) in columns.items() if is_open}
        listed = table.open_columns + table.closed_columns
        assert sorted(listed) == sorted(columns), f"{table.name}: who may read what, and why?"
        assert set(table.open_columns) == opened, table.name
    closed = [why for table in access_columns.MATRIX for why in table.closed.values()]
    blank = [why for table in access_columns.MATRIX for _, why in table.blank.values()]
    whys = [*(kind.why for kind in kinds), *(table.why for table in access_columns.MATRIX)]
    assert all(why.strip() for why in [*whys, *closed, *blank])


def test_each_role_reads_the_tables_and_columns_it_needs_and_no_others(
    api: Api, catalogue: psycopg.Connection
) -> None:
    with catalogue.transaction():
        add_one_row_each(catalogue)
    for table in access_columns.MATRIX:
        name = table.name
        every = f"/{name}?limit=1&select={','.join(table.open_columns or table.closed_columns)}"
        for role in (*OUTSIDERS, *OPERATORS):
            code, rows = api.ask(role, "GET", every)
            if role in table.who:
                assert code is None and len(rows) == 1, f"{role} sees nothing in {name}"
                for column, (who, _) in table.blank.items():
                    assert (rows[0][column] is not None) == (role in who), (
                        f"{role}: {name}.{column}"
                    )
            else:
                assert code == REFUSED or rows == [], f"{role} sees {name}"
            for column in table.closed_columns:
                code, _ = api.ask(role, "GET", f"/{name}?limit=1&select={column}")
                assert code == REFUSED, f"{role} may read {name}.{column}"
        code, rows = api.ask("service", "GET", f"/{name}?limit=1")
        assert code is None and len(rows) == 1, f"the service sees nothing in {name}"


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
        reads = {name for name, table in TABLES.items() if role in table.who}
        # Of operators everybody but founders reads only themselves.
        may = audited & reads - (set() if role == "founder" else {"operators"})
        may = may if "audit_log" in reads else set()
        code, rows = api.ask(role, "GET", "/audit_log?select=table_name")
        assert {row["table_name"] for row in rows if code is None} == may, role
        (refused, rows), (_, choices) = (
            api.call(role, name, []) for name in ("audit_rows", "audit_choices")
        )
        if role in FUNCTIONS["audit_rows"].who:
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


def test_each_role_calls_the_functions_it_needs_and_is_refused_the_rest(
    api: Api, catalogue: psycopg.Connection
) -> None:
    for name, arguments in functions(catalogue).items():
        for role in (*OUTSIDERS, *OPERATORS, "service"):
            code, _ = api.call(role, name, arguments)
            assert (code != REFUSED) == (role in FUNCTIONS[name].who), (
                f"{role} calls {name}: {code}"
            )


def test_who_is_no_operator_is_told_nothing(api: Api) -> None:
    assert api.call("nobody", "current_operator", []) == (None, None)
    assert api.call("nobody", "reporting", []) == (None, None)


def test_every_role_that_may_ask_is_told_what_founders_are(
    api: Api, catalogue: psycopg.Connection, sql: Sql
) -> None:
    known = functions(catalogue)
    before = {name: api.call("founder", name, known[name]) for name in READS}
    with catalogue.transaction():
        add_one_row_each(catalogue)
    person = live_a_little(sql)
    same = values() | {"p_user_id": person, "p_analysis_id": analyse_a_little(sql, person)}
    same |= {"p_answer_id": sql.rows("select id::text from public.answers limit 1")[0][0]}
    same |= {"p_team_id": sql.rows("select id::text from public.teams limit 1")[0][0]}
    # The second is at work: somebody's turn in the queue.
    same |= {"p_pipeline_id": Builder(sql.call).build(person)}
    Builder(sql.call).start(person)
    silent = set()
    for name in READS:
        told = api.call("founder", name, known[name], **same)
        assert told[0] is None, f"founders call {name}: {told}"
        if told == before[name]:
            silent.add(name)
        for role in FUNCTIONS[name].who - {"founder"} - OWN_ANSWERS.get(name, set()):
            # Some count the seconds until now: then a second may end between the two.
            assert any(
                api.call(role, name, known[name], **same)
                == api.call("founder", name, known[name], **same)
                for _ in range(5)
            ), f"{role} calls {name}"
    assert silent == NEED_A_HISTORY


def test_support_learns_what_one_persons_answers_cost_and_no_list_of_everybodys(
    api: Api, catalogue: psycopg.Connection, sql: Sql
) -> None:
    person = live_a_little(sql)
    (code, story), (_, days) = (
        api.call("support", name, ["p_user_id"], p_user_id=person)
        for name in ("person_story", "person_days")
    )
    assert code is None
    costs = {each["detail"].get("cost_microusd") for each in story if each["kind"] == "answer"}
    assert costs == {5, None}
    assert [(each["answered"], each["failed"], each["cost_microusd"]) for each in days] == [
        (2, 1, 5)
    ]
    for path in ("usage_logs", "usage_daily_users", "usage_hourly", "usage_daily", "subscriptions"):
        assert api.ask("support", "GET", f"/{path}?limit=1") == (None, []), path
    answers = api.call("support", "latest_answers", ["p_limit"])[1]
    assert {"priced", "unpriced"} <= {each["cost_state"] for each in answers}
    assert {each["cost_microusd"] for each in answers} == {None}
    assert api.ask("support", "GET", "/answer_list?cost_microusd=gte.0") == (None, [])


def test_a_persons_plan_stays_in_the_story_that_support_reads_and_leaves_everybodys_log(
    api: Api, catalogue: psycopg.Connection, sql: Sql
) -> None:
    person = sql.sign_in("2")
    sql.rows("insert into public.subscriptions (user_id, plan_code) values (%s, 'pro')"
             " returning id", person)  # fmt: skip
    seen = {
        role: api.call(role, "person_story", ["p_user_id"], p_user_id=person)[1]
        for role in ("founder", "support")
    }
    assert "subscriptions" in {each["what"] for each in seen["support"]}
    assert seen["support"] == seen["founder"]
    everybodys = api.call("support", "audit_rows", [])[1]
    assert "subscriptions" not in {each["table_name"] for each in everybodys}


def test_finance_learns_who_a_payer_is_and_nothing_of_when_people_come(
    api: Api, catalogue: psycopg.Connection, sql: Sql
) -> None:
    person = live_a_little(sql)
    people = api.call("finance", "ai_cost_people", ["p_first", "p_last", "p_by"])[1]
    assert [(each["id"], each["name"]) for each in people] == [(person, "Person 2")]
    for table in ("users", "activity", "use_receipts", "usage_daily_users", "active_periods"):
        column = TABLES[table].open_columns[0]
        assert api.ask("finance", "GET", f"/{table}?limit=1&select={column}") == (None, []), table


def test_what_roles_may_know_of_closed_tables_cannot_be_asked_at_the_api(
    api: Api, catalogue: psycopg.Connection
) -> None:
    key, token = api.keys["founder"]
    for name in (
        "support_ledger",
        "support_days",
        "support_audit",
        "payer_names",
        "pipeline_spending",
    ):
        assert (
            api.http.get(
                f"/rest/v1/{name}", headers={"apikey": key, "Authorization": f"Bearer {token}"}
            ).status_code
            == 404
        )
    assert api.ask("founder", "POST", "/rpc/first_payments", {})[0] == "PGRST202"


def live_a_little(sql: Sql) -> str:
    """Somebody is answered, at a price and without one, and once in vain; their id."""
    person = sql.sign_in("2")
    webhook = sql.switch_on(person, "FILE2")
    for number, cost in enumerate((5, None)):
        answer = sql.ask(webhook, f"c{number}", author_figma_id="2", file_key="FILE2")["answer_id"]
        sql.begin(answer)
        state = "unpriced" if cost is None else "priced"
        sql.settle(answer, f"r{number}", provider="openai", model="m", cost_microusd=cost,
                   cost_state=state, grounding="grounded")  # fmt: skip
    sql.connection.execute(
        "insert into public.advice_thumbs (answer_id, author_figma_id, thumb_answer_id, is_good)"
        " values (%s, '2', gen_random_uuid(), false)",
        [answer],
    )
    sql.call("tend_advice")
    failed = sql.ask(webhook, "c9", author_figma_id="2", file_key="FILE2")["answer_id"]
    attempt = sql.begin(failed)["attempt"]
    sql.call("release_use", failed, attempt, "figma_down", "Figma is down.", {})
    return person


def analyse_a_little(sql: Sql, person: str) -> str:
    """Somebody is given an analysis and a batch of one, and applies a suggestion; an id."""
    worker_lives(sql)
    alone, batched = item("a"), item("b")
    sql.call("request_analysis", person, alone, *LIMIT)
    sql.call("request_analysis_batch", person, str(uuid4()), "k", "f" * 64, [batched], *LIMIT)
    for each in (alone, batched):
        work(sql, each["id"])
    sql.call("note_outcomes", person, alone["id"], [{"ref": 1, "outcome": "applied"}])
    return str(alone["id"])
