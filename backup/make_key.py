"""``python -m backup.make_key FILE`` (`make backup-key`): a pair of keys for backups.

The private key goes into a file that only its owner may read, in the form of `age-keygen`. The
public one is shown: it is the value of BACKUP_RECIPIENTS and no secret.
"""

import os
import sys
from pathlib import Path

from backup.errors import BackupError
from backup.sealing import new_identity


def write_key(path: Path) -> None:
    """Raises BackupError rather than overwrite a key: without it no backup opens."""
    identity = new_identity()
    text = f"# public key: {identity.to_public()}\n{identity}\n"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise BackupError(f"{path} is there already; a key is never overwritten.") from None
    except OSError as error:
        raise BackupError(f"{path} cannot be written: {error.strerror}.") from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    sys.stdout.write(
        f"The private key is in {path}. Move it to where secrets are kept, away from this machine "
        "and from the backups: whoever has both reads everything, and without it no backup opens.\n"
        f"Set this where backups are made:\nBACKUP_RECIPIENTS={identity.to_public()}\n"
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise BackupError("Say where the private key goes: make backup-key OUT=backup-key.txt")
    write_key(Path(sys.argv[1]))
