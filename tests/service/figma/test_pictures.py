"""The picture of a frame is fetched with limits, from where it may come, and leaves no trace."""

import asyncio
import io
from typing import Any

import pytest
from PIL import Image
from structlog.testing import capture_logs

from service.figma.async_client import AsyncFigmaClient
from service.figma.errors import FigmaError
from service.figma.pictures import MAX_PICTURE_BYTES, Picture
from tests.service.figma.conftest import KEY, CannedFigma


def png(width: int = 40, height: int = 30) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(out, "PNG")
    return out.getvalue()


def run(settings: Any, work: Any) -> Any:
    async def whole() -> Any:
        client = AsyncFigmaClient(settings)
        try:
            return await work(client)
        finally:
            await client.close()

    return asyncio.run(whole())


def fetch(settings: Any, url: str) -> Picture:
    return run(settings, lambda client: client.fetch_picture(url, timeout=5))


@pytest.fixture
def at_figma(figma: CannedFigma, settings: Any) -> Any:
    """Settings whose Figma is the canned one, so that loopback is allowed."""
    return settings.model_copy(update={"figma_api_url": figma.url})


def test_a_png_comes_with_its_size(figma: CannedFigma, at_figma: Any) -> None:
    figma.say(png(1024, 30), Content_Type="image/png")
    picture = fetch(at_figma, f"{figma.url}/a%20b/c?X-Amz-Signature=a%2Fb%3D&x=1+2")
    assert (picture.width, picture.height) == (1024, 30)
    (asked,) = figma.asked
    # The address is as Figma gave it, and has no token with it.
    assert asked.path == "/a%20b/c"
    assert not {"authorization", "x-figma-token", "cookie"} & set(asked.headers)


@pytest.mark.parametrize(
    ("body", "status", "kind", "code"),
    [
        (png(), 403, "image/png", "unreadable_answer"),
        (png(), 302, "image/png", "unreadable_answer"),
        (png(), 200, "text/html", "unreadable_answer"),
        (b"<svg/>" * 10, 200, "image/png", "unreadable_answer"),
        (b"\x89PNG\r\n\x1a\n", 200, "image/png", "unreadable_answer"),
        (png(1027, 10), 200, "image/png", "too_large"),
        (png(10, 3000), 200, "image/png", "too_large"),
        (png() + b"x" * MAX_PICTURE_BYTES, 200, "image/png", "too_large"),
    ],
)
def test_anything_else_is_refused(
    figma: CannedFigma, at_figma: Any, body: bytes, status: int, kind: str, code: str
) -> None:
    figma.say(body, status, Content_Type=kind, Location=f"{figma.url}/elsewhere")
    with pytest.raises(FigmaError) as caught:
        fetch(at_figma, f"{figma.url}/picture")
    assert caught.value.code == code
    # A redirect is not followed.
    assert len(figma.asked) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/x",
        "https://127.0.0.1/x",
        "https://10.0.0.1/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/x",
        "https://localhost/x",
        "https://someone:secret@1.1.1.1/x",
        "https://1.1.1.1:8443/x",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "nonsense",
    ],
)
def test_with_figma_itself_no_address_leads_into_our_network(
    figma: CannedFigma, settings: Any, url: str
) -> None:
    real = settings.model_copy(update={"figma_api_url": "https://api.figma.com"})
    with pytest.raises(FigmaError) as caught:
        fetch(real, url.format(port=figma.url.rpartition(":")[2]))
    assert caught.value.code == "unreadable_answer"
    assert figma.asked == []


def test_a_picture_that_trickles_in_ends_in_time(figma: CannedFigma, at_figma: Any) -> None:
    figma.drip_next()
    with pytest.raises(FigmaError) as caught:
        run(at_figma, lambda client: client.fetch_picture(f"{figma.url}/x", timeout=0.5))
    assert caught.value.code in ("timeout", "unreadable_answer")


@pytest.mark.parametrize(
    ("answer", "url"),
    [
        ({"err": None, "images": {"1:2": "https://a.example/x"}}, "https://a.example/x"),
        ({"err": None, "images": {"1:2": None}}, None),
        ({"err": None, "images": {}}, None),
    ],
)
def test_the_address_is_the_nodes_own_or_none(
    figma: CannedFigma, at_figma: Any, token: Any, answer: Any, url: str | None
) -> None:
    figma.say(answer)
    assert run(at_figma, lambda client: client.file_images(token, KEY, "1:2", 0.5)) == url
    assert figma.asked[0].query == {"ids": "1:2", "scale": "0.500", "format": "png"}


@pytest.mark.parametrize("answer", [{"err": "Rendering failed", "images": {}}, {}])
def test_a_failed_drawing_is_an_error(
    figma: CannedFigma, at_figma: Any, token: Any, answer: Any
) -> None:
    figma.say(answer)
    with pytest.raises(FigmaError):
        run(at_figma, lambda client: client.file_images(token, KEY, "1:2", 0.5))


def test_neither_address_nor_picture_is_logged(figma: CannedFigma, at_figma: Any) -> None:
    figma.say(png(), Content_Type="image/png")
    figma.say(b"", 403)
    with capture_logs() as logs:
        picture = fetch(at_figma, f"{figma.url}/signed?secret=1")
        with pytest.raises(FigmaError) as caught:
            fetch(at_figma, f"{figma.url}/signed?secret=2")
    assert [each["endpoint"] for each in logs if each["event"] == "figma_call"] == ["picture"] * 2
    shown = str(logs) + repr(picture) + str(caught.value)
    assert "secret" not in shown and "PNG" not in shown
