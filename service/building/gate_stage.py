"""Prove the candidate inside the sandbox, and choose the best one so far."""

from dataclasses import asdict

from service.building.stage_results import PNG, Made, StageResult
from service.building.stage_work import Work, as_json
from service.pipelines.editing import MOST_ROUNDS, best, is_better, is_sure, with_meaning
from service.pipelines.gate import Floor, GateRequest, GateResult, check
from service.pipelines.gate.sandbox import SandboxError


async def run(work: Work) -> StageResult:
    lack = await work.state.lack()
    if lack:
        return _untested(lack)
    round, before, facts = work.task.round, work.task.chosen_round, work.task.facts
    is_by_model = round > 0 or facts.get("model") == "edited"
    made: list[Made] = []
    try:
        result, gates = await _check(work, ""), 1
        seconds, cpu = dict(result.seconds_by_step), dict(result.cpu_ms_by_step)
        if work.has("candidate", "draft", round) and not is_sure(result):
            # The draft is the floor: what a model made of it has to be better.
            gates = 2
            draft = await _check(work, "draft")
            for step, value in draft.seconds_by_step.items():
                seconds[step] = seconds.get(step, 0.0) + value
            for step, spent in draft.cpu_ms_by_step.items():
                cpu[step] = cpu.get(step, 0) + spent
            if best([draft, result]) == 0:
                result, is_by_model = draft, False
                made.append(as_json("candidate", await work.read_json("candidate", "draft", round)))
                made.append(as_json("tests", await work.read_json("tests", "draft", round)))
    except SandboxError as error:
        return _untested(str(error))
    old = None if before in (None, round) else await work.read_gate(before or 0)
    is_chosen = old is None or is_better(result, old)
    made.append(Made("gate", result.to_json().encode()))
    made += [Made("render", png, PNG, str(width)) for width, png in sorted(result.renders.items())]
    is_passed = (result if is_chosen else old or result).is_passed
    quality = {
        **asdict(result.quality),
        "is_passed": result.is_passed,
        "is_chosen": is_chosen,
        "seed": result.seed,
    }
    # Words that the spec has lost come back by no repair, which would only cost.
    is_whole = not any(each.kind == "words" for each in result.failures)
    may_repair = facts.get("has_model") is True and work.task.left_microusd > 0 and is_whole
    return StageResult(
        "repair" if not is_passed and may_repair and round < MOST_ROUNDS else "package",
        tuple(made),
        quality,
        {"is_by_model": is_by_model} if is_chosen else {},
        {"seconds_by_step": seconds, "cpu_ms_by_step": cpu, "gates": gates},
    )


async def _check(work: Work, name: str) -> GateResult:
    spec, round = await work.read_spec(), work.task.round
    files = await work.read_json("candidate", name, round)
    tests = await work.read_json("tests", name, round)
    picture = await work.read("picture") if work.has("picture") else None
    # The same pipeline samples the same mutants.
    seed = int(work.task.id.replace("-", "")[:7], 16)
    draft = None
    if not name and work.has("candidate", "draft", round):
        draft = await work.read_json("candidate", "draft", round)

    def run_gate() -> GateResult:
        floor = draft and Floor(with_meaning(spec, draft), draft)
        request = GateRequest(with_meaning(spec, files), files, tests, picture, seed, floor)
        return check(request, work.sandbox, work.state.tools)

    return await work.state.in_thread(run_gate)


def _untested(lack: str) -> StageResult:
    """The component by rules is given all the same, labelled not tested."""
    facts = {"untested": "sandbox_unavailable", "untested_params": {"missing": lack}}
    return StageResult("package", facts=facts)
