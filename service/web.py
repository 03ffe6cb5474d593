"""``python -m service.web``: web under gunicorn, once the settings are known to be complete."""

import os

from service.settings import load_settings

COMMAND = ("gunicorn", "-c", "service/gunicorn_conf.py", "service.app:create_app()")


def main() -> None:
    # Gunicorn reads this one before anything of ours, and shows a traceback if it is no number.
    os.environ["WEB_CONCURRENCY"] = str(load_settings().web_concurrency)
    os.execvp(COMMAND[0], COMMAND)


if __name__ == "__main__":
    main()
