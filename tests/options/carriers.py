"""The ways in which a client gives an option: each of its headers, a JSON body, a form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from reader_stream.web.params import OPTIONS, Option
from tests.service import JSON, Answer, Service

BY_BODY: Mapping[str, Option] = {option.body: option for option in OPTIONS}


def carriers(name: str) -> list[str]:
    """What carries an option: its headers, then `json` and `form`. `DNT` has one spelling of its own."""
    return [*BY_BODY[name].headers, "json", "form"]


def send(
    service: Service,
    carrier: str,
    name: str,
    value: object,
    others: Mapping[str, object],
    headers: Mapping[str, str] = JSON,
) -> Answer:
    """`POST /` with one option given in a certain way, and the others in the body."""
    body: dict[str, Any] = {**others}
    more = dict(headers)
    if carrier in ("json", "form"):
        _put(body, name, value)
    else:
        more[carrier] = spelt(value)
    if carrier == "form":
        fields = {key: item if isinstance(item, list) else spelt(item) for key, item in body.items()}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return service.request("POST", "/", {**kind, **more}, urlencode(fields, doseq=True).encode())
    return service.post(body, more)


def spelt(value: object) -> str:
    """A value as the text of a header or a form's field."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(value)
    return json.dumps(value) if isinstance(value, dict) else str(value)


def _put(body: dict[str, Any], name: str, value: object) -> None:
    parent, _, leaf = name.rpartition(".")
    place = body
    if parent:
        place = body[parent] = dict(body.get(parent, {}))
    place[leaf] = value
