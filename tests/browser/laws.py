"""Laws of every view: what holds for each control in it, whatever the control.

Controls are found in the page and not listed here, so a new one is covered as soon as
it is drawn: it has a name, Tab or the arrow keys lead to it, it shows the focus, keys
do what a click does, and while it cannot be used it says why.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Locator, Page

from tests.waiting import until

JS = (Path(__file__).parent / "laws.js").read_text("utf-8")
#: Presses of Tab beyond the number of controls, before the view is taken for a trap.
SPARE = 20
#: What moves within a grid, a list of tabs and their like.
ARROWS = ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp")
#: A letter that is a command of notebooks, and a digit for fields of numbers.
LETTERS = ("a", "1")


def hold(page: Page, view: Locator) -> None:
    """Fail if a control of a view breaks a law, with a sentence for each.

    Parameters
    ----------
    page : Page
        A page that is at rest.
    view : Locator
        The element that holds the controls.
    """
    found = _broken(page, view)
    assert not found, "\n".join(found)


def _broken(page: Page, view: Locator) -> list[str]:
    page.evaluate(JS)
    view.scroll_into_view_if_needed()
    # what it shows may still be asked for
    facts = until(
        lambda: view.evaluate("node => laws.collect(node)"), log=view.inner_text
    )
    found = [*_unnamed(page, facts), *_unexplained(facts)]
    page.evaluate("laws.before()")
    visited: set[int] = set()
    for at in _stops(page, len(facts)):
        visited.add(at)
        found += _at(page, facts, at, visited)
    if page.evaluate("laws.here()") is not None:
        found.append("Tab does not lead out of the view")
    found += [
        f"not reached by Tab or arrow keys: {fact['html']}"
        for i, fact in enumerate(facts)
        if fact["reachable"]
        and i not in visited
        and not (fact["group"] >= 0 and _reached(facts, fact["group"], visited))
    ]
    return [*found, *_backwards(page, len(facts))]


def _unnamed(page: Page, facts: list[dict[str, Any]]) -> Iterator[str]:
    """Find controls without a name, as the browser computes it for screen readers."""
    session = page.context.new_cdp_session(page)
    try:
        for i, fact in enumerate(facts):
            if not _name_of(session, i):
                yield f"has no name: {fact['html']}"
    finally:
        session.detach()


def _name_of(session: CDPSession, i: int) -> str:
    node = session.send("Runtime.evaluate", {"expression": f"laws.controls[{i}]"})
    tree = session.send(
        "Accessibility.getPartialAXTree",
        {"objectId": node["result"]["objectId"], "fetchRelatives": False},
    )
    return str(tree["nodes"][0].get("name", {}).get("value", "")).strip()


def _unexplained(facts: list[dict[str, Any]]) -> Iterator[str]:
    """Find what cannot be used: it stays in reach of the keyboard, and says why."""
    for fact in facts:
        if fact["off"] and not fact["why"]:
            yield f"cannot be used, and does not say why: {fact['html']}"
        if fact["off"] and not fact["reachable"]:
            yield f"cannot be used, and no key leads to the reason: {fact['html']}"


def _stops(page: Page, n: int) -> Iterator[int]:
    """Press Tab until it leads out of the view; number of the control at each stop."""
    for _ in range(n + SPARE):
        page.keyboard.press("Tab")
        at = page.evaluate("laws.here()")
        if at is None:
            return
        if at >= 0:
            yield at


def _backwards(page: Page, n: int) -> Iterator[str]:
    """Shift and Tab lead out of the view too."""
    page.evaluate("laws.before()")
    page.keyboard.press("Tab")
    for _ in range(n + SPARE):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("laws.here()") is None:
            return
    yield "Shift+Tab does not lead out of the view"


def _reached(facts: list[dict[str, Any]], group: int, visited: set[int]) -> bool:
    """Whether Tab led to a member of a group and an arrow key to another one."""
    members = {i for i, fact in enumerate(facts) if fact["group"] == group}
    return len(members & visited) >= min(2, len(members))


def _at(
    page: Page, facts: list[dict[str, Any]], at: int, visited: set[int]
) -> Iterator[str]:
    """Hold the control that has the focus to the laws."""
    fact = facts[at]
    if not page.evaluate("laws.ring()"):
        yield f"does not show the focus: {fact['html']}"
    page.evaluate("laws.guard()")
    try:
        yield from _used(page, fact, at)
    finally:
        page.evaluate("laws.unguard()")
    if page.evaluate("laws.here()") != at:
        there = page.evaluate("document.activeElement.outerHTML.slice(0, 100)")
        yield f"loses the focus to {there} when keys are pressed: {fact['html']}"
    elif fact["group"] >= 0:
        for key in ARROWS:
            page.keyboard.press(key)
            there = page.evaluate("laws.here()")
            if there not in {None, -1, at}:
                visited.add(there)
                break


def _used(page: Page, fact: dict[str, Any], at: int) -> Iterator[str]:
    keys = {"button": ["Enter", "Space"], "link": ["Enter"], "check": ["Space"]}
    for key in keys.get(fact["kind"], []):
        page.evaluate("laws.clicks = []")
        page.keyboard.press(key)
        if page.evaluate("laws.clicks") != [at]:
            yield f"{key} is no click: {fact['html']}"
    if fact["kind"] == "select" and page.evaluate("laws.choices()") > 1:
        yield from _changes(page, ("ArrowDown", "ArrowUp"), fact)
    if fact["kind"] == "text":
        yield from _changes(page, LETTERS, fact)


def _changes(page: Page, keys: tuple[str, ...], fact: dict[str, Any]) -> Iterator[str]:
    """Find a field that no key changes; what was in it is put back."""
    value = page.evaluate("laws.value()")
    for key in keys:
        page.keyboard.press(key)
        changed = page.evaluate("laws.value()") != value
        page.evaluate("value => laws.restore(value)", value)
        if changed:
            return
    yield f"keys do not change it: {fact['html']}"
