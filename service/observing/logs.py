"""Structured logs: one JSON object per line, with the request's id and without secrets.

Our own structlog calls and the ``logging`` calls of libraries go through the same code.
"""

import logging
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import structlog
from pydantic import BaseModel, SecretStr

if TYPE_CHECKING:
    from service.config import Settings

MASK = "[removed]"
# Shorter ones are not removed: they may be ordinary words.
SHORTEST_SECRET = 8
_SECRET_KEYS = re.compile(
    r"pass(code|word|wd)|secret|token(?!s\b|_count|_usage)|authorization|cookie|api_?key"
    r"|verifier|credential",
    re.IGNORECASE,
)
# The code of an error and the state of a job are plain words; OAuth's code and state are not.
_DOUBTFUL_KEYS = frozenset({"code", "state"})
_PLAIN_WORD = re.compile(r"[a-z_]{1,40}|\d{3}")
_SECRET_TEXT = re.compile(
    r"""fig(?!ma_)[a-z]{1,2}_[\w-]{8,}               # Figma's tokens
    |\bsk-[\w-]{8,}                                 # OpenAI's keys
    |\b(?:gh[oprsu]|github_pat)_\w{8,}              # GitHub's tokens
    |-----BEGIN[ ][A-Z ]{0,30}PRIVATE[ ]KEY-----[\s\S]*?-----END   # keys of Apps
    |\bsb_(?:secret|publishable)_[\w-]{8,}          # Supabase's keys
    |\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]+              # JSON web tokens
    |\bgAAAA[\w=-]{20,}                             # what our vault has encrypted
    |\bwhsec_[\w+/=-]{8,}                           # signing secrets of alert channels
    |(?<=hooks\.slack\.com/)[\w/-]+                # the secret part of a Slack address
    |(?<=Bearer\s)[\w.~+/=-]{8,}
    |(?<=Basic\s)[A-Za-z0-9+/=]{8,}
    |(?<=://)[^\s/?\#"'<>]+(?=@)                    # user:password@host, or token@host
    |(?<=[?&;])(?:code|state|token|passcode|secret|code_verifier|access_token|refresh_token
        |client_secret|id_token|api_key|key)=[^&\s"']+
    |(?<=["'])(?:passcode|access_token|refresh_token|client_secret)["']\s*:\s*["'][^"']*
    |\b(?:buddy_session|buddy_sign_in)=[^;\s"']+""",
    re.VERBOSE | re.IGNORECASE,
)
_NOTHING = re.compile(r"(?!)")
_own_secrets = _NOTHING
_MAX_DEPTH = 8
_QUIET = {"httpx": logging.WARNING, "httpcore": logging.WARNING, "hpack": logging.WARNING,
          "urllib3": logging.WARNING, "openai": logging.WARNING, "authlib": logging.INFO,
          "werkzeug": logging.WARNING, "flask-limiter": logging.ERROR}  # fmt: skip


def hide(secrets: Iterable[str]) -> None:
    """From now on, remove these secrets from every log, whatever they look like."""
    global _own_secrets
    longest_first = sorted({each for each in secrets if len(each) >= SHORTEST_SECRET}, key=len)[
        ::-1
    ]
    _own_secrets = (
        re.compile("|".join(map(re.escape, longest_first))) if longest_first else _NOTHING
    )


def scrub_text(text: str) -> str:
    return _SECRET_TEXT.sub(MASK, _own_secrets.sub(MASK, text))


def scrub(value: Any, depth: int = 0) -> Any:
    """A copy without secrets: no values under telling keys, and nothing that looks like a token."""
    if depth > _MAX_DEPTH:
        return MASK
    if isinstance(value, str):
        return scrub_text(value)
    if isinstance(value, bytes | bytearray):
        return scrub_text(value.decode("utf-8", "replace"))
    if isinstance(value, Mapping):
        return {
            key: MASK if _is_secret(key, each) else scrub(each, depth + 1)
            for key, each in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [scrub(each, depth + 1) for each in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return scrub_text(str(value))


def _is_secret(key: object, value: object) -> bool:
    if not isinstance(key, str) or value in (None, "") or isinstance(value, bool):
        return False
    if key in _DOUBTFUL_KEYS:
        return not _PLAIN_WORD.fullmatch(str(value))
    return bool(_SECRET_KEYS.search(key))


def scrub_event(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """The structlog processor. It runs after exceptions became text, so it scrubs those too."""
    return {key: MASK if _is_secret(key, each) else scrub(each) for key, each in event.items()}


def configure_logs(settings: "Settings") -> None:
    """Set up structlog and ``logging`` for this process. Calling it again changes nothing more."""
    hide(secrets_of(settings))
    write_logs(settings.log_format, settings.log_level)


def secrets_of(settings: "Settings") -> set[str]:
    """Every secret of the settings, and what signs in within each of their addresses."""
    return set(_secrets_within(settings))


def _secrets_within(value: object) -> Iterator[str]:
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
        yield from _credentials(value.get_secret_value())
    elif isinstance(value, str):
        yield from _credentials(value)
    elif isinstance(value, BaseModel | tuple):
        for each in value.__dict__.values() if isinstance(value, BaseModel) else value:
            yield from _secrets_within(each)


def _credentials(address: str) -> Iterator[str]:
    """The password of an address, or the token in its place: as written, and as it is sent."""
    if "://" not in address or "@" not in address:
        return
    try:
        parts = urlsplit(address)
    except ValueError:
        return
    found = parts.password or parts.username
    if found:
        yield found
        yield unquote(found)


def write_logs(log_format: str, log_level: str) -> None:
    """Like ``configure_logs``, for processes that do not read the settings."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared[:-1],
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(make_formatter(log_format, shared))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(log_level)
    for name, level in _QUIET.items():
        logging.getLogger(name).setLevel(level)
    for name in ("gunicorn.error", "gunicorn.access", "werkzeug"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True


def make_formatter(log_format: str, shared: list[Any]) -> logging.Formatter:
    renderer: Any = (
        structlog.processors.JSONRenderer(default=str)
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        )
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,
            scrub_event,
            renderer,
        ],
    )
