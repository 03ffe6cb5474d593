"""Plays the stages of runs as worker and builder would, for tests of their routes and pages."""

import base64
import json
from typing import Any

from service.pipelines.spec import Bounds, Element, Spec
from service.store.artifact_store import artifact_path
from service.wiring import Services

Json = dict[str, Any]
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
WIDTHS = (360, 768, 1200, 1920)
BOX = Bounds(0, 0, 320, 200)
PLAN = Spec(
    "PayCard",
    Element(
        "1:2", "Card", "box", "section", "it is called a card", BOX,
        children=(
            Element("1:3", "Pay now", "box", "button", "its name says so", BOX),
            Element("1:4", "<script>alert(1)</script>", "text", "p", "a text", BOX),
        ),
    ),
    notes=("A mask is drawn as a picture.",),
)  # fmt: skip
ROW: Json = {
    "metric_version": 1, "is_passed": True, "is_chosen": True, "seed": 7, "geometry_share": 0.98,
    "text_share": 1.0, "colour_delta_e_p95": 0.3, "mae": 0.02, "ssim": 0.93, "rur": 0.9, "apr": 0.0,
    "str": 0.41, "avu": 0.0, "single_use_tokens": 0.04, "behaviour_mutants": 20,
    "behaviour_killed": 18, "style_mutants": 30, "style_killed": 29, "axe_violations": 0,
    "console_errors": 0, "overflow_widths": [], "type_errors": 0, "failed_tests": 0,
}  # fmt: skip


class Player:
    """One run's stages, each with the files that it makes."""

    def __init__(
        self, services: Services, pipeline_id: str, pictures: dict[str, bytes] | None = None
    ):
        self.services = services
        self.id = pipeline_id
        self.pictures = pictures or {}
        self.checks = b"{}"

    def begin(self, stage: str, round: int = 0) -> Any:
        task = self.services.database.begin_stage(self.id, stage, round, 60.0, f"test {stage}")
        assert task is not None, f"{stage} is not to be run"
        return task

    def end(self, stage: str, next: str, *files: Json, round: int = 0, **more: Any) -> None:
        task = self.begin(stage, round)
        artifacts = [self._store(task.owner_id, **each) for each in files]
        result = {"next": next, "artifacts": artifacts, "facts": {}, **more}
        self.services.database.end_stage(self.id, stage, round, task.attempt, result)

    def fail(self, stage: str, code: str, **params: Any) -> None:
        task = self.begin(stage)
        self.services.database.fail_stage(self.id, stage, 0, task.attempt, code, params, None)

    def to_gate(self) -> None:
        """Read, planned, written, with tests."""
        picture = self.pictures.get("design", PNG)
        self.end("read", "spec", file("picture", picture, "png"))
        self.end("spec", "generate", file("spec", PLAN.to_json().encode(), "json"))
        code = json.dumps({"PayCard.tsx": "export const PayCard = () => null;"}).encode()
        asked = {"model": "lost_node"}
        files = [file("candidate", code, "json"), file("candidate", b"{}", "json", "draft")]
        self.end("generate", "test", *files, stage_facts=asked)
        self.end("test", "gate", file("tests", b'{"PayCard.test.tsx": "test"}', "json"))

    def files_of_gate(self, *, is_tested: bool = True) -> list[Json]:
        renders = [
            file("render", self.pictures.get(str(width), PNG), "png", str(width))
            for width in WIDTHS
            if is_tested
        ]
        return [*renders, file("gate", self.checks, "json")]

    def files_of_package(self) -> list[Json]:
        return [
            file("zip", b"PK\x05\x06" + bytes(18), "zip"),
            file("report", b"<!doctype html><title>Report</title>", "html"),
        ]

    def to_done(self, quality: Json | None = ROW) -> None:
        """Everything; without a row nothing was tested."""
        self.to_gate()
        files = self.files_of_gate(is_tested=quality is not None)
        self.end("gate", "package", *files, quality=quality)
        self.end("package", "done", *self.files_of_package())

    def _store(self, owner: str, kind: str, content: bytes, ending: str, name: str) -> Json:
        path = artifact_path(owner, self.id, content, ending)
        media = {"png": "image/png", "zip": "application/zip", "html": "text/html"}
        kept = {"path": path, "media_type": media.get(ending, "application/json")}
        self.services.artifacts.put(path, content, kept["media_type"])
        hash_ = path.rpartition("/")[2].partition(".")[0]
        return {**kept, "kind": kind, "name": name, "bytes": len(content), "sha256": hash_}


def file(kind: str, content: bytes, ending: str, name: str = "") -> Json:
    return {"kind": kind, "content": content, "ending": ending, "name": name}
