"""Make ``openapi.json`` anew: ``python -m local.github.prune api.github.com.json``.

GitHub's description of its API has 13 MB, of which the product uses a few paths. The input comes
with the npm package ``@octokit/openapi``, which has 400 MB unpacked and so is no dependency::

    npm pack @octokit/openapi
    tar xzf octokit-openapi-*.tgz package/generated/api.github.com.json
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]
PRUNED = Path(__file__).with_name("openapi.json")
REPO = "/repos/{owner}/{repo}"
# What service/github calls, and nothing else.
USED: dict[str, tuple[str, ...]] = {
    REPO: ("get",),
    f"{REPO}/git/ref/{{ref}}": ("get",),
    f"{REPO}/git/commits/{{commit_sha}}": ("get",),
    f"{REPO}/git/blobs": ("post",),
    f"{REPO}/git/trees": ("post",),
    f"{REPO}/git/commits": ("post",),
    f"{REPO}/git/refs": ("post",),
    f"{REPO}/git/refs/{{ref}}": ("patch",),
    f"{REPO}/pulls": ("get", "post"),
    "/app/installations/{installation_id}/access_tokens": ("post",),
}
# Words and examples for readers; nothing is checked by them.
_PROSE = ("description", "summary", "example", "examples", "externalDocs", "title", "x-github")


def prune(document: Json) -> Json:
    """The used operations and everything they refer to, without prose."""
    paths = {
        path: {
            name: part
            for name, part in document["paths"][path].items()
            if name in (*methods, "parameters")
        }
        for path, methods in USED.items()
    }
    components: Json = {}
    waiting = list(_references(paths))
    while waiting:
        _, _, kind, name = waiting.pop().split("/")
        if name not in components.setdefault(kind, {}):
            components[kind][name] = document["components"][kind][name]
            waiting += _references(components[kind][name])
    info = document["info"]
    return {
        "openapi": document["openapi"],
        "info": {
            "title": "GitHub's REST API: the paths that this product uses",
            "version": info["version"],
            "license": {"name": "MIT", "url": "https://spdx.org/licenses/MIT"},
            "x-copyright": "Copyright (c) 2020 Octokit contributors; of its source "
            "https://github.com/github/rest-api-description: Copyright (c) 2020 GitHub",
            "x-source": f"api.github.com.json of the npm package @octokit/openapi "
            f"{info['version']}, pruned by local/github/prune.py; the licence's text is in "
            "local/github/LICENSE-openapi",
        },
        "paths": _without_prose(paths),
        "components": {
            kind: {name: _without_prose(parts[name]) for name in sorted(parts)}
            for kind, parts in sorted(components.items())
            if kind != "examples"
        },
    }


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for each in part:
            yield from _references(each)
    elif isinstance(part, dict):
        for name, each in part.items():
            if name == "$ref" and isinstance(each, str):
                yield each
            elif name not in ("examples", "example"):
                yield from _references(each)


def _without_prose(part: Any, are_names: bool = False) -> Any:
    """``are_names``: the keys are names that GitHub gave, such as a property "title"."""
    if isinstance(part, list):
        return [_without_prose(each) for each in part]
    if not isinstance(part, dict):
        return part
    return {
        name: _without_prose(each, are_names=name == "properties" and not are_names)
        for name, each in part.items()
        if are_names or name not in _PROSE
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m local.github.prune", description=__doc__)
    parser.add_argument("source", type=Path, help="api.github.com.json of @octokit/openapi")
    document = json.loads(parser.parse_args().source.read_text(encoding="utf-8"))
    PRUNED.write_text(json.dumps(prune(document), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
