"""A finished component becomes one commit on a branch of its own and a pull request, once."""

from service.pipelines.pushing.push import Pushed, PushedPipeline, push
from service.pipelines.pushing.push_refusals import PushRefused, push_sentence
from service.pipelines.pushing.push_targets import PushTarget, open_target

__all__ = [
    "PushRefused",
    "PushTarget",
    "Pushed",
    "PushedPipeline",
    "open_target",
    "push",
    "push_sentence",
]
