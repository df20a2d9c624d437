"""Words that say something of the nodes they name and of the texts they stand in, learnt from many sites."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Log odds of being content: of words in class names, ids and roles; of words in short texts (buttons,
    labels); of words in any text, as weights of one regression with its `bias`."""

    names: Mapping[str, float]
    texts: Mapping[str, float]
    words: Mapping[str, float]
    bias: float
