"""Whatever is public may be pickled and copied: for multiprocessing, joblib, Dask."""

import copy
import multiprocessing
import pickle
import threading

import cloudpickle
import joblib
import numpy as np
import pandas as pd
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler import errors
from jupyter_wrangler.client.session import Client


def loads(data: bytes):
    return pickle.loads(data)  # noqa: S301  made here


WAYS = {
    "pickle": lambda one: loads(pickle.dumps(one)),
    "cloudpickle": lambda one: loads(cloudpickle.dumps(one)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}
each_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    df = pd.DataFrame(rng.normal(size=(80, 3)), columns=list("abc"))
    df["k"] = pd.Categorical(rng.choice(list("xyz"), 80))
    df.iloc[::7, 0] = None
    df.iloc[::9, 3] = None
    return df


@pytest.fixture(scope="module")
def things(frame) -> dict:
    fitted = jw.Imputer("pmm", random_state=0).fit(frame)
    profile, related = jw.profile(frame), jw.correlate(frame)
    estimates = [(np.array([1.0 + k]), np.eye(1)) for k in range(3)]
    return {
        "plan": jw.recommend(frame),
        "profile": profile,
        "correlation": related,
        "imputer": fitted,
        "mcar_test": jw.mcar_test(frame[["a", "b", "c"]]),
        "md_pattern": jw.md_pattern(frame),
        "pooled": jw.pool(estimates),
        "pooled scalar": jw.pool_scalar([1.0, 2.0], [1.0, 1.0]),
        "plots": profile.plot,
        "chart": profile.plot.missing(),
        "chart of pairs": related.plot(),
        "ampute": jw.ampute(frame[["a", "b", "c"]].dropna(), random_state=0),
        "client": Client("http://hub.example/services/wrangler", "s3cret"),
    }  # fmt: skip


@each_way
def test_fault_3_8_public_objects_are_pickled_and_copied(things, way):
    for name, one in things.items():
        again = way(one)
        assert type(again) is type(one), name
        if isinstance(one, pd.DataFrame):
            pd.testing.assert_frame_equal(again, one)
        else:
            assert repr(again) == repr(one), name


def test_a_copied_imputer_imputes_the_same(things, frame):
    wanted = things["imputer"].transform(frame)
    for way in WAYS.values():
        pd.testing.assert_frame_equal(way(things["imputer"]).transform(frame), wanted)


def test_fault_3_8_a_token_is_not_pickled(things):
    data = pickle.dumps(things["client"])
    assert b"s3cret" not in data
    again = loads(data)
    assert again.describe() == things["client"].describe()


@pytest.mark.parametrize("name", sorted(errors.by_code()))
def test_fault_3_8_every_error_is_pickled(name):
    """One that is not makes a pool of processes hang."""
    error = errors.from_code(name, "What happened.", {"column": "a", "limit": 7})
    error.__cause__ = ValueError("x")
    for way in WAYS.values():
        again = way(error)
        assert type(again) is type(error)
        assert (again.message, again.details) == (error.message, error.details)
    made = errors.TooFewDonors("a", 5, 3)
    assert loads(pickle.dumps(made)).donors == 5


def _rows(job) -> tuple[str, int]:
    return job.id, len(job.result(timeout=60).df)


def _values(result) -> float:
    return float(result.df["chol"].sum())


@pytest.mark.usefixtures("client")
class TestJobs:
    """Against the service."""

    @each_way
    def test_fault_3_8_a_job_is_the_same_job_elsewhere(self, patients, way):
        job = jw.impute(patients, random_state=80)
        again = way(job)
        assert (again.id, again.spec) == (job.id, job.spec)
        pd.testing.assert_frame_equal(
            again.result(timeout=60).df, job.result(timeout=60).df
        )
        assert way(job).summary == job.summary

    @each_way
    def test_fault_3_8_a_result_goes_with_its_data(self, patients, way):
        result = jw.impute(patients, n_imputations=2, random_state=81).result(60)
        for again in (way(result), way(way(result))):
            pd.testing.assert_frame_equal(again.df, result.df)
            pd.testing.assert_frame_equal(again.complete(1), result.complete(1))
            assert again.summary == result.summary
            assert repr(again) == repr(result)

    def test_fault_3_8_other_processes_take_jobs_and_results(self, patients):
        job = jw.impute(patients, random_state=82)
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            assert pool.apply(_rows, (job,)) == (job.id, 60)
        wanted = _values(job.result(timeout=60))
        made = joblib.Parallel(n_jobs=2)(
            joblib.delayed(_values)(job.result()) for _ in range(2)
        )
        assert made == [wanted, wanted]

    def test_the_other_looks_at_the_data_are_pickled_as_jobs_give_them(self, patients):
        board = jw.compare(patients, methods=["mean"], repeats=1).result(timeout=120)
        for way in WAYS.values():
            assert repr(way(board)) == repr(board)

    def test_fault_3_8_wait_and_as_completed(self, patients, long_work):
        quick = [jw.impute(patients, random_state=seed) for seed in (83, 84)]
        slow = jw.impute(long_work, n_imputations=30, random_state=85)
        done, not_done = jw.wait([*quick, slow], return_when="FIRST_COMPLETED")
        assert done
        assert done <= set(quick)
        assert slow in not_done
        assert jw.wait(quick, timeout=60) == (set(quick), set())
        assert set(jw.as_completed(quick, timeout=60)) == set(quick)
        done, not_done = jw.wait([*quick, slow], timeout=0.1)
        assert (done, not_done) == (set(quick), {slow})
        with pytest.raises(TimeoutError, match="1 of 3 jobs have not ended"):
            list(jw.as_completed([*quick, slow], timeout=0.1))
        threading.Timer(0.5, slow.cancel).start()
        assert jw.wait([slow], timeout=60) == ({slow}, set())
        with pytest.raises(errors.InvalidSpec, match="return_when is 'soon'"):
            jw.wait(quick, return_when="soon")
        with pytest.raises(errors.InvalidSpec, match="A str stands among the jobs"):
            jw.wait(["x"])

    @pytest.mark.parametrize("name", ["wait", "as_completed"])
    def test_fault_3_8_the_error_of_concurrent_futures_names_ours(self, patients, name):
        import concurrent.futures

        job = jw.impute(patients, random_state=83)
        with pytest.raises(TypeError, match=rf"jw\.{name}\(jobs\)"):
            list(getattr(concurrent.futures, name)([job]))
