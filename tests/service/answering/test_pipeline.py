"""Each decision of begin_answer, from the stored comment to the posted reply."""

import pytest

from service.answering.job import AnswerJob
from service.answering.outcomes import RetryAt
from service.answering.worker_state import WorkerState
from service.figma.addressing import Addressing
from tests.exactly_once.scene import ADA, CHECKOUT, JONAS, MEI, Scene

PAY_BUTTON = "1:50"
DRAFT = "Draft02Wc7MsPh4vGj8Lt6"
DAYS = 3 * 86_400


def test_a_question_is_answered_under_its_thread_and_paid_once(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    answer = scene.finish(scene.ask(hook, ADA, "@buddy is the contrast enough?"))
    (reply,) = scene.replies(answer["root_comment_id"])
    assert (answer["state"], answer["reply_comment_id"]) == ("answered", reply["id"])
    assert reply["user"]["handle"] == "Buddy"
    assert "9 of 10 free uses left" in reply["message"]
    assert (answer["provider"], answer["design_state"]) == ("openai", "no_node")
    assert scene.books() == {
        "reserved": 0, "settled": 1, "released": 0, "usage_rows": 1, "used": 1, "held": 0,
        "answered": 1, "open": 0,
    }  # fmt: skip


def test_the_pinned_frame_is_measured_and_given_to_the_model(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    answer = scene.finish(scene.ask(hook, ADA, "@buddy contrast?", node_id=PAY_BUTTON))
    assert (answer["design_state"], answer["node_id"]) == ("read", PAY_BUTTON)
    assert any(fact["kind"] == "contrast" for fact in answer["facts"]["facts"])
    asked = scene.model.requests[0]["body"]["messages"][1]["content"]
    assert "<measured_facts>" in asked and "Pay now" in asked


def test_a_question_in_a_thread_comes_with_what_was_said_before(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    root = scene.say(JONAS, "The label is hard to read", node_id=PAY_BUTTON)
    answer = scene.finish(scene.ask(hook, ADA, "@buddy agreed?", root=root["id"]))
    assert answer["node_id"] == PAY_BUTTON
    asked = scene.model.requests[0]["body"]["messages"][1]["content"]
    assert f"{JONAS}: The label is hard to read" in asked


def test_guidance_of_the_version_in_force_reaches_the_model(scene: Scene) -> None:
    ada = scene.connect(ADA)
    hook = scene.switch_on(ada)
    content = {
        "instructions": "Mind the harbour style", "tone": "", "brand": "",
        "design_system_rules": "", "language": "", "focus_areas": [], "model": "",
    }  # fmt: skip
    scene.database.save_context(ada, 1, content, "user")
    scene.finish(scene.ask(hook, ADA, "@buddy spacing?"))
    assert "Mind the harbour style" in scene.model.requests[0]["body"]["messages"][1]["content"]


def test_without_a_model_the_measured_review_answers_for_free(scene: Scene) -> None:
    scene.configure(openai_api_key=None)
    hook = scene.switch_on(scene.connect(ADA))
    answer = scene.finish(scene.ask(hook, ADA, "@buddy contrast?", node_id=PAY_BUTTON))
    (reply,) = scene.replies(answer["root_comment_id"])
    assert "not by an AI model" in reply["message"]
    (usage,) = scene.rows("select * from public.usage_logs")
    booked = ("provider", "cost_microusd", "cost_state", "price_name")
    assert [usage[name] for name in booked] == ["measured-review", 0, "priced", "no model call"]


def test_without_a_model_and_a_frame_the_reply_says_that_rules_do_not_read_words(
    scene: Scene,
) -> None:
    scene.configure(openai_api_key=None)
    hook = scene.switch_on(scene.connect(ADA))
    pinned = {"node_id": PAY_BUTTON}
    scene.finish(scene.ask(hook, ADA, "@buddy is the tone of this right?"))
    scene.sandbox.faults({"kind": "500", "path": "/nodes"})
    scene.finish(scene.ask(hook, ADA, "@buddy is the tone of this right?", **pinned))
    unpinned, unread = (each["message"] for each in scene.replies())
    assert "No AI model answered" in unpinned and "nothing they can measure" in unpinned
    assert "pin the comment to a frame" in unpinned
    assert "did not hand it out in time. No AI model answered either" in unread
    assert not any("goes by the words" in each for each in (unpinned, unread))


def test_a_used_up_trial_is_refused_with_what_to_do(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    scene.finish(scene.ask(hook, ADA, "@buddy one?"))
    scene.rows("update public.use_balances set used = 10")
    answer = scene.finish(scene.ask(hook, ADA, "@buddy two?"))
    (reply,) = scene.replies(answer["root_comment_id"])
    assert (answer["state"], answer["reason"]) == ("refused", "trial_used_up")
    assert "All 10 free uses are used" in reply["message"]
    assert "/account" in reply["message"]
    assert len(scene.model.requests) == 1


def test_a_used_up_month_names_the_day_it_starts_again(scene: Scene) -> None:
    ada = scene.connect(ADA)
    hook = scene.switch_on(ada)
    scene.rows(
        "insert into public.subscriptions (user_id, plan_code, starts_at)"
        " values (%s, 'pro', now() - interval '1 day')",
        ada,
    )
    answer = scene.finish(scene.ask(hook, ADA, "@buddy one?"))
    assert "499 of 500 uses left this month" in scene.replies()[-1]["message"]
    scene.rows("update public.use_balances set used = 500")
    answer = scene.finish(scene.ask(hook, ADA, "@buddy two?"))
    assert answer["reason"] == "plan_used_up"
    assert "starts again on 1 " in scene.replies()[-1]["message"]


def test_too_many_questions_in_a_minute_are_told_when_to_ask_again(scene: Scene) -> None:
    scene.configure(answers_per_minute=1)
    hook = scene.switch_on(scene.connect(ADA))
    scene.finish(scene.ask(hook, ADA, "@buddy one?"))
    answer = scene.finish(scene.ask(hook, ADA, "@buddy two?"))
    assert answer["reason"] == "too_fast"
    assert "again in a minute" in scene.replies(answer["root_comment_id"])[0]["message"]


def test_a_suspended_account_is_told_so(scene: Scene) -> None:
    ada = scene.connect(ADA)
    hook = scene.switch_on(ada)
    scene.rows("update public.users set state = 'suspended' where id = %s", ada)
    answer = scene.finish(scene.ask(hook, ADA, "@buddy hello there?"))
    assert (answer["state"], answer["reason"]) == ("refused", "suspended")
    assert "suspended" in scene.replies(answer["root_comment_id"])[0]["message"]


def test_a_guest_is_invited_once_and_then_left_in_peace(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    first = scene.finish(scene.ask(hook, JONAS, "@buddy and me?"))
    second = scene.finish(scene.ask(hook, JONAS, "@buddy please?"))
    (invitation,) = scene.replies()
    assert f"Hello {JONAS}!" in invitation["message"]
    assert scene.settings.public_url in invitation["message"]
    assert (first["reason"], second["reason"]) == ("guest_invited", "guest_already_invited")
    assert second["state"] == "ignored"


def test_the_owner_pays_for_guests_where_the_owner_said_so(scene: Scene) -> None:
    ada = scene.connect(ADA)
    hook = scene.switch_on(ada, guest_rule="owner_pays")
    answer = scene.finish(scene.ask(hook, JONAS, "@buddy and me?"))
    assert (answer["state"], str(answer["payer_id"])) == ("answered", ada)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("help", "Pin the comment"),
        ("usage", "0 of 10 uses used, 10 left"),
        ("stop", "silent"),
        ("bad", "nothing to rate"),
    ],
)
def test_a_command_is_answered_without_a_use(scene: Scene, command: str, words: str) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    answer = scene.finish(scene.ask(hook, ADA, f"@buddy {command}", command=command))
    assert words in scene.replies(answer["root_comment_id"])[0]["message"]
    assert scene.books()["used"] == 0


def test_stop_silences_a_thread_until_resume(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    root = scene.say(ADA, "A thread")["id"]
    for text, command in (("stop", "stop"), ("are you there?", None), ("resume", "resume")):
        scene.finish(scene.ask(hook, ADA, f"@buddy {text}", root=root, command=command))
    stopped, resumed = scene.replies(root)
    assert "silent" in stopped["message"] and "I am back" in resumed["message"]


def test_no_reply_holds_a_trigger(scene: Scene) -> None:
    scene.model.behave(text="Ask @buddy again, or @Buddy, or ＠buddy!")
    hook = scene.switch_on(scene.connect(ADA))
    scene.finish(scene.ask(hook, ADA, "@buddy one?"))
    for command in ("help", "usage", "stop", "resume", "good", "bad"):
        scene.finish(scene.ask(hook, ADA, f"@buddy {command}", command=command))
    addressing = Addressing(scene.settings.buddy_triggers)
    replies = [reply["message"] for reply in scene.replies()]
    assert len(replies) == 7
    assert not any(addressing.read(text).is_addressed for text in replies)


def test_a_used_up_quota_is_said_in_the_reply_and_not_tried_again(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    for handle in ("Buddy", ADA):
        scene.sandbox.quota(handle, 1, 0, retry_after=DAYS)
    for _ in range(2):
        answer = scene.finish(scene.ask(hook, ADA, "@buddy contrast?", node_id=PAY_BUTTON))
        text = scene.replies(answer["root_comment_id"])[0]["message"]
        assert (answer["state"], answer["design_state"]) == ("answered", "quota")
        assert "quota for reading designs is used up until" in text
        assert "https://www.figma.com/pricing?api_paywall=true" in text
    asked = [each for each in scene.sandbox.requests() if each["path"].endswith("/nodes")]
    assert [each["status"] for each in asked] == [429, 429]


def test_a_short_limit_on_reading_designs_is_waited_for(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    # The bot and the owner are told to wait, and the limit just noted is over when they ask again.
    scene.sandbox.faults({"kind": "429", "path": "/nodes", "retry_after": 1, "times": 2})
    answer = scene.finish(scene.ask(hook, ADA, "@buddy contrast?", node_id=PAY_BUTTON))
    assert answer["design_state"] == "read"
    asked = [each for each in scene.sandbox.requests() if each["path"].endswith("/nodes")]
    assert [each["status"] for each in asked] == [429, 429, 200]


def test_another_account_reads_the_design_when_the_bots_quota_is_used_up(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    scene.sandbox.quota("Buddy", 1, 0, retry_after=DAYS)
    answer = scene.finish(scene.ask(hook, ADA, "@buddy contrast?", node_id=PAY_BUTTON))
    assert answer["design_state"] == "read"


def test_a_design_that_figma_does_not_hand_out_costs_only_the_measures(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    scene.sandbox.faults({"kind": "500", "path": "/nodes"})
    answer = scene.finish(scene.ask(hook, ADA, "@buddy contrast?", node_id=PAY_BUTTON))
    assert (answer["state"], answer["design_state"]) == ("answered", "failed")


def test_the_owners_account_posts_where_the_bot_cannot_see_the_file(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA), DRAFT)
    answer_id = scene.ask(hook, ADA, "@buddy contrast?", file_key=DRAFT)
    answer = scene.finish(answer_id)
    (reply,) = scene.replies(answer["root_comment_id"], DRAFT)
    assert reply["user"]["handle"] == ADA


def test_an_account_that_cannot_see_a_file_is_passed_over_for_a_while(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA), DRAFT)
    answers = [scene.ask(hook, ADA, f"@buddy number {n}?", file_key=DRAFT) for n in range(3)]

    async def act(worker: WorkerState) -> None:
        for each in answers:
            await AnswerJob(worker, each).run()

    scene.play(act)
    bot = scene.people["Buddy"]["id"]
    asked = [each for each in scene.sandbox.requests() if each["person_id"] == bot]
    assert [(each["method"], each["status"]) for each in asked] == [("GET", 404), ("POST", 404)]
    assert scene.books()["answered"] == 3


def test_a_deleted_comment_gets_no_reply_and_costs_nothing(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    comment = scene.say(ADA, "@buddy contrast?")
    answer_id = scene.record(hook, comment)
    scene.delete_comment(comment)
    answer = scene.finish(answer_id)
    assert (answer["state"], answer["reason"]) == ("ignored", "not_confirmed")
    assert scene.books()["usage_rows"] == 0 and scene.books()["held"] == 0
    assert scene.model.requests == []


def test_a_resolved_thread_gets_no_reply(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    comment = scene.say(ADA, "@buddy contrast?")
    answer_id = scene.record(hook, comment)
    scene.resolve_thread(comment)
    answer = scene.finish(answer_id)
    assert (answer["reason"], scene.replies()) == ("comment_resolved", [])


def test_without_any_account_a_question_waits_a_day_for_its_owner_to_sign_in_again(
    scene: Scene,
) -> None:
    ada = scene.connect(ADA)
    hook = scene.switch_on(ada, DRAFT)
    first, second = (
        scene.ask(hook, ADA, f"@buddy contrast {n}?", file_key=DRAFT) for n in range(2)
    )
    scene.rows("update public.figma_tokens set revoked_at = now()")
    for each in (first, second):
        with pytest.raises(RetryAt, match="no_account"):
            scene.attempt(each)
        assert scene.answer(each)["state"] == "deferred"
    assert scene.database.get_account(ada).waiting_for_sign_in == 2

    scene.rows("update public.answers set received_at = now() - interval '25 hours', hint = null"
               " where id = %s", second)  # fmt: skip
    answer = scene.finish(second)
    assert (answer["state"], answer["reason"]) == ("failed", "no_account")
    assert "connect again" in answer["failure_message"]
    jobs = "select args ->> 'answer_id' as id from queue.procrastinate_jobs as j order by j.id"
    before = scene.rows(jobs)
    scene.connect(ADA)
    assert scene.rows(jobs)[len(before) :] == [{"id": first}]
    assert scene.finish(first)["state"] == "answered"
    assert (scene.books()["settled"], scene.books()["released"]) == (1, 0)


def test_an_outage_of_figma_is_waited_for_and_a_long_one_ends_it(scene: Scene) -> None:
    scene.configure(job_attempts=3)
    hook = scene.switch_on(scene.connect(ADA))
    scene.sandbox.faults({"kind": "500", "path": "/comments", "method": "GET"})
    short, long = scene.ask(hook, ADA, "@buddy contrast?"), scene.ask(hook, ADA, "@buddy size?")
    assert {scene.finish(each)["state"] for each in (short, long)} == {"queued"}
    scene.rows(
        "update public.answers set received_at = received_at - interval '7 hours' where id = %s"
        " returning 1",
        long,
    )
    answer = scene.finish(long)
    assert (answer["state"], answer["reason"]) == ("failed", "figma_figma_down")
    scene.sandbox.faults()
    assert scene.finish(short)["state"] == "answered"
    books = scene.books()
    # Nobody was known who could have paid for the other.
    assert (books["released"], books["used"], books["held"], books["usage_rows"]) == (0, 1, 0, 1)


def test_a_replay_posts_the_kept_draft_and_asks_no_model_again(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    scene.sandbox.faults({"kind": "403", "path": "/comments", "method": "POST"})
    answer_id = scene.ask(hook, ADA, "@buddy contrast?", node_id=PAY_BUTTON)
    assert scene.finish(answer_id)["state"] == "failed"
    scene.sandbox.faults()
    scene.connect(ADA)
    scene.rows("select public.replay_answer(%s)", answer_id)
    answer = scene.finish(answer_id)
    assert (answer["state"], answer["model"] != "") == ("answered", True)
    # Also how the draft was made.
    assert (answer["design_state"], answer["facts"]["count"] > 0) == ("read", True)
    assert len(scene.model.requests) == 1
    costs = scene.rows("select run, status, cost_microusd from public.usage_logs order by run")
    assert [(each["run"], each["status"]) for each in costs] == [(1, "failed"), (2, "answered")]
    assert costs[0]["cost_microusd"] > 0 and costs[1]["cost_microusd"] == 0


def test_a_limit_of_days_puts_the_answer_off_and_says_so_once(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    scene.connect(JONAS)
    for handle in ("Buddy", ADA):
        scene.sandbox.quota(handle, 2, 0, retry_after=DAYS)
    answer_id = scene.ask(hook, JONAS, "@buddy contrast?")
    for _ in range(3):
        with pytest.raises(RetryAt):
            scene.attempt(answer_id)
    answer = scene.answer(answer_id)
    (notice,) = scene.replies(answer["root_comment_id"])
    assert (answer["state"], answer["notice_comment_id"]) == ("deferred", notice["id"])
    assert "no more calls here until" in notice["message"]
    assert notice["user"]["handle"] == JONAS
    assert scene.books()["held"] == 1

    for handle in ("Buddy", ADA):
        scene.sandbox.quota(handle, 2, None)
    scene.rows("update public.figma_quotas set limited_until = now()")
    answer = scene.finish(answer_id)
    assert (answer["state"], len(scene.replies())) == ("answered", 2)
    assert answer["failures"] == 0


def test_a_thread_that_waits_is_told_so_once_however_many_ask(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    scene.connect(JONAS)
    for handle in ("Buddy", ADA):
        scene.sandbox.quota(handle, 2, 0, retry_after=DAYS)
    root, other = (scene.say(ADA, text)["id"] for text in ("A thread", "Another"))
    asked = [scene.ask(hook, JONAS, "@buddy and?", root=each) for each in (root, root, other)]
    for answer_id in asked:
        with pytest.raises(RetryAt):
            scene.attempt(answer_id)
    assert [scene.answer(each)["state"] for each in asked] == ["deferred"] * 3
    assert (len(scene.replies(root)), len(scene.replies(other))) == (1, 1)


def test_a_replay_of_an_old_comment_waits_for_figma_like_a_new_one(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    scene.sandbox.faults({"kind": "403", "path": "/comments", "method": "GET", "times": 2})
    answer_id = scene.ask(hook, ADA, "@buddy contrast?")
    assert scene.finish(answer_id)["state"] == "failed"
    scene.rows("update public.answers set received_at = received_at - interval '8 days'")
    scene.connect(ADA)
    scene.rows("select public.replay_answer(%s)", answer_id)
    scene.sandbox.faults({"kind": "429", "path": "/comments", "retry_after": 1, "times": 1})
    with pytest.raises(RetryAt):
        scene.attempt(answer_id)
    assert scene.finish(answer_id)["state"] == "answered"


def test_the_owner_speaks_for_a_bot_that_is_shut_out_for_days(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    scene.sandbox.quota("Buddy", 2, 0, retry_after=DAYS)
    answer = scene.finish(scene.ask(hook, ADA, "@buddy contrast?"))
    assert answer["state"] == "answered"
    assert scene.replies()[0]["user"]["handle"] == ADA


def test_a_short_limit_is_waited_for_without_a_word(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    scene.sandbox.faults({"kind": "429", "path": "/comments", "retry_after": 20, "times": 1})
    answer_id = scene.ask(hook, ADA, "@buddy contrast?")
    with pytest.raises(RetryAt):
        scene.attempt(answer_id)
    assert scene.replies() == []
    answer = scene.finish(answer_id)
    assert (answer["state"], answer["failures"]) == ("answered", 0)


def test_a_database_that_is_away_only_delays(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    answer_id = scene.ask(hook, ADA, "@buddy contrast?")
    scene.configure(supabase_url="http://127.0.0.1:9")
    with pytest.raises(RetryAt):
        scene.attempt(answer_id)
    scene.configure()
    assert scene.finish(answer_id)["state"] == "answered"


def test_a_fault_in_the_program_ends_as_a_dead_letter_without_its_words(scene: Scene) -> None:
    scene.configure(job_attempts=2)
    hook = scene.switch_on(scene.connect(ADA))
    answer_id = scene.ask(hook, ADA, "@buddy contrast?")

    def fail(step: str) -> None:
        if step == "thread_read":
            raise RuntimeError("secret words")

    with pytest.raises(RetryAt):
        scene.attempt(answer_id, fail)
    scene.attempt(answer_id, fail)
    answer = scene.answer(answer_id)
    assert (answer["state"], answer["reason"]) == ("failed", "unexpected")
    assert "secret" not in answer["failure_message"]


def test_an_answer_that_keeps_killing_its_worker_is_given_up(scene: Scene) -> None:
    scene.configure(job_attempts=1)
    hook = scene.switch_on(scene.connect(ADA))
    answer_id = scene.ask(hook, ADA, "@buddy contrast?")
    scene.rows("update public.answers set attempt = 5")
    assert scene.finish(answer_id)["reason"] == "worker_lost"


def test_the_last_reply_before_the_loop_breaker_says_that_it_pauses(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    scene.connect(MEI)
    root = scene.say(ADA, "A thread")["id"]
    for handle in (ADA, MEI, ADA, MEI, ADA):
        scene.finish(scene.ask(hook, handle, "@buddy and now?", root=root))
    replies = scene.replies(root, CHECKOUT)
    assert len(replies) == 3
    assert ["I pause in this thread" in each["message"] for each in replies] == [False, False, True]


@pytest.mark.parametrize(("command", "says"), [("usage", True), ("stop", False)])
def test_a_reply_to_a_command_says_that_it_is_the_last_before_a_pause(
    scene: Scene, command: str, says: bool
) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    root = scene.say(ADA, "A thread")["id"]
    for text, chosen in (("one?", None), ("two?", None), (command, command), ("four?", None)):
        answer = scene.finish(scene.ask(hook, ADA, f"@buddy {text}", root=root, command=chosen))
    replies = [each["message"] for each in scene.replies(root)]
    assert (len(replies), answer["decision"]) == (3, "ignore")
    assert ["for up to 5 minutes now" in each for each in replies] == [False, False, says]


def test_a_refusal_says_that_it_is_the_last_reply_before_a_pause(scene: Scene) -> None:
    scene.configure(loop_breaker_replies=1)
    hook = scene.switch_on(scene.connect(ADA))
    scene.finish(scene.ask(hook, ADA, "@buddy one?"))
    scene.rows("update public.use_balances set used = 10")
    scene.finish(scene.ask(hook, ADA, "@buddy two?"))
    assert all("for up to 5 minutes now" in each["message"] for each in scene.replies())


def test_the_job_of_an_answer_that_is_gone_ends_quietly(scene: Scene) -> None:
    scene.attempt("00000000-0000-0000-0000-000000000000")
    assert scene.replies() == []


def test_an_expired_token_is_renewed_on_the_way(scene: Scene) -> None:
    scene.configure(
        figma_bot_token=None, figma_client_id="sandbox-client", figma_client_secret="sandbox-secret"
    )
    ada = scene.connect_by_oauth(ADA)
    hook = scene.switch_on(ada)
    scene.sandbox.expire(ADA)
    answer = scene.finish(scene.ask(hook, ADA, "@buddy contrast?"))
    assert (answer["state"], answer["attempt"]) == ("answered", 1)
    assert scene.rows("select version from public.figma_tokens")[0]["version"] == 2
    assert scene.replies()[0]["user"]["handle"] == ADA


def test_a_token_near_its_end_is_renewed_before_it_is_used(scene: Scene) -> None:
    scene.configure(
        figma_bot_token=None, figma_client_id="sandbox-client", figma_client_secret="sandbox-secret"
    )
    hook = scene.switch_on(scene.connect_by_oauth(ADA))
    scene.rows("update public.figma_tokens set expires_at = now() + interval '23 hours'")
    assert scene.finish(scene.ask(hook, ADA, "@buddy contrast?"))["state"] == "answered"
    (token,) = scene.rows(
        "select version, expires_at > now() + interval '80 days' as is_new from public.figma_tokens"
    )
    assert token == {"version": 2, "is_new": True}


def test_a_token_near_its_end_serves_on_when_it_cannot_be_renewed_now(scene: Scene) -> None:
    scene.configure(figma_bot_token=None, figma_refresh_url="http://127.0.0.1:1/v1/oauth/refresh")
    hook = scene.switch_on(scene.connect_by_oauth(ADA))
    scene.rows("update public.figma_tokens set expires_at = now() + interval '23 hours'")
    assert scene.finish(scene.ask(hook, ADA, "@buddy contrast?"))["state"] == "answered"
    assert scene.rows("select version from public.figma_tokens")[0]["version"] == 1


def test_a_connection_that_only_its_owner_can_repair_is_said_in_the_dead_letter(
    scene: Scene,
) -> None:
    scene.configure(
        figma_bot_token=None, figma_client_id="sandbox-client", figma_client_secret="sandbox-secret"
    )
    hook = scene.switch_on(scene.connect_by_oauth(ADA))
    scene.sandbox.expire(ADA)
    unknown = scene.services.vault.encrypt("never-given")
    scene.rows("update public.figma_tokens set refresh_token_encrypted = %s", unknown)
    answer_id = scene.ask(hook, ADA, "@buddy contrast?")
    scene.rows("update public.answers set received_at = now() - interval '2 days'")
    answer = scene.finish(answer_id)
    assert (answer["state"], answer["reason"]) == ("failed", "no_account")
    assert "figma_sign_in_needed" in answer["failure_message"]
