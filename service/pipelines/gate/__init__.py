"""The gate: whether a candidate is what was designed, by types, tests, mutants and a browser.

``check`` runs everything that executes generated code inside a ``Sandbox``. ``quality`` defines the
figures, ``results`` what is asked and answered.
"""

from service.pipelines.gate.checking import check
from service.pipelines.gate.quality import METRIC_VERSION, QualityRow
from service.pipelines.gate.results import ADVICE, Failure, Floor, GateRequest, GateResult, Mutant
from service.pipelines.gate.sandbox import Sandbox
from service.pipelines.gate.tools import Tools, find_tools

__all__ = [
    "ADVICE",
    "METRIC_VERSION",
    "Failure",
    "Floor",
    "GateRequest",
    "GateResult",
    "Mutant",
    "QualityRow",
    "Sandbox",
    "Tools",
    "check",
    "find_tools",
]
