import sys

import pytest
from sklearn.utils.parallel import _get_threadpool_controller

from jupyter_wrangler.engine.estimator.run_steps import MANY, finish
from jupyter_wrangler.engine.models import threads as threads_module


def threads():
    """Give the threads that linear algebra has, seen from within a run."""
    yield
    pools = _get_threadpool_controller().info()
    return {pool["num_threads"] for pool in pools if pool["user_api"] == "blas"}


@pytest.fixture(autouse=True)
def two_threads():
    with _get_threadpool_controller().limit(limits=2, user_api="blas"):
        yield


def test_small_products_are_not_shared_out():
    assert finish(threads(), 100) == {1}
    assert finish(threads(), MANY + 1) == {2}


def test_threads_come_back_after_an_error():
    def fails():
        yield
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        finish(fails(), 100)
    assert finish(threads(), MANY + 1) == {2}


def test_a_library_that_is_loaded_later_is_found_too(monkeypatch):
    finish(threads(), 100)
    first = threads_module._found
    finish(threads(), 100)
    assert threads_module._found is first
    monkeypatch.setitem(sys.modules, "something_new", sys)
    finish(threads(), 100)
    assert threads_module._found is not first
