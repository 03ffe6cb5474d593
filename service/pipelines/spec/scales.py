"""The steps that Tailwind 4 has by itself: https://tailwindcss.com/docs/theme (default theme
variables)."""

FONT_SIZES = {
    12: "xs", 14: "sm", 16: "base", 18: "lg", 20: "xl", 24: "2xl", 30: "3xl", 36: "4xl", 48: "5xl",
    60: "6xl", 72: "7xl", 96: "8xl", 128: "9xl",
}  # fmt: skip
RADII = {
    2: "xs",
    4: "sm",
    6: "md",
    8: "lg",
    12: "xl",
    16: "2xl",
    24: "3xl",
    32: "4xl",
    9999: "full",
}
BLURS = {4: "xs", 8: "sm", 12: "md", 16: "lg", 24: "xl", 40: "2xl", 64: "3xl"}
WEIGHTS = {
    100: "thin", 200: "extralight", 300: "light", 400: "normal", 500: "medium", 600: "semibold",
    700: "bold", 800: "extrabold", 900: "black",
}  # fmt: skip
TRACKING = {
    -0.05: "tighter",
    -0.025: "tight",
    0.0: "normal",
    0.025: "wide",
    0.05: "wider",
    0.1: "widest",
}
COLOURS = {
    "#ffffff": "white", "#000000": "black", "transparent": "transparent", "inherit": "inherit",
}  # fmt: skip

# The breakpoint that a theme adds to Tailwind's, in px: "max-xs".
PHONE = 400


def length(value: str) -> float | None:
    """A length in px; None for anything else."""
    if not value.endswith("px"):
        return None
    try:
        return float(value[:-2])
    except ValueError:
        return None


def tracking_step(value: str) -> str:
    """The name of a letter spacing in em that Tailwind has, within a thousandth of the size."""
    try:
        spacing = float(value.removesuffix("em"))
    except ValueError:
        return ""
    return next((name for step, name in TRACKING.items() if abs(step - spacing) < 0.001), "")
