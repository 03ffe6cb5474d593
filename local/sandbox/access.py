"""The caller of a request, and what they may see and change."""

from dataclasses import dataclass

from werkzeug.datastructures import Headers

from local.sandbox.errors import FigmaError
from local.sandbox.people import EDITORS, FigmaFile, Person, Plan, Project
from local.sandbox.world import World


@dataclass(frozen=True)
class Caller:
    """A person behind a token. ``scopes`` is None for seeded tokens, which may do everything."""

    person: Person
    app: str
    scopes: frozenset[str] | None

    @property
    def client_id(self) -> str | None:
        return None if self.scopes is None else self.app


def authenticate(world: World, headers: Headers) -> Caller:
    """The caller of a request; otherwise 403 with Figma's message (Figma never uses 401 here).

    A seeded person's token works in either header. An OAuth token works as ``Authorization:
    Bearer`` only: https://developers.figma.com/docs/rest-api/authentication/
    """
    bearer = headers.get("Authorization", "").partition("Bearer ")[2].strip()
    token = bearer or headers.get("X-Figma-Token", "").strip()
    person = world.seeded_tokens.get(token)
    if person:
        return Caller(person, "pat", None)
    grant = world.find_grant(bearer) if bearer else None
    if grant is None:
        raise FigmaError(403, "Invalid token")
    if grant.expires_at <= world.now():
        raise FigmaError(403, "Token expired")
    return Caller(world.people[grant.person_id], grant.client_id, frozenset(grant.scopes))


def check_scopes(caller: Caller, allowed: tuple[str, ...]) -> None:
    """An OAuth token needs at least one of the scopes that the specification lists for the call."""
    if caller.scopes is not None and allowed and not caller.scopes & set(allowed):
        held = ", ".join(sorted(caller.scopes))
        raise FigmaError(
            403, f"Invalid scope(s): {held}. This endpoint requires the {allowed[0]} scope"
        )


def find_file(world: World, key: str, person: Person) -> FigmaFile:
    """The file, if this person can see it; otherwise the same error as for a missing file."""
    file = world.files.get(key)
    if file is None or person.id not in file.roles:
        raise FigmaError(404, "Not found")
    return file


def may_manage(world: World, person: Person, context: str, context_id: str) -> bool:
    """Whether this person may manage webhooks here. Team: its admins; project, file: editors.

    https://developers.figma.com/docs/rest-api/webhooks/
    """
    if context == "TEAM":
        plan = find_team_plan(world, context_id)
        return plan is not None and person.id in plan.admins
    if context == "PROJECT":
        project = world.projects.get(context_id)
        return project is not None and can_edit_project(world, person, project)
    file = world.files.get(context_id)
    return file is not None and file.roles.get(person.id) in EDITORS


def can_edit_project(world: World, person: Person, project: Project) -> bool:
    return any(
        file.project == project and file.roles.get(person.id) in EDITORS
        for file in world.files.values()
    )


def find_team_plan(world: World, team_id: str) -> Plan | None:
    return next((plan for plan in world.plans.values() if plan.team_id == team_id), None)


def plan_of_context(world: World, context: str, context_id: str) -> Plan | None:
    """The plan that owns a team, project or file; None if that does not exist."""
    if context == "TEAM":
        return find_team_plan(world, context_id)
    if context == "PROJECT":
        project = world.projects.get(context_id)
        return project.plan if project else None
    file = world.files.get(context_id)
    return file.plan if file else None
