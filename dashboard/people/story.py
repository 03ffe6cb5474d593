"""One person's time line, newest first, page by page."""

import streamlit as st

from dashboard.access.auth import Operator
from dashboard.parts import notices, paging, words
from dashboard.people import event_words, queries
from dashboard.people.person import Event


def draw(operator: Operator, user_id: str, zone: str) -> None:
    picked = st.pills(
        "Show only",
        list(event_words.KINDS),
        selection_mode="multi",
        key="people_kinds",
        bind="query-params",
    )
    kinds = tuple(event_words.KINDS[word] for word in picked if word in event_words.KINDS)
    pages = _pages(user_id, kinds)
    events = queries.read_story(operator, user_id, kinds, pages[-1])
    if not events:
        notices.say_empty(
            "Nothing happened yet" if not kinds else "Nothing of this kind",
            "Everything this person does, and everything done for them, appears here."
            if not kinds
            else "Show other kinds of events above.",
            icon="history",
        )
        return
    with st.container(border=True, gap="small"):
        for event in events[: queries.STORY_PAGE]:
            _event(event, zone)
    _turn(pages, events)


def _pages(user_id: str, kinds: tuple[str, ...]) -> list[tuple[str, str] | None]:
    """The position where each opened page begins. A new person or new kinds start at page 1."""
    if st.session_state.get("people_story") != (user_id, kinds):
        st.session_state["people_story"] = (user_id, kinds)
        st.session_state["people_pages"] = [None]
    pages: list[tuple[str, str] | None] = st.session_state["people_pages"]
    return pages


def _turn(pages: list[tuple[str, str] | None], events: list[Event]) -> None:
    with st.container(horizontal=True):
        st.button(
            "Newer",
            key="people_newer",
            on_click=paging.turn_back,
            args=(pages,),
            disabled=len(pages) == 1,
            icon=":material/arrow_upward:",
        )
        last = events[: queries.STORY_PAGE][-1]
        st.button(
            "Older",
            key="people_older",
            on_click=pages.append,
            args=((last.at, last.key),),
            disabled=len(events) <= queries.STORY_PAGE,
            icon=":material/arrow_downward:",
        )


def _event(event: Event, zone: str) -> None:
    detail = event.detail
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            icon = event_words.ICONS[event.kind]
            st.markdown(f":material/{icon}: **{words.plain(event_words.title(event))}**")
            facts = [words.moment(event.at, zone), *event_words.facts(event, zone)]
            st.caption(" · ".join(words.on_one_line(words.plain(fact)) for fact in facts))
        version = detail.version or detail.context_version
        if version:
            st.button(
                f"Context v{version}",
                key=f"people_context_{event.key}",
                on_click=open_version,
                args=(version,),
                type="tertiary",
                help=event_words.about_context(detail.guidance),
            )
        if detail.feature == "analysis" and detail.answer_id:
            st.page_link(
                "analyses/page.py",
                label="Open",
                icon=":material/open_in_new:",
                query_params={"analysis": detail.answer_id},
            )
        if detail.answer_id and (
            event.kind == "question" or detail.feature in event_words.COMMENTS
        ):
            st.page_link(
                "answer/page.py",
                label="Open",
                icon=":material/open_in_new:",
                query_params={"id": detail.answer_id},
            )
        if detail.feature == "pipeline_run" and detail.answer_id:
            st.page_link(
                "pipelines/page.py",
                label="Open",
                icon=":material/open_in_new:",
                query_params={"pipeline": detail.answer_id},
            )


def open_version(version: int) -> None:
    st.session_state["people_part"] = "Context"
    st.query_params["version"] = str(version)
