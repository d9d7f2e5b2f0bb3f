"""Tables of columns: sorted, filtered and one page of them at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")

#: Lines of a page.
PAGE = 20


@dataclass(kw_only=True)
class Listing:
    """How a table of columns is sorted, filtered and paged."""

    sort: str = "position"
    descending: bool = False
    search: str = ""
    only_missing: bool = False
    first: int = 0


def page_of(
    entries: Sequence[T],
    listing: Listing,
    keys: Mapping[str, Callable[[T], Any]],
    name: Callable[[T], str],
    lacks: Callable[[T], bool],
) -> tuple[list[T], dict[str, Any]]:
    """Choose the lines that are shown, and say how.

    Parameters
    ----------
    entries : sequence
        All columns, in the order of the frame.
    listing : Listing
        How they are sorted, filtered and paged; its `first` is put within bounds.
    keys : mapping of str to callable
        Name of a sorting -> what is sorted by; ``"position"`` keeps the order.
    name : callable
        The name of an entry, which is searched.
    lacks : callable
        Whether an entry has missing values.

    Returns
    -------
    tuple of list and dict
        The entries of the page, and the state of the table for the browser.
    """
    wanted = listing.search.strip().casefold()
    found = [
        one
        for one in entries
        if wanted in name(one).casefold() and (lacks(one) or not listing.only_missing)
    ]
    if listing.sort in keys:
        found.sort(key=keys[listing.sort], reverse=listing.descending)
    elif listing.descending:
        found.reverse()
    last_page = max(0, (len(found) - 1) // PAGE * PAGE)
    listing.first = min(max(0, listing.first), last_page)
    shown = found[listing.first : listing.first + PAGE]
    return shown, {
        "total": len(entries),
        "found": len(found),
        "first": listing.first,
        "page": PAGE,
        "sort": listing.sort,
        "descending": listing.descending,
        "search": listing.search,
        "only_missing": listing.only_missing,
    }
