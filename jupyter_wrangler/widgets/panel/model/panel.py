"""What the panel knows and what has been decided in it; no drawing, no threads.

Nothing here changes the frame, speaks to the service or imports ipywidgets.  Every
decision is a `Draft` in a `History`, so that each can be undone, and each has the code
that it stands for.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from jupyter_wrangler import contract
from jupyter_wrangler.errors import InvalidSpec
from jupyter_wrangler.widgets.panel import code
from jupyter_wrangler.widgets.panel.drafts import Decisions, Draft
from jupyter_wrangler.widgets.panel.model.look import LookModel
from jupyter_wrangler.widgets.panel.model.plan import PlanModel
from jupyter_wrangler.widgets.panel.problems import Problem

Step = Literal["look", "plan", "run", "judge"]
STEPS: tuple[Step, ...] = ("look", "plan", "run", "judge")


class PanelModel:
    """The steps, the job, what is said, and the code of it all.

    Parameters
    ----------
    data : str
        What the caller calls the frame.
    """

    def __init__(self, data: str) -> None:
        #: Name of the frame in code.
        self.data = data
        self.step: Step = "look"
        self.decisions = Decisions()
        self.look = LookModel(self.decisions)
        self.plan = PlanModel(self.decisions, self.look)
        #: The imputation, as the service last described it.
        self.job: contract.Job | None = None
        #: Whether the job was deleted elsewhere: nothing can be done with it.
        self.deleted = False
        #: Whether its result is here, whatever becomes of the job.
        self.fetched = False
        self.verdict: contract.Verdict | None = None
        #: Digest of the frame when it was looked at.
        self.digest = ""
        self.problem: Problem | None = None

    @property
    def draft(self) -> Draft:
        """The decisions as they are now."""
        return self.decisions.draft

    @property
    def announcement(self) -> str:
        """What the panel says once, for those who listen."""
        return self.decisions.announcement

    @announcement.setter
    def announcement(self, words: str) -> None:
        self.decisions.announcement = words

    def go(self, step: str) -> None:
        """Show another step.

        Raises
        ------
        InvalidSpec
            If it cannot be shown yet; says why.
        """
        if step not in STEPS:
            raise InvalidSpec(f"There is no step {step!r}; there are {STEPS}.")
        why = self.why_not(step)
        if why:
            raise InvalidSpec(why)
        self.step = step

    def why_not(self, step: Step) -> str:
        """Say why a step cannot be shown yet; empty if it can."""
        if step == "plan" and self.look.profile is None:
            return "The columns have not been looked at yet."
        if step == "run" and self.job is None:
            return "No job has been submitted yet: run the plan first."
        if step == "judge" and (self.job is None or self.job.state != "succeeded"):
            return "The job has no result yet."
        if step == "judge" and self.deleted and not self.fetched:
            return "The job was deleted before its result was fetched."
        return ""

    @property
    def marked(self) -> str:
        """Name of the data after the marking."""
        return code.marked(self.data, self.look.codes)

    def code(self, step: Step | None = None) -> str:
        """Give the code of a step, or of all that was done so far."""
        steps = STEPS[: STEPS.index(self.step) + 1] if step is None else (step,)
        lines = [line for one in steps for line in self._code_of(one)]
        return "\n".join(lines)

    def _code_of(self, step: Step) -> Iterable[str]:
        if step == "look":
            yield code.IMPORT
            yield f"jw.profile({self.data})"
            yield from code.marking(self.data, self.look.codes)
        elif step == "plan" and self.plan.base is not None:
            base = None if self.plan.is_recommended else self.plan.base.columns
            yield from code.planning(self.marked, self.draft, base)
            for one in self.plan.base.columns:
                after = self.draft.edits.get(one.name) or self.plan.base_column(
                    one.name
                )
                yield from code.editing(one, after)
        elif step == "run":
            yield from code.running(self.marked, self.draft)
            yield "job"
        elif step == "judge":
            yield "res = job.result()"
            yield "res"
