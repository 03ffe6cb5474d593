"""Each model of the chain: the list of models is the cheapest call that a key must be good for."""

import httpx

from doctor.finding import Finding, Skip, failed, ok, warning
from doctor.running import Check
from doctor.world import World
from service.llm.providers import Provider, providers_from


def models(world: World) -> list[Finding]:
    providers = providers_from(world.settings)
    if not providers:
        raise Skip("No model is set up.")
    return [_look_at(world, provider) for provider in providers]


def _look_at(world: World, provider: Provider) -> Finding:
    try:
        reply = _list(world, provider)
    except httpx.HTTPError as error:
        return failed(
            f"It cannot be reached ({type(error).__name__}).",
            "Each answer waits for it before the next model is asked.",
            "Check its address, and whether this machine may connect to it.",
            about=provider.name,
        )
    if reply.status_code in (401, 403):
        return failed(
            f"It refuses the key (status {reply.status_code}).",
            "Answers come from the next model of the chain, or by rules alone.",
            "Make a new key at the provider, and set it.",
            about=provider.name,
        )
    if reply.status_code == 429:
        return warning(
            "It allows no more calls for now, or its money is used up (status 429).",
            "Answers come from the next model of the chain, or by rules alone.",
            "Look at the provider's page of limits and billing.",
            about=provider.name,
        )
    if reply.status_code >= 500:
        return warning(
            f"It answers with status {reply.status_code}.",
            "Answers come from the next model of the chain while it lasts.",
            "Look at the provider's status page.",
            about=provider.name,
        )
    return _find_model(provider, reply)


def _list(world: World, provider: Provider) -> httpx.Response:
    if provider.azure_api_version is not None:
        return world.get(
            f"{provider.base_url}/openai/models",
            params={"api-version": provider.azure_api_version},
            headers={"api-key": provider.api_key},
        )
    return world.get(
        f"{provider.base_url}/models", headers={"Authorization": f"Bearer {provider.api_key}"}
    )


def _find_model(provider: Provider, reply: httpx.Response) -> Finding:
    try:
        ids = {str(each["id"]) for each in reply.json()["data"]}
    except (ValueError, KeyError, TypeError):
        # Some servers have no list. That they are there and took the key is all that is known.
        return ok("It answers; it has no list of models.", about=provider.name)
    # Azure lists models, and is asked by the names of deployments.
    if provider.azure_api_version is None and not _has(ids, provider.model):
        return failed(
            f"It has no model {provider.model} for this key.",
            "Every call is refused, and answers come from the next model, or by rules alone.",
            "Correct the model's name, or ask the provider for access to it.",
            about=provider.name,
        )
    return ok(f"It takes the key{'' if provider.azure_api_version else ' and has the model'}.",
              about=provider.name)  # fmt: skip


def _has(ids: set[str], model: str) -> bool:
    """Gemini's list has "models/" before each name, Ollama's has a tag behind it."""
    return any(each in (model, f"models/{model}", f"{model}:latest") for each in ids)


CHECKS = (Check("models", "models", models),)
