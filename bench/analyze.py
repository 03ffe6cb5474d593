"""Measures analyses without a model beside an empty route for a signed-in person, on one server."""

import json
import time
from typing import Any

import httpx
import psycopg

from local.stage import Stage, percentile, stop_process
from service.secrets.encryption import new_token, token_hash

Row = dict[str, Any]
ROUNDS = 150
# The first requests open connections and import what is used.
WARM_UP = 15
ELEMENTS, TOO_MANY = 50, 500
PER_PERSON = "10000"


def measure(stage: Stage) -> list[Row]:
    """Rows {what, p50_ms, p95_ms, ratio}; one request after the other, all kinds in turn."""
    stage.start(
        "web", "-m", "gunicorn", "-c", "service/web/gunicorn_conf.py",
        "bench.empty_route:create_app()", ready=lambda: is_up(stage),
        env={"PORT": stage.web_url.rsplit(":", 1)[1], "ANALYSES_PER_QUARTER_HOUR": PER_PERSON,
             "WEB_CONCURRENCY": "1"},
    )  # fmt: skip
    token = sign_in(stage)
    fifty, many = selection(ELEMENTS), selection(TOO_MANY)
    keep_result(stage, token, fifty)
    kinds: dict[str, tuple[str, Any]] = {
        "empty, signed in": ("/bench/signed-in", {}),
        f"{ELEMENTS} elements measured": ("/api/analyze/measure", None),
        f"{ELEMENTS} elements, no worker": ("/api/analyze", None),
        f"{ELEMENTS} elements, cached": ("/api/analyze", fifty),
        f"{TOO_MANY} elements refused": ("/api/analyze", many),
    }
    spent: dict[str, list[float]] = {name: [] for name in kinds}
    with httpx.Client(base_url=stage.web_url, trust_env=False, timeout=60) as http:
        http.headers.update(
            {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        )
        for turn in range(WARM_UP + ROUNDS):
            for name, (path, body) in kinds.items():
                # What is measured is another design each time.
                content = json.dumps(selection(ELEMENTS, turn + 1) if body is None else body)
                began = time.perf_counter()
                answer = http.post(path, content=content)
                took = (time.perf_counter() - began) * 1000
                check(name, answer)
                if turn >= WARM_UP:
                    spent[name].append(took)
    base = percentile(spent["empty, signed in"], 0.95)
    return [
        {
            "what": name,
            "p50_ms": round(percentile(times, 0.50), 1),
            "p95_ms": round(percentile(times, 0.95), 1),
            "ratio": round(percentile(times, 0.95) / base, 2),
        }
        for name, times in spent.items()
    ]


def check(name: str, answer: httpx.Response) -> None:
    expected = 422 if "refused" in name else 200
    is_cached = answer.status_code == 200 and answer.json().get("cached", False)
    if answer.status_code != expected or is_cached != ("cached" in name):
        raise SystemExit(f"{name}: {answer.status_code} {answer.text[:300]}")


def is_up(stage: Stage) -> bool:
    try:
        return httpx.get(f"{stage.web_url}/healthz", trust_env=False).is_success
    except httpx.TransportError:
        return False


def sign_in(stage: Stage) -> str:
    """Somebody with a plugin's session; its token."""
    user_id, token = stage.sign_in("1", "Bench", "token"), new_token()
    with psycopg.connect(stage.settings.database_url.get_secret_value()) as connection:
        connection.execute(
            "insert into public.sessions (token_hash, user_id, kind, expires_at)"
            " values (%s, %s, 'plugin', now() + interval '1 day')",
            (token_hash(token), user_id),
        )
    return token


def keep_result(stage: Stage, token: str, body: Row) -> None:
    """Have a worker answer once, without a model, and keep that as if a model had written it."""
    worker = stage.start_worker()
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{stage.web_url}/api/analyze"
    answer = httpx.post(url, json=body, headers=headers, trust_env=False, timeout=60)
    answer.raise_for_status()
    stop_process(worker)
    with psycopg.connect(stage.settings.database_url.get_secret_value()) as connection:
        connection.execute("delete from queue.procrastinate_workers")
        connection.execute("update public.analyses set source = 'model', provider = 'bench'")
        connection.execute(
            "update public.analysis_claims set expires_at = now() + interval '1 day'"
        )


def selection(count: int, turn: int = 0) -> Row:
    """Cards with four texts each, all of them selected: about 350 bytes an element. One text in
    ten is too pale; ``turn`` makes another design of it."""
    elements = [element(number, turn) for number in range(count)]
    return {"type": "design-analysis", "data": {"elements": elements}}


def element(number: int, turn: int) -> Row:
    card, place = divmod(number, 5)
    x, y = card % 10 * 240.0, card // 10 * 200.0
    identity = f"{turn + 1}:{number}"
    if place == 0:
        return {
            "id": identity, "name": f"Card {card}", "type": "FRAME", "fills": [solid(1)],
            "absoluteBoundingBox": {"x": x, "y": y, "width": 200 + turn, "height": 160},
            "children": [],
        }  # fmt: skip
    shade = 0.66 if number % 10 == 4 else 0.2 + turn % 50 / 1000
    return {
        "id": identity, "name": f"Text {number}", "type": "TEXT",
        "characters": f"Words of text {number}", "fills": [solid(shade)],
        "absoluteBoundingBox": {"x": x + 16, "y": y + 32 * place - 16, "width": 160, "height": 20},
        "style": {"fontSize": 14, "fontWeight": 400, "fontFamily": "Inter", "lineHeightPx": 20},
    }  # fmt: skip


def solid(shade: float) -> Row:
    return {"type": "SOLID", "color": {"r": shade, "g": shade, "b": shade, "a": 1}}
