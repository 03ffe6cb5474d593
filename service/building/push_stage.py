"""Push what was packed to the team's repository: one commit, one pull request, however often it is
tried."""

import io
import zipfile
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from service.answering.outcomes import backoff_seconds
from service.building.stage_results import StageFailed, StageResult
from service.building.stage_work import Work
from service.database_clock import database_now
from service.github.errors import GitHubError
from service.github.github_client import GitHubClient
from service.pipelines.pushing import (
    Pushed,
    PushedPipeline,
    PushRefused,
    open_target,
    push,
)
from service.store.target_records import SealedTarget

# The report holds pictures, and belongs to the run.
_NOT_PUSHED = "report.html"


async def run(work: Work) -> StageResult:
    assert work.state.worker is not None
    target = await work.state.ask_database(work.state.database.read_target, work.task.user_id)
    # Somebody who has changed teams since does not take the old team's component along.
    if target is None or target.owner_id != work.task.owner_id:
        raise StageFailed("push_no_target")
    packed = await work.read("zip", round=work.task.chosen_round)
    quality = None
    if work.task.chosen_round is not None:
        quality = asdict((await work.read_gate(work.task.chosen_round)).quality)
    try:
        pushed = await work.state.in_thread(_push, work, target, packed, quality)
    except PushRefused as error:
        raise StageFailed(error.code, error.parameters) from error
    except GitHubError as error:
        raise _failure(error, work.task.failures) from error
    facts = {
        "pull_request": {
            "url": pushed.pull_request_url,
            "branch": pushed.branch,
            "commit": pushed.commit,
        }
    }
    return StageResult("done", facts=facts)


def _push(
    work: Work, target: SealedTarget, packed: bytes, quality: dict[str, Any] | None
) -> Pushed:
    worker, task = work.state.worker, work.task
    assert worker is not None
    pipeline = PushedPipeline(
        task.id,
        str(task.facts.get("component") or task.component),
        task.created_at,
        quality,
        f"{work.state.settings.public_url}/build/{task.id}",
    )
    client = GitHubClient(work.state.settings)
    try:
        opened = open_target(target, worker.services.vault)
        return push(opened, files_of(packed), pipeline, client)
    finally:
        client.close()


def files_of(packed: bytes) -> dict[str, str | bytes]:
    """The files of a package, without its report: texts as text."""
    files: dict[str, str | bytes] = {}
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        for name in archive.namelist():
            if name.endswith(_NOT_PUSHED):
                continue
            content = archive.read(name)
            try:
                files[name] = content.decode()
            except UnicodeDecodeError:
                files[name] = content
    return files


def _failure(error: GitHubError, failures: int) -> StageFailed:
    params = {each: str(value) for each, value in error.parameters.items()}
    if error.permanent:
        return StageFailed(error.code, params)
    seconds = backoff_seconds(failures + 1, error.retry_after)
    at = database_now() + timedelta(seconds=seconds)
    is_limit = error.code == "github_rate_limited"
    return StageFailed(error.code, params, retry_at=at, is_excused=is_limit)
