"""Phone screens, 390 px wide."""

from bench.review.designs.drawing import Draft
from bench.review.designs.kit import Kit


def phone(kit: Kit, name: str, *children: Draft, **more: object) -> Draft:
    return kit.column(
        name, *children, size=(390.0, 844.0), fill="surface/page", clipsContent=True, **more
    )


def head(kit: Kit, title: str, *more: Draft) -> Draft:
    return kit.row("Head", kit.text(title, "title", width="fill"), *more, gap=12, pad=(16, 16),
                   size=("fill", "hug"))  # fmt: skip


def tab_bar(kit: Kit, *names: str) -> Draft:
    tabs = [kit.tab(each, is_on=at == 0, width="fill") for at, each in enumerate(names)]
    return kit.row("Tab bar", *tabs, pad=(8, 12), fill="surface/card", size=("fill", "hug"))


def body(kit: Kit, *children: Draft, gap: int = 16) -> Draft:
    return kit.column("Body", *children, gap=gap, pad=16, size=("fill", "fill"))


def onboarding(kit: Kit) -> Draft:
    return phone(kit, "Onboarding", body(
        kit, kit.picture("Two people at a table", "fill", 320, 16),
        kit.text("Plan the week together", "title", width="fill"),
        kit.text("Everybody sees who does what and by when. Nobody has to ask twice, and nothing "
                 "gets lost between two chats.", "body", "text/secondary", "fill"),
        kit.button("Begin", width="fill"), kit.button("I have an account", "secondary", "fill"),
        gap=24))  # fmt: skip


def inbox(kit: Kit) -> Draft:
    def message(initials: str, who: str, what: str) -> Draft:
        words = kit.column("Words", kit.text(who, "strong"),
                           kit.text(what, "small", "text/secondary", "fill"), gap=4,
                           size=("fill", "hug"))  # fmt: skip
        return kit.row("Message", kit.avatar(initials), words, gap=12, pad=(0, 8),
                       size=("fill", "hug"))  # fmt: skip

    messages = [
        message("AL", "Ada Lind", "The new drawings are in the folder. Could you look before "
                "three?"),
        message("JT", "Jon Tester", "Lunch at the corner place?"),
        message("PS", "Piet Sander", "I have moved our meeting to Thursday, the room was taken."),
        message("RW", "Rosa Wilk", "Thank you!"),
    ]  # fmt: skip
    return phone(kit, "Inbox", head(kit, "Inbox", kit.icon_button("New message")),
                 body(kit, kit.search("Search in messages"), *messages),
                 tab_bar(kit, "Inbox", "Calendar", "People"))  # fmt: skip


def profile(kit: Kit) -> Draft:
    card = kit.card(
        "Person card", kit.row("Person", kit.avatar("MK"), kit.column(
            "Words", kit.text("Mira Koval", "strong"),
            kit.text("Designer in Berlin", "small", "text/secondary"), gap=4), gap=16),
        kit.button("Edit profile", "secondary", "fill"))  # fmt: skip
    more = kit.card(
        "More card",
        kit.toggle("Dark theme", "Follows the phone's own setting."),
        kit.toggle("Sounds", "A short tone when somebody answers.", is_on=False),
    )
    return phone(kit, "Profile", head(kit, "You"), body(kit, card, more, kit.button(
        "Sign out", "danger", "fill")), tab_bar(kit, "Home", "People", "You"))  # fmt: skip


def shop(kit: Kit) -> Draft:
    def product(name: str, price: str) -> Draft:
        return kit.column("Product", kit.picture(f"Photo of {name}", "fill", 160, 16),
                          kit.text(name, "strong"), kit.text(price, "body", "text/secondary"),
                          gap=8, size=("fill", "hug"))  # fmt: skip

    def pair(one: Draft, other: Draft) -> Draft:
        return kit.row("Products", one, other, gap=16, size=("fill", "hug"), across="MIN")

    chips = kit.row("Chip list", kit.chip("Lamps"), kit.chip("Chairs"), kit.chip("Shelves"), gap=8)
    return phone(kit, "Shop", head(kit, "New this week", kit.icon_button("Basket")),
                 body(kit, chips, pair(product("Brass lamp", "€ 89"), product("Stool", "€ 64")),
                      pair(product("Wall shelf", "€ 45"), product("Deep chair", "€ 240")))
                 )  # fmt: skip


def player(kit: Kit) -> Draft:
    controls = kit.row(
        "Controls",
        kit.icon_button("Back"),
        kit.button("Play"),
        kit.icon_button("Next"),
        gap=24,
        size=("fill", "hug"),
        along="CENTER",
    )
    track = kit.row("Track", kit.shape("Played", 120, 8, "brand/fill", radius=8), radius=8,
                    fill="fill/rail", size=("fill", "hug"))  # fmt: skip
    return phone(kit, "Player", body(
        kit, kit.picture("Cover", "fill", 358, 16), kit.text("Slow rivers", "title"),
        kit.text("The Evening Choir", "body", "text/secondary"), track, controls, gap=24)
    )  # fmt: skip


def survey(kit: Kit) -> Draft:
    answers = [kit.check(each, is_on=at == 1, kind="Radio") for at, each in
               enumerate(("Every day", "A few times a week", "Less often", "Never"))]  # fmt: skip
    card = kit.card("Question card", kit.text("How often do you cook?", "heading", width="fill"),
                    *answers, gap=8)  # fmt: skip
    return phone(kit, "Survey", head(kit, "Question 2 of 5"), body(
        kit, card, kit.text("Your answers are kept for a year and nobody sees your name beside "
                            "them.", "small", "text/secondary", "fill"),
        kit.button("Next question", width="fill")))  # fmt: skip


def booking(kit: Kit) -> Draft:
    times = kit.row("Times", kit.chip("09:00"), kit.chip("10:30"), kit.chip("14:00"), gap=12)
    card = kit.card(
        "Booking card", kit.text("Thursday, 14 May", "heading"), times, kit.divider(),
        kit.text("The visit takes about forty minutes. Please bring your insurance card and come "
                 "ten minutes early if it is your first one.", width="fill"),
        kit.badge("Two places left", "danger"))  # fmt: skip
    return phone(kit, "Booking", head(kit, "Choose a time"), body(
        kit, kit.select("Doctor", "Dr. Ada Lind"), card, kit.button("Book", width="fill"))
    )  # fmt: skip
