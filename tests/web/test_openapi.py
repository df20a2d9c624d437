"""The description of the service is valid, whole and true."""

from __future__ import annotations

import orjson
from openapi_spec_validator import OpenAPIV31SpecValidator

from reader_stream.errors import ReaderError
from reader_stream.model import ReadOptions
from reader_stream.web.openapi import openapi
from reader_stream.web.openapi_options import ABOUT
from reader_stream.web.params import OPTIONS

DESCRIPTION = openapi("http://127.0.0.1:3000")


def test_the_description_is_valid_openapi() -> None:
    """It passes the validator of OpenAPI 3.1, references included, and is JSON."""
    OpenAPIV31SpecValidator(orjson.loads(orjson.dumps(DESCRIPTION))).validate()


def test_every_option_is_described() -> None:
    """No option of the model and no header of the table is left out."""
    properties = DESCRIPTION["components"]["schemas"]["ReadOptions"]["properties"]
    assert set(properties) == {field.alias for field in ReadOptions.model_fields.values()} - {"shotType"}
    assert all(schema["description"] for schema in properties.values())
    names = {p["name"].lower() for p in DESCRIPTION["components"]["parameters"].values()}
    assert names == {header for option in OPTIONS for header in option.headers}
    assert {option.body for option in OPTIONS} <= set(ABOUT)


def test_every_field_of_the_model_can_be_asked_for() -> None:
    """The options table has a row for each field of the model but the URL."""
    fields = {option.field.partition(".")[0] for option in OPTIONS}
    assert fields == set(ReadOptions.model_fields) - {"url", "shot_type"}


def test_every_error_is_described() -> None:
    """Each error's name and status stand in the response of its HTTP status."""
    responses = DESCRIPTION["components"]["responses"]
    for kind in ReaderError.__subclasses__():
        about = responses[f"Error{kind.http}"]["description"]
        assert kind.__name__ in about
        assert str(kind.status) in about
