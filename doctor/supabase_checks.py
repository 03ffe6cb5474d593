"""Supabase's API: its address and both keys, what each may, sign-ups, storage, mail."""

import httpx

from dashboard.access.sign_up_setting import WARNING as SIGN_UPS_OPEN
from dashboard.access.sign_up_setting import ask_whether_open
from dashboard.config import opens_everything
from doctor.finding import Finding, Skip, failed, ok, warning
from doctor.running import Check
from doctor.world import World
from service.store.artifact_store import BUCKET, MISSING

_WHERE = "Take both keys from Supabase: Project Settings, API Keys."


def _headers(key: str) -> dict[str, str]:
    return {"apikey": key, "Authorization": f"Bearer {key}"}


def _keys(world: World) -> tuple[str, str]:
    given = world.settings
    return (
        given.supabase_anon_key.get_secret_value(),
        given.supabase_service_role_key.get_secret_value(),
    )


def _ask(world: World, path: str, key: str) -> httpx.Response:
    try:
        return world.get(f"{world.settings.supabase_url}{path}", headers=_headers(key))
    except httpx.HTTPError:
        raise Skip("Supabase's API does not answer: see `supabase`.") from None


def _call_as(world: World, key: str) -> httpx.Response:
    """A function that the service may call and strangers may not."""
    url = f"{world.settings.supabase_url}/rest/v1/rpc/queue_status"
    try:
        return world.http.post(url, headers=_headers(key), json={})
    except httpx.HTTPError:
        raise Skip("Supabase's API does not answer: see `supabase`.") from None


def supabase(world: World) -> Finding:
    try:
        reply = world.get(
            f"{world.settings.supabase_url}/auth/v1/health", headers=_headers(_keys(world)[0])
        )
    except httpx.HTTPError as error:
        return failed(
            f"SUPABASE_URL cannot be reached ({type(error).__name__}).",
            "Nobody can sign in, and no answer is made.",
            "Check SUPABASE_URL, and that the project is not paused.",
        )
    if reply.status_code >= 500:
        return failed(
            f"Supabase's API answers with status {reply.status_code}.",
            "Nobody can sign in, and no answer is made.",
            "Look at the project's status page, and restart the project if it stays so.",
        )
    return ok("It answers.")


def anon_key(world: World) -> Finding:
    key, service = _keys(world)
    if opens_everything(key) or key == service:
        return failed(
            "SUPABASE_ANON_KEY is a key of the service.",
            "The dashboard would hand a key to everything to each browser.",
            f"Swap it for the publishable (anon) key. {_WHERE}",
        )
    if _ask(world, "/auth/v1/settings", key).status_code in (401, 403):
        return failed(
            "Supabase does not accept SUPABASE_ANON_KEY.",
            "Nobody can sign in to the dashboard.",
            f"It may be of another project, or switched off. {_WHERE}",
        )
    if _call_as(world, key).is_success:
        return failed(
            "With SUPABASE_ANON_KEY, strangers may call what only the service may.",
            "It is a key of the service, or the rights in the database were changed.",
            f"{_WHERE} Then run `make migrate`.",
        )
    return ok("It is accepted, and it opens nothing of the product.")


def service_key(world: World) -> Finding:
    reply = _call_as(world, _keys(world)[1])
    if reply.is_success:
        return ok("It is accepted, and it may do what the service does.")
    said = reply.json().get("code", "") if "json" in reply.headers.get("Content-Type", "") else ""
    if said == "PGRST202":
        raise Skip("The API does not know the product's functions: see `migrations`.")
    if reply.status_code in (401, 403):
        return failed(
            "SUPABASE_SERVICE_ROLE_KEY is not accepted, or has not the rights of the service.",
            "Every process refuses its work.",
            f"It may be the anon key, of another project, or switched off. {_WHERE}",
        )
    return failed(
        f"A call with SUPABASE_SERVICE_ROLE_KEY ended with status {reply.status_code}.",
        "Every process works by such calls.",
        "Look at the API's log in Supabase.",
    )


def sign_ups(world: World) -> Finding:
    world.need_public("no strangers come, and `make operator` needs sign-ups")
    is_open = ask_whether_open(world.http, world.settings.supabase_url, _keys(world)[0])
    if is_open is None:
        raise Skip("The sign-in service does not say: see `supabase`.")
    if is_open:
        what, _, do = SIGN_UPS_OPEN.partition(". ")
        return failed(f"{what}.", "Such an account sees nothing, but attacks can start there.", do)
    return ok("They are off.")


def storage(world: World) -> Finding:
    reply = _ask(world, f"/storage/v1/bucket/{BUCKET}", _keys(world)[1])
    said = reply.json() if "json" in reply.headers.get("Content-Type", "") else {}
    if reply.is_success and said.get("public"):
        return failed(
            f"The bucket {BUCKET} is public.",
            "Whoever knows a path reads people's designs and code.",
            "Make it private in Supabase: Storage, its menu, Edit bucket.",
        )
    if reply.is_success:
        return ok(f"The bucket {BUCKET} is there and private.")
    # Hosted Storage sends most refusals with the HTTP status 400, and the real one in the body.
    if str(said.get("statusCode", reply.status_code)) == str(MISSING):
        return ok(f"The bucket {BUCKET} is made with the first component.")
    return failed(
        f"Storage answers with status {reply.status_code}.",
        "Components cannot be kept, so none are built.",
        "Look at Storage in the Supabase dashboard, and check SUPABASE_SERVICE_ROLE_KEY.",
    )


def mail(world: World) -> Finding:
    """Nothing is sent: what Auth is set to, and what became of the last mails."""
    world.need_public("its sign-in service sends no mail")
    said = _ask(world, "/auth/v1/settings", _keys(world)[0]).json()
    if said.get("external", {}).get("email") is False:
        return failed(
            "Signing in with an e-mail address is switched off at Supabase.",
            "No operator can sign in, and no invitation arrives.",
            "Switch it on: Authentication, Sign In / Providers, Email.",
        )
    [(lost, problem)] = world.rows(
        "select count(*), max(problem) from public.operator_invitations"
        " where state = 'failed' and requested_at > now() - interval '7 days'"
    )
    if lost:
        return warning(
            f"{lost} invitations could not be mailed within a week ({problem}).",
            "People who were invited hear nothing.",
            "Set an SMTP server: Supabase, Authentication, Emails, SMTP Settings.",
        )
    return ok("E-mail is on, and no invitation was lost within a week.")


CHECKS = (
    Check("supabase", "supabase", supabase),
    Check("anon_key", "supabase", anon_key),
    Check("service_key", "supabase", service_key),
    Check("sign_ups", "supabase", sign_ups),
    Check("storage", "supabase", storage),
    Check("mail", "supabase", mail),
)
