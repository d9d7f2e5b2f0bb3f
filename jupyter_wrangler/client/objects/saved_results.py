"""Named results as a list, and what can be done with each."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Self, overload

import pandas as pd

from jupyter_wrangler import contract
from jupyter_wrangler.calls import public
from jupyter_wrangler.client.objects.result import Result
from jupyter_wrangler.client.objects.transform_result import saved_result
from jupyter_wrangler.client.transport.api import Api
from jupyter_wrangler.client.views import saved_results as views
from jupyter_wrangler.contract.validation import build_request
from jupyter_wrangler.errors import InvalidSpec


@public
class SavedResult:
    """One named result with its versions; made by `results`, not by hand.

    Parameters
    ----------
    api : Api
        The service.
    seen : contract.NamedResult
        The result as the service last described it.
    """

    def __init__(self, api: Api, seen: contract.NamedResult) -> None:
        self._api, self._seen = api, seen

    @property
    def name(self) -> str:
        """The name; `jw.load` takes it."""
        return self._seen.name

    @property
    def latest(self) -> contract.ResultVersion:
        """The version with the highest number, as it was last seen."""
        return self._seen.latest

    @property
    def note(self) -> str | None:
        """The note of the latest version."""
        return self.latest.note

    @property
    def versions(self) -> list[contract.ResultVersion]:
        """All versions, newest first; asked for each time."""
        return list(self._api.result_versions(self._seen.id))

    def load(self, n: int | None = None) -> Result:
        """Give a version as a `Result`; default: the latest that was seen."""
        version = self._api.result_version(self._seen.id, self._number(n))
        return saved_result(self._api, self._api.saved_manifest(version))

    def rename(self, name: str) -> Self:
        """Give it another name; that of another result of yours is refused."""
        asked = build_request(contract.NamedResultPatch, name=name)
        self._seen = self._api.rename_result(self._seen.id, asked)
        return self

    def annotate(
        self, note: str | None, n: int | None = None
    ) -> contract.ResultVersion:
        """Change the note of a version (default: the latest); None removes it."""
        asked = build_request(contract.ResultVersionPatch, note=note)
        number = self._number(n)
        changed = self._api.annotate_result(self._seen.id, number, asked)
        if number == self.latest.n:
            self._seen = self._seen.model_copy(update={"latest": changed})
        return changed

    def restore(self, n: int) -> contract.ResultVersion:
        """Make version `n` the newest: a new version of the same bytes.

        Raises
        ------
        ResultNotFound
            If there is no such version; says which there are.
        """
        restored = self._api.restore_result(self._seen.id, self._number(n))
        self._seen = self._api.named_result(restored.name)
        return restored

    def delete(
        self, n: int | None = None, *, force: bool = False, dry_run: bool = False
    ) -> contract.ResultDeletion:
        """Delete version `n`, or with None all versions and the name.

        Parameters
        ----------
        n : int, optional
            Number of a version.
        force : bool, default=False
            Also if something was made of it, which stays.
        dry_run : bool, default=False
            Only say what would go.

        Raises
        ------
        ResultInUse
            If something was made of it, unless it is forced.
        """
        number = None if n is None else self._number(n)
        return self._api.delete_result(
            self._seen.id, number, force=force, dry_run=dry_run
        )

    def _number(self, n: int | None) -> int:
        if n is None:
            return self.latest.n
        if isinstance(n, bool) or not isinstance(n, int) or not 0 < n < 2**31:
            raise InvalidSpec(
                f"n is {n!r}, and the number of a version is wanted; "
                f"jw.results()[{self.name!r}].versions lists them."
            )
        return n

    def __repr__(self) -> str:
        return views.one(self._seen)


@public
class SavedResults(Sequence[SavedResult]):
    """Your named results, newest first; by number, or by name.

    Parameters
    ----------
    api : Api
        The service.
    found : sequence of contract.NamedResult
        What the service has listed.
    """

    def __init__(self, api: Api, found: Sequence[contract.NamedResult]) -> None:
        self._api, self._found = api, tuple(found)

    @overload
    def __getitem__(self, key: int | str) -> SavedResult: ...
    @overload
    def __getitem__(self, key: slice) -> SavedResults: ...

    def __getitem__(self, key: int | str | slice) -> SavedResult | SavedResults:
        """Give one by its place or name, or some by a slice.

        Raises
        ------
        ResultNotFound
            A `LookupError`, if none has this name.
        """
        if isinstance(key, slice):
            return SavedResults(self._api, self._found[key])
        if isinstance(key, int):
            return SavedResult(self._api, self._found[key])
        named = [one for one in self._found if one.name == key]
        if not named:
            # it may have been saved since, or not be among those that are listed
            return SavedResult(self._api, self._api.named_result(key))
        return SavedResult(self._api, named[0])

    def __len__(self) -> int:
        return len(self._found)

    def __contains__(self, key: object) -> bool:
        """Whether a result of this name is listed."""
        return any(one.name == key for one in self._found)

    @property
    def names(self) -> list[str]:
        """The names."""
        return [one.name for one in self._found]

    @property
    def frame(self) -> pd.DataFrame:
        """One row for each: versions, note, when, shape, methods and bytes."""
        return pd.DataFrame(
            [views.row(one) for one in self._found], columns=list(views.COLUMNS)
        ).set_index("name")

    def __repr__(self) -> str:
        return views.listed(self._found)

    def _repr_html_(self) -> str:
        return views.listed_html(self._found)


def list_results(api: Api, limit: int) -> SavedResults:
    """List named results, newest first."""
    return SavedResults(api, list(itertools.islice(api.named_results(), limit)))
