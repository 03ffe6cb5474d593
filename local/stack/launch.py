"""Becomes one supervised program: reads its description (JSON), drops to its user, and executes it.

A description has the command, environment, folder and user of the program. So values need no
quoting for supervisor, and no program sees another program's variables.
"""

import json
import os
import pwd
import sys
from pathlib import Path
from typing import Any


def launch(description: dict[str, Any]) -> None:
    os.chdir(description["directory"])
    if description["user"]:
        account = pwd.getpwnam(description["user"])
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
    command = description["command"]
    os.execvpe(command[0], command, description["environment"])


if __name__ == "__main__":
    launch(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
