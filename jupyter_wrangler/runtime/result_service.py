"""The job_service's verbs for named results: save, find, compare, restore, delete."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING

from jupyter_wrangler.contract import (
    ImputationSummary,
    NamedResult,
    NamedResultPage,
    PartResult,
    ResultDeletion,
    ResultManifest,
    ResultVersion,
    ResultVersionPage,
    SaveRequest,
)
from jupyter_wrangler.contract.result_comparison import (
    ResultComparison,
    changed_columns,
    changed_settings,
)
from jupyter_wrangler.errors import (
    ResultNotFound,
    listed,
)
from jupyter_wrangler.runtime.dataset_service import DatasetService
from jupyter_wrangler.store.results import deletion, names, saving, versions
from jupyter_wrangler.store.results.deletion import DeletionOptions
from jupyter_wrangler.store.rls import for_owner
from jupyter_wrangler.store.uploads import Stored

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: Bytes up to which all results of a job travel in the answer that lists them.
_FEW_BYTES = 256 * 1024


class ResultService(DatasetService):
    """Named results."""

    async def save_result(
        self, owner: uuid.UUID, request: SaveRequest
    ) -> tuple[ResultVersion, bool]:
        """Save a result under a name; tell whether the version is new."""
        return await self.database.run(saving.save, owner, request, self.quota)

    async def named_results(
        self,
        owner: uuid.UUID,
        *,
        after: uuid.UUID | None,
        limit: int,
        name: str | None,
    ) -> NamedResultPage:
        """List named results, newest first."""
        return await self.database.run(
            names.page, owner, after=after, limit=limit, name=name
        )

    async def named_result(self, owner: uuid.UUID, result_id: uuid.UUID) -> NamedResult:
        """Return a named result with its latest version."""
        return await self.database.run(names.get, owner, result_id)

    async def rename_result(
        self, owner: uuid.UUID, result_id: uuid.UUID, name: str
    ) -> NamedResult:
        """Rename a result."""
        return await self.database.run(names.rename, owner, result_id, name)

    async def delete_result(
        self, owner: uuid.UUID, result_id: uuid.UUID, *, force: bool, dry_run: bool
    ) -> ResultDeletion:
        """Delete a name with all its versions, or say what would go."""
        options = DeletionOptions(force=force, dry_run=dry_run)
        return await self.database.run(
            deletion.delete_result, owner, result_id, options
        )

    async def result_versions(
        self, owner: uuid.UUID, result_id: uuid.UUID, *, after: int | None, limit: int
    ) -> ResultVersionPage:
        """List the versions of a result, newest first."""
        return await self.database.run(
            versions.page, owner, result_id, after=after, limit=limit
        )

    async def result_version(
        self, owner: uuid.UUID, result_id: uuid.UUID, n: int
    ) -> ResultVersion:
        """Return a version with its spec."""
        return await self.database.run(versions.get, owner, result_id, n)

    async def annotate_result(
        self, owner: uuid.UUID, result_id: uuid.UUID, n: int, note: str | None
    ) -> ResultVersion:
        """Change the note of a version."""
        return await self.database.run(versions.annotate, owner, result_id, n, note)

    async def delete_result_version(
        self,
        owner: uuid.UUID,
        result_id: uuid.UUID,
        n: int,
        *,
        force: bool,
        dry_run: bool,
    ) -> ResultDeletion:
        """Delete a version, or say what would go."""
        options = DeletionOptions(force=force, dry_run=dry_run)
        return await self.database.run(
            deletion.delete_version, owner, result_id, n, options
        )

    async def restore_result(
        self, owner: uuid.UUID, result_id: uuid.UUID, n: int
    ) -> tuple[ResultVersion, bool]:
        """Make a version the newest; tell whether it was not."""
        return await self.database.run(
            saving.restore, owner, result_id, n, quota=self.quota
        )

    async def result_manifest(
        self, owner: uuid.UUID, result_id: uuid.UUID, n: int
    ) -> ResultManifest:
        """Return what a version holds."""
        kept = await self.database.run(versions.kept, owner, result_id, n)
        return ResultManifest(
            job_id=kept.version.job_id,
            state=kept.version.state,
            partial=kept.version.partial,
            dataset_version=kept.dataset,
            imputations=await self._with_data(kept.cells),
            summary=_summary(kept),
            saved=kept.version,
        )

    async def result_cells(
        self, owner: uuid.UUID, result_id: uuid.UUID, n: int, imputation: int
    ) -> Stored:
        """Say where the imputed cells of one imputation of a version lie."""
        kept = await self.database.run(versions.kept, owner, result_id, n)
        for part, stored in kept.cells:
            if part.imputation == imputation:
                return stored
        there = listed(part.imputation for part, _ in kept.cells)
        raise ResultNotFound(
            f"{kept.version.label} has no imputation {imputation}; it has: {there} "
            "(counted from 0)."
        )

    async def result_recipe(
        self, owner: uuid.UUID, result_id: uuid.UUID, n: int, imputation: int
    ) -> Stored:
        """Say where the fitted models of one imputation of a version lie."""
        version = await self.result_version(owner, result_id, n)
        found = await self.database.run(
            versions.parts_of, owner, version.id, role="recipe"
        )
        for part, stored in found:
            if part.imputation == imputation:
                return stored
        there = listed(part.imputation for part, _ in found) or "none"
        raise ResultNotFound(
            f"{version.label} has no models of imputation {imputation}; it has those "
            f"of: {there} (counted from 0)."
        )

    async def compare_results(
        self, owner: uuid.UUID, result_id: uuid.UUID, n: int, other: uuid.UUID
    ) -> ResultComparison:
        """Compare settings and summaries of two versions."""
        left, right = await self.database.run(_both, owner, result_id, n, other)
        one, two = left.version, right.version
        assert one.spec is not None  # noqa: S101  a version alone has its spec
        assert two.spec is not None  # noqa: S101  the same
        return ResultComparison(
            left=one,
            right=two,
            same_data=left.dataset.sha256 == right.dataset.sha256,
            same_cells=_digests(left) == _digests(right),
            settings=changed_settings(one.spec, two.spec),
            columns=changed_columns(_summary(left), _summary(right)),
        )

    async def _with_data(
        self, found: list[tuple[PartResult, Stored]]
    ) -> tuple[PartResult, ...]:
        """Let the bytes of parts go along where they are few, and near."""
        plain = tuple(part for part, _ in found)
        few = sum(part.size for part in plain) <= _FEW_BYTES
        if not (plain and few and self.blobs.near):
            return plain

        def read() -> tuple[PartResult, ...]:
            return tuple(
                part.model_copy(update={"data": b"".join(self.read(stored))})
                for part, stored in found
            )

        try:
            return await asyncio.to_thread(read)
        except OSError:
            # who asks for them one by one hears what is wrong with which
            return plain


@for_owner
def _both(
    c: Connection, owner: uuid.UUID, result_id: uuid.UUID, n: int, other: uuid.UUID
) -> tuple[versions.Kept, versions.Kept]:
    left = versions.kept(c, owner, result_id, n)
    found = versions.by_id(c, owner, other)
    return left, versions.kept(c, owner, found.result_id, found.n)


def _digests(kept: versions.Kept) -> dict[int, str]:
    return {part.imputation: part.sha256 for part, _ in kept.cells}


def _summary(kept: versions.Kept) -> ImputationSummary | None:
    """Return the summary of a version; a partial one has none."""
    if not kept.summary:
        return None
    return ImputationSummary.model_validate(kept.summary)
