"""Providers and Figma's plans are read by their names, and what nobody knows as it is."""

import pytest

from service.outside_names import figma_plan_name, model_name, provider_name


@pytest.mark.parametrize(
    ("code", "name"),
    [("openai", "OpenAI"), ("openrouter", "OpenRouter"), ("our-vllm", "our-vllm"), ("", "")],
)
def test_a_provider_is_read_by_its_name(code: str, name: str) -> None:
    assert provider_name(code) == name


def test_a_model_stands_beside_its_provider() -> None:
    assert model_name("openrouter", "openai/gpt-5-mini") == "OpenRouter / openai/gpt-5-mini"
    assert model_name("azure", "") == "Azure"
    assert model_name("", "") == ""


@pytest.mark.parametrize(
    ("plan", "seat", "name"),
    [
        ("starter", "low", "Starter, View or Collab seat"),
        ("org", "", "Organization"),
        ("", "high", "Dev or Full seat"),
        ("galaxy", "odd", "galaxy"),
        ("", "", ""),
    ],
)
def test_figmas_plans_and_seats_are_read_by_their_names(plan: str, seat: str, name: str) -> None:
    assert figma_plan_name(plan, seat) == name
