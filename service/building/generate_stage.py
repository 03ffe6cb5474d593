"""Write the component: by rules, which always works, then by a model where one is set."""

import base64
from collections.abc import Mapping

from service.building.model_calls import Asking, Outcome, ask_model, may_ask
from service.building.stage_results import StageResult
from service.building.stage_work import Work, as_json
from service.pipelines.editing import Edited, edit
from service.pipelines.generate import Draft, generate
from service.pipelines.spec import Spec


async def run(work: Work) -> StageResult:
    spec = await work.read_spec()
    exported = await work.read_json("image") if work.has("image") else {}
    draft = await work.state.in_thread(_write, spec, exported)
    outcome = Outcome(draft.files, "no_model")
    has_model = may_ask(work)
    if has_model:
        outcome = await ask_model(work, draft.files, _asking(work, spec, draft.files))
    made = [as_json("candidate", dict(outcome.files))]
    if outcome.reason == "edited":
        made.append(as_json("candidate", dict(draft.files), "draft"))
    facts = {
        "model": outcome.reason,
        "has_model": has_model,
        "draft_notes": [each for each in draft.notes if each not in spec.notes][:50],
    }
    stage_facts = {"model": outcome.reason} if has_model else {}
    return StageResult("test", tuple(made), facts=facts, stage_facts=stage_facts)


def _write(spec: Spec, exported: Mapping[str, str]) -> Draft:
    assets = {node_id: base64.b64decode(text) for node_id, text in exported.items()}
    return generate(spec, assets, traced=True)


def _asking(work: Work, spec: Spec, files: Mapping[str, str]) -> Asking:
    async def ask(ceiling_microusd: int, model: str | None) -> Edited:
        assert work.state.worker is not None
        return await edit(work.state.worker.chain, spec, files, ceiling_microusd, model=model)

    return ask
