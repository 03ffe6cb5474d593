"""The form fields for a model and its prices, on Settings and for re-pricing."""

from typing import Any

import streamlit as st

from dashboard.parts.model_prices import STANDARD_TIER, Prices, micro

_NUMBER: dict[str, Any] = {"step": 0.01, "format": "%.6g"}
UNIT = "US dollars per million tokens."
TIER_HELP = (
    "What answers call it: flex, priority, batch … A call served at a tier without a price is "
    "unpriced."
)
WRITES_HELP = (
    f"{UNIT} Empty: calls that write to the provider's cache have no price. Where writing is not "
    "charged apart, repeat the price of input."
)
OTHERS_HELP = (
    "Kinds of tokens with a price of their own, by the names in the ledger, each with its dollars "
    "per million. A call with a kind that has no price here is unpriced."
)


def ask_model(prefix: str) -> tuple[str, str, str]:
    """Provider, model and service tier. ``prefix`` is put before the keys of the fields."""
    names = st.columns(3)
    provider = names[0].text_input("Provider", key=f"{prefix}_provider", placeholder="openai")
    model = names[1].text_input("Model", key=f"{prefix}_model", placeholder="gpt-5-mini")
    tier = names[2].text_input("Service tier", STANDARD_TIER, key=f"{prefix}_tier", help=TIER_HELP)
    return provider.strip(), model.strip(), tier.strip().lower() or STANDARD_TIER


def ask_prices(prefix: str, service_tier: str) -> Prices:
    """The prices of a tier; an empty field is None."""
    fields = st.columns(4)
    fresh = fields[0].number_input("Input ($)", 0.0, key=f"{prefix}_input", help=UNIT, **_NUMBER)
    cached = fields[1].number_input(
        "Cached input ($)", 0.0, None, None, key=f"{prefix}_cached",
        help=f"{UNIT} Empty: as other input.", **_NUMBER,
    )  # fmt: skip
    written = fields[2].number_input(
        "Cache writes ($)", 0.0, None, None, key=f"{prefix}_written", help=WRITES_HELP, **_NUMBER
    )
    output = fields[3].number_input("Output ($)", 0.0, key=f"{prefix}_output", help=UNIT, **_NUMBER)
    others = st.text_input(
        "Other kinds of tokens ($)", key=f"{prefix}_others", help=OTHERS_HELP, max_chars=500,
        placeholder="input_audio_tokens 32, cache_write_1h_tokens 2",
    )  # fmt: skip
    return Prices(
        micro(fresh),
        None if cached is None else micro(cached),
        micro(output),
        None if written is None else micro(written),
        service_tier,
        others.strip(),
    )
