"""Training of the network: its gradients, and that it trains what the package computes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from reader_stream.document.article_blocks import Page
from reader_stream.document.article_features import inputs
from reader_stream.document.article_hints import Hints
from reader_stream.document.article_net import Net, array, scaled
from reader_stream.document.article_vocabulary import Vocabulary
from reader_stream.document.html import body_of, parse
from tests.document.article_walk import NOTE, PROSE

for package in ("scipy", "threadpoolctl"):
    pytest.importorskip(package, reason="training needs the extra `train`")

from benchmarks.extraction import net  # noqa: E402
from benchmarks.extraction.batches import SNIPPETS_WEIGHT, Batch, batch, kinds_of_marks  # noqa: E402
from benchmarks.extraction.samples import Sample, weights_of  # noqa: E402

WORDS = {"committee": 0.5, "cranes": -1.0, "menu": 0.25}
MARKS = ["<li", "<p", "menu", "story"]
PAGES = (
    f"<div class=story><h1>Harbour</h1><p>{PROSE}</p><p>{NOTE}</p></div><ul class=menu><li>a menu of it<li>b",
    f"<nav class=menu><a href=/>the menu of it</a></nav><main><p>{NOTE}</p></main>",
    f"<p>{PROSE}</p>",
)
VOCABULARY = Vocabulary({"menu": -1.0}, {}, WORDS, 0.0, MARKS)


def sample(at: int) -> Sample:
    """An annotated page: prose is content."""
    page = Page(body_of(parse(f"<body>{PAGES[at]}</body>")))
    words = [block.text.split() for block in page.blocks]
    labels = np.array([float(len(each) > 9) for each in words], np.float32)
    labels[-1] = np.nan if at == 0 else labels[-1]
    gold = Counter(word for each in words for word in each)
    made = Sample(str(at), "wcxb", "article", f"{at}.test", page, Hints(), words, labels, gold)
    made.rows = inputs(page, made.hints, VOCABULARY).rows
    return made


SAMPLES = [sample(at) for at in range(len(PAGES))]
ROWS = np.concatenate([each.rows for each in SAMPLES])


def batched(weights: dict[str, Any]) -> Batch:
    """All pages as one batch."""
    return batch(SAMPLES, scaled(ROWS, weights), VOCABULARY, Counter(article=3))


def weights() -> dict[str, Any]:
    """Those of a network that has learnt nothing yet, in double precision, with biases."""
    found = net.ramps(ROWS) | net.started(np.random.default_rng(1), ROWS.shape[1], len(WORDS), len(MARKS))
    return {name: each.astype(np.float64) + 0.01 * name.endswith("bias") for name, each in found.items()}


def test_training_computes_what_the_package_does() -> None:
    """Pages in a batch have the log odds that the package has for each of them alone."""
    of = {name: each.astype(np.float32) for name, each in weights().items()}
    alone = [Net(of)(inputs(each.page, each.hints, VOCABULARY)) for each in SAMPLES]
    assert net.forward(of, batched(of)).odds == pytest.approx(np.concatenate(alone), abs=1e-4)


@pytest.mark.parametrize(
    "name", ["words", "marks", "first", "first_bias", "second", "second_bias", "last", "last_bias"]
)
def test_gradients_are_those_of_the_loss(name: str) -> None:
    """Each weight's gradient is what a small change of it changes, with parts left out at random."""
    of, random = weights(), np.random.default_rng(2)
    pages = batched(of)
    mask = net.masks(random, of, pages)
    wrong = random.normal(size=len(ROWS))
    found = net.gradients(of, pages, net.forward(of, pages, mask), wrong, mask)[name]
    assert found.any()
    for at in random.choice(found.size, min(20, found.size), replace=False):
        said = []
        for change in (-1e-5, 1e-5):
            changed = of[name].copy()
            changed.flat[at] += change
            said.append(float(net.forward(of | {name: changed}, pages, mask).odds @ wrong))
        assert (said[1] - said[0]) / 2e-5 == pytest.approx(found.flat[at], rel=1e-3, abs=1e-6)


def test_a_batch_holds_what_is_known_of_its_pages() -> None:
    """Blocks of which nothing is known weigh nothing; neighbours are those of the same page."""
    pages = batched(weights())
    sizes = [len(each.page.blocks) for each in SAMPLES]
    assert len(pages.labels) == sum(sizes)
    assert (pages.weights == 0).nonzero()[0].tolist() == [sizes[0] - 1]
    assert (pages.first == 0).nonzero()[0].tolist() == [0, sizes[0], sizes[0] + sizes[1]]
    assert (pages.last == 0).nonzero()[0].tolist() == (np.cumsum(sizes) - 1).tolist()


def test_pages_with_snippets_weigh_more() -> None:
    """As much more as `SNIPPETS_WEIGHT` says, beside what the trees are trained with."""
    snippets = replace(sample(1), gold=None, set="trafilatura")
    types = Counter(article=3)
    weighed = batch([snippets], scaled(snippets.rows, weights()), VOCABULARY, types).weights
    assert weighed.sum() > 0
    assert weighed == pytest.approx(SNIPPETS_WEIGHT * weights_of(snippets, types))


def test_it_learns_what_is_to_be_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    """After training prose is likely, all else is not, and what is written is read as it was."""
    monkeypatch.setattr(net, "EPOCHS", 200)
    learnt = net.fit(SAMPLES, VOCABULARY, Counter(article=3))
    read = {name: array(each) for name, each in net.as_data(learnt).items()}
    for each in SAMPLES:
        odds = Net(read)(inputs(each.page, each.hints, VOCABULARY))
        known = ~np.isnan(each.labels)
        assert ((odds > 0) == (each.labels > 0.5))[known].all()


def test_marks_of_many_sites_are_known() -> None:
    """A mark takes part when it stands on pages of so many sites."""
    assert kinds_of_marks(SAMPLES, 3) == ["<body", "<p"]
    assert {"menu", "<p"} <= set(kinds_of_marks(SAMPLES, 2))
    assert "story" not in kinds_of_marks(SAMPLES, 2)
