"""The errors this service raises, and the JSON each becomes: {"error": code, "message": sentence}.

ServiceError
├── BadRequest           400  the request is not understood
├── SignInNeeded         401  no valid session
├── NoUsesLeft           402  the plan's uses are used up
├── Forbidden            403  signed in, but not allowed
├── NotFound             404
├── Conflict             409  the state has moved on
├── PreconditionFailed   412  a stale write was refused
├── TooLarge             413
├── UnsupportedMedia     415  not JSON
├── Unprocessable        422  understood, but refused
├── PreconditionRequired 428  a write without If-Match
├── TooManyRequests      429
└── Unavailable          503  the database or Figma is away for now
"""


class ServiceError(Exception):
    """One refusal or failure, with the sentence that a person reads.

    ``retry_after`` is in whole seconds and becomes the Retry-After header.
    """

    status = 500
    code = "internal_error"

    def __init__(self, message: str, *, code: str | None = None, retry_after: int | None = None):
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.retry_after = retry_after

    def to_json(self) -> dict[str, str]:
        return {"error": self.code, "message": self.message}


class BadRequest(ServiceError):
    status, code = 400, "bad_request"


class SignInNeeded(ServiceError):
    status, code = 401, "sign_in_needed"


class NoUsesLeft(ServiceError):
    status, code = 402, "no_uses_left"


class Forbidden(ServiceError):
    status, code = 403, "forbidden"


class NotFound(ServiceError):
    status, code = 404, "not_found"


class Conflict(ServiceError):
    status, code = 409, "conflict"


class PreconditionFailed(ServiceError):
    status, code = 412, "stale_version"


class TooLarge(ServiceError):
    status, code = 413, "too_large"


class UnsupportedMedia(ServiceError):
    status, code = 415, "unsupported_media_type"


class Unprocessable(ServiceError):
    status, code = 422, "unprocessable"


class PreconditionRequired(ServiceError):
    status, code = 428, "if_match_needed"


class TooManyRequests(ServiceError):
    status, code = 429, "too_many_requests"


class Unavailable(ServiceError):
    status, code = 503, "unavailable"
