"""Documents over time become events."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_stream.model import Phase, StreamMode
from reader_stream.stream.sequence import KEEP_REVISIONS, Event, Moment, Sequence
from reader_stream.stream.splice import Splice, apply
from reader_stream.stream.sse import encode
from reader_stream.stream.view import View

Blocks = tuple[str, ...]
documents = st.lists(
    st.lists(st.sampled_from(["one", "two two", "three three three", "4", "# h"]), max_size=6).map(tuple),
    min_size=1,
    max_size=8,
)


def fold(events: list[Event], blocks: Blocks | None = None) -> str | None:
    """What a client that follows the contract has in the end."""
    content = None if blocks is None else "\n\n".join(blocks)
    for event in events:
        if event.kind == "patch":
            assert blocks is not None
            data = event.data
            blocks = apply(blocks, Splice(data["start"], data["delete"], tuple(data["insert"])))
            content = "\n\n".join(blocks)
        elif event.kind == "snapshot" and "blocks" in event.data:
            blocks = tuple(event.data["blocks"])
            content = "\n\n".join(blocks)
        elif "content" in event.data:
            content = event.data["content"]
    return content


def take(sequence: Sequence, blocks: Blocks, at: int, last: bool = False) -> bool:
    return sequence.observe(blocks, {"title": "t"}, Moment(Phase.LOADED, 1, at, last))


def new() -> Sequence:
    return Sequence("content", len)


@given(documents, st.lists(st.booleans(), min_size=8, max_size=8), st.sampled_from(StreamMode))
def test_folding_the_events_gives_the_final(docs: list[Blocks], looks: list[bool], mode: StreamMode) -> None:
    """However often a client looks, in either mode, it ends with the final's content, and ids rise."""
    sequence = new()
    view, events = View(sequence, mode), []
    for n, doc in enumerate(docs):
        take(sequence, doc, n * 100, last=n == len(docs) - 1)
        if looks[n]:
            events += view.catch_up()
    sequence.finish({"content": "\n\n".join(docs[-1])})
    events += view.catch_up()
    assert fold(events) == "\n\n".join(docs[-1]) or (not docs[-1] and not fold(events))
    versions = [e.version for e in events]
    assert versions == sorted(set(versions))
    assert [e.kind for e in events].count("final") == 1
    assert events[-1].kind == "final"
    assert view.catch_up() == []


@given(documents, st.integers(0, 40))
def test_a_client_that_comes_back_after_any_event_folds_to_the_same(docs: list[Blocks], cut: int) -> None:
    """Cut after each event of a patch stream, then resumed: the fold is the final's content."""
    sequence = new()
    view, events = View(sequence, StreamMode.PATCH), []
    for n, doc in enumerate(docs):
        take(sequence, doc, n * 100, last=n == len(docs) - 1)
        events += view.catch_up()
    sequence.finish({"content": "\n\n".join(docs[-1])})
    events += view.catch_up()
    got = events[: cut % len(events)]
    more = View(sequence, StreamMode.PATCH, since=got[-1].version if got else 0).catch_up()
    assert (fold(got + more) or "") == "\n\n".join(docs[-1])


def test_equal_documents_tell_nothing() -> None:
    """Never two snapshots with equal content."""
    sequence = new()
    assert take(sequence, ("a",), 0)
    assert not take(sequence, ("a",), 10)


def test_a_page_that_goes_blank_for_a_moment_is_not_told() -> None:
    """A framework that empties the page before it fills it costs the reader nothing."""
    sequence = new()
    take(sequence, ("a" * 100, "b" * 100), 0)
    assert not take(sequence, (), 10)
    assert not take(sequence, ("short",), 20)
    assert take(sequence, ("a" * 100, "b" * 100, "c"), 30)


def test_a_page_that_stays_short_is_told() -> None:
    """A shrunken document counts at its second appearance, and always when it is the last."""
    sequence = new()
    take(sequence, ("a" * 100,), 0)
    assert not take(sequence, ("short",), 10)
    assert take(sequence, ("short",), 20)
    assert take(sequence, (), 30, last=True)


def test_a_page_that_is_parsed_again_is_not_told_until_it_has_more() -> None:
    """A browser that is at the middle of what the first look told takes nothing back from the reader."""
    sequence = new()
    take(sequence, ("head", "a long table " * 9, "foot"), 0)
    assert not take(sequence, ("head", "a long table " * 6), 10)
    assert not take(sequence, ("head", "a long table " * 8), 20)
    assert take(sequence, ("head", "a long table " * 9, "foot", "more"), 30)


def test_a_page_that_drops_its_end_is_told() -> None:
    """A shorter document that stays counts at its second appearance."""
    sequence = new()
    take(sequence, ("head", "text", "foot"), 0)
    assert not take(sequence, ("head", "text"), 10)
    assert take(sequence, ("head", "text"), 20)


def test_a_late_client_begins_with_the_newest_snapshot() -> None:
    """One that joins late gets one whole snapshot, not the history."""
    sequence = new()
    take(sequence, ("a",), 0)
    take(sequence, ("a", "b"), 10)
    [event] = View(sequence, StreamMode.PATCH).catch_up()
    assert (event.kind, event.data["blocks"]) == ("snapshot", ("a", "b"))


@pytest.mark.parametrize(("size", "patches"), [(1, 1), (1000, 4)])
def test_changes_next_to_each_other_are_one_patch(size: int, patches: int) -> None:
    """What lies between two changes is repeated where a patch of its own would cost more."""
    sequence = new()
    view = View(sequence, StreamMode.PATCH)
    take(sequence, tuple(f"{n}" * size for n in range(9)), 0)
    view.catch_up()
    take(sequence, tuple(f"{n}" * size + "!" * (n % 2) for n in range(9)), 10)
    assert [e.kind for e in view.catch_up()] == ["patch"] * patches


@given(documents, st.sampled_from([1, 30, 90, 300]))
def test_patches_are_never_larger_than_a_snapshot(docs: list[Blocks], size: int) -> None:
    """Whatever changes, patch mode costs at most what sending the whole again would."""
    sequence = new()
    view = View(sequence, StreamMode.PATCH)
    for n, doc in enumerate(docs):
        head = {"title": "t", "url": "http://host/"}
        sequence.observe(tuple(block * size for block in doc), head, Moment(Phase.LOADED, 1, n * 100))
        patches = sum(len(encode("0123456789abcdef", event)) for event in view.catch_up())
        snapshots = View(sequence, StreamMode.PATCH).catch_up()
        if patches:
            assert patches <= sum(len(encode("0123456789abcdef", event)) for event in snapshots)


def test_a_client_that_skips_a_revision_and_comes_back_folds_to_the_same() -> None:
    """The versions of the patches over a skipped revision are never that revision's."""
    sequence = new()
    first = tuple(f"block {n} " * 30 for n in range(9))
    second = tuple(block + "!" * (n % 2) for n, block in enumerate(first))
    third = (*second[:-1], "last")
    view = View(sequence, StreamMode.PATCH)
    take(sequence, first, 0)
    events = view.catch_up()
    take(sequence, second, 10)
    take(sequence, third, 20)
    events += view.catch_up()
    sequence.finish({"content": "\n\n".join(third)})
    for cut in range(1, len(events)):
        more = View(sequence, StreamMode.PATCH, since=events[cut - 1].version).catch_up()
        assert fold(events[:cut] + more) == "\n\n".join(third)


def test_the_final_of_a_patch_stream_has_no_content() -> None:
    """In patch mode the folded blocks are the content; the final does not repeat them."""
    sequence = new()
    view = View(sequence, StreamMode.PATCH)
    take(sequence, ("a",), 0, last=True)
    sequence.finish({"content": "a", "title": "t"})
    final = view.catch_up()[-1]
    assert "content" not in final.data
    assert final.data["title"] == "t"


def test_the_log_is_bounded_and_an_old_client_gets_a_snapshot() -> None:
    """A client whose base is forgotten gets a whole snapshot instead of a patch."""
    sequence = new()
    for n in range(KEEP_REVISIONS + 10):
        take(sequence, ("x" * 50, str(n)), n)
    assert len(sequence.revisions) == KEEP_REVISIONS
    assert [e.kind for e in View(sequence, StreamMode.PATCH, since=1).catch_up()] == ["snapshot"]


def test_an_error_before_any_snapshot_has_version_0() -> None:
    """`<read id>:0` is the id of an error that comes first."""
    sequence = new()
    sequence.fail({"code": 422})
    assert View(sequence, StreamMode.SNAPSHOT).catch_up() == [Event("error", 0, {"code": 422})]


def test_an_error_comes_after_the_last_snapshot() -> None:
    """What is there is shown before the error ends the stream, in snapshot mode too."""
    sequence = new()
    take(sequence, ("a",), 0)
    view = View(sequence, StreamMode.SNAPSHOT)
    view.catch_up()
    take(sequence, ("a", "b"), 10)
    sequence.fail({"code": 503})
    assert [e.kind for e in view.catch_up()] == ["snapshot", "error"]


def test_nothing_can_follow_the_end() -> None:
    """A document after the end is a bug of the caller."""
    sequence = new()
    sequence.finish({"content": ""})
    with pytest.raises(RuntimeError):
        take(sequence, ("a",), 0)


def test_stability_rises_while_a_page_rests_and_is_1_at_the_end() -> None:
    """Blocks that have been there for a while are expected to stay."""
    sequence = new()
    shares: list[Any] = []
    for n in range(4):
        take(sequence, ("steady " * 20, f"n{n}"), n * 400, last=n == 3)
        shares.append(sequence.revisions[-1].progress.stability)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_time_alone_makes_a_rendered_page_stable() -> None:
    """A page that rests is more and more likely to stay; a source waits for its browser."""
    sequence = new()
    sequence.observe(("a", "b"), {}, Moment(Phase.HTML, 1, 0))
    told = sequence.stability_at(0, resting=False)
    assert sequence.stability_at(5000, resting=False) == told
    assert sequence.stability_at(5000, resting=True) > told
    sequence.observe(("a", "b"), {}, Moment(Phase.LOADED, 0, 300))
    assert sequence.stability_at(300, resting=False) > told
    assert sequence.stability_at(5000, resting=False) == 1
    assert new().stability_at(9, resting=True) == 0
