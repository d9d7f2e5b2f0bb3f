"""What `/health/ready` says of the database role."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from jupyter_wrangler.runtime.job_service import JobService

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize(("role", "warned"), [("wrangler_app", 0), ("postgres", 1)])
async def test_a_role_that_row_security_does_not_bind_is_warned_of(fresh, role, warned):
    url = fresh.database_url.get_secret_value().replace("wrangler_app@", f"{role}@")
    job_service = JobService(fresh.model_copy(update={"database_url": SecretStr(url)}))
    try:
        health = await job_service.checkup.look(idle_s=0, streams=0)
    finally:
        await job_service.pubsub.close()
        await job_service.database.close()
    assert health.checks["database"] == "ok"
    assert len(health.warnings) == warned
