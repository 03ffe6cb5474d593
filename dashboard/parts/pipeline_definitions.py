"""Definitions of the figures about pipelines: from a Figma link to a tested component."""

from dashboard.parts.analysis_definitions import FEW
from dashboard.parts.metric import Definition, Explanation, Metric

LAST_END = "Each pipeline counts once, in the hour of its last end: a retry takes the failure back."
ESTIMATED = "Within 2 % of the exact one."

PIPELINES: dict[str, Definition] = {
    "overview.pipelines": Metric(
        "pipelines",
        "Components built",
        "Pipelines that ended in the period with a component that passed the gate. The page "
        "Pipelines has more.",
        source="pipeline_course",
    ),
    "pipelines.started": Metric(
        "started",
        "Started",
        "Pipelines asked for in the period, on the page Build, over the API or in a comment.",
        source="pipeline_course",
    ),
    "pipelines.ended": Metric(
        "ended",
        "Ended",
        f"Pipelines that ended in the period, in whatever way. {LAST_END}",
        source="pipeline_course",
    ),
    "pipelines.success": Metric(
        "success",
        "Success",
        "Passed ÷ (passed + not passed + not tested + failed): of the pipelines that were neither "
        "cancelled nor refused by Figma, those with a component that passed the gate. Cancelled "
        "ones and those to which Figma gave no access or no quota are in neither number. "
        f"{FEW}",
        source="pipeline_course",
        unit="share",
    ),
    "pipelines.model_used": Metric(
        "model_used",
        "Model result used",
        "Of the gated pipelines: those whose component is what a model made of the draft. In the "
        "others the draft by rules alone won, because no model was asked or none made it better. "
        f"{FEW}",
        source="pipeline_course",
        unit="share",
        better="neither",
    ),
    "pipelines.failed": Metric(
        "failed",
        "Failed",
        "Pipelines that ended without a component. Whoever asked is not charged and may retry.",
        source="pipeline_course",
        better="down",
    ),
    "pipelines.ungated": Metric(
        "ungated",
        "Without the gate",
        "Pipelines with a component that no candidate passed the gate with, or that is labelled "
        "“not tested” because generated code may not run where the builder stands. They take no "
        "use.",
        source="pipeline_course",
        better="down",
    ),
    "pipelines.refused": Metric(
        "refused",
        "Refused by Figma",
        "Figma gave no access to the file, does not know the layer, or the quota was used up. "
        "They count neither for nor against success.",
        source="pipeline_course",
        better="neither",
    ),
    "pipelines.cancelled": Metric(
        "cancelled",
        "Cancelled",
        "Ended by whoever asked, or by support.",
        source="pipeline_course",
        better="neither",
    ),
    "pipelines.median": Metric(
        "time_p50_ms",
        "Time, median",
        "Half of the pipelines with a component, gated or not, had it within this time "
        f"of the request, waiting included. {ESTIMATED}",
        source="pipeline_measures",
        unit="ms",
        better="down",
    ),
    "pipelines.slow": Metric(
        "time_p95_ms",
        "Time, p95",
        "19 of 20 of the pipelines with a component had it within this time of the request; the "
        f"target is below 5 minutes. {ESTIMATED}",
        source="pipeline_measures",
        unit="ms",
        better="down",
    ),
    "pipelines.waiting": Metric(
        "waiting",
        "Waiting, now",
        "Pipelines that are queued now, because their team runs as many as it may, or because "
        "nobody has begun. The age is that of the oldest.",
        source="pipeline_queue",
        better="down",
    ),
    "pipelines.running": Metric(
        "running",
        "Running, now",
        "Pipelines in a stage now, those between two attempts included.",
        source="pipeline_queue",
        better="neither",
    ),
    "pipelines.cost": Metric(
        "cost_microusd",
        "AI cost",
        "What models cost for pipelines, by the hour of the call, failed runs and re-pricing "
        "included. It is part of the cost on the page AI cost, by feature, where it stands by "
        "provider too. Calls without a price are in no amount.",
        source="pipeline_costs",
        unit="money",
        better="neither",
    ),
    "pipelines.cost_median": Metric(
        "cost_p50_microusd",
        "Cost per run, median",
        "Half of the pipelines that ended cost at most this much for models; runs without a model "
        f"count as $0. {ESTIMATED}",
        source="pipeline_measures",
        unit="money",
        better="down",
    ),
    "pipelines.cost_slow": Metric(
        "cost_p95_microusd",
        "Cost per run, p95",
        "19 of 20 of the pipelines that ended cost at most this much for models; the target is "
        f"below $0.50. {ESTIMATED} The ceiling of each run holds it.",
        source="pipeline_measures",
        unit="money",
        better="down",
    ),
    "pipelines.course": Explanation(
        "Pipelines per step",
        f"How the pipelines ended that ended in each step. {LAST_END}",
        "pipeline_course",
    ),
    "pipelines.stages": Explanation(
        "Time per stage",
        "Work of each stage in a run, all its rounds and attempts together, without waiting: "
        f"median and p95 of the runs that ended. {ESTIMATED}",
        "pipeline_measures",
    ),
    "pipelines.causes": Explanation(
        "Failures by cause",
        "Pipelines that failed, were refused by Figma, or did not pass the gate, by cause and by "
        "the stage that said so, the most frequent first. Share: of all that were neither "
        "cancelled nor refused by Figma; refusals have none.",
        "pipeline_course",
    ),
    "pipelines.fidelity": Explanation(
        "Like the design, and proven",
        "Means per step of gated components, and of tests that found a mutant ÷ mutants. "
        "Geometry: share of layers within 2 px or 2 % of the design; text: share of texts that "
        "are exactly the design's. Behaviour and style: mutants of each kind that the tests kill; "
        "the gate asks for 80 %.",
        "pipeline_measures",
    ),
    "pipelines.code": Explanation(
        "Code quality",
        "Means per step of gated components. APR: elements placed absolutely or fixed; AVU: "
        "class names with an arbitrary value in brackets; STR: elements with a meaning of their "
        "own; single-use: tokens used only once. Our own definitions, version 1; targets: APR "
        "and AVU below 3 %, STR above 29 %, single-use at most 10 %.",
        "pipeline_measures",
    ),
    "pipelines.queue": Explanation(
        "Queue by team",
        "Who waits and runs now; people without a team stand for themselves. Those who have "
        "waited longest come first.",
        "pipeline_queue",
    ),
    "pipelines.list": Explanation(
        "Runs",
        "Pipelines that were asked for in the period, newest first, 50 a page: without a filter "
        "as many as the tile Started. Pick one to open it. The file has all of them, with their "
        "sums in the last line.",
        "pipeline_rows",
    ),
    "pipelines.one": Explanation(
        "One run",
        "Everything that is kept of it but the design and the code: each attempt of each stage, "
        "the quality row of each round, what was stored, what its calls cost, and what operators "
        "and its owner did. Support may cancel or retry it, with a reason that is logged.",
        "pipeline_detail",
    ),
}
