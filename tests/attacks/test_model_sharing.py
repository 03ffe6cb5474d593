"""What a team keeps in reaches no provider of models, at any of the entries: the stand-in records
all that it is sent."""

from typing import Any

import pytest

from service.answering import wording
from service.answering.outcomes import RetryAt
from service.answering.rehearsal_job import RehearsalJob
from service.answering.worker_state import WorkerState
from service.building import gate_stage
from service.building.builder_state import BuilderState
from service.errors import Conflict
from service.review.written import LABEL
from tests.exactly_once import analyses, pipelines
from tests.exactly_once.runners import PASSED
from tests.exactly_once.scene import ADA, JONAS, Json, Scene

PAY_BUTTON = "1:50"
GUIDANCE = {
    "instructions": "", "tone": "brief", "brand": "", "design_system_rules": "",
    "focus_areas": [], "language": "", "model": "", "shared_with_guests": [],
}  # fmt: skip


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets every component pass: what is tried here is who is asked before it."""

    async def lacks_nothing(_state: BuilderState) -> str:
        return ""

    monkeypatch.setattr(BuilderState, "lack", lacks_nothing)
    monkeypatch.setattr(gate_stage, "check", lambda *_: PASSED)


def sent(scene: Scene, since: int = 0) -> list[Json]:
    """The bodies that the provider got."""
    return [each["body"] for each in scene.model.requests[since:]]


def has_picture(body: Json) -> bool:
    return any(isinstance(each["content"], list) for each in body["messages"])


def in_team(scene: Scene, *people: str) -> None:
    scene.rows(
        "with made as (insert into public.teams (name) values ('Harbour') returning id)"
        " update public.users set team_id = made.id from made where users.id = any (%s::uuid[])",
        list(people),
    )


def rehearse(scene: Scene, user_id: str) -> Any:
    rehearsal_id = scene.database.start_rehearsal(user_id, GUIDANCE, 5, 500_000, "request-1")

    async def act(worker: WorkerState) -> None:
        await RehearsalJob(worker, rehearsal_id).run()

    scene.play(act)
    return scene.database.get_rehearsal(user_id, rehearsal_id)


def use_everything(scene: Scene, ada: str, hook: str) -> dict[str, Any]:
    """Each way in which words or designs of Ada could reach a model; what came of each."""
    comment = scene.finish(scene.ask(hook, ADA, "@buddy is it clear?", node_id=PAY_BUTTON))
    analysis = analyses.request(scene, ada, question="is it clear?")
    if analysis.state == "queued":
        analyses.attempt(scene, analysis.id)
    component = pipelines.play(scene, pipelines.start(scene, ada, pipelines.CARD).id, ada)
    trial = rehearse(scene, ada)
    scene.database.set_webhook_preview(ada, hook, "always")
    drafted = scene.ask(hook, ADA, "@buddy and this one?", node_id=PAY_BUTTON)
    with pytest.raises(RetryAt, match="awaiting_owner"):
        scene.attempt(drafted)
    build = scene.ask(hook, ADA, "@buddy build", command="build", node_id=pipelines.CARD)
    with pytest.raises(RetryAt):
        scene.attempt(build)
    [run] = scene.rows("select id::text from public.pipelines where source = 'comment'")
    built = pipelines.play(scene, run["id"], ada)
    return {
        "comment": comment, "analysis": analyses.row(scene, analysis.id), "component": component,
        "trial": trial, "draft": scene.answer(drafted)["draft"], "built": built,
    }  # fmt: skip


def test_with_nothing_no_model_gets_a_byte_by_any_way_and_what_is_measured_says_so_for_free(
    scene: Scene, gate: None
) -> None:
    scene.configure(figma_pictures="always", worker_lease_seconds=30)
    ada = scene.connect(ADA)
    in_team(scene, ada)
    hook = scene.switch_on(ada)
    # One answer of before, which a guidance can be tried on.
    scene.finish(scene.ask(hook, ADA, "@buddy is it readable?", node_id=PAY_BUTTON))
    before = len(scene.model.requests)
    assert before and scene.database.set_model_sharing(ada, "nothing").level == "nothing"
    made = use_everything(scene, ada, hook)
    assert sent(scene, before) == []
    reply = scene.replies(made["comment"]["root_comment_id"])[0]["message"]
    assert LABEL in reply and wording.KEPT_IN in reply and "9 of 10 free uses left" in reply
    assert (made["comment"]["state"], made["comment"]["reason"]) == ("refused", "model_sharing")
    assert (made["analysis"]["source"], made["analysis"]["is_charged"]) == ("measured", False)
    assert made["component"].model_calls == made["built"].model_calls == 0
    assert made["component"].verdict == made["built"].verdict == "passed"
    assert {each.source for each in made["trial"].answers} == {"measured"}
    assert wording.KEPT_IN in made["draft"]["text"]
    receipts = scene.rows("select state, reason from public.use_receipts order by reserved_at")
    assert receipts[1] == {"state": "released", "reason": "model_sharing"}
    # The account page and the plugin say so.
    account = scene.database.get_account(ada)
    assert (account.sharing.level, account.sharing.is_team) == ("nothing", True)
    assert (account.sharing.set_by, account.sharing.may_widen) == (ADA, True)


def test_with_texts_models_get_words_and_never_a_picture(scene: Scene, gate: None) -> None:
    scene.configure(figma_pictures="always", worker_lease_seconds=30)
    ada = scene.connect(ADA)
    hook = scene.switch_on(ada)
    scene.finish(scene.ask(hook, ADA, "@buddy clear?", node_id=PAY_BUTTON))
    assert has_picture(sent(scene)[-1])
    before = len(scene.model.requests)
    scene.database.set_model_sharing(ada, "texts")
    made = use_everything(scene, ada, hook)
    bodies = sent(scene, before)
    assert bodies and not any(has_picture(each) for each in bodies)
    assert "image_url" not in str(bodies) and "base64" not in str(bodies)
    reply = scene.replies(made["comment"]["root_comment_id"])[0]["message"]
    assert wording.no_picture("team") in reply


def test_the_design_of_a_team_leaves_by_nobody_elses_choice(scene: Scene, gate: None) -> None:
    """Jonas lets everything out; the file is one in which Ada has switched the buddy on."""
    scene.configure(figma_pictures="always")
    ada, jonas = scene.connect(ADA), scene.connect(JONAS)
    hook = scene.switch_on(ada)
    for level, pictures in (("texts", [False]), ("nothing", [])):
        scene.database.set_model_sharing(ada, level)
        before = len(scene.model.requests)
        scene.finish(scene.ask(hook, JONAS, f"@buddy {level}?", node_id=PAY_BUTTON))
        assert [has_picture(each) for each in sent(scene, before)] == pictures
    before = len(scene.model.requests)
    build = scene.ask(hook, JONAS, "@buddy build", command="build", node_id=pipelines.CARD)
    with pytest.raises(RetryAt):
        scene.attempt(build)
    [run] = scene.rows("select id::text from public.pipelines where source = 'comment'")
    assert pipelines.play(scene, run["id"], jonas).verdict == "passed"
    assert sent(scene, before) == []


def test_words_of_a_model_are_not_shown_from_the_cache_where_nothing_may_leave(
    scene: Scene,
) -> None:
    ada = scene.connect(ADA)
    first = analyses.request(scene, ada)
    analyses.attempt(scene, first.id)
    assert analyses.row(scene, first.id)["source"] == "model"
    assert analyses.request(scene, ada).source == "model"
    scene.database.set_model_sharing(ada, "nothing")
    assert analyses.request(scene, ada).source == "measured"
    scene.database.set_model_sharing(ada, "texts")
    assert analyses.request(scene, ada).source == "model"


def test_less_is_let_out_by_anybody_in_the_team_and_more_by_whoever_chose_it_alone(
    scene: Scene,
) -> None:
    ada, jonas = scene.connect(ADA), scene.connect(JONAS)
    choose = scene.database.set_model_sharing
    # Alone they choose for themselves.
    assert choose(jonas, "nothing").level == "nothing"
    assert choose(jonas, "texts_and_pictures").level == "texts_and_pictures"
    in_team(scene, ada, jonas)
    assert choose(ada, "texts").may_widen
    shown = scene.database.show_model_sharing(jonas)
    assert (shown.level, shown.set_by, shown.may_widen) == ("texts", ADA, False)
    with pytest.raises(Conflict, match="Somebody else in your team"):
        choose(jonas, "texts_and_pictures")
    assert choose(jonas, "nothing").may_widen
    with pytest.raises(Conflict):
        choose(ada, "texts_and_pictures")
    # Whoever chose it leaves: the choice stays, and only operators widen it.
    scene.database.delete_account(jonas, "hash")
    shown = scene.database.show_model_sharing(ada)
    assert (shown.level, shown.set_by, shown.may_widen) == ("nothing", "support", False)
    entries = scene.rows(
        "select after ->> 'level' as level from public.audit_log"
        " where table_name = 'model_sharing' and after ->> 'is_team' = 'true' order by id"
    )
    assert [each["level"] for each in entries] == ["texts", "nothing"]


def test_nobody_lets_more_out_than_a_colleague_allows_by_letting_out_less_before(
    scene: Scene,
) -> None:
    ada, jonas = scene.connect(ADA), scene.connect(JONAS)
    choose = scene.database.set_model_sharing
    in_team(scene, ada, jonas)
    choose(ada, "texts")
    shown = choose(jonas, "nothing")
    assert (shown.set_by, shown.may_widen, shown.widest) == (JONAS, True, "texts")
    with pytest.raises(Conflict, match="Somebody else in your team"):
        choose(jonas, "texts_and_pictures")
    # Saying it again, and saying what is so already, is no choice of one's own.
    assert choose(ada, "nothing").set_by == JONAS
    shown = choose(jonas, "texts")
    assert (shown.level, shown.set_by, shown.may_widen) == ("texts", ADA, False)
    with pytest.raises(Conflict):
        choose(jonas, "texts_and_pictures")
    # Neither keeps the other from taking back what is theirs.
    assert choose(ada, "texts_and_pictures").level == "texts_and_pictures"
    assert choose(jonas, "texts").widest == "texts_and_pictures"


def test_a_choice_of_before_choices_were_kept_one_by_one_goes_on_to_count(scene: Scene) -> None:
    ada, jonas = scene.connect(ADA), scene.connect(JONAS)
    choose = scene.database.set_model_sharing
    in_team(scene, ada, jonas)
    scene.rows(
        "insert into public.model_sharing (id, is_team, level, user_id)"
        " select team_id, true, 'texts', id from public.users where id = %s",
        ada,
    )
    shown = scene.database.show_model_sharing(jonas)
    assert (shown.set_by, shown.may_widen, shown.widest) == (ADA, False, "texts")
    choose(jonas, "nothing")
    with pytest.raises(Conflict):
        choose(jonas, "texts_and_pictures")
    assert choose(jonas, "texts").set_by == ADA
    assert choose(ada, "texts_and_pictures").level == "texts_and_pictures"


def test_what_somebody_kept_in_before_they_were_in_a_team_stays_in_for_what_is_theirs(
    scene: Scene,
) -> None:
    scene.configure(figma_pictures="always")
    ada, jonas = scene.connect(ADA), scene.connect(JONAS)
    hook = scene.switch_on(ada)
    scene.database.set_model_sharing(ada, "nothing")
    in_team(scene, ada, jonas)
    before = len(scene.model.requests)
    # What Ada asks, and what is asked in a file that she switched on.
    for asker in (ADA, JONAS):
        scene.finish(scene.ask(hook, asker, f"@buddy {asker}?", node_id=PAY_BUTTON))
    assert analyses.request(scene, ada).source == "measured"
    assert sent(scene, before) == []
    # It is hers alone, and she takes it back alone.
    mine, others = (scene.database.show_model_sharing(each) for each in (ada, jonas))
    assert (mine.level, mine.is_team, mine.set_by) == ("nothing", False, ADA)
    assert (others.level, others.is_team) == ("texts_and_pictures", True)
    scene.database.set_model_sharing(jonas, "texts")
    assert scene.database.set_model_sharing(ada, "texts").is_team
    scene.finish(scene.ask(hook, ADA, "@buddy and now?", node_id=PAY_BUTTON))
    assert [has_picture(each) for each in sent(scene, before)] == [False]
    with pytest.raises(Conflict):
        scene.database.set_model_sharing(ada, "texts_and_pictures")


def test_a_guidance_is_tried_on_a_question_as_the_owner_of_its_file_allows(scene: Scene) -> None:
    ada, jonas = scene.connect(ADA), scene.connect(JONAS)
    theirs, own = scene.switch_on(ada), scene.switch_on(jonas)
    for hook in (theirs, own):
        scene.finish(scene.ask(hook, JONAS, "@buddy clear?", node_id=PAY_BUTTON))
    scene.database.set_model_sharing(ada, "nothing")
    before = len(scene.model.requests)
    tried = rehearse(scene, jonas)
    assert sorted(each.source for each in tried.answers) == ["measured", "model"]
    assert len(sent(scene, before)) == 1
