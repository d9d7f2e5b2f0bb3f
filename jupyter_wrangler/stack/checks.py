"""One thing that was looked at, and the table of all."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    #: What was found, in one sentence.
    found: str
    #: The command that fixes it; empty where nothing is wrong.
    fix: str = ""


class Report(list[Check]):
    """All checks, shown as a table of words."""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return all(check.ok for check in self)

    def __repr__(self) -> str:
        width = max((len(check.name) for check in self), default=0)
        lines = []
        for check in self:
            lines.append(
                f"{'ok' if check.ok else 'NO':<3} {check.name:<{width}}  {check.found}"
            )
            if check.fix:
                lines.append(f"    {'':<{width}}  fix it with:  {check.fix}")
        return "\n".join(lines)
