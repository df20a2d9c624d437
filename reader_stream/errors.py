"""What a client can be told when a read fails (API.md, "Errors").

::

    ReaderError
    ├── ParamValidationError          400  bad URL, scheme, option, body; name does not resolve
    ├── AuthenticationRequiredError   401  no or unknown API key where one is needed
    ├── NotFoundError                 404  a read id that is not (or no longer) known
    ├── BudgetExceededError           409  the content has more tokens than X-Token-Budget
    ├── ResourcePolicyDenyError       409  robots.txt says no
    ├── FileTooLargeError             413  a body or download over its limit
    ├── AssertionFailureError         422  nothing readable, target selector not found, unsupported media
    ├── RateLimitTriggeredError       429  over a limit
    ├── SecurityCompromiseError       451  an address that the egress policy forbids
    ├── InternalServerError           500  our own fault; never meant to happen
    ├── BackendNotConfiguredError     501  a feature that a setting would turn on
    └── ServiceNodeUnavailableError   503  draining, no browser to be had, a backend down
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class ReaderError(Exception):
    """A failure with a place in the contract.

    `message` is one sentence for the client, `path` names the option at fault (camelCase, as in a
    body), `retry_after` is in whole seconds.
    """

    http: ClassVar[int]
    status: ClassVar[int]
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, path: str | None = None, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.retry_after = retry_after

    def __reduce__(self) -> tuple[object, ...]:
        """Errors cross the border to worker processes, keywords included."""
        return (_rebuild, (type(self), self.message, self.path, self.retry_after))

    @staticmethod
    def from_dict(body: Mapping[str, Any]) -> ReaderError:
        """The way back from `to_dict`."""
        kinds = {kind.__name__: kind for kind in ReaderError.__subclasses__()}
        kind = kinds.get(body["name"], InternalServerError)
        return kind(body["message"], path=body.get("path"), retry_after=body.get("retryAfter"))

    def to_dict(self) -> dict[str, object]:
        """The error object of the contract, the same in every representation."""
        name = type(self).__name__
        body: dict[str, object] = {
            "data": None,
            "code": self.http,
            "status": self.status,
            "name": name,
            "message": self.message,
            "readableMessage": f"{name}: {self.message}",
            "retryable": self.retryable,
        }
        if self.path is not None:
            body["path"] = self.path
        if self.retry_after is not None:
            body["retryAfter"] = self.retry_after
        return body


def _rebuild(kind: type[ReaderError], message: str, path: str | None, retry_after: int | None) -> ReaderError:
    return kind(message, path=path, retry_after=retry_after)


class ParamValidationError(ReaderError):
    """The request itself is wrong."""

    http, status = 400, 40001


class AuthenticationRequiredError(ReaderError):
    """No or an unknown API key where one is needed."""

    http, status = 401, 40103


class NotFoundError(ReaderError):
    """There is no resource of this name, or it is kept no longer."""

    http, status = 404, 40401


class BudgetExceededError(ReaderError):
    """The content has more tokens than the client will pay for."""

    http, status = 409, 40904


class ResourcePolicyDenyError(ReaderError):
    """The target's robots.txt forbids the read."""

    http, status = 409, 40902


class FileTooLargeError(ReaderError):
    """A request body or a download is over its limit."""

    http, status = 413, 41302


class AssertionFailureError(ReaderError):
    """The target gave nothing that can be read."""

    http, status = 422, 42206


class RateLimitTriggeredError(ReaderError):
    """The caller is over a limit."""

    http, status, retryable = 429, 42903, True


class SecurityCompromiseError(ReaderError):
    """The egress policy forbids the address."""

    http, status = 451, 45102


class InternalServerError(ReaderError):
    """A fault of our own; the log has the rest."""

    http, status, retryable = 500, 50001, True


class BackendNotConfiguredError(ReaderError):
    """The feature needs a setting that is not set."""

    http, status = 501, 50101


class ServiceNodeUnavailableError(ReaderError):
    """This node cannot serve now; try again."""

    http, status, retryable = 503, 50303, True
