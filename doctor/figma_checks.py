"""Figma: reached, the bot's account and what it may, and our webhooks there."""

import time
from contextlib import closing
from email.utils import parsedate_to_datetime

import httpx

from doctor.database_checks import judge_clock
from doctor.finding import Finding, Skip, failed, ok, warning
from doctor.running import Check
from doctor.world import CALL_SECONDS, World
from service.figma.async_client import COMMENTS, FILE_FILLS
from service.figma.calls import fill_path, token_headers
from service.figma.client import FigmaClient
from service.figma.errors import FigmaError
from service.figma.records import FigmaToken, Webhook
from service.secrets.encryption import UnreadableSecret, Vault

# Each is a call of Figma's tier 2, of which an account may have only five a minute.
MOST_WEBHOOKS = 5


def figma(world: World) -> Finding:
    """Without a token Figma refuses, and so tells that it is there."""
    try:
        reply = world.get(f"{world.settings.figma_api_url}/v1/me")
    except httpx.HTTPError as error:
        return failed(
            f"Figma's API cannot be reached ({type(error).__name__}).",
            "No comment can be read or answered.",
            "Check FIGMA_API_URL and whether this machine may connect to it.",
        )
    if reply.status_code >= 500:
        return warning(
            f"Figma's API answers with status {reply.status_code}.",
            "Comments wait until it works again.",
            "Look at status.figma.com; nothing has to be done here.",
        )
    return ok("It answers.")


def figma_clock(world: World) -> Finding:
    """The Date header of somebody who surely has the right time, to the second."""
    try:
        before = time.time()
        reply = world.get(f"{world.settings.figma_api_url}/v1/me")
        after = time.time()
    except httpx.HTTPError:
        raise Skip("Figma does not answer: see `figma`.") from None
    try:
        there = parsedate_to_datetime(reply.headers.get("Date", "")).timestamp()
    except ValueError:
        raise Skip("Its answer has no Date header.") from None
    # The header leaves out what is below a second.
    return judge_clock(max(0.0, before - (there + 1), there - after), "Figma's")


def figma_bot(world: World) -> Finding:
    token = world.settings.figma_bot_token
    if token is None:
        raise Skip("FIGMA_BOT_TOKEN is not set: replies are posted by who switched the buddy on.")
    given = FigmaToken(token.get_secret_value(), "pat")
    with closing(FigmaClient(world.settings)) as client:
        try:
            person = client.me(given, timeout=CALL_SECONDS)
        except FigmaError as error:
            if error.permanent:
                return failed(
                    f"Figma refuses FIGMA_BOT_TOKEN: {error.code}.",
                    "Replies are posted by who switched the buddy on, or not at all.",
                    "Make a new personal access token in the bot's account, with the scopes of "
                    "FIGMA_SCOPES.",
                )
            raise Skip(f"Figma could not say now ({error.code}).") from None
        missing = _missing_scopes(world, client, given)
    if missing:
        return failed(
            f"FIGMA_BOT_TOKEN lacks {', '.join(missing)}.",
            "The bot cannot read what it is asked about.",
            "Make a new personal access token in the bot's account, with the scopes of "
            "FIGMA_SCOPES.",
        )
    return ok(f"It is the account {person.handle}.")


def _missing_scopes(world: World, client: FigmaClient, token: FigmaToken) -> list[str]:
    """What reading the last answered file is refused for. Posting is not tried: it would be seen.
    The design itself is not asked for, as some accounts may read it six times a month."""
    try:
        files = world.rows(
            "select file_key from public.answers where state = 'answered'"
            " order by received_at desc limit 1"
        )
    except Skip:
        return []
    missing = []
    for (key,) in files:
        for endpoint in (COMMENTS, FILE_FILLS):
            url = world.settings.figma_api_url + fill_path(endpoint, key=key)
            headers = token_headers(token, endpoint.action)
            try:
                client.caller.call(endpoint, url, bool, headers=headers, timeout=CALL_SECONDS)
            except FigmaError as error:
                if error.code == "scope_missing":
                    missing.append(error.scope or endpoint.scope or endpoint.action)
    return missing


_OURS = """
select hooks.figma_webhook_id, hooks.context, hooks.context_id, tokens.access_token_encrypted,
    count(*) over ()
from public.user_webhooks as hooks join public.figma_tokens as tokens using (user_id)
where hooks.state = 'active' and hooks.figma_webhook_id is not null
    and tokens.revoked_at is null and tokens.expires_at > now()
order by hooks.last_event_at desc nulls first limit %s
"""


def webhooks(world: World) -> Finding:
    """Webhooks as they are stored against Figma's list, with their owners' connections: those that
    have been silent for longest first. Figma allows few such calls, so it is a sample."""
    rows = world.rows(_OURS, MOST_WEBHOOKS)
    if not rows:
        raise Skip("No webhook is active whose owner's connection is good.")
    vault, problems, seen = Vault(world.settings), [], 0
    with closing(FigmaClient(world.settings)) as client:
        for webhook_id, context, context_id, sealed, _ in rows:
            try:
                token = FigmaToken(vault.decrypt(sealed))
                listed = client.webhooks(token, context, context_id, timeout=CALL_SECONDS)
            except (FigmaError, UnreadableSecret):
                # Somebody else's check: figma_connections, stored_secrets, quotas.
                continue
            seen += 1
            found = {each.id: each for each in listed}
            mine = found.get(webhook_id)
            if mine is None:
                problems.append(f"{context} {context_id}: Figma has no such webhook any more")
            elif mine.status != "ACTIVE":
                problems.append(f"{context} {context_id}: Figma has it as {mine.status.lower()}")
            elif mine.endpoint != world.settings.webhook_url:
                problems.append(f"{context} {context_id}: it delivers to another address")
            foreign = _strangers(world, listed)
            problems += [f"{context} {context_id}: {count} deliver here and are not known"
                         for count in (foreign,) if count]  # fmt: skip
    if problems:
        return failed(
            f"{'; '.join(problems)}.",
            "Comments there do not arrive, or arrive and are refused.",
            "Have their owners paste the link again on the account page; delete unknown ones at "
            "Figma.",
        )
    if not seen:
        raise Skip("Figma told of none of them now.")
    return ok(f"{seen} of {rows[0][4]} were compared with Figma's list, and all are as stored.")


def _strangers(world: World, listed: list[Webhook]) -> int:
    here = {each.id for each in listed if each.endpoint == world.settings.webhook_url}
    known = world.rows(
        "select figma_webhook_id from public.user_webhooks where figma_webhook_id = any (%s)",
        list(here),
    )
    return len(here - {webhook_id for (webhook_id,) in known})


CHECKS = (
    Check("figma", "figma", figma),
    Check("figma_clock", "figma", figma_clock),
    Check("figma_bot", "figma", figma_bot),
    Check("webhooks", "figma", webhooks),
)
