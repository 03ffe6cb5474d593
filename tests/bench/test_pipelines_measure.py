"""What the benchmark of pipelines computes from what it has measured."""

import subprocess
import sys
import time

import psutil

from bench.light_designs import NAMES, answer, name_of, white
from bench.pipelines import SANDBOXES, burst_seconds, computing_seconds, hourly, machine_rows
from bench.process_meter import ProcessMeter
from service.pipelines.packaging.report_pictures import png_size

OWN = {"worker": 0.5, "builder": 0.5, "postgres": 0.5, "api": 0.5, SANDBOXES: 5.0}
# A process that ends at once after its child, whom nobody else waits for, has computed.
PARENT = """
import subprocess, sys
subprocess.Popen([sys.executable, "-c", sys.argv[1]], start_new_session=True)
sys.stdin.read()
"""
CHILD = """
import time
while time.process_time() < 2: pass
"""


def test_runs_an_hour_follow_from_cpu_seconds() -> None:
    assert hourly(7.2) == 700
    assert hourly(0) == 0
    assert burst_seconds(7.2) == 344


def test_a_machine_is_no_faster_than_its_slowest_part() -> None:
    one, two, three = machine_rows(OWN, 1.0)
    assert one["cpu_s_a_run"] == 7.0
    assert one["an_hour_at_70_%"] == hourly(7.0)
    assert two["an_hour_at_70_%"] == hourly(3.5)
    # The builders' share is 5.5 for two machines, the rest 1.5.
    assert three["an_hour_at_70_%"] == hourly(2.75)
    dear = machine_rows({**OWN, "api": 4.0}, 1.0)[2]
    assert dear["an_hour_at_70_%"] == hourly(5.0)


def test_what_is_computed_beside_the_gate_is_little() -> None:
    spent = computing_seconds()
    assert set(spent) == {"spec", "generate", "test", "package"}
    assert all(0 < each < 1 for each in spent.values())


def test_the_stand_in_has_every_design_and_pictures_of_their_size() -> None:
    assert {name_of(f"D{number}") for number in range(len(NAMES))} == set(NAMES)
    assert all(answer(name)["document"]["id"] for name in NAMES)
    assert png_size(white(40, 30)) == (40, 30)


def test_time_of_a_process_that_nobody_waits_for_is_counted() -> None:
    with (
        ProcessMeter() as meter,
        subprocess.Popen([sys.executable, "-c", PARENT, CHILD], stdin=subprocess.PIPE) as parent,
    ):
        meter.watch(parent.pid)
        watched = psutil.Process(parent.pid)
        while not watched.children():
            assert parent.poll() is None
        child = watched.children()[0]
        # Nobody waits for it, so it stays as a name without a program.
        while child.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.05)
        parent.communicate()
    # Something is lost between two looks.
    assert 1 < meter.seconds < 4
