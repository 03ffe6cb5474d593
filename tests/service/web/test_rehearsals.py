"""A guidance tried over the API: what it is offered on, that only its asker reads it."""

from uuid import uuid4

from tests.service.web.conftest import Person

PATH = "/api/user/rehearsals"


def test_without_a_question_there_is_nothing_to_try(ada: Person) -> None:
    offer = ada.http.get(f"{PATH}/offer").json()
    assert offer == {"left": 5, "questions": 0, "choices": []}
    refused = ada.ask("POST", PATH, json={"guidance": {"tone": "brief"}})
    assert (refused.status_code, refused.json()["error"]) == (409, "conflict")
    assert "Ask one in a file first" in refused.json()["message"]
    gone = ada.http.get(f"{PATH}/{uuid4()}")
    assert gone.status_code == 404 and "seven days" in gone.json()["message"]


def test_a_bad_trial_is_refused_by_the_path_of_its_field(ada: Person) -> None:
    for body, field in (
        ({"guidance": {}, "questions": 21}, "questions"),
        ({"guidance": {"tone": "x" * 501}}, "guidance.tone"),
        ({"guidance": {"mood": "x"}}, "guidance.mood"),
    ):
        refused = ada.ask("POST", PATH, json=body)
        assert refused.status_code == 422 and field in refused.json()["message"]
