"""One attempt's view of its pipeline: the files there are, and those that it keeps."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.building.builder_state import BuilderState
from service.building.stage_results import ENDINGS, JSON, Made, StageFailed
from service.errors import Conflict, NotFound, TooLarge, Unavailable
from service.pipelines.gate import GateResult, Sandbox
from service.pipelines.spec import Spec
from service.store.artifact_store import artifact_path
from service.store.pipeline_records import Kind, StageTask, StoredArtifact


@dataclass
class Work:
    """``sandbox`` is stopped when the attempt no longer counts."""

    state: BuilderState
    task: StageTask
    sandbox: Sandbox
    # Files that this attempt has kept itself, by kind.
    kept: dict[str, bytes] = field(default_factory=dict)
    # What its model calls have cost, as far as that is known.
    cost_microusd: int = 0

    @property
    def key(self) -> tuple[str, str, int, int]:
        """The attempt, as SQL knows it."""
        return self.task.id, self.task.stage, self.task.round, self.task.attempt

    def has(self, kind: Kind, name: str = "", round: int | None = None) -> bool:
        return self.task.artifact(kind, name, round) is not None

    async def read(self, kind: Kind, name: str = "", round: int | None = None) -> bytes:
        """A file of the pipeline: of this round, else the newest. Raises StageFailed."""
        found = self.task.artifact(kind, name, round)
        if found is None:
            raise StageFailed("artifact_gone", {"kind": kind})
        return await self.read_stored(found)

    async def read_stored(self, found: StoredArtifact) -> bytes:
        try:
            return await self.state.in_thread(self.state.artifacts.get, found.path)
        except NotFound:
            raise StageFailed("artifact_gone", {"kind": found.kind}) from None
        except Unavailable as error:
            raise StorageAway from error

    async def read_json(self, kind: Kind, name: str = "", round: int | None = None) -> Any:
        return json.loads(await self.read(kind, name, round))

    async def read_spec(self) -> Spec:
        return Spec.from_json((await self.read("spec")).decode())

    async def read_gate(self, round: int) -> GateResult:
        return GateResult.from_json((await self.read("gate", round=round)).decode())

    async def store(self, made: Sequence[Made]) -> list[dict[str, Any]]:
        """Store the bytes; their rows are for SQL, which writes them afterwards."""
        return [await self._store(each) for each in made]

    async def keep(self, made: Sequence[Made]) -> None:
        """Keep files before the stage ends, so that another attempt need not make them again."""
        rows = await self.store(made)
        keep = self.state.database.keep_stage_artifacts
        if not await self.state.ask_database(keep, *self.key, rows):
            raise Conflict("This attempt no longer counts.")
        self.kept |= {each.kind: each.content for each in made}

    async def _store(self, made: Made) -> dict[str, Any]:
        ending = ENDINGS[made.media_type]
        path = artifact_path(self.task.owner_id, self.task.id, made.content, ending)
        put = self.state.artifacts.put
        try:
            await self.state.in_thread(put, path, made.content, made.media_type)
        except TooLarge as error:
            raise StageFailed("artifact_too_large", {"kind": made.kind}) from error
        except Unavailable as error:
            raise StorageAway from error
        return {
            "kind": made.kind,
            "name": made.name,
            "round": self.task.round if made.round is None else made.round,
            "path": path,
            "bytes": len(made.content),
            "sha256": path.rpartition("/")[2].partition(".")[0],
            "media_type": made.media_type,
        }


class StorageAway(Exception):
    """The store of files does not answer right now."""


def as_json(kind: Kind, value: Mapping[str, Any], name: str = "", round: int | None = None) -> Made:
    """A file of texts. Half a surrogate pair is escaped."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return Made(kind, text.encode(), JSON, name, round)
