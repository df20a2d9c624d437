"""Answers about short texts that come again and again, within a bound of memory."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

T = TypeVar("T")


def remembered(most: int, longest_chars: int) -> Callable[[Callable[[str], T]], Callable[[str], T]]:
    """Keep a function's answers for the last `most` texts of at most `longest_chars`.

    Longer texts are answered anew each time: `lru_cache` bounds how many texts it holds, but pages decide
    how long they are (a style with a picture in it, a class name of a megabyte).
    """

    def decorate(function: Callable[[str], T]) -> Callable[[str], T]:
        recall = lru_cache(maxsize=most)(function)

        @wraps(function)
        def answer(text: str) -> T:
            return recall(text) if len(text) <= longest_chars else function(text)

        return answer

    return decorate
