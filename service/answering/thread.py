"""The comment thread of a question."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from service.answering import wording
from service.answering.outcomes import GiveUp, NotYetVisible
from service.figma.records import Comment
from service.llm import ThreadLine
from service.store.answer_records import Job

_BEGINNING = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Thread:
    """The question, the comments before it (oldest first), and the node of the thread's pin."""

    question: Comment
    earlier: tuple[ThreadLine, ...]
    node_id: str | None


def find_thread(comments: Sequence[Comment], job: Job) -> Thread:
    """The thread of a job among a file's comments.

    Raises GiveUp if the thread is resolved, NotYetVisible if the question is not in it.
    """
    root_id = job.root_comment_id
    thread = [each for each in comments if each.root_id == root_id]
    root = next((each for each in thread if each.id == root_id), None)
    question = next((each for each in thread if each.id == job.comment_id), None)
    if question is None or root is None:
        raise NotYetVisible(wording.COMMENT_DELETED)
    if root.is_resolved or question.is_resolved:
        raise GiveUp("comment_resolved", wording.COMMENT_RESOLVED)
    earlier = sorted((each for each in thread if _age(each) < _age(question)), key=_age)
    lines = tuple(ThreadLine(each.user_handle, each.message) for each in earlier)
    return Thread(question, lines, root.node_id)


def _age(comment: Comment) -> tuple[datetime, int, str]:
    # Figma's times are in whole seconds; newer ids are larger.
    return comment.created_at or _BEGINNING, len(comment.id), comment.id
