"""The job of a made-up answer."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from service.store.answer_records import Job
from service.store.people_records import Flags


def make_job(**changes: Any) -> Job:
    at = datetime(2026, 11, 22, 10, tzinfo=UTC)
    job: dict[str, Any] = {
        "id": str(uuid4()), "decision": "answer", "state": "working", "reason": "", "run": 1,
        "attempt": 1, "failures": 0, "excused": 0, "file_key": "FILE", "file_name": "Checkout",
        "comment_id": "c1", "root_comment_id": "c1", "author_figma_id": "1",
        "author_handle": "Ada", "question": "is it readable?", "command": None, "asked_at": None,
        "received_at": at, "decided_at": at, "request_id": "", "trace_parent": "", "draft": None,
        "notice_comment_id": None, "context_user_id": None, "context_version": None,
        "payer_id": None, "author_is_connected": False, "usage": None,
        "flags": Flags(True, True, True, True), "replies_in_thread": 0, "is_muted": False,
        "thread_is_told": False, "tokens": (), "figma_limits": (),
        "ignored": (), "figma_seats": (), "design_reads": 0,
    }  # fmt: skip
    return Job(**{**job, **changes})
