"""GitHub's stand-in for the tests of its client. No test may leave a violation behind."""

from collections.abc import Iterator

import pytest

from local.github import GitHubStandIn
from service.github.github_client import GitHubClient, GitHubRepository
from tests.service.github.hubs import CREDENTIAL, DEATHS, PLACE, client_for, make_hub


@pytest.fixture(scope="session")
def running_github() -> Iterator[GitHubStandIn]:
    with GitHubStandIn(make_hub()) as running:
        yield running


@pytest.fixture
def github(running_github: GitHubStandIn) -> Iterator[GitHubStandIn]:
    running_github.reset(make_hub())
    yield running_github
    assert running_github.service.violations == []


@pytest.fixture(scope="session")
def running_client(running_github: GitHubStandIn) -> Iterator[GitHubClient]:
    with client_for(running_github.url, observer=DEATHS.observe) as made:
        yield made


@pytest.fixture
def client(github: GitHubStandIn, running_client: GitHubClient) -> GitHubClient:
    return running_client


@pytest.fixture
def repository(client: GitHubClient) -> GitHubRepository:
    return client.open(PLACE, CREDENTIAL)
