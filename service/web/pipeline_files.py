"""Files of runs as responses: always downloads, and nothing in them can act in our name.

Bytes come from the store through this process, after SQL has said that the person may have them. A
file of another team and one that never was are the same to whoever asks.
"""

import re

from flask import Response, request

from service.errors import NotFound
from service.store.pipeline_records import FoundArtifact, Kind, PipelineView
from service.web.pipeline_views import name_of
from service.web.sessions import signed_in
from service.web.web_parts import web

_ENDINGS = {
    "zip": "zip",
    "report": "html",
    "candidate": "json",
    "tests": "json",
    "spec": "json",
    "gate": "json",
    "picture": "png",
    "render": "png",
}
# What is sent as another type is sent as bytes without one.
_TYPES = {
    "zip": "application/zip",
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "png": "image/png",
}
_SANDBOX = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_GONE = (
    "This run has no such file, or it is no longer kept. Start the run again to have it made anew."
)


def file_response(run: PipelineView, kind: Kind, round: int | None, width: int | None) -> Response:
    """One file of a run that the person may see. Raises NotFound, Unavailable."""
    found = _find(run, kind, round, str(width) if width is not None else "")
    ending = _ENDINGS[kind]
    response = Response(content_type=_TYPES[ending])
    response.set_etag(found.sha256)
    headers = response.headers
    headers["Content-Disposition"] = (
        f'attachment; filename="{safe_name(run, kind, width)}.{ending}"'
    )
    # Opened in spite of that, it is a page of nowhere: no scripts, no cookies, no requests.
    headers["Content-Security-Policy"] = _SANDBOX
    # Pictures are asked for with each part of the page, and every time it is asked whose they are.
    headers["Cache-Control"] = "private, no-cache" if ending == "png" else "no-store"
    response.make_conditional(request)
    if response.status_code != 304:
        response.set_data(web().services.artifacts.get(found.path))
    return response


def read_artifact(run: PipelineView, kind: Kind) -> bytes:
    """The newest of a kind that belongs to the result. Raises NotFound, Unavailable."""
    return web().services.artifacts.get(_find(run, kind, None, "").path)


def _find(run: PipelineView, kind: Kind, round: int | None, name: str) -> FoundArtifact:
    database = web().services.database
    found = database.find_artifact(signed_in().user_id, run.id, kind, round=round, name=name)
    if found is None:
        raise NotFound(_GONE)
    return found


def safe_name(run: PipelineView, kind: str, width: int | None = None) -> str:
    """A file name of plain letters: names of layers are a stranger's words."""
    name = re.sub(r"[^A-Za-z0-9]+", "-", name_of(run)).strip("-")[:60] or "component"
    return {
        "zip": name,
        "render": f"{name}-{width}" if width else name,
    }.get(kind, f"{name}-{kind}")
