"""Which passwords of operators are taken."""

import subprocess

import pytest
import yaml

from local.stack.stack import ROOT
from service.passwords import LEAST, weakness

GUESSED = (
    "password1234", "P@ssw0rd!2026", "Summer2026!!!", "iloveyou12345", "qwertyuiop123",
    "1q2w3e4r5t6y", "123456789012", "210987654321", "zaq12wsxcde34rfv", "aaaaaaaaaaaaaaa",
    "letmein letmein", "FigmaBuddy2026", "changeme-changeme", "FigmaDashboard", "adminadminadmin",
    "zyxwvutsrqpon", "!@#$%^&*()!@#$", "ada.lovelace1815", "Lovelace-Lovelace", "example.com 2026",
    "liverpool fc 2005", "januaryfebruary", "correcthorse",
)  # fmt: skip
TAKEN = (
    "walnut ferry quilt moss", "kX9-vQ2_mL7pR", "für Elise im Regen", "ferry to the moon",
    "correct horse battery staple", "xxxxxxxxxxxx is not twelve", "每天早上我都会喝一杯绿茶吃",
)  # fmt: skip


@pytest.mark.parametrize("password", GUESSED)
def test_what_people_guess_first_is_refused(password: str) -> None:
    assert "easy to guess" in weakness(password, email="ada.lovelace@example.com")


@pytest.mark.parametrize("password", TAKEN)
def test_anything_else_is_taken_whatever_it_is_made_of(password: str) -> None:
    assert weakness(password, email="ada.lovelace@example.com") == ""


def test_its_length_counts_in_letters_and_no_more_than_are_kept_in_bytes() -> None:
    assert "at least 12" in weakness("kX9-vQ2_mL7")
    assert "shorter" in weakness("walnut ferry quilt moss " * 3 + ".")
    assert "shorter" in weakness("每天早上我都会喝一杯绿茶吃" * 2)


def test_the_product_sets_the_same_length_where_it_brings_supabase_along() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    told = services["auth"]["environment"]["GOTRUE_PASSWORD_MIN_LENGTH"]
    assert int(told) == LEAST


@pytest.mark.parametrize("password", ["", "admin", "elevenchars"])
def test_grafana_does_not_start_with_its_own_password(password: str) -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    shell, *arguments, script = services["grafana"]["entrypoint"]
    # Compose writes $ as $$. What would start Grafana is not here, and says so.
    script = script.replace("$$", "$").replace("exec /run.sh", "echo started")

    def start(given: str) -> subprocess.CompletedProcess[str]:
        environment = {"GF_SECURITY_ADMIN_PASSWORD": given}
        return subprocess.run(
            [shell, *arguments, script], env=environment, capture_output=True, text=True
        )

    refused = start(password)
    assert refused.returncode == 1 and "GRAFANA_PASSWORD" in refused.stderr
    assert start("twelve chars").stdout == "started\n"
