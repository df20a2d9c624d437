"""Limits in tokens, and reading on from a cursor."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_stream.model import Phase, StreamMode
from reader_stream.stream.allowance import KEEP_ACCOUNTS, Account, Allowance, Ledger, skip
from reader_stream.stream.sequence import Moment, Sequence
from reader_stream.stream.view import View
from tests.stream.test_sequence import documents, fold


def words(text: str) -> int:
    return len(text.split())


blocks = st.lists(
    st.sampled_from(["a", "b c", "one two three four five six", "x\ny\nz\nu\nv\nw\nq"]), max_size=8
).map(tuple)


@given(blocks, st.integers(1, 9))
def test_reading_on_from_cursor_to_cursor_gives_all(doc: tuple[str, ...], limit: int) -> None:
    """The pieces of a document, joined where they were cut, are the document; each is within the limit."""
    offset: int | None = 0
    whole, got = "\n\n".join(doc), ""
    for _ in range(200):
        allowance = Allowance(limit, offset or 0, words)
        piece = allowance.fit(doc)
        assert sum(map(words, piece)) <= limit
        got += "\n\n".join(piece)
        offset = allowance.next_offset(doc, piece)
        if offset is None:
            break
        got += whole[len(got) : offset]
    assert got == whole


@pytest.mark.parametrize(
    ("offset", "rest"),
    [(0, ("ab", "cd")), (1, ("b", "cd")), (2, ("cd",)), (4, ("cd",)), (5, ("d",)), (6, ())],
)
def test_an_offset_counts_characters_of_the_joined_text(offset: int, rest: tuple[str, ...]) -> None:
    """An offset inside a joint begins with the block behind it."""
    assert skip(("ab", "cd"), offset) == rest


@given(documents, st.integers(1, 12), st.lists(st.booleans(), min_size=8, max_size=8))
def test_a_patch_stream_never_sends_more_than_its_limit(
    docs: list[tuple[str, ...]], limit: int, looks: list[bool]
) -> None:
    """All events together stay within the limit, and their fold is what the view says was sent."""
    sequence = Sequence("content", words)
    view, events = View(sequence, StreamMode.PATCH, allowance=Allowance(limit, 0, words)), []
    for n, doc in enumerate(docs):
        sequence.observe(doc, {}, Moment(Phase.LOADED, 0, n * 400, last=n == len(docs) - 1))
        if looks[n]:
            events += view.catch_up()
    sequence.finish({"content": ""})
    events += view.catch_up()
    told = [block for e in events for block in e.data.get("blocks", ()) or e.data.get("insert", ())]
    assert sum(map(words, told)) <= limit
    assert (fold(events) or "") == "\n\n".join(view.sent or ())
    final = sequence.newest.blocks if sequence.newest else ()
    assert "\n\n".join(final).startswith("\n\n".join(view.sent or ()))


@given(documents, st.sampled_from([3, 9, 70]), st.lists(st.booleans(), min_size=8, max_size=8))
def test_the_limit_counts_over_all_connections(
    docs: list[tuple[str, ...]], limit: int, cuts: list[bool]
) -> None:
    """A client that breaks off after any event and comes back: the same limit, the same fold."""
    sequence, ledger, allowance = Sequence("content", words), Ledger(), Allowance(limit, 0, words)
    view, got = View(sequence, StreamMode.PATCH, 0, allowance, ledger), []
    for n, doc in enumerate(docs):
        sequence.observe(
            tuple(block * 9 for block in doc), {}, Moment(Phase.LOADED, 0, n * 400, n == len(docs) - 1)
        )
        got += (news := view.catch_up())
        if cuts[n] and news:
            got = got[: len(got) - len(news) + 1]
            view = View(sequence, StreamMode.PATCH, got[-1].version, allowance, ledger)
    sequence.finish({})
    got += view.catch_up()
    told = [block for e in got for block in e.data.get("blocks", ()) or e.data.get("insert", ())]
    assert sum(map(words, told)) <= limit
    assert (fold(got) or "") == "\n\n".join(view.sent or ())
    assert [event.kind for event in got].count("snapshot") <= 1


@pytest.mark.parametrize("mode", StreamMode)
def test_a_client_with_a_limit_that_comes_back_to_the_end_gets_it_alone(mode: StreamMode) -> None:
    """Nothing is told twice to one that has it all, and the view knows what it has."""
    sequence, ledger, allowance = Sequence("content", words), Ledger(), Allowance(5, 0, words)
    sequence.observe(("a b", "c", "d e f"), {}, Moment(Phase.SETTLED, 0, 0, last=True))
    sequence.finish({"content": ""})
    first, _ = View(sequence, mode, 0, allowance, ledger).catch_up()
    view = View(sequence, mode, first.version, allowance, ledger)
    assert [event.kind for event in view.catch_up()] == ["final"]
    assert view.sent == ("a b", "c")


def test_a_ledger_forgets_the_oldest() -> None:
    """A client that comes back to an event long ago begins anew."""
    sequence, ledger, allowance = Sequence("content", words), Ledger(), Allowance(90, 0, words)
    sequence.observe(("a b",), {}, Moment(Phase.SETTLED, 0, 0, last=True))
    for version in range(KEEP_ACCOUNTS + 1):
        ledger.enter(version, Account((), 0))
    [event] = View(sequence, StreamMode.PATCH, 0, allowance, ledger).catch_up()
    assert event.kind == "snapshot"


def test_a_placeholder_leaves_the_greater_part_for_the_content() -> None:
    """Before the last document at most half of a limit is spent, of a small one nothing."""
    for limit in (10, 100):
        sequence = Sequence("content", words)
        view = View(sequence, StreamMode.PATCH, allowance=Allowance(limit, 0, words))
        placeholder = tuple(f"please wait {n}" for n in range(99))
        sequence.observe(placeholder, {}, Moment(Phase.LOADED, 1, 0))
        events = view.catch_up()
        assert view.spent <= limit // 2
        sequence.observe(("real", "content " * 40), {}, Moment(Phase.SETTLED, 0, 3000, last=True))
        sequence.finish({})
        events += view.catch_up()
        assert view.sent == (("real", "content " * 40)[: 1 + (limit == 100)])


def test_a_stream_that_grows_steadily_spends_nothing_twice() -> None:
    """A page that only appends fills its limit exactly as a plain read does."""
    doc = tuple(f"para {n}" for n in range(20))
    sequence = Sequence("content", words)
    view = View(sequence, StreamMode.PATCH, allowance=Allowance(20, 0, words))
    for n in range(1, 21):
        sequence.observe(doc[:n], {}, Moment(Phase.LOADED, 0, n * 500, last=n == 20))
        view.catch_up()
    sequence.finish({})
    view.catch_up()
    assert view.sent == Allowance(20, 0, words).fit(doc)


def test_what_was_withheld_for_doubt_comes_with_the_last_document() -> None:
    """A page whose source says it all: the doubtful last block is sent once it is certain."""
    doc = ("# Title", "a b c", "last words")
    sequence = Sequence("content", words)
    view = View(sequence, StreamMode.PATCH, allowance=Allowance(100, 0, words))
    sequence.observe(doc, {}, Moment(Phase.HTML, 1, 0))
    events = view.catch_up()
    assert view.sent == doc[:2]
    assert sequence.observe(doc, {}, Moment(Phase.SETTLED, 0, 500, last=True))
    sequence.finish({})
    events += view.catch_up()
    assert list(view.sent) == list(doc)
    assert [event.kind for event in events] == ["snapshot", "patch", "final"]
    assert [event.version for event in events] == [1, 2, 3]


def test_what_was_withheld_comes_as_soon_as_it_is_rendered() -> None:
    """The browser says the same as the source: nobody with a limit waits for the end of the read."""
    sequence = Sequence("content", words)
    view = View(sequence, StreamMode.PATCH, allowance=Allowance(100, 0, words))
    for n, phase in enumerate((Phase.HTML, Phase.HTML, Phase.INTERACTIVE, Phase.LOADED)):
        sequence.observe(("a", "b"), {}, Moment(phase, 1, n * 10))
        view.catch_up()
    assert view.sent == ("a", "b")
    assert len(sequence.revisions) == 2


def test_nothing_is_told_twice_to_clients_without_a_limit() -> None:
    """The last document, told again for those with a limit, is no event for the others."""
    for mode in StreamMode:
        sequence = Sequence("content", words)
        view = View(sequence, mode)
        sequence.observe(("a", "b"), {}, Moment(Phase.HTML, 1, 0))
        events = view.catch_up()
        sequence.observe(("a", "b"), {}, Moment(Phase.SETTLED, 0, 500, last=True))
        sequence.finish({})
        events += view.catch_up()
        assert [event.kind for event in events] == ["snapshot", "final"]
