"""Pictures in prompts: sent where they are taken, left out where not, and reckoned with in cost."""

from datetime import UTC, datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from local.model import ModelStandIn
from service.config import ModelEndpoint
from service.llm import ModelAnswer, NoModel, PromptPicture, build_prompt
from service.llm.prices import PriceRow
from service.llm.prompt_pictures import is_about_pictures, is_about_this_picture, with_picture
from tests.service.figma.test_pictures import png
from tests.service.llm.chains import chain_of, run

PICTURE = PromptPicture.of(png(512, 1024), 512, 1024)
PROMPT = build_prompt("Is the hierarchy clear?", picture=PICTURE)


def ask(chain: Any, prompt: Any = PROMPT, **limits: Any) -> ModelAnswer:
    return run(chain, lambda chain: chain.ask(prompt, **limits))


def content_of(request: dict[str, Any]) -> Any:
    return request["body"]["messages"][1]["content"]


def test_a_model_that_sees_gets_the_picture_beside_the_words(first: ModelStandIn) -> None:
    answer = ask(chain_of(first))
    assert answer.saw_picture
    words, picture = content_of(first.requests[0])
    assert "<question" in words["text"]
    assert picture["image_url"]["url"] == PICTURE.url
    assert "A picture of the frame came with" in answer.text
    # The provider counts its tokens, and they are paid for: 16 × 32 patches.
    without = ask(chain_of(first, openai_pictures=False))
    assert not without.saw_picture
    assert isinstance(content_of(first.requests[1]), str)
    assert 800 < answer.usage.input - without.usage.input < 1_000
    assert answer.cost.microusd and without.cost.microusd
    assert answer.cost.microusd > without.cost.microusd


def test_an_endpoint_gets_pictures_only_if_it_says_so(first: ModelStandIn) -> None:
    for pictures in (False, True):
        given = {"name": "own", "base_url": first.url, "model": "local-model"}
        endpoint = ModelEndpoint(**given, api_key="first-key", pictures=pictures)  # type: ignore[arg-type]
        chain = chain_of(first, openai_api_key=None, model_endpoints=(endpoint,))
        assert chain.takes_pictures(None) is pictures
        assert ask(chain).saw_picture is pictures


def test_a_model_without_eyes_is_asked_again_without_and_never_again_with(
    first: ModelStandIn,
) -> None:
    first.behave(pictures=False)
    chain = chain_of(first)
    with capture_logs() as logs:
        answer = ask(chain)
    assert (answer.text != "", answer.saw_picture) == (True, False)
    assert [each["for_good"] for each in logs if each["event"] == "model_picture_refused"] == [True]
    assert not chain.takes_pictures(None)
    assert "base64" not in str(logs)


def test_a_picture_that_cannot_be_read_is_left_out_once(first: ModelStandIn) -> None:
    chain = chain_of(first)
    broken = PromptPicture("data:image/png;base64,AAAA", 10, 10)
    answer = ask(chain, build_prompt("Clear?", picture=broken))
    assert not answer.saw_picture
    assert chain.takes_pictures(None)


@pytest.mark.parametrize(
    ("status", "message", "code", "is_refusal", "is_this_one"),
    [
        (400, "Invalid content type. image_url is only supported by certain models.", "", 1, 0),
        (400, "this model does not support image input", "", 1, 0),
        (404, "No endpoints found that support image input", "", 1, 0),
        (500, "image input is not supported - hint: provide the mmproj", "", 1, 0),
        (422, "messages[1]: unknown variant `image_url`, expected `text`", "", 1, 0),
        (422, "content -> list[TextContentPart] -> 0 -> type: Input should be 'text'", "", 1, 0),
        (400, "llama3 is not a multimodal model", "", 1, 0),
        (400, "You uploaded an unsupported image. Please", "invalid_image_format", 1, 1),
        (400, "Could not process image", "", 1, 1),
        (413, "image exceeds 5 MB", "", 0, 1),
        (400, "Unsupported parameter: 'max_tokens'", "unsupported_parameter", 0, 0),
        (429, "image rate limit", "", 0, 0),
        (500, "The server had an error while processing your request.", "", 0, 0),
        (404, "The API revision was not found", "", 0, 0),
    ],
)
def test_what_providers_say_of_pictures_is_understood(
    status: int, message: str, code: str, is_refusal: int, is_this_one: int
) -> None:
    assert is_about_pictures(status, message) is bool(is_refusal)
    assert is_about_this_picture(message, code) is bool(is_this_one)


def test_other_refusals_stay_what_they_were(first: ModelStandIn) -> None:
    """A parameter that is refused is dropped, and the picture stays."""
    first.behave(only_max_tokens=True)
    given = {"openai_model": "local-model"}
    answer = ask(chain_of(first, **given))
    assert answer.saw_picture


@pytest.mark.parametrize(
    ("model", "least"), [("gpt-5-mini", 1_659), ("gpt-4o", 765), ("gpt-4o-mini", 25_501)]
)
def test_the_estimate_is_rather_too_high(model: str, least: int) -> None:
    """Of a square of 1,024 px, as OpenAI counts it."""
    assert least <= PromptPicture("", 1024, 1024).tokens_for(model) <= 2 * 25_501


def test_the_ceiling_reckons_with_the_picture(first: ModelStandIn) -> None:
    chain = chain_of(first)
    row = PriceRow(
        "openai", "gpt-5-mini", datetime(2020, 1, 1, tzinfo=UTC), None, input_microusd=1_000_000,
        cached_input_microusd=None, output_microusd=1_000_000, cache_write_microusd=1_000_000,
    )  # fmt: skip
    chain.set_price_rows([row])
    words = PROMPT.estimated_tokens
    with_it = PROMPT.tokens_for("gpt-5-mini", sees=True)
    assert with_it > words == PROMPT.tokens_for("gpt-5-mini", sees=False)
    with pytest.raises(NoModel) as caught:
        ask(chain, cost_ceiling_microusd=words + 500)
    assert [each.reason for each in caught.value.attempts] == ["over_cost_ceiling"]
    assert first.requests == []


def test_only_the_question_carries_the_picture() -> None:
    again = PROMPT.followed_by("An answer.", "Write it again.")
    sent = with_picture(again.messages, again.picture)
    assert [isinstance(each["content"], list) for each in sent] == [False, True, False, False]
    assert "url" not in repr(PROMPT.picture)
