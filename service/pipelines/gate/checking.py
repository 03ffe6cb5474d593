"""All steps of the gate in order."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from service.pipelines.gate.cases import calls, props_of
from service.pipelines.gate.comparing import delta, is_alike, misplaced, percentile
from service.pipelines.gate.quality import QualityRow, share
from service.pipelines.gate.results import Failure, GateRequest, GateResult, Mutant
from service.pipelines.gate.sandbox import BROWSER, Limits, Ran, Sandbox, SandboxError
from service.pipelines.gate.tools import Tools
from service.pipelines.spec import Bounds, Rendering, Spec
from service.pipelines.testing import Expectation, computed_styles

WIDTHS = (360, 768, 1200, 1920)
MOST_MUTANTS = 60
# Of each kind of mutants, tests must notice this share.
ENOUGH = 0.8
# More variants than these are not rendered, more rows of a kind are not told.
_MOST_VARIANTS, _MOST_ROWS = 24, 40
_MOST_FILES, _LARGEST = 60, 200_000
_PATH = re.compile(r"(?:[A-Za-z][A-Za-z0-9_-]*/)*[A-Za-z][A-Za-z0-9_.-]*\.(?:tsx|ts|css|json)\Z")
_COLOURS = ("color", "background-color", "outline-color")


def check(request: GateRequest, sandbox: Sandbox, tools: Tools) -> GateResult:
    """Blocks until all steps are done, or one failed that the others need.

    In this order: files and syntax tree, strict types, tests and mutants, Chromium. Where types or
    tests fail there are no mutants, and the rest is still measured, as whoever repairs wants to
    know all. Raises SandboxError if this machine cannot run anything (see ``Sandbox.missing``).
    """
    course = _Course(request, sandbox, tools)
    course.look_at_files()
    mutants = course.inspect() if not course.failures else None
    if mutants is not None:
        course.check_types()
        is_worth_mutating = not course.failures
        verdicts = course.run_tests(mutants if is_worth_mutating else [])
        is_worth_mutating = is_worth_mutating and not course.failures
        if not course.is_stuck:
            course.render(mutants if is_worth_mutating else [], verdicts)
    course.look_for_words()
    return course.result()


@dataclass
class _Course:
    """One check on its way."""

    request: GateRequest
    sandbox: Sandbox
    tools: Tools
    failures: list[Failure] = field(default_factory=list)
    quality: QualityRow = field(default_factory=QualityRow)
    survivors: list[Mutant] = field(default_factory=list)
    renders: dict[int, bytes] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    cpu_ms: dict[str, int] = field(default_factory=dict)
    # The component comes to no end: nothing else is to wait for it.
    is_stuck: bool = False
    floor: QualityRow | None = None

    @property
    def spec(self) -> Spec:
        return self.request.spec

    @property
    def has_failed(self) -> bool:
        return not all(each.is_advice for each in self.failures)

    def result(self) -> GateResult:
        return GateResult(
            not self.has_failed,
            tuple(self.failures),
            self.quality,
            tuple(self.survivors),
            self.renders,
            self.seconds,
            self.cpu_ms,
            self.request.seed,
            self.floor,
        )

    def fail(
        self, kind: str, message: str, *, node: str = "", found: str = "", should: str = ""
    ) -> None:
        if sum(each.kind == kind for each in self.failures) < _MOST_ROWS:
            self.failures.append(Failure(kind, message[:2000], node, found[:500], should[:500]))

    # --- Steps ---

    def look_at_files(self) -> None:
        files, tests = self.request.files, self.request.tests
        if f"{self.spec.name}.tsx" not in files:
            self.fail("files", f"There is no {self.spec.name}.tsx.")
        if len(files) + len(tests) > _MOST_FILES:
            self.fail("files", f"There are more than {_MOST_FILES} files.")
        for path, text in [*files.items(), *tests.items()]:
            if not _PATH.match(path) or path.startswith("gate") or "node_modules" in path:
                self.fail(
                    "files", f"{path[:200]!r} is no path of a file that a candidate may have."
                )
            elif len(text) > _LARGEST:
                self.fail("files", f"{path} is larger than {_LARGEST // 1000} kB.")
            elif (path in tests) != path.endswith(".test.tsx") or (path in files and path in tests):
                self.fail("files", f"{path}: tests end with .test.tsx, and nothing else does.")

    def look_for_words(self) -> None:
        """A design of which words were lost is not proven, however well the rest is."""
        for each in self.spec.lost:
            self.fail("words", "Its words are not in the component.", node=each)

    def inspect(self) -> list[dict[str, Any]] | None:
        """The mutants to be tried; None if the code is not to be run."""
        found = self._step(
            "inspect", {**self._both(), "seed": self.request.seed, "most": MOST_MUTANTS}
        )
        if found is None:
            return None
        for each in found["problems"]:
            self.fail("code", f"{each['path']}:{each['line']}: {each['message']}")
        if self.failures:
            return None
        for each in found["weak"]:
            self.fail("weak_tests", f"{each['path']}:{each['line']}: {each['message']}")
        return list(found["mutants"])

    def check_types(self) -> None:
        found = self._step("types", self._both())
        if found is None:
            return
        self.quality = replace(self.quality, type_errors=len(found["errors"]))
        for each in found["errors"]:
            self.fail("types", f"{each['path']}:{each['line']}: {each['message']}")

    def run_tests(self, mutants: list[dict[str, Any]]) -> dict[str, str]:
        """What became of each mutant that tests can judge, by id."""
        job = {
            **self._both(),
            "mutants": mutants,
            "cases": calls(self.spec),
            "component": f"{self.spec.name}.tsx",
        }
        found = self._step("mutate", job)
        if found is None:
            return {}
        failed = found["baseline"]["failed"]
        self.is_stuck = found["baseline"]["is_stuck"]
        self.quality = replace(self.quality, failed_tests=len(failed))
        for each in failed:
            self.fail("tests", f"{each['name']}: {each['message']}")
        for each in found["stray"]:
            self.fail("tests", f"An error outside of any test: {each}")
        return dict(found["verdicts"])

    def render(self, mutants: list[dict[str, Any]], verdicts: Mapping[str, str]) -> None:
        variants = self.spec.renderings[:_MOST_VARIANTS]
        if not variants:
            return
        wanted = _wanted(self.spec)
        # Where the candidate has failed, the floor goes through the whole gate.
        floor = self.request.floor if not self.has_failed else None
        left = [
            each
            for each in mutants
            if each["operator"] == "token changed"
            or (each["kind"] == "style" and verdicts.get(str(each["id"])) != "killed")
        ]
        root = dict(variants[0].bounds)[self.spec.root.id]
        picture = self.request.picture
        job = {
            "files": dict(self.request.files),
            "component": self.spec.name,
            "chromium": str(self.tools.chromium),
            "variants": _looks(self.spec),
            "widths": WIDTHS,
            "design": {
                "width": _width(self.spec, variants[0]),
                "height": max(1, round(root.height)),
                "picture": base64.b64encode(picture).decode()
                if picture and picture.startswith(b"\x89PNG")
                else None,
            },
            "mutants": left,
            "floor": floor and {"files": dict(floor.files), "variants": _looks(floor.spec)},
        }
        found = self._step("render", job, BROWSER)
        if found is None:
            return
        self._compare(found)
        self._judge_page(found)
        if floor:
            beside = _Course(GateRequest(floor.spec, floor.files, {}), self.sandbox, self.tools)
            beside._compare(found["floor"])
            self.floor = beside.quality
        if mutants:
            self._count(mutants, verdicts, wanted, found)

    # --- What they found ---

    def _compare(self, found: Mapping[str, Any]) -> None:
        """With the design: what one look tells."""
        variants, wanted = self.spec.renderings[:_MOST_VARIANTS], _wanted(self.spec)
        boxes = wrong = right = 0
        texts = len(self.spec.lost)
        deltas: list[float] = []
        for variant, styles, seen in zip(variants, wanted, found["variants"], strict=True):
            layers = seen["layers"]
            boxes += len(variant.bounds)
            for node, is_value, should in misplaced(variant, layers):
                wrong += 1
                self.fail("geometry", "Box (x, y, size)", node=node, found=is_value, should=should)
            for node, text in variant.texts:
                texts += 1
                said = str(layers.get(node, {}).get("text", ""))
                right += said == text
                if said != text:
                    self.fail("text", "Text", node=node, found=said, should=text)
            for one, value in zip(styles, seen["computed"], strict=True):
                is_colour = one.property in _COLOURS or one.property.endswith("-color")
                if is_colour:
                    deltas.append(delta(value, one.value))
                if not is_alike(value, one.value):
                    self.fail(
                        "colour" if is_colour else "style",
                        one.property,
                        node=one.node_id,
                        found=value or "not there",
                        should=one.value,
                    )
        worst = percentile(deltas, 0.95)
        self.quality = replace(
            self.quality,
            geometry_share=share(boxes - wrong, boxes),
            text_share=share(right, texts),
            colour_delta_e_p95=None if worst is None else round(worst, 2),
        )
        counts = found["shares"]
        likeness = found.get("likeness") or {}
        named = [each for each in self.spec.tokens if each.type != "fontFamily"]
        once = [each for each in named if each.uses == 1 and each.origin == "role"]
        self.quality = replace(
            self.quality,
            mae=_rounded(likeness.get("mae")),
            ssim=_rounded(likeness.get("ssim")),
            rur=share(counts["relative"], counts["lengths"]),
            apr=share(counts["absolute"], counts["elements"]),
            str=share(counts["telling"], counts["elements"]),
            avu=share(counts["arbitrary"], counts["classes"]),
            single_use_tokens=share(len(once), len(named)),
        )

    def _judge_page(self, found: Mapping[str, Any]) -> None:
        clipped = {each: self._clipped(found["clipped"][str(each)]) for each in WIDTHS}
        wide = tuple(each for each in WIDTHS if found["overflow"][str(each)] > 0 or clipped[each])
        faults = [each for each in found["axe"] if each["rule"] != "color-contrast"]
        errors = list(dict.fromkeys(found["errors"]))
        self.quality = replace(
            self.quality,
            axe_violations=len(faults),
            console_errors=len(found["errors"]),
            overflow_widths=wide,
        )
        for each in errors:
            self.fail("console", each)
        for each in wide:
            if (much := found["overflow"][str(each)]) > 0:
                self.fail("overflow", f"At {each} px the page is {much} px too wide.")
        # One row a text, at the narrowest window that cuts it off.
        told: set[str] = set()
        for each, texts in clipped.items():
            for one in texts:
                if one["node"] not in told:
                    told.add(one["node"])
                    self.fail("overflow", f"At {each} px a text is cut off.", node=one["node"],
                              found=one["text"])  # fmt: skip
        for each in found["axe"]:
            kind = "axe" if each in faults else "contrast"
            self.fail(
                kind, f"{each['rule']}: {each['help']}", node=each["node"], found=each["html"]
            )
        self.renders = {
            int(width): base64.b64decode(data) for width, data in found["pictures"].items()
        }

    def _clipped(self, texts: list[dict[str, str]]) -> list[dict[str, str]]:
        """Without those that stick out of their frame in the design, too."""
        boxes = {each.id: each.bounds for each in self.spec.root.walk()}
        return [
            each
            for each in texts
            if each["node"] not in boxes
            or each["by"] not in boxes
            or _holds(boxes[each["by"]], boxes[each["node"]])
        ]

    def _count(
        self,
        mutants: list[dict[str, Any]],
        verdicts: Mapping[str, str],
        wanted: list[tuple[Expectation, ...]],
        found: Mapping[str, Any],
    ) -> None:
        tried, killed = {"behaviour": 0, "style": 0}, {"behaviour": 0, "style": 0}
        for each in mutants:
            verdict = verdicts.get(str(each["id"]), "")
            seen = found["mutants"].get(str(each["id"]))
            if seen is not None:
                verdict = _style_verdict(each, seen, wanted, found["variants"])
            if verdict not in ("killed", "survived"):
                continue
            tried[each["kind"]] += 1
            killed[each["kind"]] += verdict == "killed"
            if verdict == "survived":
                self.survivors.append(_mutant(each))
        self.quality = replace(
            self.quality,
            behaviour_mutants=tried["behaviour"],
            behaviour_killed=killed["behaviour"],
            style_mutants=tried["style"],
            style_killed=killed["style"],
        )
        if any(each["kind"] == "behaviour" for each in mutants) and not verdicts:
            self.fail("limits", "The component is too large for its tests to be tried in time.")
        for kind, number in tried.items():
            if killed[kind] < ENOUGH * number:
                self.fail(
                    f"{kind}_mutants",
                    f"The tests notice {killed[kind]} of {number} changes of {kind}.",
                    found=f"{killed[kind] / number:.0%}",
                    should=f"{ENOUGH:.0%}",
                )

    # --- Running ---

    def _both(self) -> dict[str, Any]:
        return {"files": dict(self.request.files), "tests": dict(self.request.tests)}

    def _step(
        self, name: str, job: Mapping[str, Any], limits: Limits | None = None
    ) -> dict[str, Any] | None:
        """What a step answered; None after a failure of the step itself."""
        ran = self.sandbox.step(name, job, limits)
        self.seconds[name] = ran.seconds
        answer = _answer(ran)
        if answer is None:
            self.fail("limits", f"The step {name!r} {_why(ran)}")
            return None
        self.cpu_ms[name] = int(answer.get("cpu_ms", 0))
        return answer


def _answer(ran: Ran) -> dict[str, Any] | None:
    if not ran.is_fine:
        if "No usable sandbox" in ran.said:
            raise SandboxError(
                "Chromium may not make user namespaces inside the sandbox: allow nested ones "
                "(sysctl user.max_user_namespaces)."
            )
        return None
    try:
        found = json.loads(ran.out)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _why(ran: Ran) -> str:
    reasons = {
        "time": f"was stopped after {ran.seconds:.0f} s.",
        "memory": "was stopped: it took too much memory.",
        "output": "was stopped: it wrote too much.",
    }
    lines = [each.strip() for each in ran.said.splitlines() if each.strip()]
    told = next((each for each in lines if "Error" in each or "error" in each), "no message")
    return reasons.get(ran.ended_by, f"ended with {ran.code}: {told[:500]}")


def _width(spec: Spec, rendering: Rendering) -> int:
    """The width that a variant was drawn for, in px."""
    return max(1, round(dict(rendering.bounds)[spec.root.id].width))


def _wanted(spec: Spec) -> list[tuple[Expectation, ...]]:
    return [computed_styles(spec, each) for each in spec.renderings[:_MOST_VARIANTS]]


def _looks(spec: Spec) -> list[dict[str, Any]]:
    """What a browser is to show of a spec, and to read there."""
    return [
        {
            "props": props_of(spec, each),
            "width": _width(spec, each),
            "wanted": [[one.node_id, one.property] for one in styles],
        }
        for each, styles in zip(spec.renderings, _wanted(spec), strict=False)
    ]


def _holds(outer: Bounds, inner: Bounds) -> bool:
    """Whether a box lies in another, within two pixels."""
    return (
        inner.x >= outer.x - 2
        and inner.y >= outer.y - 2
        and inner.x + inner.width <= outer.x + outer.width + 2
        and inner.y + inner.height <= outer.y + outer.height + 2
    )


def _style_verdict(
    mutant: Mapping[str, Any],
    seen: Mapping[str, Any],
    wanted: list[tuple[Expectation, ...]],
    variants: list[Mapping[str, Any]],
) -> str:
    """Noticed is what breaks an expectation of the spec that the component meets."""
    for variant, at, value in seen["differs"]:
        should = wanted[variant][at].value
        if is_alike(variants[variant]["computed"][at], should) and not is_alike(value, should):
            return "killed"
    # What holds for a state or another width does not show here.
    is_always = ":" not in mutant["change"].split(" → ")[0].removeprefix("class ")
    if mutant["operator"] == "token changed":
        is_always = True
    return "equivalent" if seen["isSame"] and is_always else "survived"


def _mutant(each: Mapping[str, Any]) -> Mutant:
    return Mutant(
        each["kind"], each["operator"], each["path"], each["line"], each["node"], each["change"]
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
