"""Bytes go up once, in chunks, from where an earlier attempt stopped."""

import hashlib
import uuid

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler import contract, errors, frames
from jupyter_wrangler.contract.validation import build_request


def parquet(n_bytes):
    """Bytes of a frame, about as many as asked for: random numbers do not shrink."""
    numbers = np.random.default_rng().random(n_bytes // 8)
    return frames.to_parquet(pd.DataFrame({"x": numbers})).data


def test_bytes_go_up_in_chunks_and_only_once(client):
    data = parquet(3 * contract.CHUNK)
    assert len(data) > 2 * contract.CHUNK
    digest = hashlib.sha256(data).hexdigest()
    client.api.upload(data, digest)
    asked = contract.UploadRequest(sha256=digest, size=len(data))
    assert client.api.call(contract.Upload, "POST", "uploads", asked).known


def test_an_upload_goes_on_where_it_stopped(client):
    data = parquet(2 * contract.CHUNK)
    digest = hashlib.sha256(data).hexdigest()
    asked = contract.UploadRequest(sha256=digest, size=len(data))
    begun = client.api.call(contract.Upload, "POST", "uploads", asked)
    first = data[: contract.CHUNK]
    path = f"uploads/{begun.id}"
    client.api.request("PUT", path, params={"offset": 0}, content=first)
    # what an attempt that heard no answer to its first chunk believes
    client.api._send_chunks(begun, memoryview(data))
    assert client.api.call(contract.Upload, "POST", "uploads", asked).known


def test_bytes_that_are_not_the_announced_ones_are_refused(client):
    data = parquet(8000)
    with pytest.raises(errors.DigestMismatch):
        client.api.upload(data, hashlib.sha256(b"other" + data).hexdigest())


def test_an_id_of_no_job_is_reported(client):
    with pytest.raises(errors.JobNotFound):
        client.api.find_job(str(uuid.uuid4()))


def test_a_wrong_request_is_reported_briefly():
    with pytest.raises(errors.InvalidSpec) as caught:
        build_request(
            contract.ImputationSpec, columns=5, max_iter=0, method=["x" * 10_000]
        )
    assert "max_iter=0 cannot be asked for" in str(caught.value)
    assert len(str(caught.value)) < 600
