"""How well is the main content found? One table: ours, peers that are installed, the goals, the floors.

    python -m benchmarks.extraction.quality [--sample 6] [--peers] [--check]

Pages and scoring are those of `$READER_SHARED` (../shared): data/extraction and tools/extraction. `--check`
fails below the floors of floors.json, which hold for its sample and its digest of the data. Floors are
only ever raised. The shipped model has seen these pages: train.py prints the figures of unseen sites.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import logging
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from reader_stream.document import render
from reader_stream.model import Capture, RenderOptions

FLOORS = Path(__file__).with_name("floors.json")
SETS = ("wcxb", "scrapinghub", "trafilatura", "mozilla")
LARGE = ("wcxb", "trafilatura")
SMALL_SAMPLE = 4
"""Of the two small sets at least one page in so many is measured."""

GOALS = {
    "wcxb ne_f1": 0.890, "wcxb macro": 0.845, "wcxb structure": 0.78, "scrapinghub shingles": 0.970,
    "trafilatura snippets": 0.930, "mozilla shingles": 0.960,
}  # fmt: skip
PEERS = ("trafilatura", "readability-lxml", "rs-trafilatura")

Extract = Callable[[str, str], str]


def ours(html: str, url: str) -> str:
    """The main content of a page as markdown, parse to markdown."""
    capture = Capture("" if "::" in (url or "") else url or "", html, settled=True)
    return render(capture, RenderOptions()).content


def measure(shared: Path, extract: Extract, sample: int) -> dict[str, float]:
    """All measures of the goals, and the median CPU milliseconds of a WCXB page; one page in `sample`."""
    harness, score = _tools(shared)
    out: dict[str, float] = {}
    for name in SETS:
        rows, times = [], []
        elements = harness.gold_elements(name, "dev") if name != "trafilatura" else {}
        for page in harness.pages(name, "dev", sample if name in LARGE else min(sample, SMALL_SAMPLE)):
            start = time.process_time()
            content = extract(page["html"], page.get("url"))
            times.append((time.process_time() - start) * 1000)
            rows.append((page, score.score(page, content, elements.get(page["id"]))))
        out |= _measures(name, rows, times, score)
    return out


def _tools(shared: Path) -> tuple[Any, Any]:
    os.environ["EXTRACTION_DATA"] = str(shared / "data" / "extraction")
    folder = str(shared / "tools" / "extraction")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    modules = importlib.import_module("run"), importlib.import_module("score")
    logging.disable(logging.NOTSET)  # the harness turns all logging off, for whoever imports it
    return modules


def _measures(
    name: str, rows: Sequence[tuple[dict[str, Any], dict[str, Any]]], times: Sequence[float], score: Any
) -> dict[str, float]:
    mean = statistics.fmean
    if name == "trafilatura":
        hits, wrong, missed, _ = map(sum, zip(*(row["sn"] for _, row in rows if "sn" in row), strict=True))
        return {"trafilatura snippets": score.prf(hits, wrong, missed)[2]}
    said = [(page, row) for page, row in rows if row["sh"][0] + row["sh"][2] > 0]
    if name != "wcxb":
        precision = [tp / (tp + fp) for _, row in said if (tp := row["sh"][0]) + (fp := row["sh"][1])]
        recall = mean([row["sh"][0] / (row["sh"][0] + row["sh"][2]) for _, row in said])
        both = mean(precision) + recall
        return {f"{name} shingles": 2 * mean(precision) * recall / both if both else 0.0}
    types = sorted({page["type"] for page, _ in said})
    by_type = {kind: mean([row["w"][2] for page, row in said if page["type"] == kind]) for kind in types}
    structure = [mean([part[2] for part in row["st"].values()]) for _, row in rows if row.get("st")]
    return {
        "wcxb ne_f1": mean([row["w"][2] for _, row in said]),
        "wcxb macro": mean(by_type.values()),
        "wcxb structure": mean(structure),
        **{f"wcxb {kind}": value for kind, value in by_type.items()},
        "wcxb ms": statistics.median(times),
    }


def digest(shared: Path) -> str:
    """Of the pages and annotations that the floors hold for."""
    whole = hashlib.sha256()
    for name in SETS:
        whole.update((shared / "data" / "extraction" / name / "dev.jsonl.xz").read_bytes())
    return whole.hexdigest()


def shortfalls(found: dict[str, float], floors: dict[str, float]) -> list[str]:
    """What lies below its floor."""
    return [
        f"{name}: {found[name]:.4f} < {floor:.4f}" for name, floor in floors.items() if found[name] < floor
    ]


def main() -> int:
    """Print the table; 1 when something lies below its floor and `--check` was given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=1, help="one page in so many")
    parser.add_argument("--peers", action="store_true", help="measure the installed peers in the same run")
    parser.add_argument("--check", action="store_true", help="fail below the floors of floors.json")
    arguments = parser.parse_args()
    shared = Path(os.environ.get("READER_SHARED", "../shared")).resolve()
    pinned = json.loads(FLOORS.read_text("ascii"))
    sample = pinned["sample"] if arguments.check else arguments.sample
    columns = {"ours": measure(shared, ours, sample)}
    if arguments.peers:
        _tools(shared)
        systems = importlib.import_module("systems").SYSTEMS
        for name in PEERS:
            try:
                extract = systems[name]()
            except (ImportError, OSError) as error:
                print(f"{name}: not installed ({error})")
                continue
            columns[name] = measure(shared, extract, sample)
    print(f"{'':24}" + "".join(f"{name:>18}" for name in (*columns, "goal")))
    for measured in columns["ours"]:
        goal = f"{GOALS[measured]:18.3f}" if measured in GOALS else ""
        print(f"{measured:24}" + "".join(f"{found[measured]:18.3f}" for found in columns.values()) + goal)
    if not arguments.check:
        return 0
    if pinned["digest"] != digest(shared):
        print("the data are not those that the floors were pinned on")
        return 1
    below = shortfalls(columns["ours"], pinned["floors"])
    print("\n".join(below) or "all floors hold")
    return 1 if below else 0


if __name__ == "__main__":
    raise SystemExit(main())
