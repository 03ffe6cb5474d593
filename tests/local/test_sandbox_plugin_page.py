"""The page on which the plugin is tried out: what it serves, and what it says without a build."""

from pathlib import Path

import httpx
import pytest

from local.plugin import build_plugin
from local.sandbox import Sandbox, SandboxConfig

CHECKOUT = "ChkOut7Qm2VxLpR4tYw8Za"


def test_without_a_build_the_page_says_how_to_get_one():
    with Sandbox.start() as sandbox:
        page = httpx.get(f"{sandbox.url}/plugin", trust_env=False)
        assert "The plugin is not built yet" in page.text
        assert httpx.get(f"{sandbox.url}/plugin/build/main.js", trust_env=False).status_code == 404


@pytest.mark.parametrize("name", ["main.js", "ui.html", "stand_in.js"])
def test_the_page_serves_what_it_needs_and_nothing_beside_it(tmp_path: Path, name: str):
    build_plugin("http://127.0.0.1:8000", tmp_path, with_stand_in=True)
    with Sandbox.start(SandboxConfig(plugin_folder=tmp_path)) as sandbox:
        served = httpx.get(f"{sandbox.url}/plugin/build/{name}", trust_env=False)
        assert served.content == (tmp_path / name).read_bytes()
        for beside in ("manifest.json", "..%2fmain.js"):
            answer = httpx.get(f"{sandbox.url}/plugin/build/{beside}", trust_env=False)
            assert answer.status_code == 404


def test_a_file_comes_with_its_layers_and_the_colours_of_its_styles():
    with Sandbox.start() as sandbox:
        design = httpx.get(f"{sandbox.url}/plugin/files/{CHECKOUT}", trust_env=False).json()
        assert design["document"]["children"][0]["type"] == "CANVAS"
        assert {"id": "S:ink", "name": "Text/Primary", "color": "#14213d"} in design["styles"]
        page = httpx.get(f"{sandbox.url}/plugin", trust_env=False).text
        assert f"figma.com/design/{CHECKOUT}" in page
        # FigJam has no frames to review.
        assert "JamBrd5Fg8JzXo2pMi7Sv4" not in page
        assert httpx.get(f"{sandbox.url}/plugin/files/none", trust_env=False).status_code == 404
