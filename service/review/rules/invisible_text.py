"""Text in the very colour of what is behind it: hidden on purpose, or forgotten."""

from collections.abc import Iterator

from service.review.facts import Fact
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.sources import CONTRAST


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """A fact for each text that nobody can see."""
    for met in screen.text_meetings:
        if met.is_invisible:
            yield rule.fact(
                met.place,
                f"{met.meeting.front()} on {met.meeting.behind()}",
                "info",
                "Nobody can see this text. Give it a colour, or delete it.",
                numbers=(1.0,),
                weight=100,
            )


RULE = Rule(
    id="invisible-text",
    title="Invisible text",
    kind="contrast",
    measures="Text whose letters have the same colour as what is drawn behind them.",
    threshold="a colour other than the one behind",
    source=CONTRAST,
    exemptions=("It is told as a fact and not as a problem: it may be meant for programs.",),
    sure="A",
    measuring=measure,
)
