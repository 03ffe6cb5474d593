"""The stage of all attacks, and ways to write deliveries by hand as a webhook's owner can."""

from collections.abc import Callable
from typing import Any

import pytest

from service.store.answer_records import Recorded
from tests.exactly_once.scene import CHECKOUT, Json, Scene, model, sandbox, scene

__all__ = ["forge", "model", "sandbox", "scene", "world"]
Forge = Callable[..., Recorded]


@pytest.fixture
def forge(scene: Scene) -> Forge:
    """Hands over a delivery that says of a comment what it likes: the receiver's result."""

    def write(hook: str, comment: Json, **claims: Any) -> Recorded:
        return scene.services.delivery_store.record_events([scene.event(hook, comment) | claims])[0]

    return write


@pytest.fixture
def world(scene: Scene) -> Any:
    """The inside of the Figma sandbox."""
    assert scene.sandbox.app is not None
    return scene.sandbox.app.extensions["sandbox"].world


def unwritten(comment_id: str, file_key: str = CHECKOUT) -> Json:
    """A comment that nobody has written."""
    return {
        "id": comment_id, "parent_id": "", "file_key": file_key, "message": "@buddy contrast?",
        "user": {"id": "1", "handle": "Nobody"}, "created_at": "2026-11-22T10:00:00Z",
    }  # fmt: skip
