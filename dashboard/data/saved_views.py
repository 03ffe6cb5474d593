"""Names that an operator gives to views of a page; the address carries the view itself."""

from dataclasses import dataclass

from dashboard.access.auth import Operator
from dashboard.data.reads import cached, call_all
from dashboard.data.writes import send


@dataclass(frozen=True)
class SavedView:
    """`query`: what stands behind the question mark of the page's address."""

    id: str
    name: str
    query: str


@cached(ttl=300)
def read_views(operator: Operator, page: str) -> list[SavedView]:
    """The operator's own views of a page, by name: SQL function `saved_view_list`."""
    return call_all(operator, "saved_view_list", SavedView, {"p_page": page})


def save_view(operator: Operator, page: str, name: str, query: str) -> None:
    """A name that is there already gets this view."""
    parameters = {"p_page": page, "p_name": name, "p_query": query}
    send(operator, "save_view", parameters, clears=(read_views,))


def remove_view(operator: Operator, view_id: str) -> None:
    send(operator, "remove_view", {"p_id": view_id}, clears=(read_views,))
