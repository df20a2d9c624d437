"""The TypeScript declarations beside the ES module."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic.alias_generators import to_camel

from reader_stream.model import ReadOptions

FOLDER = Path(__file__).parents[2] / "reader_stream" / "web" / "playground"
TYPES = (FOLDER / "reader-stream.d.mts").read_text("utf-8")


def test_every_option_is_declared() -> None:
    """The options are the service's, as a body names them."""
    body = TYPES.partition("interface ReadOptions {")[2].partition("\n}")[0]
    declared = set(re.findall(r"^  (\w+)\?:", body, re.M))
    assert declared == {to_camel(name) for name in ReadOptions.model_fields.keys() - {"url", "shot_type"}}


def test_every_export_is_declared() -> None:
    """What the module exports, no more and no less."""
    module = (FOLDER / "reader-stream.mjs").read_text("utf-8")
    exported = set(re.findall(r"^export (?:async )?(?:class|function\*?) (\w+)", module, re.M))
    assert set(re.findall(r"^export (?:class|function) (\w+)", TYPES, re.M)) == exported
    assert {"stream", "read", "ReaderError"} <= exported
