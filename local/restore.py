"""``python -m local.restore FILE --key KEYFILE`` (`make restore`): a backup into an empty project.

With the real Supabase in .env it is that project. Otherwise it is the local stack, which is started
for as long as it takes: after `make reset` it is empty, and the next `make run` finds the data.
"""

import os
import sys

from backup.restore import main as restore
from backup.settings import load_settings
from local.environment import SUPABASE, plan_run, read_given
from local.ports import check_ports, read_ports
from local.run import FOLDER, only_one
from local.stack.stack import Stack
from local.stack.supervision import end_leftovers

NEXT = "`make run`. Operators sign in with their passwords of then."


def main(arguments: list[str]) -> None:
    given = read_given()
    if any(name in given for names in SUPABASE for name in names):
        os.environ.update(given)
        restore(arguments)
        return
    with only_one(FOLDER):
        ports = read_ports(given)
        check_ports(ports, ["SUPABASE_PORT", "POSTGRES_PORT"])
        end_leftovers(FOLDER)
        with Stack(FOLDER, postgres_port=ports["POSTGRES_PORT"]) as stack:
            stack.serve(stack.database(), ports["SUPABASE_PORT"])
            os.environ.update(plan_run(given, stack.secrets, ports).settings)
            restore(arguments, load_settings(None), NEXT)


if __name__ == "__main__":
    main(sys.argv[1:])
