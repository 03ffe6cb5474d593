"""The crowd, as Locust users in a process of their own: `python -m bench.load.crowd PLAN.json`.

Reads what to do from a file and prints what it saw as one line of JSON. It ends by itself when its
time is over. Locust is told nothing of other machines and serves no page.
"""

# Locust makes the standard library cooperative when it is imported, so it comes first.
import gevent
from locust import FastHttpUser, constant_pacing, task
from locust.env import Environment

# isort: split
import itertools
import json
import random
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bench.analyze import selection
from bench.webhook import comment_body

OPERATOR_SECONDS = 20.0
AT_ONCE_SECONDS = 60.0
# An analysis waits for its model, and a request for its answer no longer than this.
WAIT_SECONDS = 60
SPAWN_RATE = 100
LATE_SECONDS = 120
SIGN_IN_TRIES = 5
LARGEST = 50

PLAN: dict[str, Any] = {}
members = itertools.count()
# One for each who has signed in for the first time.
there: list[bool] = []
turns = itertools.count(1)
own_turns = itertools.count(1)


class Person(FastHttpUser):
    """Somebody with an account and a browser, from a network address of their own."""

    abstract = True
    network_timeout = connection_timeout = WAIT_SECONDS

    def on_start(self) -> None:
        self.member = PLAN["members"][next(members)]
        self.own = {
            "X-Forwarded-For": self.member["address"],
            "Origin": PLAN["web_url"],
            # Nobody keeps a connection for the minutes until they do the next thing.
            "Connection": "close",
        }
        gevent.sleep(random.uniform(0, PLAN["ramp_seconds"]))
        # Whoever is refused tries again, as people do; the refusal stays an error.
        for _ in range(SIGN_IN_TRIES):
            if self.sign_in():
                break
            gevent.sleep(5)
        there.append(True)

    def ask(self, method: str, path: str, name: str, *right: int, **more: Any) -> Any:
        headers = {**self.own, **more.pop("headers", {})}
        with self.client.request(
            method, path, name=name, headers=headers, allow_redirects=False, catch_response=True,
            **more,
        ) as answer:  # fmt: skip
            if answer.status_code in right:
                answer.success()
            else:
                answer.failure(f"{answer.status_code} {(answer.text or '')[:200]}")
        return answer

    def sign_in(self) -> bool:
        begun = self.ask("GET", "/api/auth/figma-oauth", "sign-in, begun", 302)
        address = (begun.headers or {}).get("Location", "")
        state = parse_qs(urlsplit(address).query).get("state", [""])[0]
        back = f"/api/auth/figma-oauth?code={self.member['person_id']}&state={state}"
        return bool(self.ask("GET", back, "sign-in, ended", 302).status_code == 302)

    def comment(self, name: str) -> None:
        """Writes it at Figma, which delivers it to us."""
        person_id = self.member["person_id"]
        written = self.client.post(
            f"{PLAN['figma_url']}/load/comments", name="(stand-in)",
            json={"person": person_id, "text": "@buddy is the contrast of this button ok?"},
        )  # fmt: skip
        body = json.loads(comment_body(self.member["passcode"], written.json()["id"]))
        body |= {"webhook_id": self.member["webhook_id"], "file_key": self.member["file_key"]}
        body["triggered_by"] = {"id": person_id, "handle": f"Person {person_id}"}
        self.ask("POST", "/api/figma-comment-webhook", name, 200, json=body)


class Designer(Person):
    """Comments, reviews a selection, edits the guidance, looks at the account."""

    def wait_time(self) -> float:
        """Each does something once in this time on average, at moments of their own."""
        return random.expovariate(1 / PLAN["pace_seconds"])

    def on_start(self) -> None:
        super().on_start()
        gevent.sleep(self.wait_time())

    @task(6)
    def comments(self) -> None:
        self.comment("comment")

    @task(3)
    def analyses(self) -> None:
        design = selection(random.randint(5, LARGEST), next(turns))
        self.ask("POST", "/api/analyze", "analysis, with the model's time", 200, 202, json=design)

    @task(3)
    def measures(self) -> None:
        design = selection(random.randint(5, LARGEST), next(turns))
        self.ask("POST", "/api/analyze/measure", "analysis, measured only", 200, json=design)

    @task(3)
    def edits_guidance(self) -> None:
        read = self.ask("GET", "/api/user/context", "guidance, read", 200)
        if read.status_code == 200:
            changed = {"instructions": f"Brand blue is #0050AA. Version {next(own_turns)}."}
            self.ask(
                "PUT", "/api/user/context", "guidance, saved", 200, json=changed,
                headers={"If-Match": read.headers["ETag"]},
            )  # fmt: skip

    @task(3)
    def looks_at_account(self) -> None:
        self.ask("GET", "/account", "account page", 200)

    @task(1)
    def signs_in_again(self) -> None:
        self.sign_in()

    @task(3)
    def asks_for_nothing(self) -> None:
        self.ask("POST", "/bench/empty", "empty route", 200, json={})

    @task(2)
    def asks_for_nothing_signed_in(self) -> None:
        self.ask("POST", "/bench/signed-in", "empty route, signed in", 200, json={})


class AtOnce(Person):
    """A hundred who comment at the same moment, once a minute."""

    def wait_time(self) -> float:
        return AT_ONCE_SECONDS - time.time() % AT_ONCE_SECONDS

    def on_start(self) -> None:
        super().on_start()
        gevent.sleep(self.wait_time())

    @task
    def comments(self) -> None:
        self.comment("comment, 100 at once")


class Operator(FastHttpUser):
    """Opens one page of the dashboard after the other: its reads, as the dashboard sends them."""

    wait_time = constant_pacing(OPERATOR_SECONDS)
    network_timeout = connection_timeout = WAIT_SECONDS

    def on_start(self) -> None:
        gevent.sleep(random.uniform(0, PLAN["ramp_seconds"]))

    @task
    def opens_page(self) -> None:
        page = random.choice(PLAN["pages"])
        began, size, error = time.perf_counter(), 0, None
        for read in page["reads"]:
            answer = self.client.request(
                read["method"], read["url"], headers=read["headers"], data=read["body"],
                name="(reads of pages)",
            )  # fmt: skip
            size += len(answer.content or b"")
            if answer.status_code >= 400:
                error = RuntimeError(f"{read['url']}: {answer.status_code}")
        self.environment.events.request.fire(
            request_type="PAGE", name=f"dashboard: {page['page']}", response_length=size,
            response_time=(time.perf_counter() - began) * 1000, exception=error, context={},
        )  # fmt: skip


def run(plan: dict[str, Any]) -> dict[str, Any]:
    PLAN.update(plan)
    at_once, operators = plan["at_once"], plan["operators"]
    AtOnce.fixed_count, Operator.fixed_count = at_once, operators
    environment = Environment(
        user_classes=[Designer, AtOnce, Operator], host=plan["web_url"], stop_timeout=WAIT_SECONDS
    )
    runner = environment.create_local_runner()
    people = len(plan["members"]) + operators
    # Each begins at a moment of its own within the ramp.
    runner.start(people, spawn_rate=SPAWN_RATE)
    late = time.monotonic() + plan["ramp_seconds"] + LATE_SECONDS
    while len(there) < len(plan["members"]) and time.monotonic() < late:
        gevent.sleep(1)
    ramp, ramp_errors = _counts(environment.stats), _errors(environment.stats)
    environment.stats.reset_all()
    # It is there while it is measured.
    mark = Path(plan["mark"])
    mark.touch()
    began = time.monotonic()
    gevent.sleep(plan["seconds"])
    seconds = time.monotonic() - began
    mark.unlink()
    entries = [_entry(each) for each in environment.stats.entries.values()]
    errors = [*ramp_errors, *_errors(environment.stats)]
    # Who has just asked still gets the answer: no comment is written and then not delivered.
    runner.quit()
    return {"seconds": seconds, "people": people, "ramp": ramp, "entries": entries,
            "errors": errors}  # fmt: skip


def _counts(stats: Any) -> dict[str, int]:
    return {"requests": stats.total.num_requests, "errors": stats.total.num_failures}


def _errors(stats: Any) -> list[dict[str, Any]]:
    return [
        {"name": each.name, "error": str(each.error)[:300], "times": each.occurrences}
        for each in stats.errors.values()
    ]


def _entry(entry: Any) -> dict[str, Any]:
    found = {
        f"p{round(share * 100)}_ms": entry.get_response_time_percentile(share)
        for share in (0.5, 0.95, 0.99)
    }
    return {"name": entry.name, "requests": entry.num_requests, "errors": entry.num_failures,
            **found}  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(run(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))), flush=True)
