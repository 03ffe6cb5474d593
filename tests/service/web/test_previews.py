"""Drafts that wait, over the API: nothing empty is posted, nobody decides for others."""

from uuid import uuid4

import pytest

from tests.service.web.conftest import Person

PATH = "/api/previews"


@pytest.mark.parametrize("words", ["   ", "\u200b", "@", "..."])
def test_nothing_empty_is_posted(ada: Person, words: str) -> None:
    refused = ada.ask("POST", f"{PATH}/{uuid4()}", json={"choice": "post", "body": words})
    assert refused.status_code == 400 and "Nothing is left" in refused.json()["message"]


def test_a_draft_that_is_not_mine_is_not_there(ada: Person) -> None:
    assert ada.http.get(PATH).json() == {"previews": []}
    refused = ada.ask("POST", f"{PATH}/{uuid4()}", json={"choice": "drop"})
    assert refused.status_code == 404 and "no such draft of yours" in refused.json()["message"]
