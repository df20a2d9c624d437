"""A run as JSON, as a markdown table with ratios, and as a plot."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.samples import Key, Samples

RATIOS: tuple[tuple[str, str, str, str], ...] = (
    # part, quantity of the first, contestant, the one it is compared with (by its final or the same quantity)
    ("latency", "first ms", "reader", "playwright"),
    ("latency", "first content ms", "reader", "playwright, settled"),
    ("latency", "final ms", "reader", "playwright, settled"),
    ("latency", "final ms", "reader", "chromium --dump-dom"),
    ("bench/small", "pages/s", "reader (auto)", "playwright"),
    ("bench/small", "pages/s", "reader, html", "playwright"),
    ("bench/small", "pages/s", "reader", "playwright, settled"),
    ("bench/app", "pages/s", "reader", "playwright, settled"),
    ("bench/small", "CPU ms/page", "reader, html", "playwright"),
    ("bench/app", "CPU ms/page", "reader", "playwright, settled"),
    ("memory", "MiB", "reader", "playwright"),
)


def write(samples: Samples, folder: Path, binary: str) -> str:
    """Write `results.json` and `results.svg` into the folder; the tables as markdown."""
    folder.mkdir(parents=True, exist_ok=True)
    ratios = list(_ratios(samples))
    facts = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "browser": binary,
    }
    result = {"facts": facts, "ratios": ratios, "samples": samples.to_json()}
    (folder / "results.json").write_text(json.dumps(result, indent=1))
    _plot(samples, folder / "results.svg")
    return f"{facts['machine']}, {binary}\n\n{_table(samples)}\n\n{_ratio_table(ratios)}\n"


def _table(samples: Samples) -> str:
    lines = [
        "| part | case | quantity | contestant | median | quartiles | n |",
        "|---|---|---|---|--:|--:|--:|",
    ]
    for key, median, low, high, count in samples.rows():
        lines.append(
            f"| {key.part} | {key.case} | {key.quantity} | {key.contestant} "
            f"| {median:.4g} | {low:.4g}-{high:.4g} | {count} |"
        )
    return "\n".join(lines)


def _ratios(samples: Samples) -> Iterator[dict[str, Any]]:
    """Each comparison, case by case: the first's median as a multiple of the other's."""
    for part, quantity, ours, theirs in RATIOS:
        cases = [key.case for key in samples.values if (key.part, key.contestant) == (part, ours)]
        for case in dict.fromkeys(cases):
            mine = samples.median(Key(part, case, quantity, ours))
            other = samples.median(Key(part, case, quantity, theirs)) or samples.median(
                Key(part, case, "final ms", theirs)
            )
            if mine is not None and other:
                yield {
                    "part": part,
                    "case": case,
                    "quantity": quantity,
                    "of": ours,
                    "to": theirs,
                    "ratio": mine / other,
                }


def _ratio_table(ratios: list[dict[str, Any]]) -> str:
    lines = ["| part | case | ratio of | to | |", "|---|---|---|---|--:|"]
    lines += [
        f"| {r['part']} | {r['case']} | {r['of']}, {r['quantity']} | {r['to']} | {r['ratio']:.2f} |"
        for r in ratios
    ]
    return "\n".join(lines)


def _plot(samples: Samples, file: Path) -> None:
    """One panel for each part and quantity: a bar for each contestant, quartiles as whiskers."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    panels = list(dict.fromkeys((key.part, key.quantity) for key in samples.values))
    figure, axes = pyplot.subplots(len(panels), 1, figsize=(9, 3.2 * len(panels)), squeeze=False)
    for axis, (part, quantity) in zip(axes[:, 0], panels, strict=True):
        keys = [key for key in samples.values if (key.part, key.quantity) == (part, quantity)]
        _panel(axis, samples, keys)
        axis.set_title(f"{part}: {quantity}")
    figure.tight_layout()
    figure.savefig(file)
    pyplot.close(figure)


def _panel(axis: Any, samples: Samples, keys: list[Key]) -> None:
    cases = list(dict.fromkeys(key.case for key in keys))
    names = list(dict.fromkeys(key.contestant for key in keys))
    rows = {(key.case, key.contestant): row for key, *row in samples.rows() if key in keys}
    width = 0.8 / len(names)
    for n, name in enumerate(names):
        at = [x for x, case in enumerate(cases) if (case, name) in rows]
        bars = [rows[cases[x], name] for x in at]
        error = [[b[0] - b[1] for b in bars], [b[2] - b[0] for b in bars]]
        axis.bar([x + n * width for x in at], [b[0] for b in bars], width, yerr=error, label=name)
    axis.set_xticks([x + 0.4 - width / 2 for x in range(len(cases))], cases)
    axis.legend(fontsize="x-small")
