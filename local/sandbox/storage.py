"""Saves the world in a JSON file: written completely and atomically, soon after a change."""

import json
import os
import threading
from pathlib import Path

from local.sandbox.world import World

QUIET_SECONDS = 1.0


class Storage:
    """Loads the world at start, and saves it in a thread of its own until closed."""

    def __init__(self, world: World, path: Path):
        self._world, self._path = world, path
        self._closing = threading.Event()
        if path.exists():
            self._load()
        world.changed.clear()
        self._thread = threading.Thread(target=self._run, name="sandbox-storage", daemon=True)
        self._thread.start()

    def _load(self) -> None:
        try:
            self._world.load(json.loads(self._path.read_text(encoding="utf-8")))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"{self._path} does not hold a sandbox's state ({error}). "
                "Delete it to start again from the seeded files."
            ) from error

    def _run(self) -> None:
        while not self._closing.is_set():
            self._world.changed.wait()
            # One write for a burst of changes, at most one per second.
            self._closing.wait(QUIET_SECONDS)
            self.save()

    def save(self) -> None:
        self._world.changed.clear()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".part")
        # The file has tokens: make it private before the first byte is written.
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(self._world.to_json()), encoding="utf-8")
        os.replace(fresh, self._path)

    def close(self) -> None:
        self._closing.set()
        self._world.changed.set()
        self._thread.join()
