"""Every kind of job is known everywhere, and an unknown one nowhere."""

from __future__ import annotations

import inspect
import re
from typing import get_args

import pytest
from pydantic import ValidationError

from jupyter_wrangler import contract
from jupyter_wrangler.client.objects.result_types import RESULT_TYPES
from jupyter_wrangler.contract import specs
from jupyter_wrangler.errors import UnknownJobKind
from jupyter_wrangler.runtime.worker import job_kinds
from jupyter_wrangler.store import models

KINDS = set(get_args(contract.JobKind))


def test_each_registry_covers_exactly_the_kinds():
    assert set(specs._CLASSES) == KINDS
    assert {
        get_args(member)[1].tag for member in get_args(get_args(contract.Spec)[0])
    } == KINDS
    assert set(job_kinds._HANDLERS) == KINDS
    assert set(RESULT_TYPES) == KINDS


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_kind_has_all_that_is_asked_of_it(kind):
    cls = contract.spec_class(kind)
    assert issubclass(cls, contract.JobSpec)
    assert cls.model_fields["kind"].default == kind
    assert cls.n_parts is not contract.JobSpec.n_parts
    handler = job_kinds.handler_for(kind)
    assert not inspect.isabstract(handler)
    assert isinstance(handler, job_kinds.DocumentHandler) is (cls.stores == "document")


def test_an_unknown_kind_is_an_error_everywhere():
    for look in (contract.spec_class, job_kinds.handler_for):
        with pytest.raises(
            UnknownJobKind, match=r"no kind of job 'nonsense'; .*imputation"
        ):
            look("nonsense")
    with pytest.raises(ValidationError):
        contract.parse_spec({"kind": "nonsense"})


def test_the_database_takes_any_kind_and_the_states_of_the_contract():
    checks = {
        (table.name, str(constraint.name).rpartition("_")[2]): str(constraint.sqltext)
        for table in models.Base.metadata.sorted_tables
        for constraint in table.constraints
        if hasattr(constraint, "sqltext")
    }
    assert not any(kind in checks["job", "kind"] for kind in KINDS)
    for name, states in (("job", contract.JobState), ("job_part", contract.PartState)):
        listed = re.findall(r"'(\w+)'", checks[name, "state"])
        assert listed == list(get_args(states))
    assert set(get_args(contract.FinalState)) == contract.FINAL
    assert contract.FAILED < contract.FINAL
    assert set(get_args(contract.PartState)) > set(get_args(contract.JobState))
