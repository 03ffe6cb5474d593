"""Addresses in Figma that people can open, built from stored values."""

from urllib.parse import quote, urlsplit

from service.config import Settings
from service.store.webhook_records import UserWebhook
from service.web.web_parts import web


def figma_web_url(settings: Settings) -> str:
    """Figma's website: the site with the consent page."""
    parts = urlsplit(settings.figma_authorize_url)
    return f"{parts.scheme}://{parts.netloc}"


def comment_url(file_key: str, comment_id: str | None) -> str:
    url = f"{figma_web_url(web().settings)}/design/{quote(file_key, safe='')}"
    return f"{url}#{quote(comment_id, safe='')}" if comment_id else url


def place_url(webhook: UserWebhook) -> str:
    base = figma_web_url(web().settings)
    place = quote(webhook.context_id, safe="")
    paths = {"file": "design", "team": "files/team", "project": "files/project"}
    return f"{base}/{paths[webhook.context]}/{place}"


def local_figma_hosts(settings: Settings) -> tuple[str, ...]:
    """The hosts of a Figma on loopback. Its links count as Figma's."""
    urls = (urlsplit(settings.figma_api_url), urlsplit(settings.figma_authorize_url))
    loopback = ("127.0.0.1", "localhost", "::1")
    ports = {url.port for url in urls if url.hostname in loopback}
    return tuple(f"{host}:{port}" for host in ("127.0.0.1", "localhost") for port in ports)
