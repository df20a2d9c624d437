"""Origins that mean harm, as bytes on a socket: what no web framework would send."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import ssl
import threading
import zlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from reader_stream.fetch.proxy import close_listener

Writer = asyncio.StreamWriter
Speak = Callable[[Writer], Awaitable[None]]

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
PAGE = (
    b"<!doctype html><title>Half</title><h1>Half</h1>"
    + b"<p>marker-half of a page, some words more.</p>" * 40
)
MIB = 1024 * 1024


@dataclass
class Origin:
    """A server that says the same to everybody; `open` are the connections that it holds."""

    port: int = 0
    open: set[Writer] = field(default_factory=set)


@contextlib.contextmanager
def speaking(speak: Speak, tls: ssl.SSLContext | None = None) -> Iterator[Origin]:
    """The origin, up for the length of a `with` block."""
    origin, loop, ready, stop = Origin(), asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: Writer) -> None:
        origin.open.add(writer)
        try:
            await reader.read(65536)
            speech = asyncio.ensure_future(speak(writer))
            left = asyncio.ensure_future(reader.read())
            await asyncio.wait({speech, left}, return_when=asyncio.FIRST_COMPLETED)
            speech.cancel()
            left.cancel()
            await asyncio.gather(speech, left, return_exceptions=True)
        finally:
            origin.open.discard(writer)
            writer.transport.abort()

    async def run() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
        origin.port = server.sockets[0].getsockname()[1]
        ready.set()
        await stop.wait()
        await close_listener(server)
        for writer in list(origin.open):
            writer.transport.abort()
        for _ in range(10):  # what they clean up takes some turns of the loop
            await asyncio.sleep(0.005)

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()), daemon=True)
    thread.start()
    assert ready.wait(60)
    try:
        yield origin
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(60)
        loop.close()


async def send(writer: Writer, data: bytes) -> None:
    """Bytes, at the pace of whoever takes them."""
    writer.write(data)
    await writer.drain()


def saying(*parts: bytes) -> Speak:
    """These bytes, then the end of the connection."""

    async def speak(writer: Writer) -> None:
        await send(writer, b"".join(parts))

    return speak


def repeating(head: bytes, part: bytes, pause_s: float = 0.0) -> Speak:
    """A head, then the same part for ever."""

    async def speak(writer: Writer) -> None:
        await send(writer, head)
        while True:
            await send(writer, part)
            await asyncio.sleep(pause_s)

    return speak


async def silence(writer: Writer) -> None:
    """Takes the request and says nothing."""
    await asyncio.sleep(3600)


async def resetting(writer: Writer) -> None:
    """Breaks off in the middle of the body."""
    await send(writer, HEAD + b"Content-Length: 100000\r\n\r\n" + PAGE)
    await asyncio.sleep(0.2)


async def looping(writer: Writer) -> None:
    """Sends the reader back to where it is."""
    await send(writer, b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n")


async def bomb(writer: Writer) -> None:
    """A gigabyte of one letter in a megabyte."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    await send(writer, HEAD + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n")
    for _ in range(1024):
        await send(writer, packer.compress(b"a" * MIB))
    await send(writer, packer.flush())


def packed(data: bytes) -> bytes:
    """gzip of something, its end missing."""
    return gzip.compress(data)[:-20]


def certificate(folder: Path, host: str = "127.0.0.1", days: int = 30) -> ssl.SSLContext:
    """A server's side of TLS with a certificate that nobody signed, for a host, until `days` from now."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    alternative = x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
    until = datetime.now(UTC) + timedelta(days=days)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(until - timedelta(days=60))
        .not_valid_after(until)
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / f"{host}{days}.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(secret + built.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context
