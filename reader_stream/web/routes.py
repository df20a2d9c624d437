"""One short endpoint per resource."""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import anyio
import orjson
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from reader_stream import __version__
from reader_stream.errors import (
    FileTooLargeError,
    InternalServerError,
    NotFoundError,
    ParamValidationError,
    ReaderError,
    ServiceNodeUnavailableError,
)
from reader_stream.log import request_id
from reader_stream.model import ReadOptions, Reason, Shot, StreamMode
from reader_stream.pipeline.flight import Flight
from reader_stream.pipeline.reads import open_read
from reader_stream.pipeline.services import Services
from reader_stream.pipeline.shots import URLS
from reader_stream.stream.sequence import Event
from reader_stream.web.accept import Representation, image_type, negotiate
from reader_stream.web.body import BodyFields, collect_form, parse_json
from reader_stream.web.docs.page import POLICY, html_page, markdown_page
from reader_stream.web.event_stream import EventStream, run_until_disconnect
from reader_stream.web.limits import RequestLimits, client_of
from reader_stream.web.llms import llms_txt
from reader_stream.web.openapi import openapi
from reader_stream.web.params import check_representation, parse_read
from reader_stream.web.responses import (
    COMMON_HEADERS,
    STREAM_HEADERS,
    answer,
    content_type,
    failure,
    tokens_of,
)

USAGE = f"""Reader Stream {__version__}

Read a page:    curl {{base}}https://example.com
Stream it:      curl -N -H 'Accept: text/event-stream' {{base}}https://example.com
As JSON:        curl -H 'Accept: application/json' {{base}}https://example.com
All options:    {{base}}docs (examples), {{base}}openapi.json
"""

log = logging.getLogger(__name__)


async def read(request: Request) -> Response | EventStream:
    """`GET`/`HEAD`/`POST /{url}` and `POST /`: read one page."""
    representation, limits = representation_of(request), request.state.limits
    client = client_of(request.client.host if request.client else None)
    try:
        options = await _options(request, representation)
        if representation is Representation.EVENT_STREAM and request.method == "HEAD":
            headers = {**COMMON_HEADERS, **STREAM_HEADERS}
            return Response(headers=headers, media_type=content_type(representation))
        limits.admit(client)
        reading = await open_read(request.state.services, options, request.headers.get("last-event-id", ""))
    except ReaderError as error:
        request.state.metrics.refused(error)
        raise
    if reading.at_end and representation is Representation.EVENT_STREAM:
        return Response(
            status_code=204, headers=COMMON_HEADERS
        )  # tells an EventSource to reconnect no more (HTML, 9.2)
    events = reading.events()
    if options.shots:
        events = _addressed(events, str(request.base_url))
    events = request.state.metrics.watched(limits.counted(client, events))
    if representation is Representation.EVENT_STREAM:
        return EventStream(events, reading.read_id)
    data = await run_until_disconnect(request.receive, _last(events))
    if options.only_shots and representation in (Representation.TEXT, Representation.MARKDOWN):
        picture = _picture(request, data[f"{options.shots[0].value}Url"])
        picture.headers.update({**COMMON_HEADERS, "X-Usage-Tokens": str(tokens_of(data))})
        return picture
    return answer(data, representation)


async def _options(request: Request, representation: Representation) -> ReadOptions:
    """What the request asks for, checked as far as it can be without looking at the target."""
    body = await _body_in_time(request) if request.method == "POST" else None
    scope = request.scope
    options = parse_read(request.method, scope["raw_path"], scope["query_string"], scope["headers"], body)
    limits: RequestLimits = request.state.limits
    options = limits.applied(options)
    check_representation(options, representation)
    if options.shots:  # else it would only keep equal reads apart
        options = options.model_copy(update={"shot_type": image_type(_accept(request))})
    if representation is Representation.EVENT_STREAM:
        return options
    return options.model_copy(update={"stream_mode": StreamMode.SNAPSHOT})  # patches are for streams


def representation_of(request: Request) -> Representation:
    """By all Accept lines of the request."""
    return negotiate(_accept(request))


def _accept(request: Request) -> str | None:
    return ", ".join(request.headers.getlist("accept")) or None


async def _addressed(events: AsyncGenerator[Event, None], base: str) -> AsyncGenerator[Event, None]:
    """The same events; pictures get their address under the name by which this client knows us."""
    async with aclosing(events):
        async for event in events:
            paths = {name: event.data[name] for name in URLS & event.data.keys()}
            urls = {name: base.rstrip("/") + path for name, path in paths.items()}
            yield replace(event, data={**event.data, **urls}) if urls else event


async def _last(events: AsyncGenerator[Event, None]) -> dict[str, Any]:
    """The data of the final event. Raises the ReaderError of an error event."""
    async with aclosing(events):
        async for event in events:
            if event.kind == "final":
                return {key: value for key, value in event.data.items() if key not in ("version", "sha256")}
            if event.kind == "error":
                raise ReaderError.from_dict(event.data)
    raise ServiceNodeUnavailableError("the read was ended", retry_after=1)


async def home(request: Request) -> Response | EventStream:
    """`GET /`: how to use it. `POST /`: read what the body says."""
    if request.method == "POST":
        return await read(request)
    base = str(request.base_url)
    if representation_of(request) is Representation.JSON:
        links = {"read": f"{base}{{url}}", "openapi": f"{base}openapi.json", "health": f"{base}healthz"}
        return _json({"name": "reader-stream", "version": __version__, "links": links})
    return PlainTextResponse(USAGE.format(base=base))


async def read_state(request: Request) -> Response:
    """`GET /v1/reads/{read_id}`: how a read stands."""
    return _json(_describe(request, _find(request)))


async def read_end(request: Request) -> Response:
    """`DELETE /v1/reads/{read_id}`: end it now; its streams get a last event with what there is."""
    flight = _find(request)
    request.state.services.flights.end(flight, Reason.STOPPED_BY_CLIENT)
    return _json(_describe(request, flight))


def _find(request: Request) -> Flight:
    flight: Flight | None = request.state.services.flights.find(request.path_params["read_id"])
    if flight is None:
        raise NotFoundError("there is no read of this id; ended ones are kept for 5 minutes")
    return flight


def _describe(request: Request, flight: Flight) -> dict[str, Any]:
    newest = flight.sequence.newest
    return {
        "id": request.path_params["read_id"],
        "state": flight.state,
        "version": flight.sequence.version,
        "watchers": flight.watchers,
        "progress": newest and {"phase": newest.progress.phase, "stability": newest.progress.stability},
    }


async def shot(request: Request) -> Response:
    """`GET /v1/shots/{shot_id}`: a picture of a page, for 10 minutes."""
    return _picture(request, request.path_params["shot_id"])


def _picture(request: Request, address: str) -> Response:
    found: Shot | None = request.state.services.shots.get(address.rpartition("/")[2])
    if found is None:
        raise NotFoundError("there is no picture of this id; they are kept for 10 minutes at most")
    headers = {**COMMON_HEADERS, "Cache-Control": "private, max-age=600, immutable"}
    return Response(found.body, headers=headers, media_type=f"image/{found.type}")


async def healthz(_: Request) -> Response:
    """The process is up."""
    return _json({"status": "ok", "version": __version__})


async def readyz(request: Request) -> Response:
    """A page really renders, or why not (503)."""
    services: Services = request.state.services
    if services.flights.draining:
        raise ServiceNodeUnavailableError("the service is shutting down", retry_after=5)
    state = await run_until_disconnect(request.receive, services.ready())
    return _json({"status": "ready", **state})


async def openapi_json(request: Request) -> Response:
    """The contract for machines."""
    return _json(openapi(str(request.base_url).rstrip("/")))


async def llms(request: Request) -> Response:
    """How to use the service, for language models."""
    return PlainTextResponse(llms_txt(str(request.base_url).rstrip("/")))


async def docs(request: Request) -> Response:
    """Every option by example: a page for browsers, markdown for others."""
    base = str(request.base_url).rstrip("/")
    headers = {"Vary": "Accept", "Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"}
    if "text/html" in (_accept(request) or ""):
        return HTMLResponse(html_page(base), headers=headers)
    kind = representation_of(request)
    media = kind if kind in (Representation.TEXT, Representation.MARKDOWN) else Representation.MARKDOWN
    return PlainTextResponse(markdown_page(base), headers=headers, media_type=media.value)


async def metrics(request: Request) -> Response:
    """Prometheus exposition."""
    body, content_type = request.state.metrics.exposition()
    return Response(body, media_type=content_type)


def _json(value: object) -> Response:
    return Response(orjson.dumps(value), media_type="application/json", headers=COMMON_HEADERS)


async def _body_in_time(request: Request) -> BodyFields:
    try:
        with anyio.fail_after(seconds := request.state.limits.body_seconds):
            return await _body(request)
    except TimeoutError:
        raise ParamValidationError(f"the body did not arrive within {seconds:g} s") from None


async def _body(request: Request) -> BodyFields:
    """The fields of a JSON, form or multipart body. Raises ParamValidationError or FileTooLargeError."""
    limit: int = request.state.limits.body_bytes
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("multipart/form-data", "application/x-www-form-urlencoded"):
        return await _form(request, limit)
    raw = await _bytes(request, limit)
    if not raw.strip():
        return {}
    if kind in ("application/json", "text/json", "") or kind.endswith("+json"):
        return parse_json(raw)
    raise ParamValidationError(f"a body of type {kind} is not read; send JSON, a form or multipart")


async def _bytes(request: Request, limit: int) -> bytes:
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > limit:
            raise FileTooLargeError(f"the body is larger than {limit} bytes")
    return bytes(raw)


async def _form(request: Request, limit: int) -> BodyFields:
    raw = await _bytes(request, limit)
    if raw.lstrip().startswith(b"{"):  # `curl -d '{…}'` says form, and no form begins so
        return parse_json(raw)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": raw}

    try:
        async with Request(request.scope, receive).form(max_part_size=limit) as form:
            items = [(name, await _part(value)) for name, value in form.multi_items()]
    except HTTPException as error:
        raise ParamValidationError(f"the form cannot be read: {error.detail}") from None
    return collect_form(items)


async def _part(value: UploadFile | str) -> str | bytes:
    return value if isinstance(value, str) else await value.read()


def on_error(request: Request, error: Exception) -> Response:
    """A ReaderError, or what starlette found wrong, in the representation that was asked for."""
    representation = representation_of(request)
    read_id = secrets.token_hex(8)
    if isinstance(error, HTTPException):
        error = ParamValidationError(f"{request.method} is not possible here: {error.detail}")
    if not isinstance(error, ReaderError):
        log.error("the request failed", exc_info=error)
        error = InternalServerError(f"an unexpected fault; the log has it under {request_id.get()}")
    return failure(error, representation, read_id)


def on_disconnect(_request: Request, _error: Exception) -> Response:
    """The client is gone; nobody reads this."""
    return Response(status_code=499)


ROUTES = [
    Route("/", home, methods=["GET", "POST"]),
    Route("/docs", docs),
    Route("/healthz", healthz),
    Route("/llms.txt", llms),
    Route("/readyz", readyz),
    Route("/metrics", metrics),
    Route("/openapi.json", openapi_json),
    Route("/v1/reads/{read_id}", read_state, methods=["GET"]),
    Route("/v1/reads/{read_id}", read_end, methods=["DELETE"]),
    Route("/v1/shots/{shot_id}", shot),
    Route("/{target:path}", read, methods=["GET", "POST"]),
]

EXCEPTION_HANDLERS = {
    ReaderError: on_error,
    HTTPException: on_error,
    ClientDisconnect: on_disconnect,
    Exception: on_error,
}
