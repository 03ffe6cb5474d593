"""Files of pipelines leave the bucket: those that a team keeps no longer, and those that belong to
nothing. Any number of processes may do this at once."""

from service.store.artifact_store import ArtifactStore
from service.store.stored_pipelines import StoredPipelines

# Rows, and files, of one step.
AT_ONCE = 500


def remove_expired(database: StoredPipelines, store: ArtifactStore) -> int:
    """Remove expired files, then their rows. Returns how many. Raises ServiceError.

    Whoever dies in between leaves rows of files that are gone, and they are removed again.
    """
    removed = 0
    while paths := database.expire_artifacts(AT_ONCE):
        store.remove(paths)
        forgotten = database.forget_artifacts(paths)
        removed += len(paths)
        # Nothing to forget: others were quicker, or a run was retried meanwhile.
        if len(paths) < AT_ONCE or not forgotten:
            break
    return removed


def remove_orphans(database: StoredPipelines, store: ArtifactStore) -> int:
    """Remove files without a row: a runner uploads first, and may have died before it wrote the
    row. Goes through the names that the database has of the bucket; the bucket is not listed."""
    removed, after = 0, ""
    while True:
        page = database.orphaned_artifacts(after)
        if page.paths:
            store.remove(page.paths)
            removed += len(page.paths)
        if page.next is None:
            return removed
        after = page.next
