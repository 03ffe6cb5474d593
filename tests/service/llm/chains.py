"""Model chains whose providers are stand-ins."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from cryptography.fernet import Fernet

from local.model import ModelStandIn
from service.config import ModelEndpoint, Settings
from service.llm import ModelChain


def settings(**changed: Any) -> Settings:
    required = {
        "supabase_url": "http://127.0.0.1:1",
        "supabase_anon_key": "a",
        "supabase_service_role_key": "b",
        "database_url": "postgresql://127.0.0.1/x",
        "figma_client_id": "c",
        "figma_client_secret": "d",
        "figma_redirect_uri": "http://127.0.0.1/cb",
        "webhook_url": "http://127.0.0.1/hook",
        "token_encryption_keys": Fernet.generate_key().decode(),
        "session_secret": "s" * 32,
        "openai_api_key": None,
        "azure_openai_api_key": None,
        "azure_openai_endpoint": None,
        "model_endpoints": (),
    }
    # The two keys are read by their environment names.
    required["SUPABASE_ANON_KEY"] = required.pop("supabase_anon_key")
    required["SUPABASE_SERVICE_ROLE_KEY"] = required.pop("supabase_service_role_key")
    return Settings(_env_file=None, **{**required, **changed})  # type: ignore[call-arg]


def chain_of(
    first: ModelStandIn | str, spare: ModelStandIn | None = None, **more: Any
) -> ModelChain:
    """The OpenAI provider at ``first``, then an endpoint called "spare"."""
    endpoints = ()
    if spare is not None:
        endpoint = {"name": "spare", "base_url": spare.url, "model": "local-model"}
        endpoints = (ModelEndpoint(**endpoint, api_key="spare-key"),)  # type: ignore[arg-type]
    url = first if isinstance(first, str) else first.url
    given = {"openai_api_key": "first-key", "openai_base_url": url, "model_endpoints": endpoints}
    return ModelChain(settings(**{**given, **more}))


def run(chain: ModelChain, work: Callable[[ModelChain], Awaitable[Any]]) -> Any:
    async def whole() -> Any:
        try:
            return await work(chain)
        finally:
            await chain.close()

    return asyncio.run(whole())
