"""Each kind of job has a reader of its results, and there is no other."""

from types import SimpleNamespace
from typing import get_args

import pytest

from jupyter_wrangler import contract
from jupyter_wrangler.client.objects.result_types import (
    RESULT_TYPES,
    read_partial_result,
    read_result,
)
from jupyter_wrangler.errors import (
    NoResult,
    OutOfMemory,
    ResultNotReady,
    UnknownJobKind,
)


class Service:
    """A service whose jobs have left nothing, or the error that they ended in."""

    def __init__(self, error=None):
        self._error = error

    def manifest(self, job_id):
        raise NoResult(job_id, "failed", self._error)


def job(kind, state="failed"):
    return SimpleNamespace(id="1234", kind=kind, state=state, spec=None)


def test_every_kind_of_the_contract_is_read():
    assert set(RESULT_TYPES) == set(get_args(contract.JobKind))


@pytest.mark.parametrize("read", [read_result, read_partial_result])
def test_an_unknown_kind_is_an_error(read):
    with pytest.raises(UnknownJobKind, match="no kind of job 'nonsense'"):
        read(Service(), job("nonsense"))


@pytest.mark.parametrize("kind", ["analysis", "correlation"])
def test_looks_have_nothing_to_show_before_they_have_succeeded(kind):
    with pytest.raises(ResultNotReady, match=f"a {kind} has nothing to show"):
        read_partial_result(Service(), job(kind))


def test_a_job_that_left_nothing_raises_its_own_error():
    with pytest.raises(NoResult):
        read_partial_result(Service(), job("imputation"))
    error = {"code": "out_of_memory", "message": "Too large.", "details": {}}
    with pytest.raises(OutOfMemory, match="Too large"):
        read_partial_result(Service(error), job("imputation"))
