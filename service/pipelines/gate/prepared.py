"""Packages of the gate's tools in a form that starts faster, made once for each process."""

import atexit
import shutil
import subprocess
import tempfile
import threading
from functools import cache
from pathlib import Path

from service.pipelines.gate.tools import Tools

# What ``toolchain/gate/prepare.mjs`` makes; each stands in for the package of this name.
PACKAGES = ("happy-dom",)
_FILES = ("package.json", "index.js")
_ALONE = threading.Lock()


def prepared(tools: Tools) -> dict[str, Path]:
    """Folders of packages by name. Nothing where they cannot be made: the tools work without."""
    with _ALONE:
        found = _prepared(tools)
        if not all((folder / name).is_file() for folder in found.values() for name in _FILES):
            # Somebody has tidied up the folder of temporary files.
            _prepared.cache_clear()
            found = _prepared(tools)
        return found


@cache
def _prepared(tools: Tools) -> dict[str, Path]:
    script = tools.folder / "gate" / "prepare.mjs"
    if tools.node is None or not script.is_file():
        return {}
    folder = Path(tempfile.mkdtemp(prefix="buddy-tools-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    # The sandbox reads it as another user.
    folder.chmod(0o755)
    done = subprocess.run([str(tools.node), script, folder], capture_output=True, umask=0o022)
    return {name: folder / name for name in PACKAGES} if done.returncode == 0 else {}
