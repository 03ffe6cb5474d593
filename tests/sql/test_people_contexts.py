"""Contexts that operators edit and undo: nobody's change is lost, and guests get what is shared."""

import re
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from supabase import Client

from dashboard.people import context_merge
from tests.sql.helping import EMPTY, ada, edit, operator, reason, refusal, support
from tests.sql.old_migrations import old_migrations

__all__ = ["ada", "operator", "support"]

GUESTS = old_migrations()["0035_guidance_for_guests.sql"]


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
