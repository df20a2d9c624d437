"""The command line: `reader-stream serve` and `reader-stream read URL`."""

from __future__ import annotations

import argparse
import ipaddress
import logging
import os
import sys
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Any

import anyio
from pydantic import ValidationError

from reader_stream import __version__, log
from reader_stream.app import open_services
from reader_stream.errors import ParamValidationError, ReaderError
from reader_stream.model import ReadOptions
from reader_stream.pipeline.reads import open_read
from reader_stream.pipeline.shots import data_url
from reader_stream.server import listen, run
from reader_stream.settings import Settings
from reader_stream.stream import sse
from reader_stream.stream.sequence import Event
from reader_stream.web.accept import image_type
from reader_stream.web.params import parse_read
from reader_stream.web.responses import to_json, to_markdown

logger = logging.getLogger(__name__)


def main(argv: list[str] | None = None) -> int:
    """Run a command; the exit code is 0, 1 (the read failed) or 2 (the call or the settings are wrong)."""
    arguments = _parser().parse_args(argv)
    try:
        settings = Settings()
    except ValidationError as error:
        return _complain(f"the settings are wrong: {error}", 2)
    log_format = settings.log_format if arguments.run is _serve else "text"
    try:
        with log.logging_to(sys.stderr, settings.log_level, log_format):
            code: int = arguments.run(arguments, settings)
    except ParamValidationError as error:
        return _complain(error.message, 2)
    except (ReaderError, OSError) as error:
        return _complain(str(error), 1)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="reader-stream", description="Web pages as clean markdown, streamed."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True)
    serve = commands.add_parser("serve", help="run the service")
    serve.add_argument("--host", help="address to listen on (READER_HOST, 127.0.0.1)")
    serve.add_argument("--port", type=int, help="port to listen on (PORT or READER_PORT, 3000)")
    serve.set_defaults(run=_serve)
    read = commands.add_parser("read", help="read one page: markdown on stdout, progress on stderr")
    read.add_argument("url")
    read.add_argument("-H", "--header", action="append", default=[], metavar="'X-Name: value'",
                      help="an option of the API, as its header")  # fmt: skip
    shape = read.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="the JSON answer instead of markdown")
    shape.add_argument("--events", action="store_true", help="the event stream as it comes")
    read.set_defaults(run=_read)
    return parser


def _serve(arguments: argparse.Namespace, settings: Settings) -> int:
    host = arguments.host or settings.host
    if not arguments.host and "host" not in settings.model_fields_set:
        print(
            "Only this machine is answered, because there are no API keys; "
            "--host or READER_HOST opens the service to others.",
            file=sys.stderr,
        )
    elif not _is_loopback(host):
        logger.warning("anybody who can reach this address may have pages read: there are no API keys")
    port = arguments.port
    if port is None:
        port = int(os.environ.get("PORT") or settings.port)
    sock = listen(host, port)
    return anyio.run(run, settings, sock)


def _is_loopback(host: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def _read(arguments: argparse.Namespace, settings: Settings) -> int:
    headers = [_header(line) for line in arguments.header]
    path, _, query = arguments.url.partition("?")
    options = parse_read("GET", b"/" + path.encode(), query.encode(), headers)
    accept = b", ".join(value for name, value in headers if name == b"accept").decode("latin-1")
    options = options.model_copy(update={"shot_type": image_type(accept)})
    return anyio.run(_read_to_terminal, settings, options, arguments)


def _header(line: str) -> tuple[bytes, bytes]:
    name, colon, value = line.partition(":")
    if not colon:
        raise ParamValidationError(f"a header is given as 'X-Name: value', not {line!r}")
    return name.strip().lower().encode(), value.strip().encode()


async def _read_to_terminal(settings: Settings, options: ReadOptions, arguments: argparse.Namespace) -> int:
    async with open_services(settings) as services:
        reading = await open_read(services, options)
        async with aclosing(reading.events()) as events:
            async for event in events:
                pictures = services.shots.found(event.data)
                event = replace(event, data={**event.data, **{k: data_url(v) for k, v in pictures.items()}})
                if arguments.events:
                    _write(sse.encode(reading.read_id, event))
                elif pictures and options.only_shots and not arguments.json:
                    _write(next(iter(pictures.values())).body)
                elif event.kind == "snapshot":
                    _show_progress(event.data)
                elif event.kind == "final":
                    _write(_final(event, as_json=arguments.json))
                if event.kind == "error" and not arguments.events:
                    raise ReaderError.from_dict(event.data)
    return 1 if event.kind == "error" else 0


def _final(event: Event, *, as_json: bool) -> bytes:
    data = {key: value for key, value in event.data.items() if key not in ("version", "sha256")}
    return (to_json(data) if as_json else to_markdown(data).encode()) + b"\n"


def _show_progress(data: Any) -> None:
    if sys.stderr.isatty():
        progress = data["progress"]
        line = f"{data['elapsed']:>6} ms  {progress['phase']:<11} {progress['stability']:>4.0%} settled"
        print(f"\r\x1b[K{line}  {data['title'][:60]}", end="", file=sys.stderr, flush=True)


def _write(text: bytes) -> None:
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    sys.stdout.buffer.write(text)
    sys.stdout.buffer.flush()


def _complain(message: str, code: int) -> int:
    print(f"reader-stream: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
