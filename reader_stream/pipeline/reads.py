"""The use case: options in, a flight to watch out. Cached, shared, resumed or newly started."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial

from reader_stream.document import tokens
from reader_stream.errors import BudgetExceededError, ServiceNodeUnavailableError
from reader_stream.model import Phase, ReadOptions, StreamMode
from reader_stream.pipeline.answer import field_of
from reader_stream.pipeline.cache import Entry
from reader_stream.pipeline.captions import check_captions
from reader_stream.pipeline.delivery import allowance_of, cut_final
from reader_stream.pipeline.flight import Flight
from reader_stream.pipeline.order import Order, admit
from reader_stream.pipeline.read import PageRead
from reader_stream.pipeline.scripts import check_scripts
from reader_stream.pipeline.services import Services
from reader_stream.pipeline.transcript import Transcript
from reader_stream.stream.allowance import JOINT, Allowance
from reader_stream.stream.sequence import Event, Moment, Sequence
from reader_stream.stream.splice import Blocks
from reader_stream.stream.view import View

MAX_CHARS_OF_A_TOKEN = 16
"""On average, over a page; prose has 4 to 5."""

VERSION_DIGITS = 12
"""More than any version has; what is cut off makes none of a number that is one."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A client's seat at a flight, which it knows as `read_id`: it has seen version `since`."""

    flight: Flight
    read_id: str
    options: ReadOptions
    since: int = 0
    allowance: Allowance | None = None

    @property
    def at_end(self) -> bool:
        """Whether the client has seen the last event already."""
        end = self.flight.sequence.end
        return end is not None and 0 < self.since >= end.version

    def events(self) -> AsyncGenerator[Event, None]:
        """The events for this client, the last one a final or an error."""
        ledger = self.flight.ledgers.get(self.read_id)
        mode, budget = self.options.stream_mode, self.options.token_budget
        fits = None if budget is None else partial(_fits, budget)
        view = View(self.flight.sequence, mode, self.since, self.allowance, ledger, fits)
        if self.allowance or budget is not None:
            return self._within_limits(view)
        return self.flight.watch(view)

    async def _within_limits(self, view: View) -> AsyncGenerator[Event, None]:
        options, allowance = self.options, self.allowance
        async with aclosing(self.flight.watch(view)) as events:
            async for event in events:
                if event.kind != "final":
                    yield event
                    continue
                given = cut_final(event, self.flight, view, allowance, options) if allowance else event
                if options.token_budget is not None:
                    _check_budget(given.data["usage"]["tokens"], options.token_budget)
                yield given


async def open_read(services: Services, options: ReadOptions, last_event_id: str = "") -> Reading:
    """A seat for these options.

    Raises ParamValidationError and SecurityCompromiseError where the read is refused,
    BackendNotConfiguredError for what this service does not do, and ServiceNodeUnavailableError while it
    drains or is full.
    """
    check_captions(options, configured=services.captioner is not None)
    check_scripts(options, allowed=services.allow_scripts)
    order = admit(options, services.dialer)
    allowance = allowance_of(options, order.key)
    if services.flights.draining:
        raise ServiceNodeUnavailableError("the service is shutting down", retry_after=5)
    if services.flights.watchers >= services.max_streams:
        raise ServiceNodeUnavailableError("too many clients read at the same time", retry_after=5)
    resumed = _resume(services, order, last_event_id)
    if resumed:
        return replace(resumed, allowance=allowance)
    flight = await _cached(services, order)
    if flight is None and not options.private:
        flight = services.flights.join(order.flight_key)
    flight = flight or _start(services, order)
    return Reading(flight, _name(flight, options), options, allowance=allowance)


def _name(flight: Flight, options: ReadOptions) -> str:
    """The id under which a client knows the read: one of its own where what it was sent is counted."""
    return flight.open_ledger() if _counts(options) and not flight.private else flight.read_id


def _counts(options: ReadOptions) -> bool:
    return options.max_tokens is not None and options.stream_mode is StreamMode.PATCH


async def _cached(services: Services, order: Order) -> Flight | None:
    options = order.options
    if options.private or options.no_cache:
        return None
    entry = await services.cache.get(order.key, options.cache_tolerance, time.time())
    return _landed(services, order, entry) if entry else None


def _start(services: Services, order: Order) -> Flight:
    flight = _flight(order)
    transcript = Transcript(order, flight, services.renderer, services.shots)
    services.flights.start(flight, PageRead(services, order, transcript))
    return flight


def _flight(order: Order) -> Flight:
    sequence = Sequence(field_of(order.options), _weight)
    return Flight(order.flight_key, sequence, private=order.options.private)


def _resume(services: Services, order: Order, last_event_id: str) -> Reading | None:
    """The seat of a client that comes back; None for an unknown id, other options, or a read given up."""
    read_id, _, version = last_event_id.rpartition(":")
    flight, options = services.flights.find(read_id), order.options
    known = flight is not None and flight.key == order.flight_key and not flight.private
    if not known or flight is None or flight.state == "abandoned" or not version.isdecimal():
        return None
    services.flights.hold(flight)
    since = int(version[:VERSION_DIGITS])
    if since > flight.sequence.version:
        since = 0
    if (read_id in flight.ledgers) is not _counts(options):  # it came with another limit, or without one
        return Reading(flight, _name(flight, options), options)
    return Reading(flight, read_id, options, since)


def _landed(services: Services, order: Order, entry: Entry) -> Flight:
    """A cached result as a flight that has ended: the same events as from a render."""
    flight = _flight(order)
    head = {"title": entry.data["title"], "url": entry.data["url"]}
    flight.sequence.observe(entry.blocks, head, Moment(Phase.SETTLED, 0, 0, last=True))
    age = max(0, round(time.time() - entry.stored_at))
    flight.sequence.finish({**entry.data, "cache": {"hit": True, "age": age}})
    services.flights.keep(flight)
    return flight


def _fits(budget: int, blocks: Blocks, last: bool) -> bool:
    """Whether blocks are within a budget of tokens. What is far too large needs no count before the last."""
    text = JOINT.join(blocks)
    if not last and len(text) > MAX_CHARS_OF_A_TOKEN * budget:
        return False
    return len(text.encode("utf-8", "surrogatepass")) <= budget or tokens.count(text) <= budget


def _check_budget(count: int, budget: int) -> None:
    if count > budget:
        message = f"the content has {count} tokens, more than the budget of {budget}"
        raise BudgetExceededError(message, path="tokenBudget")


def _weight(block: str) -> int:
    """About the tokens of a block: to weigh blocks against each other, four characters are one."""
    return len(block) // 4 + 1
