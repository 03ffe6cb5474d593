"""Many webs and workers on one database: what comes to several at once is answered once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from random import Random

from service.store.delivery_store import DeliveryStore
from tests.exactly_once.processes import forked, run_doomed
from tests.exactly_once.scene import ADA, Scene

COMMENTS, WEBS, WORKERS = 30, 3, 3


def test_each_comment_that_came_to_every_web_gets_one_reply(scene: Scene) -> None:
    scene.configure(answers_per_minute=1000, author_replies_per_day=1000)
    owner = scene.connect(ADA)
    hook = scene.switch_on(owner)
    scene.rows("insert into public.subscriptions (user_id, plan_code) values (%s, 'pro')", owner)
    comments = [scene.say(ADA, f"@buddy contrast {number}?") for number in range(COMMENTS)]
    events = [scene.event(hook, each) for each in comments]

    def deliver(place: int) -> None:
        """As Figma's retries may: all of them to this web too, in an order of its own."""
        mine = Random(place).sample(events, len(events))
        with closing(DeliveryStore(scene.settings)) as store:
            for start in range(0, len(mine), 7):
                store.record_events(mine[start : start + 7])

    with ExitStack() as running:
        for _ in range(WORKERS):
            running.enter_context(forked(scene, run_doomed, "", worker_concurrency=4))
        with ThreadPoolExecutor(WEBS) as webs:
            list(webs.map(deliver, range(WEBS)))
        scene.wait_until_closed()
    assert Counter(each["parent_id"] for each in scene.replies()) == Counter(
        each["id"] for each in comments
    )
    books = scene.books()
    assert (books["answered"], books["usage_rows"], books["settled"]) == (COMMENTS,) * 3
    assert (books["held"], books["open"]) == (0, 0)
