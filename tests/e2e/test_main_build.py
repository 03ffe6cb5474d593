"""A frame becomes a proven component and a pull request, with every part real but Figma, GitHub and
the model. The builder is killed while its gate runs."""

import io
import json
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from local.sandbox import Sandbox
from local.stage import Stage, wait_until
from tests.e2e.test_main_job import sign_in_with_figma
from tests.service.pipelines.gating import require_sandbox

FILE = "Checkout redesign"
REPOSITORY, TOKEN = "demo/design-system", "github_pat_demo_for_local_runs_only"
# A runner that was killed is replaced after its lease.
BRIEF = {"WORKER_LEASE_SECONDS": "10", "WORKER_HEARTBEAT_SECONDS": "1"}
GATE = "select count(*) from public.pipeline_stages where stage = 'gate' and state = 'running'"


@pytest.fixture(scope="module")
def product(stage: Stage, sandbox: Sandbox) -> Iterator[Stage]:
    require_sandbox()
    stage.start_github()
    stage.start_web()
    stage.start_worker(**BRIEF)
    yield stage


def test_from_a_link_to_a_component_and_a_pull_request(
    product: Stage, sandbox: Sandbox, page: Page, tmp_path: Path
) -> None:
    doomed = product.start_builder(**BRIEF)
    sign_in_with_figma(product, page, "Ada Okafor")
    page.goto(f"{product.web_url}/build")
    page.get_by_text("Set it up").click()
    page.locator("input[name=repository]").fill(REPOSITORY)
    page.locator("input[name=token]").fill(TOKEN)
    page.get_by_role("button", name="Try it and save").click()
    expect(page.get_by_text("It works")).to_be_visible()

    page.goto(f"{product.web_url}/build")
    link = f"{sandbox.file(FILE)['url']}?node-id=1-2"
    page.get_by_label("Link to a frame or component").fill(link)
    page.get_by_role("button", name="See what it takes").click()
    expect(page.get_by_text("1 of your Trial, of which 10 are left")).to_be_visible()
    page.locator("input[name=push]").check()
    page.get_by_role("button", name="Build it").click()
    page.wait_for_url("**/build/*-*")
    wait_until(lambda: product.rows(GATE) == [(1,)], 90, "the gate")
    doomed.kill()
    product.start_builder("builder2", **BRIEF)

    download = page.get_by_role("link", name="Download the ZIP")
    expect(download).to_be_visible(timeout=240_000)
    with page.expect_download() as saved:
        download.click()
    saved.value.save_as(tmp_path / "component.zip")
    with zipfile.ZipFile(io.BytesIO((tmp_path / "component.zip").read_bytes())) as files:
        names = {name.partition("/")[2] for name in files.namelist()}
        code = files.read("Checkout/Checkout.tsx").decode()
    assert {"Checkout.tsx", "Checkout.test.tsx", "theme.css", "report.html"} <= names
    assert "Pay now" in code and "data-node" not in code

    assert product.rows("select state, verdict, is_charged from public.pipelines") == [
        ("done", "passed", True)
    ]
    assert product.rows("select sum(used), sum(reserved) from public.use_balances") == [(1, 0)]
    [lost] = product.rows("select count(*) from public.pipeline_stages where state = 'lost'")
    assert lost == (1,)
    [pull] = pulls(product)
    assert pull["head"]["ref"].startswith("buddy/") and pull["base"]["ref"] == "main"
    assert sandbox.violations() == []


def pulls(product: Stage) -> list[dict]:
    address = f"{product.github_url}/repos/{REPOSITORY}/pulls?state=all"
    assert urlsplit(address).hostname == "127.0.0.1"
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {TOKEN}"})
    with urllib.request.urlopen(request) as response:
        return json.load(response)
