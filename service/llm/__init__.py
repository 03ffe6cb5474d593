"""Answers from AI models: the prompt, the chain of providers, and the cost of each call.

Importing this package is cheap; the ``openai`` client is imported with the first question.
"""

from service.llm.answers import (
    STANDARD_TIER,
    Attempt,
    Cost,
    ModelAnswer,
    NoModel,
    TokenUsage,
    most_spent,
    total_cost,
)
from service.llm.chain import ModelChain
from service.llm.grounding import Grounding, check_numbers, repair_request
from service.llm.json_answers import JsonForm
from service.llm.outline import outline
from service.llm.prices import PriceRow
from service.llm.prompt import (
    MAX_THREAD_LINES,
    PROMPT_VERSION,
    RULES,
    Guidance,
    Prompt,
    ThreadLine,
    build_prompt,
)
from service.llm.prompt_pictures import PromptPicture

__all__ = [
    "MAX_THREAD_LINES",
    "PROMPT_VERSION",
    "RULES",
    "STANDARD_TIER",
    "Attempt",
    "Cost",
    "Grounding",
    "Guidance",
    "JsonForm",
    "ModelAnswer",
    "ModelChain",
    "NoModel",
    "PriceRow",
    "Prompt",
    "PromptPicture",
    "ThreadLine",
    "TokenUsage",
    "build_prompt",
    "check_numbers",
    "most_spent",
    "outline",
    "repair_request",
    "total_cost",
]
