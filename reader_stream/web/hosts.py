"""Under which names the service may be asked, so that no page reads it through a name of its own.

A page of `evil.example` whose name changes its address to ours (DNS rebinding) is of the same origin as our
answers to its visitor's browser, CORS or not: only the name in `Host` tells.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection

from starlette.types import Scope

from reader_stream.errors import ParamValidationError

_PORT = re.compile(r":\d*$")


def check_host(scope: Scope, names: Collection[str]) -> None:
    """Raise ParamValidationError for a request to a name that is none of `names` (empty: all are).

    Addresses are always answered, and `localhost`: neither can be made to mean something else.
    """
    if not names:
        return
    given = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1")
    host = _PORT.sub("", given).lower().rstrip(".")
    if host not in ("localhost", *names) and not _is_address(host):
        raise ParamValidationError("the service is not asked under this name; READER_HOST_NAMES has those")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True
