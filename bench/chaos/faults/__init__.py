"""Every fault that is tried, by family."""

from bench.chaos.faults import api, clock, database, deploy, figma, models, processes
from bench.chaos.schedule import Fault

FAULTS: list[Fault] = [
    *database.FAULTS,
    *api.FAULTS,
    *clock.FAULTS,
    *deploy.FAULTS,
    *models.FAULTS,
    *figma.FAULTS,
]
KILLS: list[Fault] = processes.KILLS
