"""Figma's endpoints for the current user, file details, nodes, and pictures of nodes."""

from typing import Any
from urllib.parse import quote

from flask import Blueprint, request

from local.sandbox.access import find_file
from local.sandbox.comments import user_json
from local.sandbox.gate import caller, parts
from local.sandbox.people import FigmaFile

bp = Blueprint("files", __name__)
Json = dict[str, Any]
LAST_MODIFIED = "2026-11-20T18:04:11Z"
VERSION = "2299871243"


@bp.get("/v1/me")
def get_me() -> Json:
    """The token's owner; the only endpoint where Figma returns an e-mail address."""
    person = caller().person
    return {**user_json(parts().world, person.id, request.host_url), "email": person.email}


@bp.get("/v1/files/<file_key>/meta")
def get_meta(file_key: str) -> Json:
    world, person = parts().world, caller().person
    file = find_file(world, file_key, person)
    owner = user_json(world, file.owner_id, request.host_url)
    meta = {
        "name": file.name,
        "last_touched_at": LAST_MODIFIED,
        "creator": owner,
        "last_touched_by": owner,
        "thumbnail_url": _picture_url(file, file.frames[0]["id"], "png", "1"),
        "editorType": file.editor_type,
        "role": file.roles[person.id],
        "link_access": "view",
        "url": file.url,
        "version": VERSION,
    }
    if file.project:
        meta["folder_name"] = file.project.name
    return {"file": meta}


@bp.get("/v1/files/<file_key>/nodes")
def get_nodes(file_key: str) -> Json:
    """The requested nodes, ``depth`` levels below each; null for an id that is not in the file."""
    person = caller().person
    file = find_file(parts().world, file_key, person)
    depth = request.args.get("depth", type=float)
    return {
        "name": file.name,
        "role": file.roles[person.id],
        "lastModified": LAST_MODIFIED,
        "editorType": "figjam" if file.editor_type == "figjam" else "figma",
        "thumbnailUrl": _picture_url(file, file.frames[0]["id"], "png", "1"),
        "version": VERSION,
        "nodes": {node_id: _describe(file, node_id, depth) for node_id in _asked_ids()},
    }


@bp.get("/v1/images/<file_key>")
def get_images(file_key: str) -> Json:
    """Addresses of pictures, which need no token; null if nothing can be drawn."""
    file = find_file(parts().world, file_key, caller().person)
    kind, scale = request.args.get("format", "png"), request.args.get("scale", "1")
    pictures = {
        node_id: _picture_url(file, node_id, kind, scale) if _can_draw(file, node_id) else None
        for node_id in _asked_ids()
    }
    return {"err": None, "images": pictures}


@bp.get("/v1/files/<file_key>/images")
def get_image_fills(file_key: str) -> Json:
    """Addresses of all images that fill something in the file, by their ``imageRef``."""
    file = find_file(parts().world, file_key, caller().person)
    refs = {
        paint["imageRef"]: node_id
        for node_id, node in file.nodes.items()
        for paint in node.get("fills") or []
        if paint.get("imageRef")
    }
    images = {ref: _picture_url(file, node_id, "png", "1") for ref, node_id in refs.items()}
    return {"error": False, "status": 200, "meta": {"images": images}, "i18n": None}


def _asked_ids() -> list[str]:
    return [each.strip() for each in request.args["ids"].split(",") if each.strip()]


def _can_draw(file: FigmaFile, node_id: str) -> bool:
    node = file.nodes.get(node_id, {"visible": False})
    return "absoluteBoundingBox" in node and node.get("visible", True)


def _picture_url(file: FigmaFile, node_id: str, kind: str, scale: str) -> str:
    name = quote(node_id.replace(":", "-"))
    return f"{request.host_url}sandbox/pictures/{file.key}/{name}.{kind}?scale={quote(scale)}"


def _describe(file: FigmaFile, node_id: str, depth: float | None) -> Json | None:
    node = file.nodes.get(node_id)
    if node is None:
        return None
    used: set[str] = set()
    document = _cut(node, depth, used)
    return {
        "document": document,
        "components": {key: value for key, value in file.components.items() if key in used},
        "componentSets": {},
        "schemaVersion": 0,
        "styles": {key: value for key, value in file.styles.items() if key in used},
    }


def _cut(node: Json, depth: float | None, used: set[str]) -> Json:
    """The node with ``depth`` levels of children; adds its components and styles to ``used``."""
    used.update(node.get("styles", {}).values())
    used.add(node.get("componentId", ""))
    if "children" not in node:
        return node
    if depth is not None and depth <= 0:
        return {**node, "children": []}
    below = None if depth is None else depth - 1
    return {**node, "children": [_cut(child, below, used) for child in node["children"]]}
