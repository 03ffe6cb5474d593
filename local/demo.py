"""Prepares a local run for trying it out: `python -m local.demo`, safe to run again.

It makes a founder who can sign in to the dashboard. One person of the Figma sandbox connects and
switches the buddy on for one file. All of it goes through the same pages and APIs that people use.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlsplit

import httpx

from local.environment import Plan, plan_run, read_given, settle_settings
from local.ports import read_ports
from local.stack.keys import Secrets, load_secrets
from local.stack.stack import ROOT
from service.config import Settings
from sql.set_operator import OperatorError, has_password, set_operator

EMAIL = "founder@example.com"


class DemoError(SystemExit):
    """A step of the demo failed; the message names it and the product's response."""


@dataclass(frozen=True)
class Demo:
    """What was prepared; fields are empty where a real service is used instead.

    `password` is empty as well where the founder has another one than was made for this run: it was
    changed, or came with a restored backup. `note` says what could not be prepared, and why.
    """

    email: str = ""
    password: str = ""
    file_url: str = ""
    note: str = ""


def prepare_demo(
    plan: Plan, settings: Settings, secrets: Secrets, ports: Mapping[str, int]
) -> Demo:
    """Prepares nothing on a hosted Supabase project: its people and operators are real."""
    if not plan.local_supabase:
        return Demo()
    demo = Demo()
    try:
        password = secrets.operator_password
        set_operator(settings, EMAIL, "founder", password)
        demo = Demo(EMAIL, password if has_password(settings, EMAIL, password) else "")
        return replace(demo, file_url=switch_on_a_file(plan, ports)) if plan.local_figma else demo
    except (OperatorError, DemoError) as error:
        return replace(demo, note=str(error))


def switch_on_a_file(plan: Plan, ports: Mapping[str, int]) -> str:
    """Connect the owner of the sandbox's first design file and switch the buddy on there.

    Returns the address of the file's page in the sandbox. Raises DemoError, also if the webhook is
    paused: only those who paused it should end the pause.
    """
    web = f"http://127.0.0.1:{ports['WEB_PORT']}"
    figma = plan.settings["FIGMA_API_URL"]
    with httpx.Client(timeout=30, trust_env=False) as browser:
        try:
            files = _expect(browser.get(f"{figma}/sandbox/files"), 200).json()
            file = next(each for each in files if each["editor_type"] == "figma")
            owner = next(each for each in file["who_can_see"] if each["role"] == "owner")
            _sign_in(browser, web, owner["id"])
            _switch_on(browser, web, file, owner["handle"])
        except httpx.TransportError as error:
            raise DemoError(f"{_where(error.request)} did not answer.") from error
    return str(file["page"])


def _switch_on(browser: httpx.Client, web: str, file: dict, owner: str) -> None:
    manage = f"{web}/api/webhook/manage"
    for row in _expect(browser.get(manage), 200).json()["webhooks"]:
        is_owners = row["state"] == "paused" and not row["is_paused_by_operator"]
        if row["context_id"] == file["key"] and is_owners:
            # Switching it on would end the pause.
            raise DemoError(
                f"The buddy is paused in the demo file {file['name']}: its owner {owner} resumes "
                f"it on {web}/account."
            )
    answer = browser.post(manage, json={"link": file["url"]}, headers={"Origin": web})
    if answer.status_code == 409 and answer.json()["error"] == "paused_by_operator":
        raise DemoError(
            f"An operator has paused the buddy in the demo file {file['name']}: resume it on the "
            "dashboard, page Webhooks."
        )
    _expect(answer, 200, 201)


def _sign_in(browser: httpx.Client, web: str, person_id: str) -> None:
    """Figma's OAuth flow as in a browser: start, consent, and back with a code."""
    start = _expect(browser.get(f"{web}/api/auth/figma-oauth"), 302, 303)
    consent = urlsplit(start.headers["Location"])
    asked = dict(parse_qsl(consent.query))
    page = f"{consent.scheme}://{consent.netloc}{consent.path}"
    agreed = browser.post(page, data={**asked, "person_id": person_id, "decision": "allow"})
    _expect(browser.get(_expect(agreed, 302).headers["Location"]), 200, 302, 303)


def _expect(answer: httpx.Response, *statuses: int) -> httpx.Response:
    if answer.status_code not in statuses:
        raise DemoError(
            f"{_where(answer.request)} answered {answer.status_code}: {answer.text[:500]}"
        )
    return answer


def _where(request: httpx.Request) -> str:
    return f"The demo could not be set up: {request.method} {request.url.path}"


def main() -> None:
    given = read_given()
    ports = read_ports(given)
    secrets = load_secrets(ROOT / ".local" / "secrets.json")
    plan = plan_run(given, secrets, ports)
    demo = prepare_demo(plan, settle_settings(plan), secrets, ports)
    sys.stdout.write(f"{demo.email} {demo.password}\n{demo.file_url or demo.note}\n")


if __name__ == "__main__":
    main()
