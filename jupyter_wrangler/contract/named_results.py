"""Results that were given a name: their versions, and what goes with a deletion.

A *named result* is a series of *versions*.  A version keeps the imputed cells of a job,
its settings, its summary and the data set, whatever becomes of the job.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Self

from pydantic import AfterValidator, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from jupyter_wrangler.contract.base import Label, Name, Request, View
from jupyter_wrangler.contract.specs import JobKind, Spec
from jupyter_wrangler.contract.states import FinalState
from jupyter_wrangler.errors import listed

#: Stands between the name of a result and the number of a version.
AT = "@"


def _without_at(name: str) -> str:
    if AT in name:
        raise PydanticCustomError(
            "at_sign",
            "Name should hold no '@', which stands before the number of a version",
        )
    return name


ResultName = Annotated[Name, AfterValidator(_without_at)]
#: What somebody writes about a version, in lines of any number.
Note = Annotated[
    Label, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)
]


class SaveRequest(Request):
    """Makes a version of a named result: of a job, or of a version that is there."""

    name: ResultName
    note: Note | None = None
    #: Exactly one of the two.
    job_id: uuid.UUID | None = None
    version_id: uuid.UUID | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.job_id is None) == (self.version_id is None):
            raise PydanticCustomError(
                "one_source", "Exactly one of job_id and version_id should be given"
            )
        return self


class NamedResultPatch(Request):
    """Renames a result."""

    name: ResultName


class ResultVersionPatch(Request):
    """Changes the note of a version; null removes it."""

    note: Note | None


class ResultVersion(View):
    """One immutable state of a named result; only its note can be changed."""

    id: uuid.UUID
    result_id: uuid.UUID
    name: str
    n: int
    note: str | None
    #: When it was saved.
    created_at: dt.datetime
    #: The job that computed it, and whether that is still there.
    job_id: uuid.UUID
    job_exists: bool
    job_name: str | None
    kind: JobKind
    state: FinalState
    #: Whether the job was stopped before all imputations were finished.
    partial: bool
    #: Imputations that are kept, and those that the job was to compute.
    n_imputations: int
    n_wanted: int
    #: Fitted models that are kept, to be used on other rows.
    recipes: int
    dataset_version_id: uuid.UUID
    dataset_name: str
    n_rows: int
    n_columns: int
    #: Methods that the settings name.
    methods: tuple[str, ...]
    random_state: int | None
    #: Bytes of its cells, recipes and data; those that versions share count in each.
    size: int
    #: The version that it repeats, as it was called then: "patients@2".
    source: str | None
    #: Version of this package that computed it.
    app_version: str
    #: Of one version alone; not in lists, for it may take megabytes.
    spec: Spec | None = None

    @property
    def label(self) -> str:
        """The name by which `jw.load` finds it: "patients@2"."""
        return f"{self.name}{AT}{self.n}"

    def __repr__(self) -> str:
        sets = f"{self.n_imputations:,} imputation{'s' * (self.n_imputations != 1)}"
        if self.partial:
            sets = f"{self.n_imputations:,} of {self.n_wanted:,} imputations"
        saved = self.created_at.astimezone(dt.UTC)
        return (
            f"Saved as {self.label!r}: {sets} of {self.dataset_name!r} by "
            f"{', '.join(self.methods) or 'no method'}, {saved:%Y-%m-%d %H:%M} UTC"
            + (f", {self.note!r}" if self.note else "")
        )


class NamedResult(View):
    """A named series of versions."""

    id: uuid.UUID
    name: str
    created_at: dt.datetime
    n_versions: int
    latest: ResultVersion


class NamedResultPage(View):
    """A page of named results, newest first."""

    items: tuple[NamedResult, ...]
    next: str | None = None


class ResultVersionPage(View):
    """A page of the versions of one result, newest first."""

    items: tuple[ResultVersion, ...]
    next: str | None = None


class ResultDeletion(View):
    """What goes, or would go, with one version or with all of a named result."""

    result_id: uuid.UUID
    name: str
    #: Numbers of the versions.
    versions: tuple[int, ...]
    #: Whether the name goes with them, and is free again.
    whole: bool
    #: False: it was only asked what would go.
    done: bool
    #: Bytes that nothing else needs; their room is free some hours later.
    bytes: int
    #: Versions among them whose job is gone and that no other version repeats.
    last_copies: tuple[int, ...] = ()
    #: What was made of them and stays: versions, as "patients@4", and jobs.
    dependent_versions: tuple[str, ...] = ()
    dependent_jobs: tuple[uuid.UUID, ...] = ()

    def __repr__(self) -> str:
        text = "Deleted" if self.done else "Would delete"
        labels = listed((f"{self.name}{AT}{n}" for n in self.versions), say=str)
        name = " and with it the name" if self.whole else ""
        freed = f"{self.bytes / 1e6:.1f} MB are in nothing else"
        sentences = [f"{text} {labels}{name}; {freed}."]
        if self.last_copies:
            last = listed((f"{self.name}{AT}{n}" for n in self.last_copies), say=str)
            sentences.append(f"There is no other copy of {last}: the job is gone.")
        jobs = (f"job {one}" for one in self.dependent_jobs)
        if made := (*self.dependent_versions, *jobs):
            sentences.append(f"Made of it, and kept: {listed(made, say=str)}.")
        return " ".join(sentences)
