"""What is known against the locked packages, and under which licences they are: `make audit`.

Ends with 1 where something is known or a lock is older than two months, and with 2 where nobody
could be asked: an audit that asked about nothing is not a clean one. Advisories come from the
indexes of packages that this machine is set up for, licences from the packages themselves.
"""

import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from local.stack.stack import ROOT

LOCKS = ("requirements.txt", "requirements-dev.txt")
FOLDERS = (".", "plugin", "toolchain")
PIP_AUDIT = "pip-audit==2.10.0"
# Locks are renewed once a month: docs/dependencies.md. Two months are one that was missed.
MOST_DAYS = 62
# What renews each lock.
RENEWED_BY = dict.fromkeys(LOCKS, "make lock") | {
    f"{folder}/package-lock.json": f"(cd {folder} && npm update)" for folder in FOLDERS
}
OSI = "License :: OSI Approved :: "
FORBIDDING = re.compile(r"\bA?GPL|GNU (Affero )?General")


@dataclass
class Found:
    """Of one list of packages: how many were asked about, what is known, who could not be asked."""

    title: str
    asked: int = 0
    known: list[str] = field(default_factory=list)
    unasked: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        head = f"{self.title}: {self.asked} packages asked about, {len(self.known)} with advisories"
        more = [f"  {len(self.unasked)} not asked about: {self.unasked[0]}"] if self.unasked else []
        return [head, *(f"  {each}" for each in self.known), *more]


def read_pip_audit(title: str, said: dict[str, Any]) -> Found:
    """From `pip-audit --format json`."""
    found = Found(title)
    for each in said.get("dependencies", ()):
        name = f"{each['name']} {each.get('version', '')}".strip()
        if "skip_reason" in each:
            found.unasked.append(each["skip_reason"])
            continue
        found.asked += 1
        for advisory in each.get("vulns", ()):
            mended = ", ".join(advisory.get("fix_versions", ())) or "no version"
            found.known.append(f"{name}: {advisory['id']}, mended in {mended}")
    return found


def read_npm_audit(title: str, said: dict[str, Any]) -> Found:
    """From `npm audit --json`."""
    if "metadata" not in said:
        message = said.get("message") or said.get("error", {}).get("summary") or "no answer"
        return Found(title, unasked=[str(message)])
    known = [
        f"{name}: {each['severity']}, {'can be' if each.get('fixAvailable') else 'not yet'} mended"
        for name, each in sorted(said.get("vulnerabilities", {}).items())
    ]
    return Found(title, int(said["metadata"]["dependencies"]["total"]), known)


def read_json(command: list[str], folder: Path = ROOT) -> dict[str, Any]:
    """Both tools end with a status of their own where they find something."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    try:
        read = json.loads(done.stdout)
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        return {"message": last, "dependencies": [{"name": "all", "skip_reason": last}]}
    return dict(read)


def too_old(days: dict[str, int]) -> list[str]:
    """What to say of the locks that are older than allowed; ``days``: the age of each."""
    return [
        f"{lock} is {age} days old, and {MOST_DAYS} are allowed: run `{RENEWED_BY[lock]}`, then "
        "`make check` (docs/dependencies.md)"
        for lock, age in days.items()
        if age > MOST_DAYS
    ]


def days_since_change(lock: str, root: Path = ROOT) -> int:
    """By git; of an unpacked archive, or a change that is not committed, by the file itself."""
    asked = ["git", "log", "-1", "--format=%ct", "--", lock]
    is_changed = ["git", "diff", "--quiet", "HEAD", "--", lock]
    changed = (root / lock).stat().st_mtime
    try:
        told = subprocess.run(asked, cwd=root, capture_output=True, text=True).stdout.strip()
        if told and subprocess.run(is_changed, cwd=root, capture_output=True).returncode == 0:
            changed = int(told)
    except FileNotFoundError:
        pass
    return int((time.time() - changed) // 86_400)


def licences() -> tuple[Counter[str], list[str]]:
    """How many packages are under each licence, and those that would reach what is shipped."""
    counted: Counter[str] = Counter()
    forbidden = []
    for name, licence in [*_python_licences(), *_npm_licences()]:
        counted[licence] += 1
        if FORBIDDING.search(licence) and "LGPL" not in licence and "Lesser" not in licence:
            forbidden.append(f"{name}: {licence}")
    return counted, forbidden


def _python_licences() -> Iterable[tuple[str, str]]:
    text = (ROOT / LOCKS[1]).read_text(encoding="utf-8")
    for name in re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==", text, re.M):
        try:
            about = distribution(name).metadata
        except PackageNotFoundError:
            continue
        classifiers = about.get_all("Classifier") or []
        named = [
            *(about.get_all("License-Expression") or []),
            *(each.rpartition(" :: ")[2] for each in classifiers if each.startswith(OSI)),
            "not said",
        ]
        yield name, named[0]


def _npm_licences() -> Iterable[tuple[str, str]]:
    for folder in FOLDERS:
        lock = json.loads((ROOT / folder / "package-lock.json").read_text(encoding="utf-8"))
        for path, each in lock["packages"].items():
            if path:
                yield path.rpartition("node_modules/")[2], str(each.get("license", "not said"))


def main() -> None:
    found = []
    for lock in LOCKS:
        options = ["--disable-pip", "--require-hashes", "--progress-spinner", "off", "-f", "json"]
        command = [sys.executable, "-m", "uv", "tool", "run", "-q", PIP_AUDIT, *options, "-r", lock]
        found.append(read_pip_audit(lock, read_json(command)))
    npm = str(Path(sys.executable).with_name("npm"))
    for folder in FOLDERS:
        said = read_json([npm, "audit", "--json", "--package-lock-only"], ROOT / folder)
        found.append(read_npm_audit(f"{folder}/package-lock.json", said))
    counted, forbidden = licences()
    lines = [line for each in found for line in each.lines()]
    lines += ["licences: " + ", ".join(f"{name} {n}" for name, n in counted.most_common())]
    old = too_old({lock: days_since_change(lock) for lock in RENEWED_BY})
    lines += old
    lines += [f"  forbids the licence of this product: {each}" for each in forbidden]
    print("\n".join(lines))
    if forbidden or old or any(each.known for each in found):
        sys.exit(1)
    sys.exit(2 if any(each.unasked for each in found) else 0)


if __name__ == "__main__":
    main()
