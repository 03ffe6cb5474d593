"""People and the audit log through the router: full, one, none, away, and each role."""

import csv
import io
import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import streamlit as st
from hypothesis import assume, given, settings
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from dashboard.access import auth
from dashboard.audit import entries
from dashboard.data.reads import asker
from dashboard.exports.writing import write
from dashboard.parts import words
from dashboard.people import account, conflict, context_merge, event_words, head, history
from dashboard.people.editing import Editing
from dashboard.people.edits import Deleted, Later
from dashboard.people.person import Detail, Event, OwnWebhook, Removal, Usage, Version
from local.stack import Database
from service import guidance
from tests.dashboard.stage import PASSWORD, Buddy, metrics, open_rows, settings_of, sign_in
from tests.dashboard.stage import words as words_of

LISTS = ("focus_areas", context_merge.SHARED)
EMPTY = {field: [] if field in LISTS else "" for field in context_merge.FIELDS}


def open_page(router: AppTest, page: str) -> AppTest:
    return router.switch_page(f"{page}/page.py").run()


def person(buddy: Buddy) -> str:
    return str(buddy.rows("select id from public.users limit 1")[0][0])


def open_person(router: AppTest, buddy: Buddy, part: str = "Story", role: str = "support"):
    sign_in(router, buddy.make_operator(role))
    open_page(router, "people")
    router.button(key=f"people_open_{person(buddy)}").click().run()
    router.segmented_control(key="people_part").set_value(part).run()
    assert not router.exception
    return router


def labels(router: AppTest) -> list[str]:
    return [button.label for button in router.button]


@contextmanager
def revoked(database: Database, function: str):
    """While open, operators may not call a function: the database as good as away for it."""
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute(f"revoke execute on function public.{function} from authenticated")
        try:
            st.cache_data.clear()
            yield
        finally:
            connection.execute(f"grant execute on function public.{function} to authenticated")


def test_a_person_is_found_and_opened_with_their_story(router: AppTest, buddy: Buddy) -> None:
    for _ in range(2):
        buddy.answer()
    buddy.fail()
    open_person(router, buddy)
    shown = metrics(router)
    assert (shown["Plan"], shown["Uses left"], shown["Answers"]) == ("Trial", "8", "2")
    said = words_of(router)
    for event in ("Signed in", "Asked", "Answered", "Failed", "Use settled", "Webhook delivered"):
        assert f"**{event}**" in said, event
    assert "Figma is down" in said.replace(words.NO_BREAK_SPACE, " ")


@pytest.mark.parametrize(
    ("name", "footer"),
    [("uses_left", "Total: uses left 8"), ("answered", "Total: answered 2"),
     ("cost_microusd", "Total: cost $0.0024")],
)  # fmt: skip
def test_each_figure_of_a_person_opens_rows_that_add_up(
    router: AppTest, buddy: Buddy, name: str, footer: str
) -> None:
    for _ in range(2):
        buddy.answer()
    open_person(router, buddy)
    open_rows(router, name)
    assert not router.exception
    assert footer in words_of(router).replace("\\", "")
    [table] = [each.value for each in router.dataframe if name in each.value.columns]
    assert table[name].sum() == {"uses_left": 8, "answered": 2, "cost_microusd": 0.0024}[name]


def test_uses_taken_back_after_use_are_told() -> None:
    parts = head.balance(Usage("trial", "Trial", 10, 12, 1, 0, None))
    assert parts["uses_left"].tolist() == [10, -12, -1, 3]


def test_a_story_tells_plans_and_the_measured_review_by_their_names() -> None:
    moved = Event("2026-11-20T10:00:00Z", "1", "sign_in", "plan_changed", Detail(
        old_plan="pro", new_plan="trial"
    ))  # fmt: skip
    assert event_words.title(moved) == "Plan changed from Pro to Trial"
    reviewed = Detail(provider="measured-review", cost_microusd=0, latency_ms=900)
    answered = Event("2026-11-20T10:00:00Z", "2", "answer", "answered", reviewed)
    assert "measured review" in event_words.facts(answered, "UTC")


def test_the_story_can_be_narrowed_and_turned_page_by_page(router: AppTest, buddy: Buddy) -> None:
    buddy.connect_person()
    with psycopg.connect(buddy._database.admin_url) as connection:
        connection.execute(
            "insert into public.activity (user_id, kind, at) select id, 'sign_in',"
            " now() - make_interval(hours => n) from public.users, generate_series(1, 45) as n"
        )
    open_person(router, buddy)
    router.pills(key="people_kinds").set_value(["Sign-ins"]).run()
    first = words_of(router)
    router.button(key="people_older").click().run()
    assert words_of(router) != first and "Signed in" in words_of(router)
    assert router.button(key="people_older").disabled
    router.button(key="people_newer").click().run()
    assert words_of(router) == first
    router.pills(key="people_kinds").set_value(["Errors"]).run()
    assert "Nothing of this kind" in str(router.info[0].proto)


def test_neither_addresses_nor_words_are_on_the_page(router: AppTest, buddy: Buddy) -> None:
    buddy.answer()
    open_person(router, buddy)
    for part in ("Story", "Context", "Account"):
        router.segmented_control(key="people_part").set_value(part).run()
        assert not router.exception
        everything = str(router.main)
        assert "secret question" not in everything and "ada@example.com" not in everything
    assert "a•••@•••.com" in words_of(router)


def test_an_empty_product_and_an_unknown_name_say_so(router: AppTest, buddy: Buddy) -> None:
    sign_in(router, buddy.make_operator("support"))
    open_page(router, "people")
    assert "Nobody has signed in yet" in str(router.info[0].proto)
    router.text_input(key="people_query").set_value("nobody").run()
    assert "Nobody found" in str(router.info[0].proto)
    router.query_params["person"] = "00000000-0000-0000-0000-000000000000"
    router.run()
    assert "There is no such person" in str(router.info[0].proto)


def test_a_context_is_saved_with_a_reason_and_its_history_shown(
    router: AppTest, buddy: Buddy
) -> None:
    buddy.connect_person()
    open_person(router, buddy, "Context")
    user_id = person(buddy)
    router.text_input(key=f"people_tone_{user_id}_1").set_value("warm")
    save = next(each for each in router.button if each.label == "Save")
    save.click().run()
    assert [each.value for each in router.error] == ["Give a reason of at least three characters."]
    router.text_input(key="people_context_reason_1").set_value("ticket 4711")
    next(each for each in router.button if each.label == "Save").click().run()
    assert not router.exception and not router.error
    assert router.text_input(key=f"people_tone_{user_id}_2").value == "warm"
    versions = [each.label.split(" ·")[0] for each in router.expander if each.label != "Notes"]
    assert versions == ["Version 2", "Version 1"]
    assert "ticket 4711" in words_of(router)
    assert buddy.rows("select version, tone from public.user_contexts") == [(2, "warm")]


def test_the_preview_is_what_the_service_would_send(router: AppTest, buddy: Buddy) -> None:
    buddy.connect_person()
    open_person(router, buddy, "Context")
    router.text_area(key=f"people_brand_{person(buddy)}_1").set_value("<b>Acme</b>")
    next(each for each in router.button if each.label == "Preview").click().run()
    shown = "\n".join(each.value for each in router.code)
    assert "Brand: &lt;b&gt;Acme&lt;/b&gt;" in shown and "<question" in shown
    assert buddy.rows("select version from public.user_contexts") == [(1,)]


def test_what_guests_may_get_is_saved_and_told_in_the_history(
    router: AppTest, buddy: Buddy
) -> None:
    buddy.connect_person()
    # As versions were before fields could be shared.
    buddy.rows(
        "update public.user_context_versions set content = content - 'shared_with_guests'"
        " returning 1"
    )
    open_person(router, buddy, "Context")
    user_id = person(buddy)
    router.text_area(key=f"people_brand_{user_id}_1").set_value("bold")
    shared = router.pills(key=f"people_shared_with_guests_{user_id}_1")
    assert shared.value == [] and "Model" not in shared.options
    shared.set_value(["tone", "brand"])
    next(each for each in router.button if each.label == "Preview").click().run()
    assert "For a guest it holds of this: Brand, Tone." in words_of(router)
    router.text_input(key="people_context_reason_1").set_value("asked by phone")
    next(each for each in router.button if each.label == "Save").click().run()
    assert not router.exception and not router.error
    latest = next(each for each in router.expander if each.label != "Notes")
    assert "Brand, Shared with guests" in latest.label.replace("\\", "")
    assert "+ Brand\n+ Tone" in [each.value for each in router.code]
    stored = "select version, shared_with_guests from public.user_contexts"
    assert buddy.rows(stored) == [(2, ["brand", "tone"])]


def test_sharing_a_field_that_somebody_else_rewrote_has_to_be_chosen(
    router: AppTest, buddy: Buddy
) -> None:
    buddy.connect_person()
    open_person(router, buddy, "Context")
    user_id = person(buddy)
    buddy.rows(
        "select public.save_context(id, 1, private.context_content(id)"
        """ || '{"brand": "for us alone"}', 'user', '') from public.users"""
    )
    router.pills(key=f"people_shared_with_guests_{user_id}_1").set_value(["brand"])
    router.text_input(key="people_context_reason_1").set_value("ticket 4711")
    next(each for each in router.button if each.label == "Save").click().run()
    assert not router.exception
    assert router.button(key="people_merge_save").disabled
    assert [each.label for each in router.radio] == ["Shared with guests: which one counts?"]
    router.radio[0].set_value("Keep theirs").run()
    router.button(key="people_merge_save").click().run()
    assert not router.exception
    stored = "select version, brand, shared_with_guests from public.user_contexts"
    assert buddy.rows(stored) == [(2, "for us alone", [])]


def test_a_conflict_has_to_be_chosen_field_by_field(router: AppTest, buddy: Buddy) -> None:
    buddy.connect_person()
    open_person(router, buddy, "Context")
    user_id = person(buddy)
    buddy.rows(
        "select public.save_context(id, 1, private.context_content(id)"
        """ || '{"tone": "cool", "language": "de"}', 'user', '') from public.users"""
    )
    router.text_input(key=f"people_tone_{user_id}_1").set_value("warm")
    router.text_area(key=f"people_brand_{user_id}_1").set_value("bold")
    router.text_input(key="people_context_reason_1").set_value("ticket 4711")
    next(each for each in router.button if each.label == "Save").click().run()
    assert not router.exception
    assert "Somebody else changed this context" in str(router.warning[0].proto)
    assert router.button(key="people_merge_save").disabled
    assert [each.label for each in router.radio] == ["Tone: which one counts?"]
    router.radio[0].set_value("Keep mine").run()
    router.button(key="people_merge_save").click().run()
    assert not router.exception
    assert buddy.rows("select version, tone, brand, language from public.user_contexts") == [
        (3, "warm", "bold", "de")
    ]


def clashing_undo(router: AppTest, buddy: Buddy) -> None:
    """The undo of version 2, where version 3 changed one of its two fields, after its dialog."""
    for version, change in enumerate(
        ({"tone": "warm", "brand": "bold"}, {"tone": "cool", "language": "de"}), start=1
    ):
        buddy.rows(
            f"select public.save_context(id, {version}, private.context_content(id)"
            f" || '{json.dumps(change)}', 'user', '') from public.users"
        )
    rows = buddy.rows(
        "select version, content from public.user_context_versions order by version desc"
    )
    versions = [Version(version, content, "user", "", "") for version, content in rows]
    clash = conflict.of_undo(versions, 2, [Later(3, "user", ["tone"])], "ticket 4711")
    editing = Editing(person(buddy), 3, versions[0].content, clash)
    router.session_state["people_editing"] = editing
    open_person(router, buddy, "Context")


def test_a_change_later_ones_built_on_is_undone_field_by_field(
    router: AppTest, buddy: Buddy
) -> None:
    buddy.connect_person()
    clashing_undo(router, buddy)
    assert "Later versions changed what version 2" in str(router.warning[0].proto)
    assert "Version 3 by the person: Tone" in words_of(router).replace("\\", "")
    assert "Nobody changed this later: put back." in words_of(router)
    assert [each.label for each in router.radio] == ["Tone: which one counts?"]
    assert list(router.radio[0].options) == ["Keep it as it is now", "As before version 2"]
    assert router.button(key="people_merge_save").disabled
    router.radio[0].set_value("As before version 2").run()
    router.button(key="people_merge_save").click().run()
    assert not router.exception
    assert buddy.rows("select version, tone, brand, language from public.user_contexts") == [
        (4, "", "", "de")
    ]
    assert "Undo of version 2: ticket 4711" in words_of(router).replace("\\", "")


def test_an_undo_that_clashes_can_be_left(router: AppTest, buddy: Buddy) -> None:
    buddy.connect_person()
    clashing_undo(router, buddy)
    router.button(key="people_merge_drop").click().run()
    assert not router.exception
    assert router.text_input(key=f"people_tone_{person(buddy)}_3").value == "cool"
    assert buddy.rows("select version, tone from public.user_contexts") == [(3, "cool")]


def test_the_account_shows_grants_and_webhooks(router: AppTest, buddy: Buddy) -> None:
    buddy.connect_person()
    open_person(router, buddy, "Account")
    assert list(router.dataframe[0].value["Where"]) == ["File Checkout"]
    for word in ("Grant uses", "Change plan", "Suspend", "Export their data"):
        assert word in labels(router)
    assert "Delete the account" in labels(router)


@pytest.mark.parametrize("page", ["people", "audit"])
def test_finance_does_not_get_the_page(router: AppTest, buddy: Buddy, page: str) -> None:
    buddy.answer()
    sign_in(router, buddy.make_operator("finance"))
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        open_page(router, page)
    router.query_params["person"] = person(buddy)
    router.run()
    assert "Ada" not in words_of(router)


@pytest.mark.parametrize(
    ("page", "function"),
    [("people", "find_people(text, integer)"), ("audit", "audit_choices()")],
)
def test_a_database_that_is_away_is_one_plain_sentence(
    router: AppTest, buddy: Buddy, database: Database, page: str, function: str
) -> None:
    sign_in(router, buddy.make_operator("support"))
    with revoked(database, function):
        open_page(router, page)
    assert not router.exception
    assert ["cannot be read right now" in each.value for each in router.error] == [True]


def test_the_audit_log_is_filtered_shown_and_verified(router: AppTest, buddy: Buddy) -> None:
    buddy.connect_person()
    user_id = person(buddy)
    buddy.rows("select set_config('app.reason', 'ticket 4711', false)")
    for state in ("suspended", "active"):
        buddy.rows(f"update public.users set state = '{state}' returning 1")
    sign_in(router, buddy.make_operator("founder"))
    open_page(router, "audit")
    assert not router.exception
    router.selectbox(key="audit_about").set_value("People").run()
    assert len(router.expander) == 2
    assert "let Ada ask again · ticket 4711" in router.expander[0].label, router.expander[0].label
    table = router.dataframe[0].value
    assert table.values.tolist() == [["State", "suspended", "active"]]
    assert "ticket 4711" in words_of(router)
    router.text_input(key="audit_row").set_value(user_id).run()
    assert len(router.expander) == 2
    router.text_input(key="audit_row").set_value("nothing").run()
    assert "No change of this kind" in str(router.info[0].proto)
    router.button(key="audit_verify").click().run()
    assert "none is missing" in router.success[0].value


def test_support_gets_the_audit_log_without_what_is_for_founders(
    router: AppTest, buddy: Buddy
) -> None:
    buddy.connect_person()
    buddy.rows("update public.users set state = 'suspended' returning 1")
    sign_in(router, buddy.make_operator("support"))
    open_page(router, "audit")
    assert not router.exception
    assert list(router.selectbox(key="audit_about").options) == ["People"]
    assert [" suspended " in each.label for each in router.expander] == [True]
    assert "shown to founders alone" in words_of(router)


def test_a_shared_address_brings_the_filter_of_the_audit_log_along(
    router: AppTest, buddy: Buddy
) -> None:
    buddy.connect_person()
    user_id = person(buddy)
    buddy.rows("update public.users set state = 'suspended' returning 1")
    email = buddy.make_operator("founder")
    today = datetime.now(UTC).date()
    days = [f"{today - timedelta(days=1)}", f"{today}"]
    shared = {"who": "service", "what": "Changed", "about": "People", "row": user_id}
    for name, value in shared.items():
        router.query_params[f"audit_{name}"] = value
    router.query_params["audit_days"] = days
    sign_in(router, email)
    open_page(router, "audit")
    assert not router.exception
    assert router.selectbox(key="audit_what").value == "Changed"
    assert [f"{day}" for day in router.date_input(key="audit_days").value] == days
    assert len(router.expander) == 1 and "service · suspended" in router.expander[0].label
    router.selectbox(key="audit_what").set_value("Removed").run()
    assert "No change of this kind" in str(router.info[0].proto)


def test_the_audit_log_is_written_whole_page_by_page(
    buddy: Buddy, database: Database, tmp_path: Path
) -> None:
    signed_in = auth.sign_in(settings_of(database), buddy.make_operator("support"), PASSWORD)
    operator = auth.Operator(signed_in.user_id, "s@example.com", "support", signed_in)
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("""
            insert into public.audit_log (actor, table_name, row_key, operation, after, reason)
            select case when n % 2 = 0 then 'even' else '=odd()' end, 'teams', n, 'UPDATE',
                jsonb_build_object('n', n), '' from generate_series(1, 2500) as n
        """)
    most = 0

    def ask(function: str, parameters: dict[str, Any]) -> Any:
        nonlocal most
        page = asker(operator)(function, parameters)
        most = max(most, len(page))
        return page

    everything = entries.Choice(None, None, "teams", None, (None, None))
    with (tmp_path / "audit.csv").open("wb") as target:
        assert write(entries.CSV, ask, everything, target).rows == 2500
    assert most == entries.CSV_PAGE
    data = (tmp_path / "audit.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    lines = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert [line["row_key"] for line in lines[:-1]] == [f"{n}" for n in range(2500, 0, -1)]
    assert lines[-1]["id"] == "Total of 2500 rows"
    assert lines[1]["actor"] == "'=odd()" and lines[0]["after"] == '{"n": 2500}'
    # Whoever holds the file can follow the chain without us.
    assert [line["prev_hash"] for line in lines[:-2]] == [line["row_hash"] for line in lines[1:-1]]
    evens = everything._replace(actor="even", operation="UPDATE")
    with (tmp_path / "evens.csv").open("wb") as target:
        assert write(entries.CSV, ask, evens, target).rows == 1250


def test_the_rows_of_the_audit_log_are_offered_as_a_file(router: AppTest, buddy: Buddy) -> None:
    buddy.connect_person()
    buddy.rows("update public.users set state = 'suspended' returning 1")
    sign_in(router, buddy.make_operator("founder"))
    open_page(router, "audit")
    router.selectbox(key="audit_about").set_value("People").run()
    next(each for each in router.button if each.label == "Prepare CSV of these rows").click().run()
    assert not router.exception
    assert [each.label for each in router.get("download_button")] == ["Download 1 row"]
    router.selectbox(key="audit_about").set_value(None).run()
    assert [each.label for each in router.get("download_button")] == []


def test_a_log_that_was_tampered_with_is_named(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    sign_in(router, buddy.make_operator("founder"))
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("set session_replication_role = replica")
        [(row,)] = connection.execute(
            "update public.audit_log set actor = 'nobody'"
            " where id = (select max(id) from public.audit_log) returning id"
        ).fetchall()
    open_page(router, "audit")
    router.button(key="audit_verify").click().run()
    assert f"breaks at row {row}" in router.error[0].value


def test_what_becomes_of_webhooks_is_said_before_and_after_a_deletion() -> None:
    before = account._about_webhooks(2, needs_sign_in=False)
    assert before.startswith("2 webhooks will be removed at Figma too")
    assert "will stay at Figma" in account._about_webhooks(1, needs_sign_in=True)
    assert account._deleted(Deleted(0, 0)) == "Deleted."
    said = account._deleted(Deleted(1, 0))
    assert said == "Deleted. One webhook will be removed at Figma."
    assert "stay at Figma" in account._deleted(Deleted(0, 3))


@pytest.mark.parametrize(
    ("removal", "said"),
    [
        (None, "Paused"),
        (Removal(None, 0, ""), "Being removed at Figma"),
        (Removal(None, 2, "Figma is down."),
         "Being removed at Figma (2 tries: Figma is down.)"),
        (Removal("removed", 0, ""), "Removed at Figma"),
        (Removal("taken_over", 0, ""),
         "In use again by a newer webhook of ours"),
        (Removal("left", 0, "No."), "Left at Figma: No."),
    ],
)  # fmt: skip
def test_a_deleted_persons_webhook_says_where_it_stands(removal: Any, said: str) -> None:
    webhook = OwnWebhook("77", "file", "KEY", "", "paused", "invite", "off", None, removal)
    assert account._state(webhook) == said


VALUES = some.sampled_from(["", "a", "b", "c"])
SHARES = some.sets(some.sampled_from(guidance.FIELDS)).map(sorted)
CONTENTS = some.fixed_dictionaries(
    dict.fromkeys(EMPTY, VALUES)
    | {"focus_areas": some.lists(VALUES, max_size=2), context_merge.SHARED: SHARES}
)


@settings(max_examples=200, deadline=None)
@given(CONTENTS, CONTENTS, CONTENTS)
def test_a_merge_loses_nothing_that_anybody_changed(base, theirs, mine) -> None:
    merged = context_merge.merge(base, theirs, mine)
    for side in ("mine", "theirs"):
        content = merged.content(dict.fromkeys(merged.conflicts, side))
        for field in context_merge.FIELDS:
            both = base[field] != mine[field] and base[field] != theirs[field]
            if both or field in merged.conflicts:
                assert content[field] == {"mine": mine, "theirs": theirs}[side][field]
            elif base[field] != mine[field]:
                assert content[field] == mine[field]
            else:
                assert content[field] == theirs[field]
            if field in merged.conflicts:
                assert mine[field] != theirs[field]
                assert both or field == context_merge.SHARED


@given(CONTENTS, CONTENTS, CONTENTS)
def test_no_merge_shares_words_that_neither_side_shared_unless_somebody_chose_it(
    base, theirs, mine
) -> None:
    merged = context_merge.merge(base, theirs, mine)
    assume(context_merge.SHARED not in merged.conflicts)
    content = merged.content(dict.fromkeys(merged.conflicts, "theirs"))
    for field in context_merge.newly_shared(base, content):
        sides = [each for each in (theirs, mine) if field in each[context_merge.SHARED]]
        assert content[field] in [each[field] for each in sides]


def test_somebodys_name_is_no_markdown() -> None:
    assert words.plain("**Ada** [x](y) :red[z] $1$") == (r"\*\*Ada\*\* \[x\]\(y\) \:red\[z\] \$1\$")


def test_a_line_is_not_broken_between_a_number_and_its_unit() -> None:
    assert words.on_one_line("took 1.5 s") == "took\u00a01.5\u00a0s"
    sentence = "Figma did not answer in time."
    assert words.on_one_line(sentence) == sentence


def test_the_context_of_an_answer_says_what_the_model_got() -> None:
    said = "The context that was in force then."
    assert event_words.about_context(None) == said
    assert event_words.about_context([]) == f"{said} The model got: none of it."
    assert event_words.about_context(["brand", "tone"]) == f"{said} The model got: Brand, Tone."


def test_a_diff_keeps_what_stayed_and_signs_what_changed() -> None:
    assert history.diff("a\nb", "a\nc") == "  a\n- b\n+ c"


def test_before_and_after_show_only_what_differs() -> None:
    table = entries.changes({"a": 1, "b": "x"}, {"a": 1, "b": None, "c": [2]}, "UTC")
    assert table.values.tolist() == [["B", "x", "(empty)"], ["C", "–", "[2]"]]
    assert entries.changes({"a": 1}, {"a": 1}, "UTC").empty
