"""Desktop screens, 1,280 px wide."""

from bench.review.designs.drawing import Draft
from bench.review.designs.kit import Kit

LOREM = (
    "Invite the people you work with and decide what each of them may see. They get a message "
    "with a link that is good for seven days, and you can take it back at any time."
)
STORY = (
    "We started with four people and a whiteboard. Today the team plans, draws and ships from "
    "one place, and every decision can be found again, with the reason for it beside it."
)


def page(kit: Kit, name: str, *children: Draft, width: float = 1280, height: float = 900) -> Draft:
    """A screen with its parts from top to bottom."""
    return kit.column(name, *children, size=(width, height), fill="surface/page", clipsContent=True)


def top_bar(kit: Kit, title: str, *more: Draft) -> Draft:
    return kit.row(
        "Top bar", kit.text(title, "heading", width="fill"), *more, kit.avatar("MK"), gap=16,
        pad=(32, 16), fill="surface/card", size=("fill", "hug"),
    )  # fmt: skip


def sidebar(kit: Kit, *items: str) -> Draft:
    entries = [kit.menu_item(item, "Dot", is_on=at == 0) for at, item in enumerate(items)]
    return kit.column("Sidebar", *entries, gap=8, pad=16, fill="surface/card", size=(240.0, "fill"))


def shell(kit: Kit, title: str, items: tuple[str, ...], *content: Draft) -> Draft:
    main = kit.column("Content", *content, gap=24, pad=32, size=("fill", "fill"))
    body = kit.row(
        "Body", sidebar(kit, *items), main, size=("fill", "fill"), across="MIN"
    )  # fmt: skip
    return page(kit, title, top_bar(kit, title), body)


def sign_in(kit: Kit) -> Draft:
    form = kit.card(
        "Sign in card",
        kit.text("Sign in", "title"),
        kit.text("Use the address of your work account.", "body", "text/secondary", "fill"),
        kit.field("Email", "name@company.example"),
        kit.field("Password", "At least 12 characters"),
        kit.check("Stay signed in on this computer"),
        kit.button("Sign in", width="fill"),
        kit.button("Use a passkey instead", "secondary", "fill"),
        size=(440.0, "hug"),
    )  # fmt: skip
    middle = kit.column("Middle", form, size=("fill", "fill"), across="CENTER", along="CENTER")
    return page(kit, "Sign in", middle)


def dashboard(kit: Kit) -> Draft:
    def figure(label: str, value: str, change: str, kind: str) -> Draft:
        return kit.card(
            "Figure card", kit.text(label, "small", "text/secondary"), kit.text(value, "title"),
            kit.badge(change, kind), gap=8, size=("fill", "hug"),
        )  # fmt: skip

    figures = kit.row(
        "Figures", figure("Revenue", "€ 48,120", "Up 12 %", "success"),
        figure("New customers", "316", "Up 4 %", "success"),
        figure("Open invoices", "27", "3 overdue", "danger"), gap=24, size=("fill", "hug"),
        across="MIN",
    )  # fmt: skip
    bars = [
        kit.column(
            "Month", kit.shape("Bar", 40, height, "brand/fill", radius=8),
            kit.text(month, "small", "text/secondary"), gap=8, across="CENTER",
        )
        for month, height in zip(("Jan", "Feb", "Mar", "Apr", "May"), (80, 112, 96, 144, 160),
                                 strict=True)
    ]  # fmt: skip
    chart = kit.card(
        "Chart card", kit.text("Revenue by month", "heading"),
        kit.row("Bars", *bars, gap=32, across="MAX"), kit.text(LOREM, "body", width=560.0),
    )  # fmt: skip
    return shell(kit, "Overview", ("Overview", "Customers", "Invoices", "Reports"), figures, chart)


def table(kit: Kit) -> Draft:
    widths: tuple[float | str, ...] = ("fill", 160.0, 160.0, 120.0)

    def line(*cells: Draft, **more: object) -> Draft:
        boxes = [
            kit.row("Cell", cell, size=(width, "hug"))
            for cell, width in zip(cells, widths, strict=True)
        ]
        return kit.row("Line", *boxes, gap=16, pad=(24, 16), size=("fill", "hug"), **more)

    head = [kit.text(each, "caption", "text/secondary") for each in
            ("Customer", "Amount", "Due", "State")]  # fmt: skip
    rows: list[Draft] = [line(*head), kit.divider()]
    people = ("Alder Studio", "Birch & Sons", "Cedar Works", "Dogwood Ltd", "Elm Partners")
    for at, who in enumerate(people):
        state = kit.badge("Overdue", "danger") if at == 2 else kit.badge("Paid")
        amount = kit.text(f"€ {320 + 45 * at}.00")
        rows += [line(kit.text(who, "strong"), amount, kit.text(f"{at + 3} May"), state)]
        rows += [kit.divider()] if at < 4 else []
    head_row = kit.row(
        "Tools", kit.search("Find an invoice", 320.0), kit.button("New invoice"), gap=16,
        size=("fill", "hug"), along="SPACE_BETWEEN",
    )  # fmt: skip
    listing = kit.card("Invoices table", *rows, gap=0, pad=(0, 8))
    return shell(kit, "Invoices", ("Invoices", "Customers", "Reports"), head_row, listing)


def settings(kit: Kit) -> Draft:
    tabs = kit.row(
        "Tab list", kit.tab("Profile", is_on=True), kit.tab("Security"), kit.tab("Messages"),
        kit.tab("Billing"), gap=8,
    )  # fmt: skip
    card = kit.card(
        "Messages card", kit.text("What we may write to you about", "heading"),
        kit.toggle("Product news", "About once a month. You can stop it in each message."),
        kit.divider(),
        kit.toggle("Mentions", "When somebody names you in a comment, at once."),
        kit.divider(),
        kit.toggle("Weekly summary", "Each Monday at nine in your time zone.", is_on=False),
        size=(720.0, "hug"),
    )  # fmt: skip
    return shell(kit, "Settings", ("Settings", "Members", "Plans"), tabs, card)


def pricing(kit: Kit) -> Draft:
    def plan(name: str, price: str, *lines: str, main: bool = False) -> Draft:
        points = [
            kit.row("Point", kit.icon("Tick", "status/success"),
                    kit.text(each, width="fill"), gap=12, size=("fill", "hug"))
            for each in lines
        ]  # fmt: skip
        return kit.card(
            f"{name} plan", kit.text(name, "heading"), kit.text(price, "title"),
            kit.column("Points", *points, gap=12, size=("fill", "hug")),
            kit.button(f"Choose {name}", "primary" if main else "secondary", "fill"),
        )  # fmt: skip

    plans = kit.row(
        "Plans", plan("Free", "€ 0", "Ten answers in all", "One file"),
        plan("Team", "€ 29", "500 answers a month", "Every file of a team", main=True),
        plan("Company", "€ 99", "Answers without end", "Signing in by your own rules"), gap=24,
        size=("fill", "hug"), across="MIN",
    )  # fmt: skip
    head = kit.column(
        "Head", kit.text("Prices", "display"),
        kit.text("Start for nothing, and pay when it has proven itself.", "body",
                 "text/secondary"), gap=12,
    )  # fmt: skip
    return page(kit, "Pricing", kit.column("Content", head, plans, gap=40, pad=64,
                                           size=("fill", "hug")))  # fmt: skip


def article(kit: Kit) -> Draft:
    text = kit.column(
        "Article", kit.text("How we write down decisions", "display", width="fill"),
        kit.text("12 May, by Mira Koval", "small", "text/secondary"),
        kit.text(STORY, width="fill"), kit.text("What changed", "heading"),
        kit.text(LOREM, width="fill"),
        kit.picture("Photo of the whiteboard", "fill", 200, 16),
        kit.text(STORY + " " + LOREM, width="fill"),
        gap=24, pad=(0, 48), size=(600.0, "hug"),
    )  # fmt: skip
    return page(kit, "Article", kit.column("Middle", text, size=("fill", "hug"),
                                           across="CENTER"), height=1100)  # fmt: skip


def dialog(kit: Kit) -> Draft:
    actions = kit.row(
        "Actions", kit.button("Keep it", "secondary"), kit.button("Delete project", "danger"),
        gap=12, size=("fill", "hug"), along="MAX",
    )  # fmt: skip
    box = kit.card(
        "Dialog", kit.text("Delete this project?", "heading"),
        kit.text("Its 14 files go to the bin. You can take them back for 30 days, after that "
                 "they are gone for good.", width="fill"),
        kit.field("Type the project's name", "Atlas"), actions, gap=24, size=(520.0, "hug"),
        effects=[{"type": "DROP_SHADOW", "visible": True, "radius": 24.0, "color":
                  {"r": 0, "g": 0, "b": 0, "a": 0.2}, "offset": {"x": 0, "y": 8}}],
    )  # fmt: skip
    return page(kit, "Delete project", kit.column(
        "Backdrop", box, size=("fill", "fill"), across="CENTER", along="CENTER",
        fill="surface/tint"))  # fmt: skip


def checkout(kit: Kit) -> Draft:
    address = kit.card(
        "Address", kit.text("Where shall it go?", "heading"), kit.field("Full name", "Mira Koval"),
        kit.row("Town", kit.field("Postcode", "10115", width=160.0), kit.field("Town", "Berlin"),
                gap=16, size=("fill", "hug"), across="MIN"),
        kit.select("Country", "Germany"), kit.check("Send the invoice there as well", is_on=True),
    )  # fmt: skip

    def item(what: str, price: str) -> Draft:
        return kit.row("Item", kit.text(what, width="fill"), kit.text(price, "strong"), gap=16,
                       size=("fill", "hug"))  # fmt: skip

    order = kit.card(
        "Order", kit.text("Your order", "heading"), item("Desk lamp, brass", "€ 89.00"),
        item("Paper shade", "€ 24.00"), item("Delivery in two days", "€ 4.90"), kit.divider(),
        item("Together", "€ 117.90"), kit.button("Pay € 117.90", width="fill"),
        size=(360.0, "hug"),
    )  # fmt: skip
    columns = kit.row("Columns", address, order, gap=32, pad=(64, 32), size=("fill", "hug"),
                      across="MIN")  # fmt: skip
    return page(kit, "Checkout", top_bar(kit, "Lampworks"), columns)


def members(kit: Kit) -> Draft:
    def member(initials: str, name: str, role: str) -> Draft:
        words = kit.column("Words", kit.text(name, "strong"),
                           kit.text(role, "small", "text/secondary"), gap=4,
                           size=("fill", "hug"))  # fmt: skip
        return kit.row("Member", kit.avatar(initials), words, kit.icon_button("More"), gap=16,
                       size=("fill", "hug"))  # fmt: skip

    card = kit.card(
        "Members card", kit.text("Five people", "heading"), member("MK", "Mira Koval", "Owner"),
        member("JT", "Jon Tester", "May edit"), member("AL", "Ada Lind", "May edit"),
        member("PS", "Piet Sander", "May read"), member("RW", "Rosa Wilk", "Invited on Monday"),
        size=(640.0, "hug"),
    )  # fmt: skip
    invite = kit.row("Invite", kit.search("Find somebody", 400.0), kit.button("Invite"), gap=16)
    return shell(kit, "Members", ("Members", "Settings", "Plans"),
                 kit.text(LOREM, width=640.0), invite, card)  # fmt: skip


def empty_state(kit: Kit) -> Draft:
    middle = kit.column(
        "Nothing yet", kit.icon("Folder", "icon/muted", 48),
        kit.text("Nothing here yet", "title"),
        kit.text("Drop a file into this window, or begin with one of our examples. Whatever you "
                 "add is seen by you alone until you share it.", "body", "text/secondary", 440.0),
        kit.row("Actions", kit.button("Add a file"), kit.button("See examples", "secondary"),
                gap=12), gap=24, across="CENTER",
    )  # fmt: skip
    holder = kit.column("Middle", middle, size=("fill", "fill"), across="CENTER", along="CENTER")
    return page(kit, "Files", top_bar(kit, "Files", kit.search("Find a file", 320.0)), holder)


def board(kit: Kit) -> Draft:
    def task(title: str, who: str, tag: str, kind: str = "success") -> Draft:
        foot = kit.row("Foot", kit.avatar(who), kit.badge(tag, kind), gap=12, size=("fill", "hug"),
                       along="SPACE_BETWEEN")  # fmt: skip
        return kit.card("Task", kit.text(title, "strong", width="fill"), foot, pad=16, gap=12)

    def lane(name: str, *tasks: Draft) -> Draft:
        return kit.column("Lane", kit.text(name, "heading"), *tasks, gap=16, size=("fill", "hug"))

    lanes = kit.row(
        "Lanes",
        lane("To do", task("Draw the empty states of the file list", "MK", "Design"),
             task("Ask three customers about exports", "AL", "Research")),
        lane("Doing", task("Contrast of the dark theme", "JT", "Late", "danger"),
             task("Rewrite the welcome message", "RW", "Words")),
        lane("Done", task("New icons for the sidebar", "PS", "Design")),
        gap=24, size=("fill", "hug"), across="MIN",
    )  # fmt: skip
    return shell(kit, "Board", ("Board", "Backlog", "Reports"), lanes)
