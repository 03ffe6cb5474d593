"""The page on which a person views a file, writes comments, and sees the replies arrive."""

from typing import Any

from flask import Blueprint, Response, abort, jsonify, render_template, request

from local.sandbox.drawing import Box, bounds_of, draw_svg
from local.sandbox.faults import DELIVERY_KINDS, REQUEST_KINDS
from local.sandbox.gate import parts
from local.sandbox.people import FigmaFile
from local.sandbox.world import Comment, World

bp = Blueprint("page", __name__)
Json = dict[str, Any]
MARGIN = 48
THREADS_SHOWN = 100
DELIVERIES_SHOWN = 30
# The page shows the most common shortcodes as emoji, the others as text.
EMOJI = {
    ":eyes:": "👀", ":white_check_mark:": "✅", ":sunny:": "☀️", ":raised_hands:": "🙌",
    ":+1:": "👍", ":-1:": "👎", ":heart:": "❤️", ":tada:": "🎉", ":thinking_face:": "🤔",
    ":fire:": "🔥", ":rocket:": "🚀", ":bulb:": "💡", ":hourglass_flowing_sand:": "⏳",
    ":warning:": "⚠️", ":x:": "❌", ":robot_face:": "🤖",
}  # fmt: skip


@bp.get("/")
def show_first_file() -> str:
    return _render(next(iter(parts().world.files)))


@bp.get("/design/<file_key>")
@bp.get("/design/<file_key>/<name>")
@bp.get("/board/<file_key>")
@bp.get("/board/<file_key>/<name>")
def show_file(file_key: str, name: str = "") -> str:
    """A file under the same path as at Figma; the name at the end is ignored."""
    if file_key not in parts().world.files:
        abort(404)
    return _render(file_key)


@bp.get("/sandbox/page/<file_key>")
def show_changes(file_key: str) -> Response:
    """The changing parts of the page as HTML; 204 if the page's ``version`` is the newest."""
    world = parts().world
    if file_key not in world.files:
        abort(404)
    version = world.versions[file_key]
    if request.args.get("version") == str(version):
        return Response(status=204)
    view = _view(world, world.files[file_key])
    names = ("threads", "pins", "hooks", "deliveries", "faults")
    return jsonify(version=version, **{n: render_template(f"_{n}.html", **view) for n in names})


def _render(file_key: str) -> str:
    world = parts().world
    file = world.files[file_key]
    readers = [world.people[each] for each in file.roles]
    _, _, width, height = bounds_of(file.frames, MARGIN)
    me = world.people.get(request.args.get("as", ""))
    return render_template(
        "file.html",
        files=world.files.values(),
        readers=readers,
        me=me if me in readers else readers[0],
        drawing=draw_svg(file.frames, MARGIN),
        ratio=round(width / height, 4),
        product_url=parts().config.product_url,
        version=world.versions[file_key],
        kinds=REQUEST_KINDS + DELIVERY_KINDS,
        **_view(world, file),
    )


def _view(world: World, file: FigmaFile) -> Json:
    with world.lock:
        threads = _threads(world, file)
        attempts = [each for each in world.attempts if each["file_key"] in (None, file.key)]
    places = {("FILE", file.key)}
    if file.project:
        places |= {("PROJECT", file.project.id), ("TEAM", file.plan.team_id)}
    hooks = [h for h in world.webhooks.values() if (h.context, h.context_id) in places]
    ids = {hook.id for hook in hooks}
    shown = [each for each in attempts if each["file_key"] or each["webhook_id"] in ids]
    return {
        "file": file,
        "people": world.people,
        "threads": threads,
        "hooks": hooks,
        "deliveries": shown[: -DELIVERIES_SHOWN - 1 : -1],
        "faults": parts().faults.to_json(),
        "clock": parts().courier.clock.speed,
        "rate_limits": parts().limits.enabled,
    }


def _threads(world: World, file: FigmaFile) -> list[Json]:
    """Newest thread first, each with its pin's position in per cent and its comments in order."""
    bounds = bounds_of(file.frames, MARGIN)
    threads: dict[str, list[Comment]] = {}
    for each in world.comments[file.key].values():
        threads.setdefault(each.parent_id or each.id, []).append(each)
    newest = list(threads.values())[: -THREADS_SHOWN - 1 : -1]
    return [_thread_view(world, file, bounds, comments) for comments in newest]


def _thread_view(world: World, file: FigmaFile, bounds: Box, comments: list[Comment]) -> Json:
    x, y = pin_place(file, comments[0].client_meta or {})
    return {
        "root": comments[0],
        "left": min(98.0, max(1.0, (x - bounds[0]) / bounds[2] * 100)),
        "top": min(98.0, max(2.0, (y - bounds[1]) / bounds[3] * 100)),
        "comments": [
            {"about": each, "pieces": _pieces(world, each), "reactions": _count(each)}
            for each in comments
        ],
    }


def pin_place(file: FigmaFile, pin: Json) -> tuple[float, float]:
    """A pin's position in file coordinates; the origin if its node is gone."""
    if "node_id" not in pin:
        return pin.get("x", 0), pin.get("y", 0)
    bounds = file.nodes.get(pin["node_id"], {}).get("absoluteBoundingBox") or {"x": 0, "y": 0}
    return bounds["x"] + pin["node_offset"]["x"], bounds["y"] + pin["node_offset"]["y"]


def _pieces(world: World, comment: Comment) -> list[Json]:
    return [
        {"mention": world.handles[each["mention"]]}
        if "mention" in each
        else {"text": EMOJI.get(each["text"], each["text"])}
        for each in comment.fragments
    ]


def _count(comment: Comment) -> dict[str, int]:
    counts: dict[str, int] = {}
    for each in comment.reactions:
        shown = EMOJI.get(each["emoji"], each["emoji"])
        counts[shown] = counts.get(shown, 0) + 1
    return counts
