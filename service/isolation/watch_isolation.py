"""One run: two designers and an account in each role are made, everything is tried, all is undone.

Whatever the API answered, the victim's rows are compared in the end: a change that was not shown is
found too.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import structlog

from service.config import Settings
from service.errors import ServiceError, Unavailable
from service.isolation.attempts import ROLES, STRANGER, VISITORS, Attempt, attempts_of
from service.isolation.visitors import SECONDS, Supabase
from service.secrets.encryption import token_hash
from service.store.database import Database
from service.store.upkeep_records import IsolationRun

OTHERS_SESSION = "another designer's session"
_REFUSED = (401, 403)
# A token whose clock is ahead of ours, and a server that is away, say nothing about isolation.
_AWAY = 500

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Hole:
    visitor: str
    what: str

    def to_json(self) -> dict[str, str]:
        return {"visitor": self.visitor, "what": self.what}


@dataclass
class Found:
    """What a run came to. ``problem``: why not everything could be tried; empty if it was."""

    tried: int = 0
    holes: list[Hole] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    problem: str = ""

    def note(self, visitor: str, what: str, *, held: bool) -> None:
        self.tried += 1
        self.counts[visitor] = self.counts.get(visitor, 0) + 1
        if not held:
            self.holes.append(Hole(visitor, what))

    def give_up(self, problem: str) -> None:
        self.problem = self.problem or problem

    @property
    def by_visitor(self) -> list[dict[str, object]]:
        return [
            {
                "visitor": visitor,
                "tried": tried,
                "holes": sum(hole.visitor == visitor for hole in self.holes),
            }
            for visitor, tried in self.counts.items()
        ]


class IsolationWatch:
    """Cheap to make. ``open_web`` gives a client for the web service's address."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        open_web: Callable[[], httpx.Client] | None = None,
    ):
        self._settings, self._database = settings, database
        self._open_web = open_web or (
            lambda: httpx.Client(base_url=settings.public_url, timeout=SECONDS)
        )

    def look(self, *, now: bool = False) -> Found | None:
        """Run if a run is due, or ``now``; None if none was. Raises ServiceError if the database
        cannot be asked."""
        tokens = [secrets.token_urlsafe(32) for _ in range(2)]
        words = f"canary {secrets.token_hex(8)}"
        run = self._database.begin_isolation([token_hash(each) for each in tokens], words, now)
        if run is None:
            return None
        found = Found()
        try:
            self._try_everything(run, tokens[1], words, found)
        except ServiceError as error:
            found.give_up(error.message)
        except Exception as error:
            log.exception("isolation_watch_failed")
            found.give_up(f"It stopped unexpectedly ({type(error).__name__}).")
        finally:
            self._database.end_isolation(
                run.id,
                found.tried,
                [hole.to_json() for hole in found.holes],
                found.by_visitor,
                found.problem,
            )
        return found

    def _try_everything(
        self, run: IsolationRun, others_token: str, words: str, found: Found
    ) -> None:
        victim = run.people[0].user_id
        before = self._database.isolation_rows(victim)
        settings = self._settings
        supabase = Supabase(
            settings.supabase_url,
            settings.supabase_anon_key.get_secret_value(),
            settings.supabase_service_role_key.get_secret_value(),
        )
        try:
            for visitor in VISITORS:
                account, token = self._enter(supabase, visitor)
                for attempt in attempts_of(visitor, victim, account):
                    self._try(supabase, token, visitor, attempt, found)
                if self._database.isolation_rows(victim) != before:
                    found.note(visitor, "change another's rows", held=False)
                    return
        finally:
            supabase.close()
        self._try_web(run, others_token, words, found)
        if self._database.isolation_rows(victim) != before:
            found.note(OTHERS_SESSION, "change another's rows", held=False)

    def _enter(self, supabase: Supabase, visitor: str) -> tuple[str | None, str | None]:
        """The account of this visitor and its token; neither for a stranger."""
        if visitor == STRANGER:
            return None, None
        account, email, token = supabase.make_account()
        if visitor in ROLES:
            self._database.set_operator(account, email, visitor)
        return account, token

    def _try(
        self, supabase: Supabase, token: str | None, visitor: str, attempt: Attempt, found: Found
    ) -> None:
        answer = supabase.ask(token, attempt.method, attempt.path, attempt.query, attempt.body)
        if answer.status_code >= _AWAY:
            raise Unavailable(f"The API answered {answer.status_code} to “{attempt.what}”.")
        rows = answer.json() if answer.is_success and answer.content else None
        if attempt.may_succeed:
            if not rows:
                found.give_up(f"As {visitor}, it could not even {attempt.what}: it is blind.")
        elif answer.status_code in _REFUSED or (answer.is_success and rows in (None, [], False)):
            found.note(visitor, attempt.what, held=True)
        elif answer.is_success:
            found.note(visitor, attempt.what, held=False)
        else:
            found.give_up(f"The API answered {answer.status_code} to “{attempt.what}”.")

    def _try_web(self, run: IsolationRun, token: str, words: str, found: Found) -> None:
        """The second designer's session asks the web service for what is the first one's."""
        victim, other = run.people
        with self._open_web() as web:
            # Whichever of the two names the cookie has here.
            cookies = f"buddy_session={token}; __Host-buddy_session={token}"
            headers = {"Cookie": cookies, "Origin": self._settings.public_url}

            def ask(method: str, path: str) -> httpx.Response:
                try:
                    answer = web.request(method, path, headers=headers)
                except httpx.HTTPError as error:
                    name = type(error).__name__
                    raise Unavailable(f"The web service did not answer ({name}).") from error
                if answer.status_code >= _AWAY:
                    raise Unavailable(f"The web service answered {answer.status_code}.")
                return answer

            own = ask("GET", "/api/user/sessions")
            if not own.is_success or other.session_id not in own.text:
                found.give_up(f"The web service answered {own.status_code} to a session: it is "
                              "blind there.")  # fmt: skip
                return
            found.note(OTHERS_SESSION, "see its sessions", held=victim.session_id not in own.text)
            ask("DELETE", f"/api/user/sessions/{victim.session_id}")
            still = self._database.isolation_rows(victim.user_id).sessions
            found.note(OTHERS_SESSION, "end its session", held=still > 0)
            for path in ("/api/user/me", f"/api/user/me?user_id={victim.user_id}"):
                told = ask("GET", path).text
                found.note(OTHERS_SESSION, "read its account", held=victim.user_id not in told)
