"""The README of a package. It has no word of a stranger's: what they wrote is in the report."""

import re
from collections.abc import Iterable, Sequence

from service.pipelines.gate.results import GateResult
from service.pipelines.packaging.about_run import About
from service.pipelines.packaging.verdicts import verdict
from service.pipelines.spec import Spec

# Markdown would give other letters a meaning.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 .-]{0,60}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_KINDS = (
    (".style.test.tsx", "tests of the look: each layer has the classes that its design demands"),
    (".test.tsx", "tests of the behaviour: texts, tags, names, props and handlers"),
    (".stories.tsx", "a story for Storybook, one for each variant"),
    (".tsx", "a part of the component"),
    ("types.ts", "its props"),
    ("assets.ts", "its images, embedded"),
    (".ts", "a part of the component"),
    ("theme.css", "its design tokens as a Tailwind theme"),
    ("tokens.json", "the same tokens in the format of the Design Tokens Community Group"),
)


def readme(
    spec: Spec, paths: Sequence[str], gate_result: GateResult | None, about: About, told: str
) -> str:
    """Markdown. ``told`` is the hash of the code."""
    name = spec.name
    label = verdict(gate_result)
    return "\n".join(
        [
            f"# {name}",
            "",
            f"**{label.title}** {label.sentence}",
            "",
            "`report.html` shows the design beside the component, and what was measured.",
            "",
            "## Use it",
            "",
            "1. Copy this folder into a project with React 19 and Tailwind CSS 4.",
            "2. `npm install class-variance-authority`",
            "3. In the style sheet that has `@import \"tailwindcss\";`, add the theme below it:",
            "",
            "   ```css",
            f"   @import \"./{name}/theme.css\";",
            "   ```",
            "",
            "4. Use it. All props are in `types.ts`, and each of them may be left out.",
            "",
            "   ```tsx",
            f"   import {{ {name} }} from \"./{name}/{name}\";",
            "",
            f"   <{name} />",
            "   ```",
            "",
            *_fonts(spec),
            "## What is in it",
            "",
            *(f"- `{path}`: {_kind(path, name)}" for path in paths),
            "- `report.html`: the report. It opens without a network and runs no script.",
            "",
            "## Run the tests",
            "",
            "```sh",
            "npm install --save-dev vitest happy-dom @testing-library/react \\",
            "  @testing-library/dom @testing-library/user-event",
            f"npx vitest run --environment happy-dom {name}",
            "```",
            "",
            "They were written from the design and not from the code, so they stay true when you",
            "change how the component is built.",
            "",
            "## What was tested",
            "",
            *_tested(gate_result, about),
            "",
            "## What was not tested",
            "",
            *_untested(gate_result),
            "",
            "## Which code this is",
            "",
            f"- Code: `{told}` (SHA-256 over the files of code and tests above). The same design",
            "  and the same code give the same value.",
            *_origin(about),
            "",
        ]
    )  # fmt: skip


def _kind(path: str, name: str) -> str:
    if path == f"{name}.tsx":
        return "the component"
    return next(said for ending, said in _KINDS if path.endswith(ending))


def _fonts(spec: Spec) -> Iterable[str]:
    if any(each.type == "fontFamily" for each in spec.tokens):
        yield "Fonts are named in `theme.css` and not part of this folder: load them as the rest of"
        yield "your page does."
        yield ""


def _tested(gate_result: GateResult | None, about: About) -> Iterable[str]:
    if gate_result is None:
        yield "Nothing. There was no place where generated code may run."
        return
    yield "- Strict TypeScript, with `noUncheckedIndexedAccess`."
    yield "- The tests in this folder: on the component, and on broken copies of it, which they"
    yield "  have to notice."
    yield "- In Chromium: errors of the console, axe, and sideways scrolling at 360, 768, 1200 and"
    yield "  1920 px; boxes, texts and colours against the design, at the design's own width."
    told = [f"{tool} {version}" for tool, version in sorted(about.versions.items())]
    plain = [each for each in told if _PLAIN.fullmatch(each)]
    if plain:
        yield f"- With {', '.join(plain)}."


def _untested(gate_result: GateResult | None) -> Iterable[str]:
    if gate_result is None:
        yield "- All of it: types, tests, rendering and accessibility."
    yield "- The story: Storybook was not run, it was only checked against a small type."
    yield "- Browsers other than Chromium, screen readers, and printing."
    yield "- Your own theme, resets and fonts beside this component."


def _origin(about: About) -> Iterable[str]:
    by = "by rules, then edited by a model" if about.model else "by rules alone, without a model"
    yield f"- Written {by}."
    if _DAY.fullmatch(about.made_on):
        yield f"- Made on {about.made_on}."
