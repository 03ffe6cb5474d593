"""The ZIP and its parts. Every byte follows from what is given: fixed times, sorted names."""

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from service.pipelines.gate.results import GateResult
from service.pipelines.generate.traces import without_traces
from service.pipelines.packaging.about_run import About
from service.pipelines.packaging.readme_text import readme
from service.pipelines.packaging.report_page import report_page
from service.pipelines.spec import Spec

# Code lies in one folder; names are letters and digits, with the endings that we write.
NAME = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9]{0,59}(?:\.stories|\.test|\.style\.test)?\.tsx?|theme\.css|tokens\.json)"
)
MOST_FILES = 60
# In bytes, of one file of code or tests and of all of them.
LARGEST_FILE = 800_000
LARGEST_ALL = 4_000_000
# ZIP knows no time before this one.
_TIME = (1980, 1, 1, 0, 0, 0)
_UNIX, _FILE_MODE = 3, 0o100644


class PackagingError(Exception):
    """A candidate that is not packed. ``code``: bad_file_name, doubled_file, too_many_files,
    file_too_large, files_too_large, or no_component; ``params`` belong to it."""

    def __init__(self, code: str, **params: object):
        super().__init__(code)
        self.code, self.params = code, params


@dataclass(frozen=True)
class Package:
    """``code_sha256`` is of the delivered code alone: the same design and the same code give the
    same, whatever a run cost and however long it took."""

    zip: bytes
    report: str
    code_sha256: str


def package(
    spec: Spec,
    files: Mapping[str, str],
    tests: Mapping[str, str],
    gate_result: GateResult | None,
    picture: bytes | None,
    renders: Mapping[int, bytes],
    about: About,
) -> Package:
    """The ZIP of a candidate. Raises PackagingError.

    ``files`` and ``tests``: texts by path, with or without traces. ``gate_result``: None if it
    could not be tested, which README and report then say. ``picture``: the design as a PNG;
    ``renders``: PNGs of the component by width in px.
    """
    code = _code(spec, files, tests)
    told = code_hash(code)
    report = report_page(spec, gate_result, picture, renders, about, told)
    everything = {
        **code,
        "README.md": readme(spec, sorted(code), gate_result, about, told).encode(),
        "report.html": report.encode(),
    }
    return Package(zip_files({f"{spec.name}/{path}": everything[path] for path in everything}),
                   report, told)  # fmt: skip


def _code(spec: Spec, files: Mapping[str, str], tests: Mapping[str, str]) -> dict[str, bytes]:
    """The delivered files, checked. What a model or a stranger named is only taken by the list."""
    if len(files) + len(tests) > MOST_FILES:
        raise PackagingError("too_many_files", most=MOST_FILES)
    for path in (*files, *tests):
        if not NAME.fullmatch(path):
            raise PackagingError("bad_file_name")
    paths = [path.casefold() for path in (*files, *tests)]
    # On some systems two names that differ in case are one file.
    if len(set(paths)) < len(paths):
        raise PackagingError("doubled_file")
    if f"{spec.name}.tsx" not in files:
        raise PackagingError("no_component")
    given = {**files, **tests}
    # Before anything reads them.
    if any(len(text) > LARGEST_FILE for text in given.values()):
        raise PackagingError("file_too_large", kilobytes=LARGEST_FILE // 1000)
    code = {
        # Half a surrogate pair is no text.
        path: text.encode("utf-8", "replace")
        for path, text in sorted({**without_traces(files), **tests}.items())
    }
    if any(len(each) > LARGEST_FILE for each in code.values()):
        raise PackagingError("file_too_large", kilobytes=LARGEST_FILE // 1000)
    if sum(map(len, code.values())) > LARGEST_ALL:
        raise PackagingError("files_too_large", kilobytes=LARGEST_ALL // 1000)
    return code


def code_hash(code: Mapping[str, bytes]) -> str:
    lines = (f"{sha256(code[path]).hexdigest()}  {path}\n" for path in sorted(code))
    return sha256("".join(lines).encode()).hexdigest()


def zip_files(files: Mapping[str, bytes]) -> bytes:
    """Plain files alone, in the order of their names, all of one time and one mode."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path, _TIME)
            entry.create_system, entry.external_attr = _UNIX, _FILE_MODE << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[path])
    return buffer.getvalue()
