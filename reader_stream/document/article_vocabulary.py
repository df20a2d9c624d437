"""Words that say something of the nodes they name and of the texts they stand in, learnt from many sites."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from reader_stream.document.article_tree import Numbers


class Vocabulary:
    """What is known of words.

    `names` and `texts`: log odds of being content, of words in class names, ids and roles, and of words in
    short texts (buttons, labels). `word_places`: the signs of any text (article_words) by their number, that
    of their weight in `weights`, which are those of one regression with its `bias`. `mark_places`: the marks
    of nodes (article_features) by their number.
    """

    def __init__(
        self,
        names: Mapping[str, float],
        texts: Mapping[str, float],
        words: Mapping[str, float],
        bias: float,
        marks: Iterable[str] = (),
    ) -> None:
        self.names, self.texts, self.bias = names, texts, bias
        self.word_places = {word: at for at, word in enumerate(words)}
        self.weights: Numbers = np.array(list(words.values()), np.float64)
        self.mark_places = {mark: at for at, mark in enumerate(marks)}
