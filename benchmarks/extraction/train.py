"""Train the classifier of main content and measure it out of fold; write article_model.json.

    python -m benchmarks.extraction.train [--answers FILE] [--folds FOLDER] [--export]

Needs what the extra `train` installs, and the evaluation pages in `$EXTRACTION_DATA`. Folds are split by
site, the words of a site never speak for its own pages, so the figures printed are those of unseen sites.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import pickle
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import lightgbm
import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import SGDClassifier

from benchmarks.extraction import net
from benchmarks.extraction.batches import kinds_of_marks
from benchmarks.extraction.samples import FOLDS, Sample, fold_of, samples, weights_of
from benchmarks.extraction.trees import as_data
from reader_stream.document import article_model
from reader_stream.document.article import keep_blocks
from reader_stream.document.article_blocks import Node
from reader_stream.document.article_features import COLUMNS, SHORT_WORDS, Inputs, inputs, mark_bags
from reader_stream.document.article_model import NET_SHARE
from reader_stream.document.article_net import Net
from reader_stream.document.article_tree import Tree
from reader_stream.document.article_vocabulary import Vocabulary
from reader_stream.document.article_words import LEAST_WORDS, signs, word_bags

MODEL = Path(article_model.__file__).with_name("article_model.json")

NAME_SITES, TEXT_SITES = 8, 10
"""A word speaks when this many sites use it, in names and in short texts."""

PRIOR, PRIOR_SITES = 0.4, 4.0
"""What a word's share of content is pulled to, and with the weight of how many sites."""

SIGN_SITES, MARK_SITES = 15, 12
"""A word takes part in the regression, a mark in the network, when it stands on pages of this many sites."""

REGRESSION: dict[str, Any] = {
    "loss": "log_loss", "alpha": 2e-5, "max_iter": 8, "tol": None, "average": True, "random_state": 1,
}  # fmt: skip

ROWS_PER_PAGE = 250
"""Of a larger page a sample this big is trained on, so that no page outweighs the others."""

ROUNDS = 400
BOOSTING: dict[str, Any] = {
    "objective": "cross_entropy",
    "learning_rate": 0.08,
    "max_depth": 6,
    "num_leaves": 64,
    "max_bin": 63,
    "min_child_samples": 200,
    "feature_fraction": 0.6,
    "extra_trees": True,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "num_threads": 1,
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
    "boost_from_average": False,
    "verbose": -1,
}

Shares = dict[str, dict[str, float]]
"""Word → site → the share of the site's text under that word that is content."""


class WithoutOwn(Mapping[str, float]):
    """A word table as the page of one site may see it: learnt from all others."""

    def __init__(self, shares: Shares, sums: dict[str, float], site: str) -> None:
        self._shares, self._sums, self._site = shares, sums, site
        self._known: dict[str, float] = {}

    def __contains__(self, word: object) -> bool:
        return word in self._shares

    def __getitem__(self, word: str) -> float:
        if word not in self._known:
            sites = self._shares[word]
            own = sites.get(self._site)
            total, count = self._sums[word], len(sites)
            self._known[word] = _log_odds(total, count) if own is None else _log_odds(total - own, count - 1)
        return self._known[word]

    def __iter__(self) -> Iterator[str]:
        return iter(self._shares)

    def __len__(self) -> int:
        return len(self._shares)


def _log_odds(total: float, count: int) -> float:
    share = min(0.99, max(0.01, (total + PRIOR_SITES * PRIOR) / (count + PRIOR_SITES)))
    return round(math.log(share / (1 - share)) - math.log(PRIOR / (1 - PRIOR)), 3)


def word_shares(pages: Sequence[Sample]) -> tuple[Shares, Shares]:
    """The two word tables, per site: of names, of short texts."""
    names: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(lambda: [0.0, 0.0]))
    texts: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(lambda: [0.0, 0.0]))
    for sample in pages:
        above: dict[Node | None, frozenset[str]] = {None: frozenset()}
        for node in sample.page.nodes:
            above[node] = above[node.parent] | frozenset(node.names)
        for block, words, label in zip(sample.page.blocks, sample.words, sample.labels, strict=True):
            if np.isnan(label):
                continue
            weight = min(len(words), 30) + 1.0
            for word in above[block.node]:
                count = names[word][sample.site]
                count[0] += weight * label
                count[1] += weight
            if len(block.text.split()) <= SHORT_WORDS:
                for word in set(words):
                    count = texts[word][sample.site]
                    count[0] += label
                    count[1] += 1
    return _shares(names, NAME_SITES), _shares(texts, TEXT_SITES)


def _shares(counts: dict[str, dict[str, list[float]]], least: int) -> Shares:
    return {
        word: {site: float(hits / total) for site, (hits, total) in sites.items()}
        for word, sites in counts.items()
        if len(sites) >= least
    }


class Lexicon(NamedTuple):
    """The regression over the words of blocks: each word's weight, and what is said without any."""

    weights: dict[str, float]
    bias: float


def lexicon(pages: Sequence[Sample], types: Counter[str]) -> Lexicon:
    """Logistic regression: is a block with these words content?"""
    seen: dict[str, set[str]] = defaultdict(set)
    rows: list[list[str]] = []
    labels: list[np.ndarray] = []
    weights: list[np.ndarray] = []
    for sample in pages:
        weight = weights_of(sample, types) * (np.array(sample.page.words) >= LEAST_WORDS)
        for at in np.flatnonzero(weight > 0):
            rows.append(signs(sample.page.blocks[at].text))
            for sign in rows[-1]:
                seen[sign].add(sample.site)
        labels.append(sample.labels[weight > 0] > 0.5)
        weights.append(weight[weight > 0])
    kept = sorted(sign for sign, sites in seen.items() if len(sites) >= SIGN_SITES)
    columns = {sign: at for at, sign in enumerate(kept)}
    known = [sorted(columns[sign] for sign in row if sign in columns) for row in rows]
    starts = np.cumsum([0, *map(len, known)])
    values = np.concatenate([np.full(len(row), 1 / math.sqrt(len(row) or 1)) for row in known])
    shape = (len(known), len(kept))
    table = csr_matrix((values, np.concatenate([*map(np.array, known)]).astype(np.int32), starts), shape)
    weight = np.concatenate(weights)
    model = SGDClassifier(**REGRESSION)
    model.fit(table, np.concatenate(labels), sample_weight=weight / weight.mean())
    found = {sign: round(float(each), 2) for sign, each in zip(kept, model.coef_[0], strict=True)}
    return Lexicon(found, round(float(model.intercept_[0]), 3))


def add_rows(pages: Sequence[Sample], names: Shares, texts: Shares, lexicons: Sequence[Lexicon]) -> None:
    """Each page's features, the words of its own site left out; a lexicon is one of the other folds."""
    sums = [{word: sum(sites.values()) for word, sites in table.items()} for table in (names, texts)]
    for sample in pages:
        vocabulary = Vocabulary(
            WithoutOwn(names, sums[0], sample.site),
            WithoutOwn(texts, sums[1], sample.site),
            *lexicons[sample.fold],
        )
        sample.rows = inputs(sample.page, sample.hints, vocabulary).rows


def fit(pages: Sequence[Sample]) -> lightgbm.Booster:
    """Boosted trees for the blocks of `pages`."""
    types = Counter(sample.type for sample in pages if sample.set == "wcxb")
    random = np.random.default_rng(1)
    x, y, w = [], [], []
    for sample in pages:
        weight = weights_of(sample, types)
        chosen = np.flatnonzero(weight > 0)
        if len(chosen) > ROWS_PER_PAGE:
            scale = len(chosen) / ROWS_PER_PAGE
            chosen = np.sort(random.choice(chosen, ROWS_PER_PAGE, replace=False))
            weight = weight * scale
        x.append(sample.rows[chosen])
        y.append(np.clip(sample.labels[chosen], 0, 1))
        w.append(weight[chosen])
    weight = np.concatenate(w)
    data = lightgbm.Dataset(np.concatenate(x), np.concatenate(y), weight=weight * len(weight) / weight.sum())
    return lightgbm.train(BOOSTING, data, ROUNDS)


class Trained(NamedTuple):
    """A model as training has it: trees, the network's arrays, the words and marks that it knows."""

    trees: lightgbm.Booster
    net: net.Weights
    words: Lexicon
    marks: list[str]

    def answer(self, sample: Sample) -> np.ndarray:
        """How likely each block is content."""
        vocabulary = Vocabulary({}, {}, *self.words, self.marks)
        page = sample.page
        bags = word_bags(page, vocabulary), mark_bags(page, vocabulary)
        said = Net(self.net)(Inputs(sample.rows, *bags, Tree(page)))
        trees = np.asarray(self.trees.predict(sample.rows, raw_score=True))
        return np.asarray(1 / (1 + np.exp(-(1 - NET_SHARE) * trees - NET_SHARE * said)))


def trained(pages: Sequence[Sample], words: Lexicon, types: Counter[str]) -> Trained:
    """A model of these pages."""
    marks = kinds_of_marks(pages, MARK_SITES)
    known = Vocabulary({}, {}, *words, marks)
    return Trained(fit(pages), net.fit(pages, known, types), words, marks)


def out_of_fold(
    pages: Sequence[Sample], lexicons: Sequence[Lexicon], types: Counter[str]
) -> tuple[list[np.ndarray], list[Trained]]:
    """For each page the answers of a model that has not seen its site; and the models, by fold."""
    models = [
        trained([sample for sample in pages if sample.fold != fold], words, types)
        for fold, words in enumerate(lexicons)
    ]
    return [models[sample.fold].answer(sample) for sample in pages], models


def figures(pages: Sequence[Sample], answers: Sequence[np.ndarray]) -> dict[str, float]:
    """Word F1 by set and page type, macro F1 over types, snippet F1; close to what the harness says."""
    scores: dict[str, list[float]] = defaultdict(list)
    hits = missed = wrong = 0
    for sample, answer in zip(pages, answers, strict=True):
        keep = keep_blocks(sample.page, sample.hints, answer)
        if sample.gold is None:
            text = _squeezed(" ".join(b.text for b, k in zip(sample.page.blocks, keep, strict=True) if k))
            found = sum(_squeezed(snippet) in text for snippet in sample.wanted)
            hits, missed = hits + found, missed + len(sample.wanted) - found
            wrong += sum(_squeezed(snippet) in text for snippet in sample.unwanted)
            continue
        said = Counter(word for words, k in zip(sample.words, keep, strict=True) if k for word in words)
        both = sum((said & sample.gold).values())
        score = 2 * both / (sum(said.values()) + sum(sample.gold.values()))
        scores[sample.set].append(score)
        if sample.set == "wcxb":
            scores[f"wcxb {sample.type}"].append(score)
    means = {name: float(np.mean(values)) for name, values in scores.items()}
    means["wcxb macro"] = float(np.mean([value for name, value in means.items() if " " in name]))
    means["trafilatura"] = 2 * hits / (2 * hits + missed + wrong)
    return means


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def export(path: Path, model: Trained, names: Shares, texts: Shares) -> None:
    """Write a model as the package reads it."""
    data = {
        "columns": COLUMNS,
        "trees": as_data(model.trees.dump_model()),
        "net": net.as_data(model.net),
        "names": {w: _log_odds(sum(s.values()), len(s)) for w, s in sorted(names.items()) if w.isascii()},
        "texts": {w: _log_odds(sum(s.values()), len(s)) for w, s in sorted(texts.items())},
        "words": model.words.weights,
        "bias": model.words.bias,
        "marks": model.marks,
    }
    path.write_text(json.dumps(data, separators=(",", ":")) + "\n", "ascii")


def without_fold(shares: Shares, fold: int) -> Shares:
    """A word table without what the sites of a fold say."""
    return {
        word: {site: share for site, share in sites.items() if fold_of(site) != fold}
        for word, sites in shares.items()
    }


def main() -> None:
    """Print out-of-fold figures of both stages; write the model when asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--export", action="store_true", help="write article_model.json")
    parser.add_argument("--answers", type=Path, help="store pages and out-of-fold answers here (pickle)")
    parser.add_argument("--folds", type=Path, help="store the models of the folds in this folder")
    arguments = parser.parse_args()
    pages = list(samples(Path(os.environ["EXTRACTION_DATA"])))
    print(len(pages), "pages", flush=True)
    names, texts = word_shares(pages)
    types = Counter(sample.type for sample in pages if sample.set == "wcxb")
    lexicons = [lexicon([s for s in pages if s.fold != fold], types) for fold in range(FOLDS)]
    add_rows(pages, names, texts, lexicons)
    print(len(names), "names", len(texts), "short words", len(lexicons[0].weights), "words", flush=True)
    answers, models = out_of_fold(pages, lexicons, types)
    _print("out of fold", figures(pages, answers))
    if arguments.answers:
        sys.setrecursionlimit(20_000)
        arguments.answers.write_bytes(pickle.dumps((pages, answers)))
    if arguments.export:
        export(MODEL, trained(pages, lexicon(pages, types), types), names, texts)
    if arguments.folds:
        arguments.folds.mkdir(parents=True, exist_ok=True)
        for fold, model in enumerate(models):
            path = arguments.folds / f"{fold}.json"
            export(path, model, without_fold(names, fold), without_fold(texts, fold))
        by_page = {f"{sample.set}/{sample.id}": sample.fold for sample in pages}
        (arguments.folds / "pages.json").write_text(json.dumps(by_page))


def _print(name: str, values: dict[str, float]) -> None:
    print(f"{name:14}", "  ".join(f"{key} {value:.3f}" for key, value in values.items()), flush=True)


if __name__ == "__main__":
    main()
