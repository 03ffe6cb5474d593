"""GitHub: our App there, if there is one."""

import httpx

from doctor.finding import Finding, Skip, failed, ok, warning
from doctor.running import Check
from doctor.world import World
from service.github.app_tokens import PERMISSIONS, read_private_key, sign

# What each level includes.
_LEVELS = {"read": 1, "write": 2, "admin": 3}


def github(world: World) -> Finding:
    key = world.settings.github_app_private_key
    if key is None:
        raise Skip(
            "GITHUB_APP_ID is not set: people enter tokens of their own, checked when saved."
        )
    token = sign(world.settings.github_app_id, read_private_key(key.get_secret_value()))
    try:
        reply = world.get(
            f"{world.settings.github_api_url}/app",
            headers={"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"},
        )
    except httpx.HTTPError as error:
        return failed(
            f"GitHub cannot be reached ({type(error).__name__}).",
            "Components cannot be pushed.",
            "Check GITHUB_API_URL, and whether this machine may connect to it.",
        )
    if reply.status_code in (401, 403, 404):
        return failed(
            "GitHub does not accept the App's id and key together.",
            "No component is pushed through the App.",
            "Take both from the App's page at GitHub, and check this machine's clock.",
        )
    if not reply.is_success:
        return warning(
            f"GitHub answers with status {reply.status_code}.",
            "Components cannot be pushed while it lasts.",
            "Look at githubstatus.com.",
        )
    said = reply.json()
    given = said.get("permissions", {})
    missing = [
        f"{name} ({level})"
        for name, level in PERMISSIONS.items()
        if _LEVELS.get(given.get(name, ""), 0) < _LEVELS[level]
    ]
    if missing:
        return failed(
            f"The App {said.get('slug', '')} lacks {', '.join(missing)}.",
            "GitHub refuses the push.",
            "Add the permissions on the App's page; owners of its installations then accept them.",
        )
    return ok(f"The App {said.get('slug', '')} has all permissions that a push needs.")


CHECKS = (Check("github", "github", github),)
