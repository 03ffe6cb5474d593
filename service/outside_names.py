"""Names of what others sell, as people know them: providers of models, and Figma's plans and seats.

Service and dashboard show them. Rows, files and settings keep the codes.
"""

from typing import Final

PROVIDERS: Final = {
    "openai": "OpenAI",
    "azure": "Azure",
    "anthropic": "Anthropic",
    "openrouter": "OpenRouter",
}
# As Figma tells them when it refuses a call:
# https://developers.figma.com/docs/rest-api/rate-limits/
FIGMA_PLANS: Final = {
    "starter": "Starter",
    "pro": "Professional",
    "org": "Organization",
    "enterprise": "Enterprise",
    "student": "Education",
}
FIGMA_SEATS: Final = {"low": "View or Collab seat", "high": "Dev or Full seat"}


def provider_name(code: str) -> str:
    """One that founders named themselves stays as they wrote it."""
    return PROVIDERS.get(code, code)


def model_name(provider: str, model: str) -> str:
    """OpenAI / gpt-5-mini, or the one of both that is known."""
    return " / ".join(part for part in (provider_name(provider), model) if part)


def figma_plan_name(plan: str, seat: str) -> str:
    """Starter, View or Collab seat; empty where Figma said neither."""
    parts = (FIGMA_PLANS.get(plan, plan), FIGMA_SEATS.get(seat, ""))
    return ", ".join(part for part in parts if part)
