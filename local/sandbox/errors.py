"""A refusal in Figma's words; the app gives it the shape the specification declares for it."""


class FigmaError(Exception):
    """An error answer of Figma's: HTTP status, reason, and headers to send along."""

    def __init__(self, status: int, reason: str, headers: dict[str, str] | None = None):
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.headers = headers or {}
