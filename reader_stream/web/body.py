"""Pure: the bytes of a request body → its fields, before anybody asks what they mean."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from reader_stream.errors import ParamValidationError

BodyFields = Mapping[str, Any]
"""A body after its syntax: JSON's object, or a form's names with strings, bytes (files) or lists of them."""


def parse_json(raw: bytes, path: str | None = None) -> BodyFields:
    """The object of a JSON body, or of the field `path` of a form.

    Raises ParamValidationError for anything but one clean object.
    """
    what = path or "the body"
    try:
        body = json.loads(
            raw.decode("utf-8-sig"),
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_finite,
        )
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise ParamValidationError(f"{what} is not valid JSON: {reason}", path=path) from None
    if not isinstance(body, dict):
        raise ParamValidationError(f"{what} must be a JSON object", path=path)
    return body


def collect_form(items: Iterable[tuple[str, str | bytes]]) -> BodyFields:
    """A form's fields: several of one name become a list, empty texts (untouched inputs) are left out."""
    fields: dict[str, Any] = {}
    for name, value in items:
        if value == "":
            continue
        fields[name] = value if name not in fields else [*_as_list(fields[name]), value]
    return fields


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _finite(digits: str) -> float:
    if math.isinf(number := float(digits)):
        raise ValueError("a number is out of range")
    return number


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
