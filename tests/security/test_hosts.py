"""A page that makes its own name lead to the service (DNS rebinding) reads nothing from it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e_checks import check_error
from tests.service import JSON, Service, running


@pytest.fixture(scope="module")
def named() -> Iterator[Service]:
    """A service that is known under one name."""
    with running({"READER_HOST_NAMES": "Reader.example, other.example"}) as service:
        yield service


@pytest.mark.parametrize("path", ["", "healthz", "v1/reads/x", "http://127.0.0.1:9/"])
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:3000",
        "reader.example.evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil",
    ],
)
def test_names_of_others_are_refused(named: Service, host: str, path: str) -> None:
    """Whatever is asked for, before anything is done."""
    answer = named.get(path, {**JSON, "Host": host})
    assert answer.status == 400
    check_error(answer.json(), 400)
    assert "READER_HOST_NAMES" in answer.text


@pytest.mark.parametrize(
    "host",
    ["reader.example", "READER.example:443", "other.example", "localhost:3000", "127.0.0.1", "[::1]:80"],
)
def test_own_names_and_addresses_are_answered(named: Service, host: str) -> None:
    """With any port; addresses and localhost cannot be made to lead elsewhere."""
    assert named.get("healthz", {**JSON, "Host": host}).status == 200


def test_out_of_the_box_any_name_is_answered(service: Service) -> None:
    """A proxy in front may use what it likes."""
    assert service.get("healthz", {**JSON, "Host": "reader.example"}).status == 200
