"""The sandbox's seed: plans, people with their seats, teams, projects and files.

All values are fixed, so that ids, tokens and keys are the same after every start.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from local.sandbox import designs

Json = dict[str, Any]
EDITORS = ("owner", "editor")


@dataclass(frozen=True)
class Plan:
    """A paying team or organisation. ``tier`` is what Figma sends as ``X-Figma-Plan-Tier``."""

    id: str
    name: str
    tier: str
    team_id: str
    team_name: str
    admins: tuple[str, ...]


@dataclass(frozen=True)
class Project:
    id: str
    name: str
    plan: Plan
    invite_only: bool = False


@dataclass(frozen=True)
class Person:
    """``seats`` maps plan id to full | dev | collab | view. A seeded token has every scope."""

    id: str
    handle: str
    email: str
    token: str
    color: str
    plan: Plan
    seats: dict[str, str]
    about: str

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in self.handle.split())[:2].upper()


@dataclass(frozen=True)
class FigmaFile:
    """``roles`` maps person id to owner | editor | viewer; nobody else can see the file."""

    key: str
    name: str
    editor_type: str
    plan: Plan
    project: Project | None
    roles: dict[str, str]
    document: Json
    components: Json = field(default_factory=dict)
    styles: Json = field(default_factory=dict)

    @property
    def owner_id(self) -> str:
        return next(person for person, role in self.roles.items() if role == "owner")

    @property
    def url(self) -> str:
        kind = "board" if self.editor_type == "figjam" else "design"
        return f"https://www.figma.com/{kind}/{self.key}/{self.name.replace(' ', '-')}"

    @cached_property
    def nodes(self) -> dict[str, Json]:
        """Every node by its id."""
        found: dict[str, Json] = {}
        todo = [self.document]
        while todo:
            node = todo.pop()
            found[node["id"]] = node
            todo.extend(node.get("children", ()))
        return found

    @cached_property
    def frames(self) -> list[Json]:
        """The top-level frames of the pages."""
        return [frame for page in self.document["children"] for frame in page["children"]]


ADA, JONAS, MEI, VICTOR = (f"100100000000000{n}" for n in ("1001", "1002", "1003", "1004"))
INES, PRIYA, TOM, BUDDY = (f"100100000000000{n}" for n in ("2001", "3001", "3002", "9001"))

HARBOUR = Plan(
    "team-811000000000000001", "Harbour Studio", "pro", "811000000000000001", "Harbour Studio",
    (ADA,),
)  # fmt: skip
MERIDIAN = Plan(
    "organization-822000000000000001", "Meridian Bank", "org", "822000000000000002",
    "Mobile products", (PRIYA,),
)  # fmt: skip
STARTER = Plan(
    "team-833000000000000001", "Inês Duarte's team", "starter", "833000000000000001",
    "Inês Duarte's team", (INES,),
)  # fmt: skip
PLANS = (HARBOUR, MERIDIAN, STARTER)

SHOP = Project("711000001", "Shop", HARBOUR)
FOUNDATIONS = Project("711000002", "Foundations", HARBOUR)
LEADERSHIP = Project("711000003", "Leadership", HARBOUR, invite_only=True)
MOBILE = Project("722000001", "Mobile app", MERIDIAN)
PORTFOLIO = Project("733000001", "Portfolio", STARTER)
PROJECTS = (SHOP, FOUNDATIONS, LEADERSHIP, MOBILE, PORTFOLIO)


def seed_people(bot_token: str) -> dict[str, Person]:
    """The eight people, by id; Buddy is the account the product may post as."""

    def person(
        id: str, handle: str, color: str, plan: Plan, seats: Json, about: str, token: str = ""
    ) -> Person:
        name = handle.lower().replace("ê", "e").replace(" ", ".")
        return Person(
            id=id, handle=handle, email=f"{name}@example.com", color=color, plan=plan,
            token=token or f"figd_sandbox-{name.split('.')[0]}", seats=seats, about=about,
        )  # fmt: skip

    pro, org, free = HARBOUR.id, MERIDIAN.id, STARTER.id
    people = (
        person(ADA, "Ada Okafor", "#0b7a53", HARBOUR, {pro: "full"}, "Designer, team admin"),
        person(JONAS, "Jonas Lind", "#a03c78", HARBOUR, {pro: "full"}, "Designer"),
        person(MEI, "Mei Tanaka", "#2f5fd0", HARBOUR, {pro: "dev"}, "Front-end developer"),
        person(VICTOR, "Victor Hale", "#9a5b13", HARBOUR, {pro: "view"}, "Head of sales"),
        person(INES, "Inês Duarte", "#b3382c", STARTER, {free: "full"}, "Freelance illustrator"),
        person(PRIYA, "Priya Raman", "#6d46c9", MERIDIAN, {org: "full"}, "Design lead, team admin"),
        person(TOM, "Tom Becker", "#19707f", MERIDIAN, {org: "view"}, "Product manager"),
        person(BUDDY, "Buddy", "#4b5563", HARBOUR, {pro: "full"}, "The bot account", bot_token),
    )
    return {each.id: each for each in people}


def seed_files() -> dict[str, FigmaFile]:
    """The seven files, by key."""
    team = {ADA: "owner", JONAS: "editor", MEI: "editor", VICTOR: "viewer", BUDDY: "viewer"}

    def file(
        key: str, name: str, roles: Json, design: designs.Design, project: Project | None,
        editor_type: str = "figma",
    ) -> FigmaFile:  # fmt: skip
        plan = project.plan if project else HARBOUR
        return FigmaFile(
            key, name, editor_type, plan, project, roles, design.document, design.components,
            design.styles,
        )  # fmt: skip

    files = (
        file("ChkOut7Qm2VxLpR4tYw8Za", "Checkout redesign", {**team, INES: "viewer"},
             designs.checkout(), SHOP),
        file("DsgnSys3Kd9HbNc6uTe1Wq", "Harbour design system", team,
             designs.design_system(), FOUNDATIONS),
        file("JamBrd5Fg8JzXo2pMi7Sv4", "Checkout workshop", team,
             designs.workshop(), SHOP, "figjam"),
        file("LdrShp1Yr6QaUk3nBf9Ex5", "Pricing page, confidential",
             {ADA: "owner", JONAS: "editor"}, designs.pricing(), LEADERSHIP),
        file("Draft02Wc7MsPh4vGj8Lt6", "Ada's draft", {ADA: "owner", JONAS: "viewer"},
             designs.draft(), None),
        file("MblBnk4Tn1ZeRa5dCy2Ko8", "Mobile banking", {PRIYA: "owner", TOM: "viewer"},
             designs.banking(), MOBILE),
        file("PrtFol6Xb3WiVu9sHq5Jd2", "Portfolio site", {INES: "owner", ADA: "viewer"},
             designs.portfolio(), PORTFOLIO),
    )  # fmt: skip
    return {each.key: each for each in files}
