"""The comment threads in the seeded files."""

from typing import Any

from local.sandbox.people import ADA, INES, JONAS, MEI, PRIYA, TOM, VICTOR


def _pin(node_id: str, x: float, y: float) -> dict[str, Any]:
    return {"node_id": node_id, "node_offset": {"x": x, "y": y}}


CHECKOUT = "ChkOut7Qm2VxLpR4tYw8Za"
SEEDED_THREADS: tuple[dict[str, Any], ...] = (
    {
        "file": CHECKOUT,
        "pin": _pin("1:50", 300, 10),
        "comments": [
            (VICTOR, "2026-11-17T09:12:40.120Z", "Love the orange, it feels warm :sunny:"),
            (JONAS, "2026-11-17T09:31:05.480Z", "@Mei Tanaka can you read this label outdoors?"),
            (MEI, "2026-11-17T10:02:59.004Z", "Barely. White on orange washes out on my phone."),
        ],
    },
    {
        "file": CHECKOUT,
        "pin": _pin("1:40", 318, 6),
        "comments": [
            (
                INES,
                "2026-11-18T15:44:10.310Z",
                "Is “Apply” a button or a link?\nI missed it twice.",
            ),
        ],
    },
    {
        "file": CHECKOUT,
        "pin": _pin("2:4", 171, 0),
        "resolved_at": "2026-11-19T08:00:00.000Z",
        "comments": [
            (ADA, "2026-11-18T16:20:00.000Z", "Use the first name here."),
            (JONAS, "2026-11-19T07:58:21.650Z", "Done :white_check_mark:"),
        ],
    },
    {
        "file": "DsgnSys3Kd9HbNc6uTe1Wq",
        "pin": _pin("3:40", 180, 8),
        "comments": [
            (JONAS, "2026-11-16T11:05:33.700Z", "This button lost its colour style. On purpose?"),
        ],
    },
    {
        "file": "JamBrd5Fg8JzXo2pMi7Sv4",
        "pin": {"x": 380, "y": 250},
        "comments": [
            (MEI, "2026-11-14T13:20:48.015Z", "I can bring two customers next week :raised_hands:"),
        ],
    },
    {
        "file": "MblBnk4Tn1ZeRa5dCy2Ko8",
        "pin": _pin("7:10", 320, 20),
        "comments": [
            (TOM, "2026-11-19T10:10:10.100Z", "Can we hide the balance in public places?"),
            (PRIYA, "2026-11-19T10:42:37.900Z", "Good idea, an eye icon on the right."),
        ],
    },
    {
        "file": "PrtFol6Xb3WiVu9sHq5Jd2",
        "pin": _pin("8:4", 10, 4),
        "comments": [
            (ADA, "2026-11-20T17:31:02.240Z", "The grey is a little light on cream."),
        ],
    },
)
