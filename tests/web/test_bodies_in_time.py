"""Bodies that are empty or never come."""

from __future__ import annotations

import anyio
import pytest
from starlette.requests import Request
from starlette.types import Message

from reader_stream.errors import ParamValidationError
from reader_stream.web import routes, values
from reader_stream.web.limits import RequestLimits

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("value", [b"", "", "data:application/pdf;base64,"])
def test_an_empty_upload_is_refused(value: object) -> None:
    """A file without a byte is a mistake of the client's, not an empty page."""
    with pytest.raises(ValueError, match="empty"):
        values.upload(value)


async def test_a_body_that_never_comes_is_an_error() -> None:
    """A request that announces a body and does not send it is answered."""
    state = {"limits": RequestLimits(10, 0.01, 180, 9)}
    scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "state": state}

    async def receive() -> Message:
        await anyio.sleep_forever()
        raise AssertionError

    with pytest.raises(ParamValidationError, match="did not arrive"):
        await routes._body_in_time(Request(scope, receive))
