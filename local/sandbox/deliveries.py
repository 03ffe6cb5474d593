"""Sending webhook events: real HTTP from a pool of threads, retries, and a log of every attempt."""

import heapq
import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from local.sandbox.clock import Clock, timestamp
from local.sandbox.faults import Faults
from local.sandbox.world import Comment, Webhook, World

Json = dict[str, Any]
TIMEOUT_SECONDS = 10.0
SENDERS = 32
# https://developers.figma.com/docs/rest-api/webhooks/ : 5 minutes, 30 minutes, 3 hours.
RETRY_SECONDS = (300.0, 1_800.0, 10_800.0)


def comment_event(world: World, comment: Comment) -> Json:
    """The FILE_COMMENT payload, without the fields that differ by webhook.

    A missing value is ``""``, never null. People have only an id and a handle.
    https://developers.figma.com/docs/rest-api/webhooks-events/
    """
    mentioned = dict.fromkeys(f["mention"] for f in comment.fragments if "mention" in f)
    return {
        "event_type": "FILE_COMMENT",
        "protocol_version": "2",
        "file_key": comment.file_key,
        "file_name": world.files[comment.file_key].name,
        "comment": comment.fragments,
        "comment_id": comment.id,
        "parent_id": comment.parent_id,
        "order_id": comment.order_id or "",
        "created_at": comment.created_at,
        "resolved_at": comment.resolved_at or "",
        "mentions": [{"id": each, "handle": world.handles[each]} for each in mentioned],
        "triggered_by": {"id": comment.user_id, "handle": world.handles[comment.user_id]},
    }


class Courier:
    """Sends events, each attempt in a thread, and retries failed ones on the sandbox's clock.

    Only 200 is success. A 400 stops the webhook. Figma's docs do not say whether that stops the
    retries or the subscription, so the sandbox takes the stricter reading and pauses the webhook.
    """

    def __init__(self, world: World, faults: Faults, clock: Clock):
        self._world, self._faults, self.clock = world, faults, clock
        limits = httpx.Limits(max_connections=SENDERS, max_keepalive_connections=SENDERS)
        self._http = httpx.Client(timeout=TIMEOUT_SECONDS, limits=limits, trust_env=False)
        self._pool = ThreadPoolExecutor(SENDERS, thread_name_prefix="sandbox-delivery")
        self._waiting: list[tuple[float, int, str, Json, int]] = []
        self._order = itertools.count()
        self._wake = threading.Condition()
        self._closed = False
        self._timer = threading.Thread(target=self._run_timer, name="sandbox-retries", daemon=True)
        self._timer.start()

    def announce(self, comment: Comment) -> None:
        """Send the event to every webhook that covers the comment's file."""
        hooks = self._world.webhooks_for(self._world.files[comment.file_key])
        if not hooks:
            return
        event = comment_event(self._world, comment)
        for hook in hooks:
            self.send_with_faults(hook, event)

    def ping(self, hook: Webhook) -> None:
        self._submit(hook.id, {"event_type": "PING"}, 0)

    def send_with_faults(self, hook: Webhook, event: Json) -> None:
        if self._faults.strike_delivery("lost_delivery", event["file_key"]):
            return
        delay = self._faults.strike_delivery("delivery_delay", event["file_key"])
        times = 2 if self._faults.strike_delivery("duplicate_delivery", event["file_key"]) else 1
        for _ in range(times):
            if delay:
                # A delay is in real time, so it is multiplied by the speed of the retries' clock.
                self._schedule(delay.seconds * self.clock.speed, hook.id, event, 0)
            else:
                self._submit(hook.id, event, 0)

    def redeliver(self, webhook_id: str, event: Json, retries: int) -> None:
        """Send one event again, now."""
        self._submit(webhook_id, event, retries)

    def set_speed(self, speed: float) -> None:
        self.clock.speed = speed
        with self._wake:
            self._wake.notify()

    def forget(self) -> None:
        """Drop all pending retries."""
        with self._wake:
            self._waiting.clear()

    def close(self) -> None:
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._timer.join()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._http.close()

    def _submit(self, webhook_id: str, event: Json, retries: int) -> None:
        if not self._closed:
            self._pool.submit(self._attempt, webhook_id, event, retries)

    def _schedule(self, seconds: float, webhook_id: str, event: Json, retries: int) -> None:
        with self._wake:
            due = self.clock.now() + seconds
            heapq.heappush(self._waiting, (due, next(self._order), webhook_id, event, retries))
            self._wake.notify()

    def _run_timer(self) -> None:
        with self._wake:
            while not self._closed:
                wait = None
                if self._waiting:
                    wait = (self._waiting[0][0] - self.clock.now()) / self.clock.speed
                if wait is not None and wait <= 0:
                    _, _, webhook_id, event, retries = heapq.heappop(self._waiting)
                    self._submit(webhook_id, event, retries)
                else:
                    self._wake.wait(wait)

    def _attempt(self, webhook_id: str, event: Json, retries: int) -> None:
        hook = self._world.webhooks.get(webhook_id)
        if hook is None or hook.status != "ACTIVE":
            return
        payload = {
            **event,
            "passcode": hook.passcode,
            "webhook_id": hook.id,
            "timestamp": timestamp(),
        }
        if event["event_type"] != "PING":
            payload["retries"] = retries
        started = time.monotonic()
        status, answer, error = self._post(hook.endpoint, payload)
        self._record(hook, payload, retries, status, answer, error, time.monotonic() - started)
        if status == 400:
            with self._world.change(event.get("file_key")):
                hook.status = "PAUSED"
        elif status != 200 and retries < len(RETRY_SECONDS):
            self._schedule(RETRY_SECONDS[retries], webhook_id, event, retries + 1)

    def _post(self, endpoint: str, payload: Json) -> tuple[int | None, str, str | None]:
        try:
            answer = self._http.post(endpoint, json=payload)
        except httpx.TimeoutException:
            return None, "", f"No answer within {TIMEOUT_SECONDS:.0f} seconds"
        except httpx.HTTPError as error:
            return None, "", f"{type(error).__name__}: {error}"
        failed = None if answer.status_code == 200 else f"Answered {answer.status_code}, not 200"
        return answer.status_code, answer.text[:500], failed

    def _record(
        self, hook: Webhook, payload: Json, retries: int, status: int | None, answer: str,
        error: str | None, seconds: float,
    ) -> None:  # fmt: skip
        shown = {name: value for name, value in payload.items() if name != "passcode"}
        with self._world.change(payload.get("file_key")):
            self._world.attempts.append(
                {
                    "delivery_id": self._world.next_id(),
                    "webhook_id": hook.id,
                    "endpoint": hook.endpoint,
                    "event_type": payload["event_type"],
                    "file_key": payload.get("file_key"),
                    "comment_id": payload.get("comment_id"),
                    "retries": retries,
                    "sent_at": payload["timestamp"],
                    "payload": shown,
                    "status": status,
                    "answer": answer,
                    "error": error,
                    "duration_ms": round(seconds * 1000, 1),
                }
            )
