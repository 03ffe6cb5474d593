"""Drafts in a real browser: their boxes and texts, to be compared with the design's."""

import base64
import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from service.pipelines.gate import find_tools
from service.pipelines.gate.comparing import is_alike
from service.pipelines.generate import generate
from service.pipelines.spec import Rendering, Spec
from service.pipelines.testing import computed_styles, write_tests

TOOLS = find_tools()
NODE, TOOLCHAIN = str(TOOLS.node), TOOLS.folder
_READ = """() => Object.fromEntries(
  [...document.querySelectorAll('[data-node]')].map((each) => {
    const box = each.getBoundingClientRect();
    const clone = each.cloneNode(true);
    // A list item is a line of its own.
    [...clone.querySelectorAll('li')].slice(1).forEach((item) => item.prepend('\\n'));
    return [each.dataset.node, {
      box: [box.x, box.y + scrollY, box.width, box.height],
      text: each.localName === 'input' ? each.value || each.placeholder : clone.textContent,
    }];
  }),
)"""
_SHARES = """() => {
  const all = [...document.querySelectorAll('#root *')].filter(
    (each) => !each.parentElement.closest('svg'),
  );
  const positions = all.map((each) => getComputedStyle(each).position);
  const names = all.flatMap((each) => (each.getAttribute('class') ?? '').split(/\\s+/));
  const classes = names.filter(Boolean);
  return {
    elements: all.length,
    absolute: positions.filter((each) => ['absolute', 'fixed'].includes(each)).length,
    telling: all.filter((each) => !['div', 'span', 'svg'].includes(each.localName)).length,
    classes: classes.length,
    odd: classes.filter((each) => each.includes('[')).length,
    oddClasses: classes.filter((each) => each.includes('[')),
    overflow: document.documentElement.scrollWidth - innerWidth,
  };
}"""


_PAGE = (
    "<!doctype html><html lang=en><title>Drafts</title><style id=css></style>"
    "<style id=font></style><body><div id=root></div>"
)


def bundle(specs: Mapping[str, Spec], work: Path, *, traced: bool = True) -> None:
    """Writes the drafts of all specs below ``work``, and bundles them."""
    for name, spec in specs.items():
        folder = work / name
        folder.mkdir(parents=True)
        for path, text in generate(spec, traced=traced).files.items():
            (folder / path).write_text(text)
        (folder / "draft.json").write_text(json.dumps({"component": spec.name}))
    script = Path(__file__).with_name("bundle.mjs")
    ran = subprocess.run(
        [NODE, str(script), str(TOOLCHAIN), str(work)], capture_output=True, text=True, timeout=300
    )
    assert ran.returncode == 0, ran.stderr[-4000:]


@dataclass(frozen=True)
class Measured:
    """How a draft looks in a browser."""

    boxes: Mapping[str, Any]
    shares: Mapping[str, Any]
    errors: tuple[str, ...]


class Stage:
    """A page that shows one draft at a time."""

    def __init__(self, browser: Browser, work: Path) -> None:
        self.page: Page = browser.new_page()
        self.errors: list[str] = []
        self.page.on(
            "console", lambda said: self.errors.append(said.text) if said.type == "error" else None
        )
        self.page.on("pageerror", lambda said: self.errors.append(str(said)))
        self.work = work
        self.page.set_content(_PAGE)
        self.page.add_script_tag(content=(work / "out" / "bundle.js").read_text())
        self._fonts()

    def _fonts(self) -> None:
        fonts = TOOLCHAIN / "node_modules" / "@fontsource-variable" / "inter" / "files"
        data = base64.b64encode((fonts / "inter-latin-wght-normal.woff2").read_bytes()).decode()
        source = f"url(data:font/woff2;base64,{data})"
        rule = f"@font-face {{ font-family: Inter; font-weight: 100 900; src: {source} }}"
        self.page.evaluate("rule => { document.getElementById('font').textContent = rule }", rule)
        self.page.evaluate("() => Promise.all([...document.fonts].map((each) => each.load()))")

    def show(self, name: str, props: Mapping[str, Any], width: int, height: int = 900) -> Measured:
        self.errors.clear()
        self.page.set_viewport_size({"width": width, "height": height})
        css = (self.work / "out" / f"{name}.css").read_text()
        self.page.evaluate("css => { document.getElementById('css').textContent = css }", css)
        self.page.evaluate("([name, props]) => window.show(name, props)", [name, dict(props)])
        self.page.evaluate("() => document.fonts.ready.then(() => true)")
        return Measured(self.page.evaluate(_READ), self.page.evaluate(_SHARES), tuple(self.errors))


def designed_width(spec: Spec, rendering: Rendering) -> int:
    root = dict(rendering.bounds)[spec.root.id]
    return max(1, round(root.width))


_TYPES = """\
declare module "@storybook/react" {
  export interface Meta<T> { component: T; title?: string }
  export interface StoryObj<T> { args?: T extends (props: infer P) => unknown ? Partial<P> : never }
}
"""


def write_project(specs: Mapping[str, Spec], work: Path) -> None:
    """All delivered files and tests of each spec in a folder of its own, as a project that tools
    can check."""
    for name, spec in specs.items():
        folder = work / name
        folder.mkdir(parents=True)
        for path, text in {**generate(spec).files, **write_tests(spec)}.items():
            (folder / path).write_text(text)
    (work / "node_modules").symlink_to(TOOLCHAIN / "node_modules")
    (work / "storybook.d.ts").write_text(_TYPES)
    options = {
        "strict": True, "noUncheckedIndexedAccess": True, "noEmit": True, "jsx": "react-jsx",
        "module": "esnext",
        "moduleResolution": "bundler", "target": "es2022", "lib": ["es2023", "dom",
        "dom.iterable"], "skipLibCheck": True, "types": [],
    }  # fmt: skip
    (work / "tsconfig.json").write_text(
        json.dumps({"compilerOptions": options, "include": ["**/*.ts", "**/*.tsx"]})
    )
    (work / "package.json").write_text('{"type": "module"}')
    (work / "vitest.config.mjs").write_text(
        'export default { cacheDir: ".cache", oxc: { jsx: { runtime: "automatic" } }, '
        'test: { environment: "happy-dom", isolate: false, maxWorkers: 1, '
        "fsModuleCache: false } };\n"
    )


def ran(work: Path, script: str, *arguments: str) -> str:
    """What a tool printed; fails with it if the tool failed."""
    done = subprocess.run(
        [NODE, str(TOOLCHAIN / "node_modules" / script), *arguments],
        cwd=work, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, (done.stdout + done.stderr)[-12_000:]
    return done.stdout


_STYLES = """(wanted) => wanted.map(([id, name]) => {
  const each = document.querySelector(`[data-node="${CSS.escape(id)}"]`);
  return each ? getComputedStyle(each).getPropertyValue(name) : null;
})"""


def unlike(page: Page, spec: Spec, rendering: Rendering) -> list[str]:
    """Each expectation of the spec that the browser does not compute, "is → should"."""
    wanted = computed_styles(spec, rendering)
    found = page.evaluate(_STYLES, [[each.node_id, each.property] for each in wanted])
    return [
        f"{each.node_id} {each.property}: {value} → {each.value}"
        for each, value in zip(wanted, found, strict=True)
        if not is_alike(value, each.value)
    ]
