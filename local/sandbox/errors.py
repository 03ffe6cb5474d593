"""An error with Figma's message; the app gives it the shape that the specification declares."""


class FigmaError(Exception):
    """An error response of Figma: HTTP status, reason and headers."""

    def __init__(self, status: int, reason: str, headers: dict[str, str] | None = None):
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.headers = headers or {}
