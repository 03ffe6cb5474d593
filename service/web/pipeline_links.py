"""What people paste as the frame to build, and the addresses of runs and of their files."""

import re
from urllib.parse import quote

from service.errors import BadRequest
from service.figma.link_parsing import LinkError, Target, parse_link
from service.github.github_client import web_address
from service.web.figma_urls import figma_web_url, local_figma_hosts
from service.web.web_parts import web

API = "/api/pipelines"
PAGE = "/build"
_NO_FRAME = (
    "This link leads to a whole {place}, and one frame is built at a time. In Figma select the "
    "frame or component, choose Copy link to selection, and paste that."
)


class NoFrame(BadRequest):
    """A link to something in Figma that is no single layer."""

    code = "bad_link"


def read_frame(link: str) -> tuple[str, str]:
    """The file's key and the layer's id of a link. Raises LinkError or NoFrame."""
    target: Target = parse_link(link, extra_hosts=local_figma_hosts(web().settings))
    if target.context != "file" or target.node_id is None:
        raise NoFrame(_NO_FRAME.format(place=target.context))
    return target.file_key, target.node_id


def frame_url(file_key: str, node_id: str) -> str:
    """The frame in Figma, for people."""
    node = quote(node_id.replace(":", "-"), safe="-")
    return f"{figma_web_url(web().settings)}/design/{quote(file_key, safe='')}?node-id={node}"


def page_of(pipeline_id: str) -> str:
    return f"{PAGE}/{pipeline_id}"


def api_of(pipeline_id: str) -> str:
    return f"{API}/{pipeline_id}"


def artifact_url(pipeline_id: str, kind: str, round: int, name: str = "") -> str:
    """The address of a file. ``name``: the width of a render."""
    width = f"&width={name}" if name else ""
    return f"{API}/{pipeline_id}/artifacts/{kind}?round={round}{width}"


def pull_request_url(url: str) -> str:
    """The address of a pull request, if it is one at our GitHub; else ""."""
    is_ours = url.startswith(f"{web_address(web().settings.github_api_url)}/")
    return url if is_ours and not re.search(r"[\s\\]", url) else ""


__all__ = [
    "LinkError", "NoFrame", "api_of", "artifact_url", "frame_url", "page_of", "pull_request_url",
    "read_frame",
]  # fmt: skip
