"""Figma's comments and reactions: list, write, delete."""

import json
import re
import uuid
from typing import Any

from flask import Blueprint, Response, request

from local.sandbox.access import find_file
from local.sandbox.clock import timestamp
from local.sandbox.errors import FigmaError
from local.sandbox.fragments import Fragment, split_text
from local.sandbox.gate import caller, parts
from local.sandbox.people import FigmaFile, Person
from local.sandbox.world import Comment, World

bp = Blueprint("comments", __name__)
Json = dict[str, Any]
EMOJI = re.compile(r":[a-z0-9_+-]+:(:skin-tone-[2-6]:)?")
DONE = {"status": 200, "error": False}


@bp.get("/v1/files/<file_key>/comments")
def list_comments(file_key: str) -> Response:
    """Every comment of the file in one response: Figma has no paging here."""
    return comments_answer(parts().world, find_file(parts().world, file_key, caller().person))


def comments_answer(world: World, file: FigmaFile) -> Response:
    with world.lock:
        comments = list(world.comments[file.key].values())
    body = ",".join(rendered(world, each, request.host_url) for each in comments)
    return Response(f'{{"comments":[{body}]}}', mimetype="application/json")


@bp.post("/v1/files/<file_key>/comments")
def post_comment(file_key: str) -> Response:
    """Write a comment as the token's owner. ``@name`` stays plain text, as at Figma."""
    world, body = parts().world, request.get_json()
    file = find_file(world, file_key, caller().person)
    comment = write_comment(
        file, caller().person, split_text(body["message"], {}), body.get("comment_id", ""),
        body.get("client_meta"),
    )  # fmt: skip
    return Response(rendered(world, comment, request.host_url), mimetype="application/json")


def write_comment(
    file: FigmaFile, author: Person, fragments: list[Fragment], root_id: str, pin: Json | None
) -> Comment:
    """Store a comment and tell the webhooks; 400 unless ``root_id`` is a root (or empty)."""
    world = parts().world
    if not any("mention" in each or each["text"].strip() for each in fragments):
        raise FigmaError(400, "message must not be empty")
    with world.lock:
        root = world.comments[file.key].get(root_id)
        if root_id and root is None:
            raise FigmaError(400, "comment_id is not a comment of this file")
        if root and root.parent_id:
            raise FigmaError(400, "comment_id is a reply; only root comments can be replied to")
        comment = world.add_comment(file, author, fragments, root_id, pin, timestamp())
    parts().courier.announce(comment)
    return comment


@bp.delete("/v1/files/<file_key>/comments/<comment_id>")
def delete_comment(file_key: str, comment_id: str) -> Json:
    """Delete one's own comment; deleting a root deletes the whole thread."""
    comment = _find_comment(file_key, comment_id)
    if comment.user_id != caller().person.id:
        raise FigmaError(403, "You can only delete your own comments")
    world = parts().world
    with world.change(file_key):
        thread = world.comments[file_key]
        gone = [each.id for each in thread.values() if comment_id in (each.id, each.parent_id)]
        for each in gone:
            del thread[each]
            world.rendered.pop(each, None)
    return DONE


@bp.get("/v1/files/<file_key>/comments/<comment_id>/reactions")
def list_reactions(file_key: str, comment_id: str) -> Json:
    comment = _find_comment(file_key, comment_id)
    return {"reactions": _reactions(parts().world, comment, request.host_url), "pagination": {}}


@bp.post("/v1/files/<file_key>/comments/<comment_id>/reactions")
def post_reaction(file_key: str, comment_id: str) -> Json:
    comment, emoji = _find_comment(file_key, comment_id), request.get_json()["emoji"]
    person_id = caller().person.id
    if not EMOJI.fullmatch(emoji):
        raise FigmaError(400, "Invalid emoji")
    with parts().world.change(file_key):
        if _mine(comment, emoji) is None:
            mine = {"user_id": person_id, "emoji": emoji, "created_at": timestamp()}
            comment.reactions.append(mine)
        parts().world.rendered.pop(comment_id, None)
    return DONE


@bp.delete("/v1/files/<file_key>/comments/<comment_id>/reactions")
def delete_reaction(file_key: str, comment_id: str) -> Json:
    comment = _find_comment(file_key, comment_id)
    with parts().world.change(file_key):
        mine = _mine(comment, request.args["emoji"])
        if mine is None:
            raise FigmaError(404, "Not found")
        comment.reactions.remove(mine)
        parts().world.rendered.pop(comment_id, None)
    return DONE


def _mine(comment: Comment, emoji: str) -> dict[str, str] | None:
    wanted = (caller().person.id, emoji)
    return next((r for r in comment.reactions if (r["user_id"], r["emoji"]) == wanted), None)


def _find_comment(file_key: str, comment_id: str) -> Comment:
    find_file(parts().world, file_key, caller().person)
    comment = parts().world.comments[file_key].get(comment_id)
    if comment is None:
        raise FigmaError(404, "Not found")
    return comment


def rendered(world: World, comment: Comment, host_url: str) -> str:
    """A comment as JSON text, cached until it changes: lists repeat it many times."""
    kept = world.rendered.get(comment.id)
    if kept is None or kept[0] != host_url:
        kept = (host_url, json.dumps(_comment_json(world, comment, host_url)))
        world.rendered[comment.id] = kept
    return kept[1]


def _comment_json(world: World, comment: Comment, host_url: str) -> Json:
    pin = comment.client_meta
    if pin and "node_id" in pin:
        # Not in the specification, but in real responses.
        pin = {**pin, "stable_path": [pin["node_id"]]}
    return {
        "id": comment.id,
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_OID, comment.id)),
        "file_key": comment.file_key,
        "parent_id": comment.parent_id,
        "user": user_json(world, comment.user_id, host_url),
        "created_at": comment.created_at,
        "resolved_at": comment.resolved_at,
        "message": world.text(comment),
        "order_id": comment.order_id,
        "client_meta": pin,
        "reactions": _reactions(world, comment, host_url),
    }


def _reactions(world: World, comment: Comment, host_url: str) -> list[Json]:
    return [
        {
            "user": user_json(world, each["user_id"], host_url),
            "emoji": each["emoji"],
            "created_at": each["created_at"],
        }
        for each in comment.reactions
    ]


def user_json(world: World, person_id: str, host_url: str) -> Json:
    """A user as Figma shows them: id, display name and picture."""
    return {
        "id": person_id,
        "handle": world.handles[person_id],
        "img_url": f"{host_url}sandbox/avatars/{person_id}.svg",
    }
