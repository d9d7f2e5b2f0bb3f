"""Uploads over HTTP: said twice, at once or later, is said once."""

from __future__ import annotations

import hashlib
import threading

import numpy as np
import pandas as pd

from jupyter_wrangler import frames

DORA = {"x-test-user": "dora"}


def _announced(http, seed: int) -> str:
    noise = np.random.default_rng(seed).normal(size=(50, 2))
    data = frames.to_parquet(pd.DataFrame(noise).add_prefix("x")).data
    asked = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
    upload = http.post("/uploads", json=asked, headers=DORA).json()
    path = f"/uploads/{upload['id']}"
    http.put(path, content=data, params={"offset": 0}, headers=DORA)
    return path


def test_fault_4_12_completed_at_the_same_time_all_hear_the_same(http):
    for seed in range(5):
        path, barrier, answers = _announced(http, seed), threading.Barrier(8), []

        def complete(path=path, barrier=barrier, answers=answers):
            barrier.wait()
            answers.append(http.post(f"{path}/complete", headers=DORA))

        threads = [threading.Thread(target=complete) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found = [(one.status_code, one.json().get("known")) for one in answers]
        assert found == [(200, True)] * 8, [one.text for one in answers]
        bodies = {one.text for one in answers}
        assert len(bodies) == 1


def test_fault_4_12_completed_once_more_after_a_lost_answer(http):
    path = _announced(http, 99)
    first = http.post(f"{path}/complete", headers=DORA)
    again = http.post(f"{path}/complete", headers=DORA)
    assert (again.status_code, again.json()) == (200, first.json())
    assert http.get(path, headers=DORA).status_code == 404
    other = {"x-test-user": "eve"}
    assert http.post(f"{path}/complete", headers=other).status_code == 404
    usage = http.get("/me", headers=DORA).json()["usage"]
    assert usage["bytes"] == sum(
        len(frames.to_parquet(pd.DataFrame(
            np.random.default_rng(seed).normal(size=(50, 2))).add_prefix("x")).data)
        for seed in (0, 1, 2, 3, 4, 99)
    )  # fmt: skip
