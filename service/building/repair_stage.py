"""Let a model mend what the gate found in the best candidate so far."""

from service.building.model_calls import ask_model, may_ask
from service.building.stage_results import StageResult
from service.building.stage_work import Work, as_json
from service.pipelines.editing import Edited, repair


async def run(work: Work) -> StageResult:
    round, before = work.task.round, work.task.chosen_round
    if before is None or not may_ask(work):
        return StageResult("package", facts={"repair": "no_model"})
    spec = await work.read_spec()
    files = await work.read_json("candidate", round=before)
    found = await work.read_gate(before)

    async def ask(ceiling_microusd: int, model: str | None) -> Edited:
        assert work.state.worker is not None
        chain = work.state.worker.chain
        return await repair(chain, spec, files, found, round, ceiling_microusd, model=model)

    outcome = await ask_model(work, files, ask)
    facts, stage_facts = {"repair": outcome.reason}, {"model": outcome.reason}
    if outcome.reason != "edited":
        return StageResult("package", facts=facts, stage_facts=stage_facts)
    made = (as_json("candidate", dict(outcome.files)),)
    return StageResult("test", made, facts=facts, stage_facts=stage_facts)
