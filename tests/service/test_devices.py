"""A session's label: known to its owner, and no more precise than that."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.web.devices import describe_device

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "label"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/131.0.0.0 Safari/537.36",
         "Chrome on Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/131.0 Safari/537.36 Edg/131.0",
         "Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
         "Firefox on Linux"),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {APPLE} Version/18.1 Safari/605.1.15",
         "Safari on macOS"),
        (f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) {APPLE} Version/18.1 "
         "Mobile/15E148 Safari/604.1", "Safari on iPhone"),
        (f"Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) {APPLE} CriOS/131.0 Mobile Safari/604.1",
         "Chrome on iPad"),
        (f"Mozilla/5.0 (Linux; Android 14; SM-S918B) {WEBKIT} SamsungBrowser/26.0 Chrome/122.0 "
         "Mobile Safari/537.36", "Samsung Internet on Android"),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/131.0 Safari/537.36",
         "Chrome on ChromeOS"),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Figma/124.7.4 Chrome/130.0 "
         "Electron/33.2.0 Safari/537.36", "Figma app on macOS"),
        ("python-httpx/0.28.1", ""),
        ("Something on Windows", "Windows"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_device_is_named_in_a_few_words(user_agent, label):
    assert describe_device(user_agent) == label


@given(st.text())
def test_nothing_of_what_was_sent_is_repeated(text):
    assert len(describe_device(text)) <= 40
    assert "<script>" not in describe_device(f"{text}<script>")
