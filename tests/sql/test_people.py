"""Helping people: who may see and do what, straight at the API, and nothing is lost quietly."""

import contextlib
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import psycopg
import pytest
from postgrest.exceptions import APIError
from supabase import Client, ClientOptions, create_client

from dashboard.people import context_merge
from local.stack import Database
from tests.sql.old_migrations import old_migrations

MIGRATION = old_migrations()["0027_plans_of_the_departed.sql"]
GUESTS = old_migrations()["0035_guidance_for_guests.sql"]
WHY = {"p_reason": "ticket 4711"}
EMPTY = dict.fromkeys(("instructions", "tone", "brand", "design_system_rules", "language"), "")
EMPTY |= {"focus_areas": [], "model": "", "shared_with_guests": []}


@pytest.fixture
def operator(database: Database) -> Iterator[Callable[[str | None], Client]]:
    """Makes signed-in clients of somebody with a role; None: signed in, but no operator."""
    with contextlib.ExitStack() as closing:

        def client(key: str) -> Client:
            http = closing.enter_context(httpx.Client(timeout=10))
            options = ClientOptions(httpx_client=http, auto_refresh_token=False)
            return create_client(database.supabase_url, key, options)

        def make(role: str | None) -> Client:
            email = f"{role}@example.test"
            made = client(database.anon_key)
            user = made.auth.sign_up({"email": email, "password": "correct horse battery"}).user
            if role:
                values = {"p_user_id": user.id, "p_email": email, "p_role": role}
                client(database.service_role_key).rpc("set_operator", values).execute()
            return made

        yield make


@pytest.fixture
def support(operator) -> Client:
    return operator("support")


@pytest.fixture
def ada(sql) -> str:
    return sql.sign_in("1")


def call(client: Client, function: str, **parameters):
    named = {f"p_{name}": value for name, value in parameters.items()}
    return client.rpc(function, named).execute().data


def edit(client: Client, function: str, **parameters):
    return call(client, function, **parameters, reason="ticket 4711")


def grant(client: Client, user_id: str, uses: int, key: str | None = None) -> dict:
    given = {"grant_id": key or str(uuid4()), "user_id": user_id, "uses": uses}
    return edit(client, "operator_grant_uses", **given)


def answered(sql, webhook: str, comment: str = "c1") -> str:
    answer = sql.ask(webhook, comment)["answer_id"]
    begun = sql.begin(answer)
    draft = {"text": "Yes, it is 7.2 : 1.", "usage": {}}
    sql.call("start_posting", answer, begun["attempt"], draft, 5)
    sql.settle(answer, f"reply-{comment}", provider="openai", model="m")
    return answer


def story(client: Client, user_id: str, **parameters) -> list[dict]:
    return call(client, "person_story", user_id=user_id, **parameters)


def test_each_function_serves_founders_and_support_and_refuses_the_rest(sql, operator, ada):
    answer = answered(sql, sql.switch_on(ada))
    calls = {
        "find_people": {"query": "person"},
        "person_card": {"user_id": ada},
        "person_story": {"user_id": ada},
        "audit_rows": {},
        "audit_choices": {},
        "verify_audit_log": {},
        "reveal_person": {"user_id": ada, **reason()},
        "reveal_answer": {"answer_id": answer, **reason()},
        "operator_export_person": {"user_id": ada, **reason()},
        "operator_save_context": {
            "user_id": ada, "expected_version": 1, "content": EMPTY, **reason()
        },
        "operator_undo_context": {"user_id": ada, "version": 1, **reason()},
        "operator_grant_uses": {"grant_id": answer, "user_id": ada, "uses": 5, **reason()},
        "operator_revoke_grant": {"grant_id": answer, **reason()},
        "operator_change_plan": {
            "user_id": ada, "expected_plan": "x", "plan_code": "pro", **reason()
        },
        "operator_set_state": {"user_id": ada, "state": "active", **reason()},
        "operator_delete_account": {"user_id": answer, **reason()},
    }  # fmt: skip
    for role in ("founder", "support", "finance", None):
        client = operator(role)
        for function, parameters in calls.items():
            code = refusal(client, function, parameters)
            if role in ("founder", "support"):
                assert code in (None, "PT404", "PT409"), (role, function, code)
            else:
                assert code == "42501", (role, function, code)


def reason() -> dict[str, str]:
    return {"reason": "ticket 4711"}


def refusal(client: Client, function: str, parameters: dict) -> str | None:
    try:
        call(client, function, **parameters)
    except APIError as error:
        return error.code
    return None


def test_every_change_and_every_look_needs_a_reason(sql, support, ada):
    for function, parameters in (
        ("reveal_person", {"user_id": ada}),
        ("operator_grant_uses", {"grant_id": ada, "user_id": ada, "uses": 5}),
        ("operator_set_state", {"user_id": ada, "state": "suspended"}),
        ("operator_delete_account", {"user_id": ada}),
    ):
        assert refusal(support, function, {**parameters, "reason": " a "}) == "PT422"
    assert sql.rows("select count(*) from public.audit_log where actor like %s", "support%") == [
        (0,)
    ]


def test_people_are_found_by_name_word_address_figma_id_file_and_link(sql, support, ada):
    sql.rows("update public.users set handle = 'Ada O''Okafor' where id = %s returning 1", ada)
    bo = sql.sign_in("2")
    webhook = sql.switch_on(bo, "k3y00000000000000000Ab")
    asked = sql.ask(webhook, "c1", file_key="k3y00000000000000000Ab", author_figma_id="1")
    sql.begin(asked["answer_id"])
    link = "https://www.figma.com/design/k3y00000000000000000Ab/Checkout?node-id=1-2"

    def found(query: str) -> list[tuple[str, str]]:
        people = call(support, "find_people", query=query)["people"]
        return [(each["user_id"], each["matched"]) for each in people]

    for query in ("ada", "ADA O", "okaf", "o'okafor"):
        assert found(query) == [(ada, "handle")], query
    assert found("2") == [(bo, "Figma id")]
    for place in (link, "k3y00000000000000000Ab"):
        assert found(place) == [(bo, "webhook there"), (ada, "asked in that file")]
    assert {each for each, _ in found("person@example.test")} == {ada, bo}
    assert [why for _, why in found("")] == ["newest", "newest"]
    for nobody in ("%", "_", "zzz", "'; drop", "person@exam", "&|!:*", "\\"):
        assert found(nobody) == [], nobody


def test_addresses_and_words_are_masked_everywhere_but_behind_a_reason(sql, support, ada):
    answer = answered(sql, sql.switch_on(ada))
    seen = str(
        [
            call(support, "find_people", query="person"),
            call(support, "person_card", user_id=ada),
            story(support, ada),
            call(support, "audit_rows"),
        ]
    )
    for secret in ("person@example.test", "contrast ok", "7.2 : 1"):
        assert secret not in seen
    assert "p•••@•••.test" in seen
    assert edit(support, "reveal_person", user_id=ada)["email"] == "person@example.test"
    revealed = edit(support, "reveal_answer", answer_id=answer)
    assert (revealed["question"], revealed["reply"]) == (
        "is this contrast ok?",
        "Yes, it is 7.2 : 1.",
    )
    exported = str(edit(support, "operator_export_person", user_id=ada))
    assert "person@example.test" in exported and "is this contrast ok?" in exported
    assert "access" not in exported and "passcode" not in exported
    logged = sql.rows(
        "select operation, table_name, actor, reason, person_id::text from public.audit_log"
        " where operation in ('REVEAL', 'EXPORT') order by id"
    )
    why = ("support@example.test", "ticket 4711", ada)
    assert logged == [
        ("REVEAL", "users", *why),
        ("REVEAL", "answers", *why),
        ("EXPORT", "users", *why),
    ]
    assert "contrast ok" not in str(sql.rows("select * from public.audit_log"))


def test_a_story_tells_everything_once_whatever_the_size_of_its_pages(sql, support, ada):
    webhook = sql.switch_on(ada)
    answered(sql, webhook, "c1")
    failed = sql.ask(webhook, "c2")["answer_id"]
    begun = sql.begin(failed)
    sql.call("release_use", failed, begun["attempt"], "figma_down", "Figma is down.", {})
    sql.ask_all(*[{**sql_comment(webhook, f"b{number}")} for number in range(4)])
    grant(support, ada, 5)
    edit(support, "reveal_person", user_id=ada)
    whole = story(support, ada, limit=200)
    assert {each["kind"] for each in whole} == {
        "sign_in", "webhook", "question", "answer", "receipt", "error", "edit"
    }  # fmt: skip
    assert [(e["at"], e["key"]) for e in whole] == sorted(
        ((e["at"], e["key"]) for e in whole), reverse=True
    )
    for size in (1, 3):
        paged: list[dict] = []
        while page := story(
            support,
            ada,
            limit=size,
            **({"before_at": paged[-1]["at"], "before_key": paged[-1]["key"]} if paged else {}),
        ):
            paged += page
        assert paged == whole
    only = story(support, ada, kinds=["error"])
    assert [(e["kind"], e["detail"]["failure_message"]) for e in only] == [
        ("error", "Figma is down.")
    ]


def test_what_operators_do_with_dead_letters_is_in_the_story_and_the_export(sql, support, ada):
    webhook = sql.switch_on(ada)
    failed = [sql.ask(webhook, comment)["answer_id"] for comment in ("c1", "c2")]
    for answer in failed:
        attempt = sql.begin(answer)["attempt"]
        sql.call("release_use", answer, attempt, "figma_down", "Figma is down.", {})
    edit(support, "replay_answers", answer_ids=failed[:1], cost_cap_microusd=None)
    edit(support, "discard_answer", answer_id=failed[1])
    events = story(support, ada, kinds=["edit"])
    told = [each["detail"]["after"]["state"] for each in events if each["what"] == "answers"]
    assert told == ["ignored", "queued"]
    changes = edit(support, "operator_export_person", user_id=ada)["changes"]
    kept = [each["after"]["state"] for each in changes if each["where"] == "answers"]
    assert kept == ["queued", "ignored"]
    assert call(support, "verify_audit_log")["ok"]


def sql_comment(webhook: str, comment_id: str) -> dict:
    return {
        "webhook_id": webhook, "event_type": "FILE_COMMENT", "event_key": comment_id,
        "payload": {}, "file_key": "FILE", "file_name": "Checkout", "comment_id": comment_id,
        "root_comment_id": comment_id, "author_figma_id": "1", "author_handle": "Ada",
        "question": "and this?", "asked_at": "2026-11-22T10:00:00Z", "is_addressed": True,
        "mention_ids": [],
    }  # fmt: skip


def save(client: Client, user_id: str, version: int, **fields):
    return edit(
        client,
        "operator_save_context",
        user_id=user_id,
        expected_version=version,
        content=EMPTY | fields,
    )


def context(sql, user_id: str) -> dict:
    return sql.call("get_context", user_id)


def test_two_operators_who_edit_two_fields_both_keep_their_change(sql, operator, ada):
    one, two = operator("support"), operator("founder")
    assert save(one, ada, 1, tone="warm") == {"is_saved": True, "version": 2}
    refused = save(two, ada, 1, brand="bold")
    assert refused["is_saved"] is False and context(sql, ada)["brand"] == ""
    merge = context_merge.merge(refused["base"], refused["theirs"], EMPTY | {"brand": "bold"})
    assert merge.conflicts == ()
    assert save(two, ada, refused["version"], **merge.content({}))["is_saved"]
    kept = context(sql, ada)
    assert (kept["tone"], kept["brand"], kept["version"]) == ("warm", "bold", 3)


def test_two_operators_who_edit_one_field_have_to_choose(sql, operator, ada):
    one, two = operator("support"), operator("founder")
    save(one, ada, 1, tone="warm")
    refused = save(two, ada, 1, tone="cool")
    merge = context_merge.merge(refused["base"], refused["theirs"], EMPTY | {"tone": "cool"})
    assert merge.conflicts == ("tone",)
    with pytest.raises(KeyError):
        merge.content({})
    assert (merge.content({"tone": "theirs"})["tone"], context(sql, ada)["tone"]) == (
        "warm", "warm",
    )  # fmt: skip
    assert save(two, ada, 2, **merge.content({"tone": "mine"}))["is_saved"]
    versions = sql.rows(
        "select version, content ->> 'tone', saved_by from public.user_context_versions"
        " where user_id = %s order by version",
        ada,
    )
    assert versions[1:] == [
        (2, "warm", "support@example.test"),
        (3, "cool", "founder@example.test"),
    ]


def test_saves_at_the_same_moment_let_exactly_one_through(sql, support, ada):
    with ThreadPoolExecutor(4) as pool:
        saved = list(pool.map(lambda tone: save(support, ada, 1, tone=tone), "abcd"))
    assert sorted(each["is_saved"] for each in saved) == [False, False, False, True]
    assert context(sql, ada)["version"] == 2


@pytest.mark.parametrize(
    "content",
    [
        {},
        EMPTY | {"tone": "x" * 501},
        EMPTY | {"tone": None},
        EMPTY | {"focus_areas": ["x"] * 13},
        EMPTY | {"focus_areas": [["x"]]},
        EMPTY | {"extra": "x"},
        EMPTY | {"shared_with_guests": ["model"]},
        EMPTY | {"shared_with_guests": [["tone"]]},
        EMPTY | {"shared_with_guests": "tone"},
        EMPTY | {"shared_with_guests": None},
        [],
        "x",
    ],
)
def test_a_context_outside_its_limits_is_refused_with_a_sentence(support, ada, content):
    parameters = {"user_id": ada, "expected_version": 1, "content": content, **reason()}
    assert refusal(support, "operator_save_context", parameters) == "PT422"


def test_one_change_is_undone_though_later_ones_exist(sql, support, ada):
    save(support, ada, 1, tone="warm", brand="bold")
    save(support, ada, 2, tone="warm", brand="bold", language="de")
    undone = edit(support, "operator_undo_context", user_id=ada, version=2)
    assert undone == {"is_undone": True, "version": 4, "fields": ["brand", "tone"]}
    kept = context(sql, ada)
    assert (kept["tone"], kept["brand"], kept["language"]) == ("", "", "de")
    again = edit(support, "operator_undo_context", user_id=ada, version=4)
    assert again["is_undone"] and context(sql, ada)["tone"] == "warm"


def test_an_undo_is_refused_with_the_list_when_later_changes_touch_its_fields(sql, support, ada):
    save(support, ada, 1, tone="warm", brand="bold")
    save(support, ada, 2, tone="cool", brand="bold")
    save(support, ada, 3, tone="cool", brand="bold", language="de")
    refused = edit(support, "operator_undo_context", user_id=ada, version=2)
    assert refused["is_undone"] is False
    assert [(each["version"], each["fields"]) for each in refused["blocked_by"]] == [(3, ["tone"])]
    assert context(sql, ada)["version"] == 4
    assert (
        refusal(support, "operator_undo_context", {"user_id": ada, "version": 1, **reason()})
        == "PT409"
    )


def test_what_guests_may_get_is_kept_with_each_version_in_one_order(sql, support, ada):
    save(support, ada, 1, tone="warm", shared_with_guests=["tone", "brand", "tone"])
    assert context(sql, ada)["shared_with_guests"] == ["brand", "tone"]
    again = save(support, ada, 2, tone="warm", shared_with_guests=["tone", "brand"])
    assert again == {"is_saved": True, "version": 2}
    # As an editor from before fields could be shared saves: it shares none.
    content = {name: value for name, value in EMPTY.items() if name != "shared_with_guests"}
    before = {"user_id": ada, "expected_version": 2, "content": content | {"tone": "warm"}}
    assert edit(support, "operator_save_context", **before)["is_saved"]
    assert context(sql, ada)["shared_with_guests"] == []
    shared = [
        sql.call("get_context_version", ada, version)["shared_with_guests"] for version in (1, 2, 3)
    ]
    assert shared == [[], ["brand", "tone"], []]
    with pytest.raises(psycopg.errors.CheckViolation):
        sql.call("save_context", ada, 3, EMPTY | {"shared_with_guests": ["model"]}, "user", "")


def test_a_version_from_before_fields_could_be_shared_is_undone_like_any_other(sql, support, ada):
    save(support, ada, 1, tone="warm")
    sql.connection.execute(
        "update public.user_context_versions set content = content - 'shared_with_guests'"
    )
    save(support, ada, 2, tone="warm", brand="bold")
    undone = edit(support, "operator_undo_context", user_id=ada, version=3)
    assert undone == {"is_undone": True, "version": 4, "fields": ["brand"]}
    undone = edit(support, "operator_undo_context", user_id=ada, version=2)
    assert (undone["is_undone"], undone["fields"]) == (True, ["tone"])


def test_an_undo_never_shows_guests_words_that_were_not_shared(sql, support, ada):
    save(support, ada, 1, brand="private words")
    save(support, ada, 2, brand="public words")
    save(support, ada, 3, brand="public words", shared_with_guests=["brand"])
    refused = edit(support, "operator_undo_context", user_id=ada, version=3)
    assert [(each["version"], each["fields"]) for each in refused["blocked_by"]] == [(4, ["brand"])]
    # The other way round: what was shared is taken back, written anew, and shared again by an undo.
    save(support, ada, 4, brand="public words")
    save(support, ada, 5, brand="private words again")
    refused = edit(support, "operator_undo_context", user_id=ada, version=5)
    assert [(each["version"], each["fields"]) for each in refused["blocked_by"]] == [(6, ["brand"])]
    assert context(sql, ada)["shared_with_guests"] == []
    # Where the words are the same, nothing clashes.
    undone = edit(support, "operator_undo_context", user_id=ada, version=4)
    assert undone["is_undone"] is False
    undone = edit(support, "operator_undo_context", user_id=ada, version=6)
    assert undone["is_undone"] and context(sql, ada)["brand"] == "public words"


def test_replies_drafted_for_guests_with_everything_are_drafted_anew(sql, database, ada):
    webhook = sql.switch_on(ada, guest_rule="owner_pays")
    for author in ("1", "guest"):
        answer = sql.ask(webhook, f"c-{author}", author_figma_id=author)["answer_id"]
        attempt = sql.begin(answer)["attempt"]
        sql.call("start_posting", answer, attempt, {"text": "It is bold.", "usage": {}}, 5)
        sql.call("release_use", answer, attempt, "figma_down", "Figma is down.", {})
    # The migration's own statement, on what stands there when it is applied.
    [statement] = re.findall(r"^update public\.answers.*?;", GUESTS, re.M | re.S)
    with psycopg.connect(database.admin_url) as owner:
        owner.execute(statement)
    kept = "select author_figma_id, draft ->> 'text' from public.answers order by 1"
    assert sql.rows(kept) == [("1", "It is bold."), ("guest", None)]


def test_granted_uses_are_spent_and_can_be_taken_back(sql, support, ada):
    webhook = sql.switch_on(ada)
    sql.rows(
        "insert into public.use_balances values (%s, 'trial', '-infinity', 10) returning 1", ada
    )
    assert sql.begin(sql.ask(webhook, "c0")["answer_id"])["decision"] == "refuse"
    granted = grant(support, ada, 2)
    assert (granted["usage"]["limit"], granted["usage"]["left"]) == (12, 2)
    first = sql.begin(sql.ask(webhook, "c1")["answer_id"])
    assert (first["decision"], first["usage"]["left"]) == ("answer", 1)
    assert sql.begin(sql.ask(webhook, "c2")["answer_id"])["decision"] == "answer"
    assert sql.begin(sql.ask(webhook, "c3")["answer_id"])["decision"] == "refuse"
    usage = edit(support, "operator_revoke_grant", grant_id=granted["grant_id"])
    assert (usage["limit"], usage["left"]) == (10, 0)
    twice = {"grant_id": granted["grant_id"], **reason()}
    assert refusal(support, "operator_revoke_grant", twice) == "PT409"


def test_a_grant_sent_again_after_a_lost_reply_counts_once(sql, operator, ada):
    one, two, key = operator("support"), operator("founder"), str(uuid4())
    first = grant(one, ada, 5, key)
    assert first == grant(one, ada, 5, key) == grant(two, ada, 5, key)
    assert (first["grant_id"], first["usage"]["limit"]) == (key, 15)
    logged = sql.rows("select actor from public.audit_log where table_name = 'use_grants'")
    assert logged == [("support@example.test",)]
    other = {"grant_id": key, "user_id": ada, "uses": 7, **reason()}
    assert refusal(one, "operator_grant_uses", other) == "PT409"
    other |= {"user_id": sql.sign_in("2"), "uses": 5}
    assert refusal(one, "operator_grant_uses", other) == "PT409"


def test_a_grant_counts_in_its_plan_and_period_alone(sql, support, ada):
    grant(support, ada, 5)
    usage = edit(
        support, "operator_change_plan", user_id=ada, expected_plan="trial", plan_code="pro"
    )
    assert (usage["plan_code"], usage["limit"]) == ("pro", 500)
    assert grant(support, ada, 7)["usage"]["limit"] == 507
    sql.rows(
        "update public.use_grants set period_start = period_start - interval '1 month'"
        " where plan_code = 'pro' returning 1"
    )
    assert call(support, "person_card", user_id=ada)["usage"]["limit"] == 500


def test_a_changed_plan_is_one_dated_row_each_and_an_activity(sql, support, ada):
    change = {"user_id": ada, "expected_plan": "trial", "plan_code": "pro"}
    edit(support, "operator_change_plan", **change)
    assert refusal(support, "operator_change_plan", {**change, **reason()}) == "PT409"
    back = edit(
        support, "operator_change_plan", user_id=ada, expected_plan="pro", plan_code="trial"
    )
    assert back["plan_code"] == "trial"
    assert sql.rows("select plan_code, ends_at is null from public.subscriptions") == [
        ("pro", False)
    ]
    assert sql.rows(
        "select detail from public.activity where kind = 'plan_changed' order by id"
    ) == [
        ({"from": "trial", "to": "pro", "seats": 1},),
        ({"from": "pro", "to": "trial", "seats": 1},),
    ]
    who = "select distinct actor, reason from public.audit_log where table_name = 'subscriptions'"
    assert sql.rows(who) == [("support@example.test", "ticket 4711")]


def test_a_suspended_person_is_refused_without_a_charge_until_reactivated(sql, support, ada):
    webhook = sql.switch_on(ada)
    edit(support, "operator_set_state", user_id=ada, state="suspended")
    refused = sql.begin(sql.ask(webhook, "c1")["answer_id"])
    assert (refused["decision"], refused["reason"]) == ("refuse", "suspended")
    edit(support, "operator_set_state", user_id=ada, state="active")
    assert sql.begin(sql.ask(webhook, "c2")["answer_id"])["decision"] == "answer"


def test_a_deletion_forgets_the_person_ends_the_plan_and_remembers_the_trial(sql, support, ada):
    webhook = sql.switch_on(ada)
    answered(sql, webhook)
    edit(support, "operator_change_plan", user_id=ada, expected_plan="trial", plan_code="pro")
    deleted = edit(support, "operator_delete_account", user_id=ada)
    assert (deleted["webhooks_leaving"], deleted["webhooks_left"]) == (1, 0)
    card = call(support, "person_card", user_id=ada)
    assert (card["state"], card["email"], card["own_plan_code"]) == ("deleted", None, None)
    everything = str([story(support, ada), sql.rows("select * from public.audit_log")])
    assert "Person 1" not in everything and "hash-1" not in everything
    again = {"user_id": ada, **reason()}
    assert refusal(support, "operator_delete_account", again) == "PT409"
    assert refusal(support, "operator_grant_uses", {**again, "grant_id": ada, "uses": 1}) == "PT409"
    newcomer = sql.sign_in("1")
    assert call(support, "person_card", user_id=newcomer)["usage"]["used"] == 1


def subscribe(sql, user_id: str, starts: str, ends: str | None = None, plan: str = "pro") -> None:
    sql.connection.execute(
        "insert into public.subscriptions (user_id, plan_code, starts_at, ends_at)"
        " values (%s, %s, now() + %s::interval, now() + %s::interval)",
        (user_id, plan, starts, ends),
    )


PLANS = """
    select plan_code, ends_at = at from public.subscriptions
    join public.activity using (user_id) where kind = 'account_deleted' order by starts_at
"""
CHANGES = "select detail from public.activity where kind = 'plan_changed'"


@pytest.mark.parametrize("by_operator", [True, False])
def test_a_deletion_ends_the_plan_in_force_and_those_to_come(sql, support, ada, by_operator):
    subscribe(sql, ada, "-90 days", "-60 days", "enterprise")
    subscribe(sql, ada, "-60 days", "30 days")
    subscribe(sql, ada, "30 days")
    if by_operator:
        edit(support, "operator_delete_account", user_id=ada)
    else:
        sql.call("delete_account", ada, "hash-1")
        sql.call("delete_account", ada, "hash-1")
    assert sql.rows(PLANS) == [("enterprise", False), ("pro", True)]
    assert sql.rows(CHANGES) == [({"from": "pro", "to": "trial", "seats": 1},)]
    assert sql.rows("select from private.paid_intervals where to_at > now()") == []
    actor = "support@example.test" if by_operator else "service"
    logged = "select distinct actor from public.audit_log where table_name = 'subscriptions'"
    assert sql.rows(f"{logged} and operation <> 'INSERT'") == [(actor,)]


def test_a_deletion_leaves_the_plans_of_others_and_notes_no_change_without_one(sql, ada):
    team = sql.rows("insert into public.teams (name) values ('Team') returning id")[0][0]
    sql.connection.execute("update public.users set team_id = %s", (team,))
    sql.connection.execute(
        "insert into public.subscriptions (team_id, plan_code) values (%s, 'enterprise')", (team,)
    )
    subscribe(sql, sql.sign_in("2"), "-1 day")
    subscribe(sql, ada, "1 day")
    sql.call("delete_account", ada, "hash-1")
    kept = "select plan_code, ends_at from public.subscriptions order by 1"
    assert sql.rows(kept) == [("enterprise", None), ("pro", None)]
    assert sql.rows(CHANGES) == []


def test_plans_that_outlived_their_accounts_end_when_those_were_deleted(sql, database, ada):
    subscribe(sql, ada, "-60 days")
    subscribe(sql, sql.sign_in("2"), "-60 days")
    subscribe(sql, ada, "30 days")
    sql.connection.execute(
        "insert into public.activity (at, user_id, kind)"
        " values (now() - interval '40 days', %s, 'account_deleted')",
        (ada,),
    )
    with psycopg.connect(database.admin_url) as owner:
        owner.execute(MIGRATION.encode())
    assert sql.rows(PLANS) == [("pro", True)]
    assert sql.rows("select count(*) from private.paid_intervals where to_at > now()") == [(1,)]


# Where rows about a person stand, and under which name their export has them.
EXPORTED = {
    "users": "person", "figma_tokens": "connection", "sessions": "sessions",
    "plugin_handovers": "plugin_handovers", "user_contexts": "context",
    "user_context_versions": "context_versions", "user_webhooks": "webhooks",
    "webhook_removals": "webhooks", "activity": "activity", "audit_log": "changes",
    "figma_quotas": "figma_limits", "answers": "comments", "webhook_deliveries": "deliveries",
    "author_limits": "silences", "guest_invites": "invitations",
    "thread_mutes": "muted_threads", "usage_logs": "usage",
    "use_receipts": "receipts", "use_balances": "balances", "subscriptions": "subscriptions",
    "use_grants": "grants", "billing_statements": "statements",
    "billing_adjustments": "billing_adjustments", "adjustments": "cost_adjustments",
}  # fmt: skip
# Sums that follow from those rows; people who are no designers.
FOLLOWS = {
    "active_periods", "ai_cost_daily_users", "answer_list", "billing_usage", "usage_daily_users",
    "user_features",
}  # fmt: skip
OTHERS = {"bot_identity", "operators"}
PEOPLE_COLUMNS = """
    select distinct relname from pg_class join pg_attribute on attrelid = pg_class.oid
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v') and (
        attname in ('user_id', 'payer_id', 'person_id', 'figma_user_id', 'author_figma_id',
            'muted_by') or relname = 'webhook_deliveries')
"""


def test_the_export_holds_every_table_that_holds_something_about_a_person(sql, support, ada):
    webhook = sql.switch_on(ada)
    answered(sql, webhook)
    payload = {"triggered_by": {"id": "1", "handle": "Ada"}, "comment": "unaddressed words"}
    sql.ask_all(sql_comment(webhook, "c7") | {"payload": payload, "is_addressed": False})
    grant(support, ada, 5)
    sql.connection.execute("insert into public.thread_mutes values ('FILE', 'c1', '1')")
    tables = {name for (name,) in sql.rows(PEOPLE_COLUMNS)}
    assert tables == EXPORTED.keys() | FOLLOWS | OTHERS
    found = edit(support, "operator_export_person", user_id=ada)
    assert {*EXPORTED.values(), "exported_at", "team", "paid_for_others"} == found.keys()
    for name in ("connection", "sessions", "context", "context_versions", "webhooks", "activity",
                 "changes", "comments", "deliveries", "muted_threads", "usage", "receipts",
                 "balances", "grants"):  # fmt: skip
        assert found[name], name
    assert found["deliveries"][0]["payload"] == payload
    text = str(found)
    for secret in ("access", "refresh", "hash-1", "session-1", "passcode", "support@example.test"):
        assert secret not in text, secret


def test_after_a_deletion_the_export_holds_no_word_and_no_name(sql, support, ada):
    webhook = sql.switch_on(ada)
    answered(sql, webhook)
    payload = {"triggered_by": {"id": "1", "handle": "Ada"}, "comment": "unaddressed words"}
    sql.ask_all(sql_comment(webhook, "c7") | {"payload": payload, "is_addressed": False})
    sql.connection.execute("insert into public.thread_mutes values ('FILE', 'c1', '1')")
    sql.connection.execute(
        "insert into public.figma_quotas (figma_user_id, file_key, tier, limited_until)"
        " values ('1', 'FILE', 1, now())"
    )
    edit(support, "operator_delete_account", user_id=ada)
    everything = str(
        [edit(support, "operator_export_person", user_id=ada)]
        + [sql.rows(f"select each::text from public.{table} as each") for table in sorted(EXPORTED)]
    )
    for word in ("Person 1", "person@example.test", "contrast ok", "7.2 : 1", "unaddressed"):
        assert word not in everything, word
    for table, column in (("thread_mutes", "muted_by"), ("figma_quotas", "figma_user_id"),
                          ("answers", "author_figma_id")):  # fmt: skip
        assert sql.rows(f"select count(*) from public.{table} where {column} = '1'") == [(0,)]
