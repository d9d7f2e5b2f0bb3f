"""The routes of named results as methods."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from jupyter_wrangler import contract
from jupyter_wrangler.client.transport.connection import Connection
from jupyter_wrangler.errors import InvalidSpec, ResultNotFound, shown

#: Entries asked for at a time.
_PAGE = 100


class ResultsApi(Connection):
    """What the service does with named results."""

    def save_result(self, asked: contract.SaveRequest) -> contract.ResultVersion:
        """Save a result under a name; again, the answer is the same version."""
        return self.call(contract.ResultVersion, "POST", "results", asked)

    def named_results(self) -> Iterator[contract.NamedResult]:
        """Walk over all named results, newest first."""
        after: str | None = ""
        while after is not None:
            params = {"limit": _PAGE} | ({"after": after} if after else {})
            page = self.call(contract.NamedResultPage, "GET", "results", params=params)
            yield from page.items
            after = page.next

    def named_result(self, name: str) -> contract.NamedResult:
        """Fetch the named result of a name.

        Raises
        ------
        ResultNotFound
            If there is none; says which names there are.
        """
        page = self.call(
            contract.NamedResultPage, "GET", "results", params={"name": name}
        )
        if page.items:
            return page.items[0]
        newest = self.call(
            contract.NamedResultPage, "GET", "results", params={"limit": 5}
        )
        names = ", ".join(repr(one.name) for one in newest.items)
        more = ", ..." if newest.next else ""
        there = f"there is: {names}{more}" if names else "nothing is saved yet"
        raise ResultNotFound(
            f"No saved result of yours is called {name!r}; {there}. "
            "jw.results() lists them all."
        )

    def find_version(self, label: str) -> contract.ResultVersion:
        """Fetch a version by its label: "patients@3", or "patients" for the latest.

        Raises
        ------
        ResultNotFound
            If there is no such name, or no such version; says which there are.
        InvalidSpec
            If the label is none.
        """
        name, n = parse_label(label)
        found = self.named_result(name)
        if n is None or n == found.latest.n:
            return found.latest
        return self.result_version(found.id, n)

    def result_version(self, result_id: uuid.UUID, n: int) -> contract.ResultVersion:
        """Fetch one version with its spec."""
        return self.call(contract.ResultVersion, "GET", _path(result_id, n))

    def result_versions(self, result_id: uuid.UUID) -> Iterator[contract.ResultVersion]:
        """Walk over the versions of a result, newest first."""
        after: str | None = ""
        while after is not None:
            params = {"limit": _PAGE} | ({"after": after} if after else {})
            page = self.call(
                contract.ResultVersionPage,
                "GET",
                f"results/{result_id}/versions",
                params=params,
            )
            yield from page.items
            after = page.next

    def rename_result(
        self, result_id: uuid.UUID, asked: contract.NamedResultPatch
    ) -> contract.NamedResult:
        """Rename a result."""
        return self.call(contract.NamedResult, "PATCH", f"results/{result_id}", asked)

    def annotate_result(
        self, result_id: uuid.UUID, n: int, asked: contract.ResultVersionPatch
    ) -> contract.ResultVersion:
        """Change the note of a version."""
        return self.call(contract.ResultVersion, "PATCH", _path(result_id, n), asked)

    def restore_result(self, result_id: uuid.UUID, n: int) -> contract.ResultVersion:
        """Make a version the newest; again, the answer is the same version."""
        return self.call(
            contract.ResultVersion, "POST", f"{_path(result_id, n)}/restore"
        )

    def delete_result(
        self,
        result_id: uuid.UUID,
        n: int | None = None,
        *,
        force: bool = False,
        dry_run: bool = False,
    ) -> contract.ResultDeletion:
        """Delete a version, or (`n` None) all of a name; or say what would go."""
        path = f"results/{result_id}" if n is None else _path(result_id, n)
        params = {"force": force, "dry_run": dry_run}
        return self.call(contract.ResultDeletion, "DELETE", path, params=params)

    def saved_manifest(
        self, version: contract.ResultVersion
    ) -> contract.ResultManifest:
        """Ask what a version holds."""
        path = f"{_path(version.result_id, version.n)}/manifest"
        return self.call(contract.ResultManifest, "GET", path)

    def saved_cells(
        self, version: contract.ResultVersion, part: contract.PartResult
    ) -> bytes:
        """Fetch the imputed cells of one imputation of a version."""
        path = _path(version.result_id, version.n)
        return self.request("GET", f"{path}/cells/{part.imputation}").content

    def saved_recipe(self, version: contract.ResultVersion, imputation: int) -> bytes:
        """Fetch the fitted models of one imputation of a version."""
        path = f"{_path(version.result_id, version.n)}/recipes/{imputation}"
        return self.request("GET", path).content


def parse_label(label: str) -> tuple[str, int | None]:
    """Take a label apart: a name, and the number of a version or None for the latest.

    Raises
    ------
    InvalidSpec
        If it is no label.

    Examples
    --------
    >>> parse_label("patients@3"), parse_label("patients@v3"), parse_label("patients")
    (('patients', 3), ('patients', 3), ('patients', None))
    """
    if not isinstance(label, str) or not label.strip():
        raise InvalidSpec(
            f"{shown(label)} names no saved result; write its name, for example "
            '"patients", or "patients@3" for its third version.'
        )
    name, at, number = label.strip().partition(contract.AT)
    if not at:
        return name, None
    digits = number.strip().removeprefix("v")
    # numbers of more digits than a version can have are none either
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10 and name):
        raise InvalidSpec(
            f"{label!r} names no version; write the number after the name, for example "
            f'"{name.strip() or "patients"}@3", or only the name for the latest one.'
        )
    return name.strip(), int(digits)


def _path(result_id: uuid.UUID, n: int) -> str:
    return f"results/{result_id}/versions/{n}"
