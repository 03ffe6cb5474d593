"""The App: signed by its key, limited to one repository, renewed in time, kept in memory only."""

import base64
import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from pydantic import ValidationError

from local.github import Fault, Installation
from local.github.app_keys import check_app_token
from service.github.app_tokens import PERMISSIONS, sign
from service.github.errors import GitHubError
from service.github.github_client import Credential, GitHubRepository
from service.github.github_records import Place
from tests.service.github.hubs import APP_KEY, PLACE, client_for, pem, settings_for

APP = {"github_app_id": "4711", "github_app_private_key": pem(APP_KEY)}
NUMBER = 99


@pytest.fixture
def app(github):
    hub = github.hub
    hub.app_id, hub.app_key = "4711", APP_KEY.public_key()
    hub.installations[NUMBER] = Installation("harbour", frozenset({PLACE.full_name}))
    with client_for(github.url, **APP) as client:
        yield client


def opened(app, number: int = NUMBER, place: Place = PLACE) -> GitHubRepository:
    return app.open(place, Credential(installation_id=number))


def refuse(ask, *values) -> GitHubError:
    with pytest.raises(GitHubError) as caught:
        ask(*values)
    return caught.value


def tokens_made(github) -> int:
    name = "apps/create-installation-access-token"
    return sum(each["operation"] == name for each in github.service.requests)


def test_one_token_is_made_for_this_repository_alone_and_used_again(github, app):
    for _ in range(3):
        assert opened(app).facts().full_name == PLACE.full_name
    assert tokens_made(github) == 1
    [token] = [each for each in github.hub.tokens.values() if each.is_of_app]
    assert token.repositories == {PLACE.full_name}
    assert token.permissions == PERMISSIONS == {
        "contents": "write", "pull_requests": "write", "metadata": "read",
    }  # fmt: skip


def test_a_token_about_to_end_is_renewed(github, app):
    github.hub.token_life = timedelta(minutes=4)
    opened(app).facts()
    opened(app).facts()
    assert tokens_made(github) == 2


def test_a_token_that_github_ended_early_is_made_anew_once(github, app):
    opened(app).facts()
    github.hub.tokens = {name: each for name, each in github.hub.tokens.items()
                         if not each.is_of_app}  # fmt: skip
    assert opened(app).branch("main")
    assert tokens_made(github) == 2
    github.fail(Fault("401", "repos/get", times=None))
    assert refuse(opened(app).facts).code == "github_token_invalid"


def test_nothing_of_a_token_is_shown(github, app, caplog):
    opened(app).facts()
    [value] = [name for name, each in github.hub.tokens.items() if each.is_of_app]
    kept = app.app_tokens._kept[(NUMBER, PLACE.full_name)]
    assert value == kept.value and value not in repr(kept) + caplog.text
    assert pem(APP_KEY)[40:80] not in repr(app.app_tokens) + repr(vars(app.app_tokens))


def test_an_unknown_installation_is_told(app):
    error = refuse(opened(app, 12345).facts)
    assert error.code == "github_app_refused" and error.permanent
    assert "Check that the App is installed there" in error.message


def test_the_installation_of_another_account_opens_no_repository_of_the_same_name(github, app):
    github.hub.add("others/design-system")
    github.hub.installations[7] = Installation("others", frozenset({"others/design-system"}))
    error = refuse(opened(app, 7).facts)
    assert error.code == "github_app_refused"
    reached = [each for each in github.service.requests if each["operation"] == "repos/get"]
    assert reached == []


def test_a_repository_that_the_app_was_not_given_is_told(github, app):
    github.hub.add("harbour/other")
    assert refuse(opened(app, place=Place("harbour", "other")).facts).code == "github_app_refused"


def test_permissions_that_were_not_granted_are_told(github, app):
    github.hub.installations[NUMBER].permissions = {"contents": "read", "metadata": "read"}
    assert refuse(opened(app).facts).code == "github_app_refused"


def test_another_key_is_refused(github, app):
    github.hub.app_key = generate_private_key(65537, 2048).public_key()
    assert refuse(opened(app).facts).code == "github_app_refused"


@pytest.mark.parametrize("fault", ["500", "rate_limit", "drop"])
def test_a_passing_failure_stays_one(github, app, fault):
    github.fail(Fault(fault, "apps/create-installation-access-token"))
    error = refuse(opened(app).facts)
    assert not error.permanent
    assert opened(app).facts()


def test_without_an_app_it_is_said(github, client):
    error = refuse(client.open(PLACE, Credential(installation_id=1)).facts)
    assert error.code == "github_app_not_set_up"
    assert github.service.requests == []


def test_the_signed_claims_are_short_lived_and_the_apps(github):
    hub = github.hub
    hub.app_id, hub.app_key = "4711", APP_KEY.public_key()
    token = sign("4711", APP_KEY)
    part = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    assert claims["exp"] - claims["iat"] == 600 and claims["iss"] == "4711"
    assert check_app_token(token, hub)
    assert not check_app_token(token[:-4] + "AAAA", hub)
    assert not check_app_token(sign("4712", APP_KEY), hub)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"github_app_id": "4711"}, "is missing, and GITHUB_APP_ID needs it"),
        ({"github_app_private_key": pem(APP_KEY)}, "needs GITHUB_APP_ID beside it"),
        ({"github_app_id": "1", "github_app_private_key": "secret-key"}, "in PEM form"),
    ],
)
def test_half_an_app_is_refused_at_start(given, told):
    with pytest.raises(ValidationError, match=told) as caught:
        settings_for("http://127.0.0.1:1", **given)
    assert "secret-key" not in str(caught.value)


def test_the_key_may_be_one_line(github):
    one_line = pem(APP_KEY).replace("\n", "\\n")
    given = APP | {"github_app_private_key": one_line}
    hub = github.hub
    hub.app_id, hub.app_key = "4711", APP_KEY.public_key()
    hub.installations[NUMBER] = Installation("harbour", frozenset({PLACE.full_name}))
    with client_for(github.url, **given) as client:
        assert opened(client).facts()
