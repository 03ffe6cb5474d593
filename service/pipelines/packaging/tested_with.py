"""The versions of the tools that components are tested with, for the README and the report."""

import json
from collections.abc import Mapping
from pathlib import Path

from service.pipelines.gate.tools import FOLDER

# What somebody who uses the component may want to know, by the name of its package.
TOLD = {
    "react": "React",
    "tailwindcss": "Tailwind CSS",
    "typescript": "TypeScript",
    "class-variance-authority": "class-variance-authority",
    "vitest": "Vitest",
    "@testing-library/react": "Testing Library",
    "happy-dom": "happy-dom",
    "axe-core": "axe",
}


def tool_versions(folder: Path = FOLDER) -> Mapping[str, str]:
    """Versions by the tool's name, as ``toolchain/package.json`` pins them."""
    pinned = json.loads((folder / "package.json").read_text(encoding="utf-8"))["dependencies"]
    return {title: pinned[name] for name, title in TOLD.items() if name in pinned}
