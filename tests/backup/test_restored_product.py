"""The product goes on with a restored database: nothing is answered or charged twice."""

from pathlib import Path

from backup.make_backup import make_backup
from backup.restore import restore
from backup.sealing import new_identity
from local.stack import Database
from tests.backup.conftest import quiet, settings_of
from tests.exactly_once.scene import ADA, Scene


def test_what_was_answered_after_the_backup_is_not_answered_again(
    scene: Scene, database: Database, empty: Database, tmp_path: Path
):
    hook = scene.switch_on(scene.connect(ADA))
    scene.finish(scene.ask(hook, ADA, "@buddy is this contrast ok?"))
    late = scene.ask(hook, ADA, "@buddy and the spacing?")
    key = new_identity()
    given = settings_of(database, tmp_path, backup_recipients=str(key.to_public()))
    made = make_backup(given, quiet)
    # Only this, which the backup knows nothing of, is lost with the database.
    assert scene.finish(late)["state"] == "answered"

    done = restore(settings_of(empty, tmp_path), made.path, [key], quiet)
    assert (done.different, done.open_answers) == ([], 1)
    scene.store = empty
    scene.configure()

    answer = scene.finish(late)
    replies = scene.replies()
    assert answer["state"] == "answered"
    assert len(replies) == 2 and answer["reply_comment_id"] == replies[-1]["id"]
    # The stored connections to Figma still open, and the next question is answered once.
    assert scene.finish(scene.ask(hook, ADA, "@buddy and now?"))["state"] == "answered"
    assert len(scene.replies()) == 3
    books = scene.books()
    assert (books["settled"], books["used"], books["open"]) == (3, 3, 0)
