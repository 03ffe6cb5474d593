"""Write the tests from the spec; of the code they know only what its layers mean."""

from collections.abc import Mapping

from service.building.stage_results import StageResult
from service.building.stage_work import Work, as_json
from service.pipelines.editing import with_meaning
from service.pipelines.spec import Spec
from service.pipelines.testing import write_tests


async def run(work: Work) -> StageResult:
    spec, round = await work.read_spec(), work.task.round
    made = []
    for name in ("", "draft"):
        if work.has("candidate", name, round):
            files = await work.read_json("candidate", name, round)
            tests = await work.state.in_thread(_write, spec, files)
            made.append(as_json("tests", tests, name))
    return StageResult("gate", tuple(made))


def _write(spec: Spec, files: Mapping[str, str]) -> dict[str, str]:
    return write_tests(with_meaning(spec, files))
