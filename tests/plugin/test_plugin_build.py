"""What Figma loads: small, for one host alone, and its listing says what it does."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from PIL import Image

from local.plugin import FOLDER, NODE, PluginError, build_plugin, folder_for, site_of

LARGEST = 60_000
SITE = "https://buddy.example.com"
LOCAL = "http://127.0.0.1:8000"
LISTING = FOLDER / "listing"
# Limits of Figma's own form for publishing.
LONGEST = {"name": 50, "tagline": 100}


def read_manifest(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    schema = json.loads((FOLDER / "manifest.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(manifest, schema)
    return manifest


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("released")
    build_plugin(SITE, folder, id="1234567890123456789")
    return folder


def test_a_release_may_call_its_own_host_and_no_other(released: Path):
    manifest = read_manifest(released)
    assert manifest["networkAccess"]["allowedDomains"] == [SITE]
    assert "devAllowedDomains" not in manifest["networkAccess"]
    assert manifest["id"] == "1234567890123456789"


def test_a_local_build_calls_this_machine_only_while_it_is_developed(tmp_path: Path):
    build_plugin(LOCAL, tmp_path, with_stand_in=True)
    access = read_manifest(tmp_path)["networkAccess"]
    # Figma takes no numeric addresses; the sign-in page has to be where the cookies are.
    assert (access["allowedDomains"], access["devAllowedDomains"]) == (
        ["none"],
        ["http://localhost:8000"],
    )
    page = (tmp_path / "ui.html").read_text(encoding="utf-8")
    assert "http://localhost:8000" in page
    assert "http://127.0.0.1:8000" in page
    assert (tmp_path / "stand_in.js").exists()


def test_all_that_figma_loads_is_within_sixty_kilobytes(released: Path):
    manifest = read_manifest(released)
    sizes = {name: (released / name).stat().st_size for name in (manifest["main"], manifest["ui"])}
    assert sum(sizes.values()) <= LARGEST, sizes
    assert {each.name for each in released.iterdir()} == {"manifest.json", *sizes}


def test_the_page_brings_everything_with_it_and_names_no_other_host(released: Path):
    text = "".join((released / name).read_text("utf-8") for name in ("main.js", "ui.html"))
    hosts = set(re.findall(r"https?://([a-z0-9.-]+\.[a-z]+)", text))
    assert hosts - {"buddy.example.com", "www.w3.org", "www.figma.com"} == set()
    assert not re.search(r"<(link|script|img)[^>]+(src|href)=", text)
    assert not re.search(r"\beval\(|new Function\(|document\.cookie|localStorage", text)


def test_the_build_shortens_no_name_that_goes_from_one_half_to_the_other_or_to_the_service():
    build = (FOLDER / "build.mjs").read_text(encoding="utf-8")
    short = [name for words in re.findall(r"const INNER\w* = \[([^\]]+)\]", build)
             for name in re.findall(r'"(\w+)"', words)]  # fmt: skip
    assert len(short) > 20
    source = FOLDER / "src"
    shared = [*(source / "shared").glob("*.ts"), source / "ui" / "analysis.ts"]
    named = "".join(path.read_text(encoding="utf-8") for path in shared)
    checks = [path.read_text(encoding="utf-8") for path in (source / "ui").glob("*.ts*")]
    named += "".join(
        found for text in checks for found in re.findall(r"object\(\{.*?\}\)", text, re.S)
    )
    keys = set(re.findall(r"[\w]+(?=:)", named)) | set(re.findall(r"[{,] *(\w+)(?=[,}])", named))
    assert keys & set(short) == set()


@pytest.mark.parametrize("site", ["http://buddy.example.com", "ftp://buddy.example.com", "buddy"])
def test_a_host_that_figma_would_refuse_is_refused_in_words(tmp_path: Path, site: str):
    with pytest.raises(PluginError, match="could not be built for"):
        build_plugin(site, tmp_path)


def test_each_host_has_a_folder_of_its_own_and_the_settings_name_the_host():
    ports = {"WEB_PORT": 8000}
    assert site_of({}, ports) == LOCAL
    redirect = {"FIGMA_REDIRECT_URI": f"{SITE}/api/auth/figma-oauth"}
    assert site_of(redirect, ports) == SITE
    assert folder_for(SITE).name == "buddy.example.com"
    assert folder_for(LOCAL).name == "127.0.0.1-8000"


def test_the_main_code_does_in_a_bare_sandbox_what_figma_would_see():
    done = subprocess.run(
        [NODE, "--test", "--test-reporter=dot", *sorted(FOLDER.glob("tests/*.test.ts"))],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_the_data_use_text_is_made_from_the_fields_that_are_sent():
    made = subprocess.run(
        [NODE, LISTING / "write.ts"], capture_output=True, text=True, check=True
    ).stdout
    assert (LISTING / "data-use.md").read_text(encoding="utf-8") == made, (
        "run `node plugin/listing/write.ts > plugin/listing/data-use.md`"
    )


def test_the_service_takes_every_field_that_is_sent():
    from service.analysis.nodes import Node

    text = (FOLDER / "src" / "shared" / "fields.ts").read_text(encoding="utf-8")
    sent = {name for words in re.findall(r'"([\w ]+)"', text) for name in words.split()}
    assert sent - set(Node.__annotations__) == set()


def test_the_listing_has_what_figma_asks_for():
    listing = json.loads((LISTING / "listing.json").read_text(encoding="utf-8"))
    assert all(0 < len(listing[name]) <= most for name, most in LONGEST.items())
    assert all(listing["description"])
    for name, size in (("icon", (128, 128)), ("cover", (1920, 1080))):
        with Image.open(LISTING / listing["pictures"][name]) as picture:
            assert picture.size == size
