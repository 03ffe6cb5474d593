"""The sandbox's settings: its OAuth app, the bot's token, and where it stores its state."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# The scopes enabled for the app at Figma. A request for any other scope fails as a whole.
# https://developers.figma.com/docs/rest-api/scopes/
APP_SCOPES = (
    "current_user:read",
    "file_comments:read",
    "file_comments:write",
    "file_content:read",
    "file_metadata:read",
    "webhooks:read",
    "webhooks:write",
)


@dataclass(frozen=True)
class SandboxConfig:
    """Settings of one sandbox; every default works for the local stack.

    ``plugin_folder`` has the built plugin for the try-out page.
    ``clock`` is the speed of webhook retries: so many times faster than real time.
    ``strict`` turns a response of the sandbox that breaks Figma's specification into a 500.
    """

    client_id: str = "sandbox-client"
    client_secret: str = "sandbox-secret"
    redirect_uris: tuple[str, ...] = ("http://127.0.0.1:8000/api/auth/figma-oauth",)
    scopes: tuple[str, ...] = APP_SCOPES
    bot_token: str = "figd_sandbox-buddy"
    product_url: str = "http://127.0.0.1:8000"
    state_path: Path | None = None
    plugin_folder: Path | None = None
    strict: bool = False
    clock: float = 1.0

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> "SandboxConfig":
        """Read ``SANDBOX_*``; the app's identity falls back to the product's ``FIGMA_*``."""
        env = os.environ if env is None else env

        def read(*names: str, default: str) -> str:
            return next((env[name] for name in names if env.get(name)), default)

        redirects = read(
            "SANDBOX_REDIRECT_URIS", "FIGMA_REDIRECT_URI", default=",".join(cls.redirect_uris)
        )
        return cls(
            client_id=read("SANDBOX_CLIENT_ID", "FIGMA_CLIENT_ID", default=cls.client_id),
            client_secret=read(
                "SANDBOX_CLIENT_SECRET", "FIGMA_CLIENT_SECRET", default=cls.client_secret
            ),
            redirect_uris=tuple(redirects.replace(",", " ").split()),
            bot_token=read("SANDBOX_BOT_TOKEN", "FIGMA_BOT_TOKEN", default=cls.bot_token),
            product_url=read("SANDBOX_PRODUCT_URL", default=cls.product_url).rstrip("/"),
            state_path=Path(env["SANDBOX_STATE"]) if env.get("SANDBOX_STATE") else None,
            plugin_folder=Path(env["SANDBOX_PLUGIN"]) if env.get("SANDBOX_PLUGIN") else None,
            strict=env.get("SANDBOX_STRICT", "") in ("1", "true", "yes"),
            clock=float(read("SANDBOX_CLOCK", default="1")),
        )
