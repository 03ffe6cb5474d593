"""The page on which the Figma plugin is tried out: a drawing, and the plugin's window beside it.

Everything happens in the browser, on our own `figma` (plugin/stand_in). What is changed there stays
in that tab; the plugin itself talks to the local service, as it does in Figma.
"""

from typing import Any

from flask import Blueprint, Response, abort, jsonify, render_template, send_from_directory

from local.sandbox.gate import parts
from local.sandbox.people import FigmaFile

bp = Blueprint("plugin_page", __name__)
Json = dict[str, Any]
BUILT = ("main.js", "ui.html", "stand_in.js")


@bp.get("/plugin")
def show_plugin() -> str:
    folder = parts().config.plugin_folder
    return render_template(
        "plugin.html",
        files=[each for each in parts().world.files.values() if each.editor_type == "figma"],
        is_built=folder is not None and all((folder / name).exists() for name in BUILT),
    )


@bp.get("/plugin/build/<name>")
def send_built(name: str) -> Response:
    folder = parts().config.plugin_folder
    if folder is None or name not in BUILT:
        abort(404)
    return send_from_directory(folder, name, max_age=0)


@bp.get("/plugin/files/<file_key>")
def show_design(file_key: str) -> Response:
    """A file as the stand-in takes it. Styles get the colour of a layer that has them."""
    file = parts().world.files.get(file_key)
    if file is None:
        abort(404)
    return jsonify(
        name=file.name,
        document=file.document,
        components=file.components,
        styles=_colour_styles(file),
    )


def _colour_styles(file: FigmaFile) -> list[Json]:
    colours: dict[str, str] = {}
    for node in file.nodes.values():
        paints = node.get("fills") or []
        if "fill" in node.get("styles", {}) and len(paints) == 1:
            channels = (round(paints[0]["color"][name] * 255) for name in "rgb")
            colours[node["styles"]["fill"]] = "#" + "".join(f"{each:02x}" for each in channels)
    return [
        {"id": id, "name": file.styles[id]["name"], "color": color}
        for id, color in colours.items()
        if id in file.styles
    ]
