"""`make fuzz`: random bytes for each target, as long as it is told; 1 when one of them fails.

    python -m tests.fuzz [--seconds 10] [--seed N] [--target NAME]

With a seed it tries the same inputs each time, in the same order, and as many of them on any machine.
atheris (libFuzzer) goes where new code is reached. Where it is not installed (it has wheels for Linux on
x86-64 only), bytes are mutated blindly, which finds less, and says so. An input that fails is written to
`cases/NAME/`, where the tests try it ever after.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from hashlib import sha1
from importlib.util import find_spec
from pathlib import Path

CASES = Path(__file__).parent / "cases"
MAX_BYTES = 4096
INPUT_TIMEOUT_S = 60
"""One input of 4 KiB takes 1 to 20 ms."""

PACE = {"decoder": 1000, "event_stream": 5000, "markdown": 100}
"""Inputs per second, measured on one of two busy cores: so many are tried for each second with a seed."""

COUNT = re.compile(r"number_of_executed_units: (\d+)")

SEEDS = (
    b'id: r:1\nevent: snapshot\ndata: {"version":1}\n\n: ping\r\n\r\nretry: 9\rdata\rdata: \xe2\x82\xac\r\r',
    b"\xef\xbb\xbf<meta charset=utf-8><title>\xc3\xa9</title><p>text",
    b'<?xml version="1.0" encoding="shift_jis"?><html><body>\x93\xfa\x96{</body>',
    b"<table><tr><th>a<td colspan=2>b|c<tr><td>1<td><ul><li>x</table><pre><code class=language-py>a\n``` b",
    b"<ol start=3><li><p>one<p>two<ul><li><blockquote>q<h2>h</h2></blockquote></ul><li>* x</ol><dl><dt>a",
    b'<a href="javascript:x">a</a><a href="/p q)(<">l]</a><img src=x alt="[a](b)"><b><i>_x_</b>*y*</i><hr>',
    b"<math><mfrac><mi>a</mi><mn>2</mn></mfrac></math><svg><title>t</title></svg><template>x</template><del>d",
    b'<div style="display:none">h</div><details><summary>s</summary>d</details><kbd>k</kbd><ruby>a<rt>b',
)


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=10, help="for each target")
    parser.add_argument("--seed", type=int, default=0, help="the same inputs each time; 0: new ones")
    parser.add_argument("--target", help="one of them, in this process")
    options = parser.parse_args()
    if options.target:
        return one(options.target, options.seconds, options.seed)
    if find_spec("atheris") is None:
        print("fuzz: atheris is not installed: bytes are mutated blindly, whatever code they reach")
    codes = []
    for name in PACE:
        command = [sys.executable, "-m", "tests.fuzz", "--target", name]
        command += ["--seconds", str(options.seconds), "--seed", str(options.seed)]
        order = {"PYTHONHASHSEED": str(options.seed)} if options.seed else {}
        done = subprocess.run(
            command,
            env={**os.environ, **order},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        codes.append(done.returncode)
        told = done.stdout if done.returncode else f"in {', '.join(COUNT.findall(done.stdout))} inputs"
        print(f"fuzz: {name}: {'FAILED' if done.returncode else 'nothing found'} {told}".rstrip(), flush=True)
    return int(any(codes))


def one(name: str, seconds: int, seed: int) -> int:
    """Fuzz one target in this process."""
    if find_spec("atheris") is None:
        from tests.fuzz.targets import TARGETS

        return blindly(name, TARGETS[name], seconds, seed)
    with tempfile.TemporaryDirectory() as folder:
        for data in known(name):
            (Path(folder) / sha1(data, usedforsecurity=False).hexdigest()).write_bytes(data)
        guided(name, folder, seconds, seed)
    return 0


def guided(name: str, corpus: str, seconds: int, seed: int) -> None:
    """atheris; it ends the process itself."""
    import atheris  # type: ignore[import-untyped,import-not-found,unused-ignore]

    with atheris.instrument_imports(include=["reader_stream"]):
        from tests.fuzz.targets import TARGETS
    (CASES / name).mkdir(parents=True, exist_ok=True)
    limits = [f"-max_len={MAX_BYTES}", f"-timeout={INPUT_TIMEOUT_S}"]
    limits.append(f"-runs={seconds * PACE[name]}" if seed else f"-max_total_time={seconds}")
    limits.append(f"-seed={seed}")  # 0 is libFuzzer's own word for a new one, too
    atheris.Setup(
        ["fuzz", corpus, *limits, "-rss_limit_mb=2048", "-verbosity=0", "-print_final_stats=1",
         f"-artifact_prefix={CASES / name}/"],
        TARGETS[name],
    )  # fmt: skip
    atheris.Fuzz()


def blindly(name: str, target: Callable[[bytes], None], seconds: int, seed: int) -> int:
    """Mutations of what is known."""
    rng, end, count = random.Random(seed or time.time_ns()), time.monotonic() + seconds, 0
    inputs = mutations(rng, list(known(name)))
    while count < seconds * PACE[name] if seed else time.monotonic() < end:
        data = next(inputs)
        count += 1
        try:
            target(data)
        except Exception:  # whatever it is, it is what we look for
            traceback.print_exc()
            path = CASES / name / f"crash-{sha1(data, usedforsecurity=False).hexdigest()}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            return 1
    print(f"number_of_executed_units: {count}")
    return 0


def known(name: str) -> Iterator[bytes]:
    """What to begin with: the seeds under some options, and all that ever failed."""
    for number, seed in enumerate(SEEDS):
        yield bytes([number]) + seed
        yield bytes([number, number, number, number]) + seed
    yield from (path.read_bytes() for path in sorted((CASES / name).glob("*")))


def mutations(rng: random.Random, corpus: list[bytes]) -> Iterator[bytes]:
    """Bytes changed, dropped, doubled, and pieces of two joined; without end."""
    while True:
        data = bytearray(rng.choice(corpus))
        for _ in range(rng.randint(1, 8)):
            at = rng.randrange(len(data) + 1)
            kind = rng.randrange(4)
            if kind == 0 and at < len(data):
                data[at] = rng.randrange(256)
            elif kind == 1:
                del data[at : at + rng.randint(1, 8)]
            elif kind == 2:
                data[at:at] = data[at : at + rng.randint(1, 40)] * rng.randint(1, 9)
            else:
                other = rng.choice(corpus)
                data[at:] = other[rng.randrange(len(other) + 1) :]
        yield bytes(data[:MAX_BYTES])


if __name__ == "__main__":
    sys.exit(main())
