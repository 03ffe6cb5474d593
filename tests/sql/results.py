"""Results of every SQL function of the service, in all their forms, asked of the functions."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

from psycopg.types.json import Jsonb

from service.answering.drafting import Draft
from service.store.answer_records import BookedUsage
from tests.sql.conftest import Sql, comment
from tests.sql.test_steps import begin as begin_step

Results = Iterator[tuple[str, Any]]
NOBODY = "00000000-0000-0000-0000-000000000000"
USED: BookedUsage = {"cost_microusd": 1, "model": "gpt-5"}
DRAFT = Draft("body", "text", "answer", "", 1, USED, ("https://a.example",))


def every_result(sql: Sql) -> Results:
    """Of a function that gives a list, one row after the other."""
    ada = sql.sign_in("1")
    webhook = sql.switch_on(ada)
    yield from _people(sql, ada)
    yield from _webhooks(sql, ada, webhook)
    yield from _looks(sql, webhook)
    yield from _answers(sql, webhook)
    yield from _analyses(sql)
    yield from _rehearsals(sql)
    yield from _previews(sql, ada, webhook)
    yield from _advice(sql, webhook)
    yield from _pipelines(sql)
    yield from _secrets(sql, ada)
    yield from _targets(sql, ada)
    yield from _settings(sql)
    yield from _upkeep(sql)
    yield from _alerts(sql)
    # Last: the account page shows all that came before, and a departure ends it.
    yield "get_account", sql.call("get_account", ada)
    yield from _departure(sql, ada, webhook)


def _people(sql: Sql, ada: str) -> Results:
    end = datetime.now(UTC) + timedelta(days=1)
    secrets = ("access", "refresh", ["file_comments:write"], end)
    person = ("1", "hash-1", "Person 1", "person@example.test", None)
    yield "sign_in", sql.rows(
        "select public.sign_in(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        *person, *secrets, "session", end,
    )[0][0]  # fmt: skip
    yield "get_session", sql.call("get_session", "session", 3600)
    yield from _each("list_sessions", sql.call("list_sessions", ada, 3600))
    yield "end_other_sessions", sql.call("end_other_sessions", ada, "session")
    yield "approve_handover", sql.call("approve_handover", "c" * 43, ada, 300)
    yield "decline_handover", sql.call("decline_handover", "d" * 43, ada)
    yield "collect_handover", sql.call("collect_handover", "c" * 43, "plugin", end)
    yield "show_model_sharing", sql.call("show_model_sharing", ada)
    yield "set_model_sharing", sql.call("set_model_sharing", ada, "texts")
    context = sql.call("get_context", ada)
    yield "get_context", context
    yield "get_context_version", sql.call("get_context_version", ada, 1)
    content = {name: context[name] for name in context if name not in ("version", "updated_at")}
    saved = content | {"tone": "short", "focus_areas": ["spacing"], "shared_with_guests": ["tone"]}
    yield "save_context", sql.call("save_context", ada, 1, saved, "user", "")


def _advice(sql: Sql, webhook: str) -> Results:
    facts = {"facts": [{"rule": "r", "cause": "c", "verdict": "problem", "fingerprint": "f"}]}
    [(answer_id,)] = sql.rows(
        "insert into public.answers (webhook_id, file_key, comment_id, root_comment_id,"
        " author_figma_id, decision, state, reply_comment_id, reply_created_at, settled_at, facts)"
        " values (%s, 'A', 'a', 'a', '1', 'answer', 'answered', 'ra', now(), now(), %s)"
        " returning id::text", webhook, Jsonb(facts),
    )  # fmt: skip
    sql.connection.execute(
        "insert into public.advice_outcomes (answer_id, settled_at, file_key)"
        " values (%s, now() - interval '25 hours', 'A')",
        [answer_id],
    )
    sql.connection.execute(
        "insert into public.figma_quotas (figma_user_id, file_key, tier, limited_until, limit_type,"
        " plan_tier) values ('1', 'A', 1, now() + interval '1 hour', 'high', 'pro')"
    )
    yield "tend_advice", sql.call("tend_advice")
    yield from _each("take_due_advice", sql.call("take_due_advice", 5, 60))
    yield "keep_advice_read", sql.call("keep_advice_read", answer_id, 1, {"thumbs_up": 1})
    sql.connection.execute("delete from public.figma_quotas where file_key = 'A'")


def _previews(sql: Sql, ada: str, webhook: str) -> Results:
    yield "set_webhook_preview", sql.call("set_webhook_preview", ada, webhook, "always")
    [(answer_id,)] = sql.rows(
        "insert into public.answers (webhook_id, file_key, comment_id, root_comment_id, attempt,"
        " author_figma_id, payer_id, decision, state) values"
        " (%s, 'P', 'p', 'p', 1, '1', %s, 'answer', 'working') returning id::text", webhook, ada,
    )  # fmt: skip
    yield "hold_answer", sql.call("hold_answer", answer_id, 1, DRAFT.to_json(), 60.0, None)
    yield from _each("list_previews", sql.call("list_previews", ada))
    yield "take_preview_mail", sql.call("take_preview_mail")
    yield "decide_preview", sql.call("decide_preview", ada, answer_id, "post", None)
    sql.call("set_webhook_preview", ada, webhook, "off")


def _rehearsals(sql: Sql) -> Results:
    [(user, figma_id)] = sql.rows("select id::text, figma_user_id from public.users limit 1")
    sql.rows(
        "insert into public.answers (file_key, comment_id, root_comment_id, author_figma_id,"
        " payer_id, decision, state, question) values"
        " ('R', 'r', 'r', %s, %s, 'answer', 'answered', 'why?') returning id", figma_id, user,
    )  # fmt: skip
    yield "offer_rehearsal", sql.call("offer_rehearsal", user)
    context = sql.call("get_context", user)
    content = {name: context[name] for name in context if name not in ("version", "updated_at")}
    started = sql.call("start_rehearsal", user, content, 5, 1_000, "")
    yield "start_rehearsal", started
    task = sql.call("begin_rehearsal", started)
    yield "begin_rehearsal", task
    yield "take_rehearsed", sql.call("take_rehearsed", started, task["attempt"], 1)
    yield "book_rehearsed", sql.call("book_rehearsed", started, 1, "b", "model", "", {})
    yield "get_rehearsal", sql.call("get_rehearsal", user, started)


def _webhooks(sql: Sql, ada: str, webhook: str) -> Results:
    place = (ada, "file", "ELSEWHERE", "", "invite")
    started = sql.call("start_webhook", *place, "secret", "one")
    yield "start_webhook", started
    # While one is being made there, another person is told so.
    yield "start_webhook", sql.call("start_webhook", sql.sign_in("2"), *place[1:], "secret", "two")
    yield "confirm_webhook", sql.call("confirm_webhook", started["id"], "4711")
    yield "change_webhook", sql.call("change_webhook", ada, started["id"], "paused", None)
    yield from _each("list_webhooks", sql.call("list_webhooks", ada))
    yield "find_webhook", sql.call("find_webhook", "4711", "")
    yield from _each("webhooks_of_context", sql.call("webhooks_of_context", "file", "FILE"))


def _looks(sql: Sql, webhook: str) -> Results:
    sql.call("note_figma_limit", "1", "FILE", 1, 90_000, "starter", "low", "https://figma.com")
    yield "find_readers", sql.call("find_readers", webhook, "FILE")
    [told, gone] = sql.call("record_events", [comment(webhook, "c0"), comment(NOBODY, "c0")])
    yield from _each("record_events", [told, gone])
    unstorable = comment(webhook, "odd", asked_at="never")
    yield from _each("record_events", sql.call("record_events", [unstorable]))
    answer_id = told["answer_id"]
    yield "begin_answer", sql.rows(
        "select public.begin_answer(%s, 10, 3, 300, 12)", answer_id
    )[0][0]  # fmt: skip
    yield "fail_look", sql.call("fail_look", answer_id, "timeout", "Figma was slow.")
    yield "close_look", sql.call("close_look", answer_id, webhook, "no_account", "Nobody may.")
    yield "begin_answer", sql.rows(
        "select public.begin_answer(%s, 10, 3, 300, 12)", answer_id
    )[0][0]  # fmt: skip


def _answers(sql: Sql, webhook: str) -> Results:
    answer_id = sql.ask(webhook, "c1")["answer_id"]
    begun = sql.begin(answer_id)
    yield "begin_answer", begun
    yield "start_posting", sql.call("start_posting", answer_id, 1, DRAFT.to_json(), 30)
    yield "fail_attempt", sql.call("fail_attempt", answer_id, 1, "figma_down", "Down.", {})
    again = sql.begin(answer_id)
    yield "begin_answer", again
    # The window of the attempt before it is open yet.
    yield "start_posting", sql.call("start_posting", answer_id, 2, DRAFT.to_json(), 30)
    yield "settle_answer", sql.settle(answer_id, "r1")
    dead = sql.ask(webhook, "c2")["answer_id"]
    sql.begin(dead)
    yield "start_posting", sql.call("start_posting", dead, 1, DRAFT.to_json(), 30)
    sql.call("release_use", dead, 1, "figma_down", "Figma is down.", {})
    sql.rows("select public.replay_answer(%s)", dead)
    # Its draft is kept without the cost.
    yield "begin_answer", sql.begin(dead)
    # One that is not there is refused.
    steps = sql.call("take_steps", [begin_step(NOBODY)])
    yield from _each("take_steps", [each["refused"] for each in steps])


def _analyses(sql: Sql) -> Results:
    limits, many = (0, 900, 1_000_000), (100, 900, 1_000_000)
    sql.rows("insert into queue.procrastinate_workers default values returning 1")
    ines = sql.sign_in("7")
    yield "request_analysis", sql.call("request_analysis", ines, analysis("a"), *limits)
    asked = sql.call("request_analysis", ines, analysis("a"), *many)
    yield "request_analysis", asked
    yield "count_measuring", sql.call("count_measuring", ines, 100, 900)
    task = sql.call("begin_analysis", asked["id"], 30.0)
    yield "begin_analysis", task
    yield (
        "fail_analysis_attempt",
        sql.call(
            "fail_analysis_attempt", asked["id"], 1, "slow", "It was slow.", {"cost_microusd": 5}
        ),
    )
    task = sql.call("begin_analysis", asked["id"], 30.0)
    yield "begin_analysis", task
    usage = {"provider": "p", "model": "m", "cost_microusd": 9, "cost_state": "priced"}
    settle = (asked["id"], 2, "model", {"suggestions": []}, usage)
    yield "settle_analysis", sql.call("settle_analysis", *settle)
    yield "begin_analysis", sql.call("begin_analysis", asked["id"], 30.0)
    yield "get_analysis", sql.call("get_analysis", ines, asked["id"])
    yield from _each("ended_analyses", sql.call("ended_analyses", [asked["id"]]))
    told = [{"ref": 1, "outcome": "applied", "reason": ""}]
    yield "note_outcomes", sql.call("note_outcomes", ines, asked["id"], told)
    batch = (ines, str(uuid4()), "key", "f" * 64, [analysis("b"), analysis("c")])
    yield "request_analysis_batch", sql.call("request_analysis_batch", *batch, *limits)
    yield "request_analysis_batch", sql.call("request_analysis_batch", *batch, *many)
    yield "request_analysis_batch", sql.call("request_analysis_batch", *batch, *many)
    yield "get_analysis_batch", sql.call("get_analysis_batch", ines, batch[1])
    yield "cancel_analysis_batch", sql.call("cancel_analysis_batch", ines, batch[1])
    finding = {"fingerprint": "0123456789abcdef", "rule": "r", "reason": "", "element_name": "A"}
    yield from _each(
        "save_ignored_findings", sql.call("save_ignored_findings", ines, "FILE", [finding])
    )
    yield from _each("list_ignored_findings", sql.call("list_ignored_findings", ines, "FILE"))
    yield "delete_ignored_findings", sql.call("delete_ignored_findings", ines, "FILE")


def _pipelines(sql: Sql) -> Results:
    leo = sql.sign_in("8")
    yield "forecast_pipeline", sql.call("forecast_pipeline", leo, "FILE")
    later = datetime.now(UTC) + timedelta(minutes=5)
    yield "await_pipeline", sql.call("await_pipeline", str(uuid4()), 1, later)
    asked = (leo, "api", "FILE", "1:2", "Card", {"framework": "react"}, "request", "")
    started = sql.call("start_pipeline", *asked)
    yield "start_pipeline", started
    pipeline = started["id"]
    yield "list_pipelines", sql.call("list_pipelines", leo)[0]
    yield "begin_stage", sql.call("begin_stage", pipeline, "read", 0, 30.0, "a")
    yield "beat_stage", sql.call("beat_stage", pipeline, "read", 0, 1, 30.0)
    yield "reserve_stage_call", sql.call("reserve_stage_call", pipeline, "read", 0, 1, 1000)
    design = [stored(leo, pipeline, "design")]
    kept = sql.call("keep_stage_artifacts", pipeline, "read", 0, 1, design)
    yield "keep_stage_artifacts", kept
    usage = {"provider": "p", "model": "m", "cost_microusd": 9, "cost_state": "priced"}
    call = (pipeline, "read", 0, 1, 1, "answered", usage)
    yield "book_stage_call", sql.call("book_stage_call", *call)
    files = [stored(leo, pipeline, "design"), stored(leo, pipeline, "picture")]
    end = {"next": "spec", "artifacts": files, "quality": {**MEASURED, "is_chosen": True}}
    end["facts"] = {"file_version": "7"}
    yield "end_stage", sql.call("end_stage", pipeline, "read", 0, 1, end)
    yield "begin_stage", sql.call("begin_stage", pipeline, "spec", 0, 30.0, "a")
    yield "fail_stage", sql.call("fail_stage", pipeline, "spec", 0, 1, "no_layers")
    yield "show_pipeline", sql.call("show_pipeline", leo, pipeline)
    other = sql.call("start_pipeline", *asked)["id"]
    yield from _each("find_design", sql.call("find_design", other, "7"))
    yield "find_artifact", sql.call("find_artifact", leo, pipeline, "design")
    yield "retry_pipeline", sql.call("retry_pipeline", leo, pipeline)
    yield "cancel_pipeline", sql.call("cancel_pipeline", leo, pipeline)
    yield "push_pipeline", sql.call("push_pipeline", leo, pipeline)
    sql.call("note_figma_limit", "8", "FILE", 1, 90, "starter", "low", "")
    yield "figma_limit_left", sql.call("figma_limit_left", "8", "FILE", 1)
    sql.rows("update public.pipelines set files_until = '2020-01-01' returning id")
    paths = sql.call("expire_artifacts", 10)
    yield from _each("expire_artifacts", paths)
    forgotten = sql.rows("select public.forget_artifacts(%s::text[])", paths)[0][0]
    yield "forget_artifacts", forgotten
    yield "orphaned_artifacts", sql.call("orphaned_artifacts")
    yield "recover_stages", sql.call("recover_stages", 60.0)


MEASURED = {"metric_version": 1, "is_passed": True, "overflow_widths": [360], "ssim": 0.9}


def stored(owner: str, pipeline: str, kind: str, content: str = "") -> dict[str, Any]:
    """A file as a runner notes it, which is in the bucket already."""
    hash_ = sha256((content or kind).encode()).hexdigest()
    return {
        "kind": kind,
        "path": f"{owner}/{pipeline}/{hash_}.json",
        "bytes": 4,
        "sha256": hash_,
        "media_type": "application/json",
    }


def analysis(key: str) -> dict[str, Any]:
    return {"id": str(uuid4()), "type": "design-analysis", "key": key, "request": {}, "refs": []}


def _secrets(sql: Sql, ada: str) -> Results:
    yield "get_figma_token", sql.call("get_figma_token", ada)
    yield "claim_token_refresh", sql.call("claim_token_refresh", ada, 2, 30)
    yield "claim_token_refresh", sql.call("claim_token_refresh", NOBODY, 1, 30)
    saved = sql.call("save_refreshed_token", ada, 2, "access", datetime.now(UTC), None)
    yield "save_refreshed_token", saved
    yield from _each("reencryption_batch", sql.call("reencryption_batch", None, 10))
    yield from _each("passcode_batch", sql.call("passcode_batch", None, 10))
    rotated = sql.call("save_reencrypted_token", ada, saved, "gAAAAtoken", "refresh")
    yield "save_reencrypted_token", rotated
    yield from _each("oldest_secrets", sql.call("oldest_secrets"))
    yield "save_reencrypted_passcode", sql.call("save_reencrypted_passcode", NOBODY, "a", "b")
    yield "save_alert_channel_seal", sql.call("save_alert_channel_seal", NOBODY, "a", "b")


def _targets(sql: Sql, ada: str) -> Results:
    place = (ada, "harbour/design-system", "main", "src")
    yield "set_target", sql.call("set_target", *place, "gAAAAsealed", None)
    yield "show_target", sql.call("show_target", ada)
    target = sql.call("read_target", ada)
    yield "read_target", target
    yield from _each("target_batch", sql.call("target_batch", None, 10))
    owner = target["owner_id"]
    yield (
        "save_reencrypted_target",
        sql.call("save_reencrypted_target", owner, "gAAAAsealed", "gAAAAnew"),
    )
    yield "give_up_target", sql.call("give_up_target", owner, "gAAAAnew")
    yield "set_target", sql.call("set_target", *place, None, 4711)
    yield "remove_target", sql.call("remove_target", ada)


def _settings(sql: Sql) -> Results:
    for limit in (1000, 1):
        yield "reserve_spend", sql.call("reserve_spend", NOBODY, 10, limit)
    [(check,)] = sql.rows(
        "select pg_get_constraintdef(oid) from pg_constraint"
        " where conname = 'product_settings_code'"
    )
    codes = re.findall(r"'(\w+)'", check)
    assert len(codes) > 5
    values = {"triggers": ["@ink"], "guest_rule": "invite", "models_off": ["openai"]}
    for code in codes:
        sql.rows(
            "insert into public.product_settings (code, value) values (%s, %s)"
            " on conflict (code) do update set value = excluded.value returning 1",
            code, Jsonb(values.get(code, 1)),
        )  # fmt: skip
    yield "live_settings", sql.call("live_settings")
    sql.rows(
        "insert into public.model_prices (provider, model, valid_from, input_microusd_per_million,"
        " output_microusd_per_million) values ('p', 'm', now(), 1, 2) returning 1"
    )
    yield from _each("price_overrides", sql.call("price_overrides"))


def _upkeep(sql: Sql) -> Results:
    yield "count_hits", sql.call("count_hits", "0" * 64, 60, 1)
    yield "queue_status", sql.call("queue_status")
    yield "recover_stalled", sql.call("recover_stalled", 30.0)
    yield "purge_expired", sql.call("purge_expired", 10)
    yield "tend_partitions", sql.call("tend_partitions")
    sql.rows(
        "insert into public.alerts (kind, subject, title) values ('no_worker', 'builds', 'x')"
        " returning 1"
    )
    yield "public_status", sql.call("public_status")
    yield from _each("public_plans", sql.call("public_plans"))
    begin = "select public.begin_isolation(%s, 'canary', true)"
    run = sql.rows(begin, ["a", "b"])[0][0]
    yield "begin_isolation", run
    yield "isolation_rows", sql.call("isolation_rows", run["people"][0]["user_id"])
    sql.call("end_isolation", run["id"], 1, [], [], "")
    sql.rows(
        "insert into public.operator_invitations (id, email, role, address, invited_by, expires_at)"
        " values (gen_random_uuid(), 'e@example.com', 'support', 'https://d.example.com',"
        " 'f@example.com', now() + interval '1 day') returning 1"
    )
    yield "take_invitation", sql.call("take_invitation")


def _alerts(sql: Sql) -> Results:
    channel = str(uuid4())
    sql.rows(
        "insert into public.alert_channels (id, kind, name, host, kinds)"
        " values (%s, 'webhook', 'Pager', 'example.com', '{budget}') returning 1",
        channel,
    )
    sql.rows(
        "insert into public.alert_channel_secrets (channel_id, sealed) values (%s, %s) returning 1",
        channel, "s" * 120,
    )  # fmt: skip
    yield from _each("alert_channel_seals", sql.call("alert_channel_seals"))
    sql.rows(
        "insert into public.budgets (scope, monthly_microusd) values ('global', 100) returning 1"
    )
    sql.rows(
        "insert into public.usage_logs (answer_id, feature, provider, model, status, cost_state,"
        " cost_microusd) values (gen_random_uuid(), 'comment', 'p', 'm', 'answered', 'priced', 85)"
        " returning 1"
    )
    yield from _each("check_budgets", sql.call("check_budgets"))
    yield from _each("check_alerts", sql.call("check_alerts"))
    due = sql.call("due_alert_deliveries", 10)
    yield from _each("due_alert_deliveries", due)
    yield "begin_alert_delivery", sql.call("begin_alert_delivery", due[0], 60.0)
    yield "begin_alert_delivery", sql.call("begin_alert_delivery", due[0], 60.0)


def _departure(sql: Sql, ada: str, webhook: str) -> Results:
    yield "leave_webhook", sql.call("leave_webhook", ada, webhook, "Figma is down.")
    yield "departing_webhooks", sql.call("departing_webhooks", ada)


def _each(function: str, rows: list[Any]) -> Results:
    assert rows, f"{function} gave no row"
    yield from ((function, row) for row in rows)
