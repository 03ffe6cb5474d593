"""Helping people: who may see and do what, straight at the API, and nothing is lost quietly."""

from tests.sql.helping import (
    EMPTY,
    ada,
    answered,
    call,
    edit,
    grant,
    operator,
    reason,
    refusal,
    sql_comment,
    story,
    support,
)

__all__ = ["ada", "operator", "support"]


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
