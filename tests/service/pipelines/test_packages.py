"""The ZIP: the same bytes for the same input, and nothing in it that a stranger put there."""

import inspect
import io
import json
import re
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, fields, replace
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from local.browser import require_browser
from service.pipelines.gate import Failure, GateResult, Mutant, QualityRow
from service.pipelines.generate import generate
from service.pipelines.packaging import About, Package, PackagingError, package, tool_versions
from service.pipelines.packaging.packages import LARGEST_FILE, MOST_FILES
from service.pipelines.packaging.report_page import MOST_ROWS
from service.pipelines.packaging.report_pictures import LARGEST_ALL, embed, png_size
from service.pipelines.packaging.shown_text import LONGEST, shown
from service.pipelines.quality_words import FIGURES
from service.pipelines.sentences import tell
from service.pipelines.spec import Spec, build_spec
from service.pipelines.testing import write_tests
from service.store.artifact_store import MAX_BYTES
from tests.e2e.axe import grave_problems
from tests.service.pipelines.fixtures.designs import DESIGNS
from tests.service.pipelines.fixtures.layers import column, design, words

ROOT = Path(__file__).resolve().parents[3]
WIDTHS = (360, 768, 1200, 1920)
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "{{ 7 * 7 }}{% raw %}",
    "](javascript:alert(1)) ![x](https://example.com/pixel.png)",
    "# A heading\n\n- [x] a list | and a cell",
    "`` ` ``` code",
    "=HYPERLINK(\"https://example.com\";\"click\")",
    "+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "../../../etc/passwd",
    "\u202egnp.exe\u202c\u0000\u001b[31m",
)  # fmt: skip


def png(width: int = 4, height: int = 3, padding: int = 0) -> bytes:
    """A white picture. ``padding``: bytes of it that mean nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + b"\xff" * width for _ in range(height)))
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", rows), chunk(b"teXt", bytes(padding))]
    return b"\x89PNG\r\n\x1a\n" + b"".join([*parts, chunk(b"IEND", b"")])


QUALITY = QualityRow(
    geometry_share=0.98, text_share=1.0, colour_delta_e_p95=0.4, mae=0.0123, ssim=0.981, rur=0.97,
    apr=0.0, str=0.45, avu=0.041, single_use_tokens=0.0, behaviour_mutants=31, behaviour_killed=29,
    style_mutants=22, style_killed=22, axe_violations=0, console_errors=0, overflow_widths=(),
    type_errors=0, failed_tests=0,
)  # fmt: skip
RESULT = GateResult(
    True, (), QUALITY, (), {width: png(width // 10) for width in WIDTHS},
    {"types": 0.7, "mutants": 5.1}, {"types": 700, "mutants": 5100}, 7,
)  # fmt: skip
ABOUT = About(
    pipeline_id="00000000-0000-4000-8000-00000000000b",
    figma_url="https://www.figma.com/design/abc?node-id=1-2",
    file_version="213", made_on="2026-11-29", model="gpt-5", model_calls=2, input_tokens=8123,
    output_tokens=5991, cost_microusd=41230, rounds=1, seconds=74.2, versions=tool_versions(),
)  # fmt: skip


def spec_of(name: str = "card") -> Spec:
    return build_spec(DESIGNS[name]())


def packed(
    spec: Spec | None = None, result: GateResult | None = RESULT, about: About = ABOUT
) -> Package:
    spec = spec or spec_of()
    files = generate(spec, traced=True).files
    renders = result.renders if result else {}
    return package(spec, files, write_tests(spec), result, png(), renders, about)


def opened(made: Package) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(made.zip))


def test_it_holds_what_a_customer_uses_and_no_traces() -> None:
    archive = opened(packed(spec_of("button_set")))
    assert archive.testzip() is None
    names = [each.removeprefix("Button/") for each in archive.namelist()]
    assert names == sorted(names)
    assert set(names) == {
        *("Button.tsx", "types.ts", "Button.stories.tsx", "theme.css", "tokens.json"),
        *("Button.test.tsx", "Button.style.test.tsx", "README.md", "report.html"),
    }
    code = archive.read("Button/Button.tsx").decode()
    assert "export function Button" in code
    assert "data-node" not in code
    assert json.loads(archive.read("Button/tokens.json"))


@pytest.mark.parametrize("name", DESIGNS)
def test_the_delivered_code_is_the_draft_without_traces(name: str) -> None:
    spec = spec_of(name)
    archive = opened(packed(spec))
    for path, text in {**generate(spec).files, **write_tests(spec)}.items():
        packed_text = archive.read(f"{spec.name}/{path}").decode()
        # A line that had a trace may be broken in another place.
        assert squeezed(packed_text) == squeezed(text)


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_every_entry_is_a_plain_file_of_one_time() -> None:
    for entry in opened(packed()).infolist():
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)
        assert (entry.create_system, entry.external_attr) == (3, 0o100644 << 16)
        assert not entry.is_dir()


AGAIN = """
import sys
from hashlib import sha256
from tests.service.pipelines.test_packages import packed, spec_of
made = packed(spec_of(sys.argv[1]))
print(sha256(made.zip).hexdigest(), made.code_sha256)
"""


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_another_process_packs_the_same_bytes(seed: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", AGAIN, "settings_page"], capture_output=True, text=True, cwd=ROOT,
        env={"PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo", "PATH": "", "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    made = packed(spec_of("settings_page"))
    assert ran.stdout.split() == [sha256(made.zip).hexdigest(), made.code_sha256]


def test_the_hash_is_of_the_code_whatever_the_run_cost() -> None:
    dear = replace(ABOUT, cost_microusd=390000, seconds=280.0, made_on="2027-01-01", rounds=2)
    first, second = packed(), packed(about=dear)
    assert first.zip != second.zip
    assert first.code_sha256 == second.code_sha256
    assert first.code_sha256 in opened(first).read("TripCard/README.md").decode()
    spec = spec_of()
    files = dict(generate(spec, traced=True).files)
    files["TripCard.tsx"] += "// more\n"
    other = package(spec, files, write_tests(spec), RESULT, None, {}, ABOUT)
    assert other.code_sha256 != first.code_sha256


@pytest.mark.parametrize(
    "path",
    [
        *("../evil.tsx", "/etc/passwd", "..", ".", "", "a/b.tsx", "a\\b.tsx", "C:evil.tsx"),
        *("package.json", ".npmrc", "vite.config.ts", ".github/workflows/x.yml", "x.config.js"),
        *("README.md", "report.html", "Card.tsx\n", "Card.tsx ", "Card.tsx\0.png", "Cárd.tsx"),
        *("Card.tsx -> /etc/passwd", "a" * 200 + ".tsx", "node_modules", "index.html", "x.svg"),
    ],
)  # fmt: skip
def test_a_file_of_another_name_is_refused(path: str) -> None:
    spec = spec_of()
    for files, tests in (({path: ""}, {}), ({}, {path: ""})):
        with pytest.raises(PackagingError) as caught:
            package(spec, {**generate(spec).files, **files}, tests, None, None, {}, ABOUT)
        assert (caught.value.code, caught.value.params) == ("bad_file_name", {})


def test_two_names_that_some_systems_take_for_one_are_refused() -> None:
    spec = spec_of()
    files = generate(spec).files
    for more in ({"tripcard.tsx": ""}, {"TripCard.tsx": ""}):
        with pytest.raises(PackagingError, match="doubled_file"):
            package(spec, files, more, None, None, {}, ABOUT)


def test_a_candidate_without_its_component_is_refused() -> None:
    with pytest.raises(PackagingError, match="no_component"):
        package(spec_of(), {"Other.tsx": ""}, {}, None, None, {}, ABOUT)


def test_what_would_unpack_to_too_much_is_refused() -> None:
    spec = spec_of()
    files = dict(generate(spec).files)
    cases = {
        "file_too_large": {"Bomb.tsx": "a" * (LARGEST_FILE + 1)},
        "files_too_large": {f"Bomb{number}.tsx": "a" * LARGEST_FILE for number in range(6)},
        "too_many_files": {f"Part{number}.tsx": "" for number in range(MOST_FILES)},
    }
    for code, more in cases.items():
        with pytest.raises(PackagingError) as caught:
            package(spec, {**files, **more}, {}, None, None, {}, ABOUT)
        assert caught.value.code == code
    # Letters of several bytes are counted as they are written.
    with pytest.raises(PackagingError, match="file_too_large"):
        package(spec, {**files, "Bomb.tsx": "字" * (LARGEST_FILE // 2)}, {}, None, None, {}, ABOUT)


def test_each_refusal_has_a_sentence() -> None:
    source = Path(inspect.getfile(package)).read_text(encoding="utf-8")
    codes = set(re.findall(r'PackagingError\("(\w+)"', source))
    assert len(codes) == 6
    for code in codes:
        told = tell(code, {"most": 60, "kilobytes": 800})
        assert told.happened == "The component could not be packed."
        assert "{" not in told.why


def test_the_largest_package_can_be_stored() -> None:
    renders = {width: png(padding=LARGEST_ALL) for width in WIDTHS}
    spec = spec_of()
    files = {**generate(spec).files, "Large.tsx": "x" * (LARGEST_FILE - 1)}
    loud = tuple(Failure("tests", "x" * 100_000) for _ in range(10_000))
    result = replace(RESULT, failures=loud, renders=renders)
    made = package(spec, files, {}, result, png(padding=LARGEST_ALL // 2), renders, ABOUT)
    assert len(made.zip) < MAX_BYTES
    assert len(made.report.encode()) < MAX_BYTES
    unpacked = sum(each.file_size for each in opened(made).infolist())
    assert unpacked < 2 * MAX_BYTES


def test_half_a_surrogate_pair_does_not_stop_it() -> None:
    spec = replace(spec_of(), notes=("\ud800 alone",))
    files = {**generate(spec_of()).files, "Odd.tsx": "// \ud800"}
    made = package(spec, files, {}, None, None, {}, ABOUT)
    assert opened(made).read("TripCard/Odd.tsx") == b"// ?"


class Reader(HTMLParser):
    """The elements and attributes of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def hostile_spec() -> Spec:
    layers = [words(each, name=each) for each in HOSTILE]
    spec = build_spec(design(column(HOSTILE[0], *layers, w=600)))
    root = replace(spec.root, reason=HOSTILE[1])
    return replace(spec, root=root, notes=HOSTILE)


def hostile_result() -> GateResult:
    failures = tuple(Failure(each, each, each, each, each) for each in HOSTILE)
    survivors = tuple(Mutant(each, each, each, 1, each, each) for each in HOSTILE)
    return replace(
        RESULT,
        is_passed=False,
        failures=failures,
        survivors=survivors,
        seconds_by_step=dict.fromkeys(HOSTILE, 1.0),
    )


def hostile_package() -> Package:
    told = dict.fromkeys(HOSTILE, HOSTILE[0])
    about = About(
        HOSTILE[0], "javascript:alert(1)", HOSTILE[1], HOSTILE[0], HOSTILE[2], 1, versions=told,
        notes=HOSTILE,
    )  # fmt: skip
    return packed(hostile_spec(), hostile_result(), about)


def test_strangers_words_stay_words_in_the_report() -> None:
    report = hostile_package().report
    page = Reader(report)
    tame = Reader(packed().report)
    assert {tag for tag, _ in page.tags} <= {tag for tag, _ in tame.tags} - {"a"} | {"ul", "li"}
    for tag, attributes in page.tags:
        assert tag not in ("script", "iframe", "object", "embed", "link", "base", "form", "svg")
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        for name in ("src", "href"):
            assert (attributes.get(name) or "data:image/png;base64,").startswith("data:image/png;")
    said = "".join(page.said)
    assert "<script>alert(1)</script>" in said
    assert "{{ 7 * 7 }}" in said
    assert not set("\u202e\u202c\0\x1b") & set(report)
    assert report.count("<style>") == 1


def test_the_readme_has_no_word_of_a_strangers() -> None:
    made = hostile_package()
    archive = opened(made)
    name = hostile_spec().name
    assert name.isalnum()
    readme = archive.read(f"{name}/README.md").decode()
    for each in HOSTILE:
        assert each not in readme
    assert "http" not in readme
    assert not [path for path in archive.namelist() if path.endswith(".csv")]


def test_ten_thousand_notes_are_counted_and_not_shown() -> None:
    spec = replace(
        spec_of(), notes=tuple(f"note {number} " + "x" * 5000 for number in range(10_000))
    )
    report = packed(spec).report
    assert report.count("<li>note ") == MOST_ROWS
    assert f"And {10_000 - MOST_ROWS:,} more.".replace(",", "") in report
    assert len(report) < 200_000


def test_shown_text_is_one_line_of_what_can_be_seen() -> None:
    assert shown("a\n\tb\u0000c\u202ed\u2066e") == "a b cde"
    assert shown("x" * 1000) == "x" * (LONGEST - 1) + "…"
    assert shown("字" * 10, 5) == "字字字字…"


@pytest.mark.parametrize(
    ("result", "title"),
    [
        (None, "Not tested."),
        (RESULT, "Tested."),
        (replace(RESULT, is_passed=False), "Did not pass."),
    ],
)
def test_readme_and_report_say_whether_it_was_tested(result: GateResult | None, title: str) -> None:
    made = packed(result=result)
    readme = opened(made).read("TripCard/README.md").decode()
    assert f"**{title}**" in readme
    assert title in made.report
    assert ("React 19" in readme.partition("What was tested")[2]) is (result is not None)
    if result is None:
        assert "<strong>not tested</strong>" in made.report
        assert "All of it: types, tests, rendering and accessibility." in readme


def test_the_report_tells_every_figure() -> None:
    told = {name for each in FIGURES for name in each.names}
    assert told == {each.name for each in fields(QualityRow)} - {"metric_version"}
    said = "".join(Reader(packed().report).said)
    for each in FIGURES:
        assert each.label in said
        assert each.meaning in said
    nothing = replace(RESULT, quality=QualityRow())
    report = packed(result=nothing).report
    assert report.count("not measured") == len(FIGURES)


def test_cost_is_told_in_its_three_states() -> None:
    assert "$0.0412 for 2 calls of a model (8,123 tokens read, 5,991 written)." in packed().report
    unpriced = packed(about=replace(ABOUT, cost_microusd=None)).report
    assert "no price is known for it" in unpriced
    assert "No model was used" in packed(about=About()).report


def test_a_picture_is_a_png_of_a_size_that_can_be_opened() -> None:
    assert png_size(png(7, 5)) == (7, 5)
    bomb = png()[:16] + struct.pack(">II", 100_000, 100_000) + png()[24:]
    for content, reason in (
        (None, "There is no picture."),
        (b"<svg onload='alert(1)'/>", "no PNG"),
        (bomb, "too large"),
        (png(padding=LARGEST_ALL), "too large"),
    ):
        made = embed(content, {360: content or b""})
        assert reason in made.design.reason
        assert made.design.url == made.renders[0][1].url == ""
    both = embed(png(padding=LARGEST_ALL // 2), {360: png(), 768: png(padding=LARGEST_ALL)})
    assert both.design.url
    assert [bool(each.url) for _, each in both.renders] == [True, False]


def test_the_versions_are_those_of_the_toolchain() -> None:
    pinned = json.loads((ROOT / "toolchain" / "package.json").read_text())["dependencies"]
    assert tool_versions()["React"] == pinned["react"]
    assert set(tool_versions().values()) <= set(pinned.values())


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=require_browser(), args=["--no-sandbox"]
        )
        yield chromium
        chromium.close()


@pytest.mark.parametrize("kind", ["tested", "untested", "hostile"])
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_report_opens_from_a_disk_without_network_or_script(
    browser: Browser, tmp_path: Path, kind: str, width: int, scheme: str
) -> None:
    made = {
        "tested": packed,
        "untested": lambda: packed(result=None),
        "hostile": hostile_package,
    }[kind]()
    path = tmp_path / "report.html"
    path.write_text(made.report, encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    problems: list[str] = []
    asked_for: list[str] = []
    page.on("console", lambda said: problems.append(said.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("dialog", lambda dialog: problems.append(dialog.message))
    page.on("request", lambda asked: asked_for.append(asked.url))
    page.goto(path.as_uri())
    assert problems == []
    assert [each for each in asked_for if not each.startswith(("file:", "data:"))] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # The style sheet is the one that the policy names.
    assert page.evaluate("getComputedStyle(document.querySelector('main')).maxWidth") != "none"
    broken = "[...document.images].filter((each) => !each.naturalWidth).length"
    assert page.evaluate(broken) == 0
    assert grave_problems(page) == []
    page.close()


def test_nothing_of_a_result_is_changed() -> None:
    before = asdict(RESULT)
    packed()
    assert asdict(RESULT) == before
