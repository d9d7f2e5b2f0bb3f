"""Requests that are wrong in very many places cost little, and nobody waits."""

from __future__ import annotations

import json
import re
import threading
import time
import uuid
from typing import get_args

import pytest
from pydantic import ValidationError

from jupyter_wrangler.contract import (
    MAX_ERRORS,
    AnySpec,
    DatasetPatch,
    DatasetRequest,
    ImputationSpec,
    JobChange,
    JobRequest,
    NamedResultPatch,
    ResultVersionPatch,
    SaveRequest,
    UploadRequest,
)
from jupyter_wrangler.contract.admin import QuotaChange, UserRename, UserTransfer
from jupyter_wrangler.service.openapi import openapi

#: Route -> model of its body.
BODIES = {
    ("POST", "/jobs"): JobRequest,
    ("POST", "/datasets"): DatasetRequest,
    ("POST", "/uploads"): UploadRequest,
    ("PATCH", "/datasets/{dataset_id}"): DatasetPatch,
    ("PATCH", "/admin/quotas"): QuotaChange,
    ("POST", "/admin/users/{user_id}/rename"): UserRename,
    ("POST", "/admin/users/{user_id}/transfer"): UserTransfer,
    ("PATCH", "/jobs/{job_id}"): JobChange,
    ("POST", "/results"): SaveRequest,
    ("PATCH", "/results/{result_id}"): NamedResultPatch,
    ("PATCH", "/results/{result_id}/versions/{n}"): ResultVersionPatch,
}
#: Values that fit nowhere, as large as a body may be.
FLOODS = {
    "mapping of lists": {f"x{i}": [] for i in range(250_000)},
    "mapping of texts": {f"x{i}": "\0" for i in range(9_999)},
    "mapping of numbers": {f"x{i}": float("inf") for i in range(9_999)},
    "list of numbers": [1] * 1_000_000,
    "list of objects": [{}] * 900_000,
    "mapping of long lists": {f"x{i}": [1] * 9_000 for i in range(200)},
    "mapping of mappings": {
        f"x{i}": {f"y{j}": [] for j in range(1_000)} for i in range(300)
    },
    "long text": "x" * 4_000_000,
    "long key": {"x" * 4_000_000: []},
}
#: Errors that pydantic may collect before it stops.
MOST_COLLECTED = 2_000


def _specs() -> list[tuple[str, str]]:
    return sorted(
        (spec.model_fields["kind"].default, name)
        for spec in get_args(AnySpec)
        for name in spec.model_fields
    )


def _post(http, verb: str, path: str, body: object):
    data = json.dumps(body, separators=(",", ":"))
    begun = time.monotonic()
    answer = http.request(
        verb,
        re.sub(r"\{\w+_id\}", lambda _: str(uuid.uuid4()), path).replace("{n}", "1"),
        content=data,
        headers={"Content-Type": "application/json"},
        timeout=60,
    )
    # reading 4 MiB takes tenths of a second; 300 000 errors took many seconds
    assert time.monotonic() - begun < 5
    assert answer.status_code in {413, 422}, answer.text[:300]
    assert len(answer.content) < 20_000
    assert len(answer.json()["errors"]) <= MAX_ERRORS
    return answer


def _collected(model, body: object) -> int:
    begun = time.process_time()
    try:
        model.model_validate(body)
    except ValidationError as error:
        assert time.process_time() - begun < 0.5
        return error.error_count()
    return 0


def test_every_route_with_a_json_body_is_tried_here():
    found = {
        (verb.upper(), path.removeprefix("/v1"))
        for path, verbs in openapi()["paths"].items()
        for verb, route in verbs.items()
        if "requestBody" in route
    }
    assert found == set(BODIES)


@pytest.mark.parametrize(("verb", "path"), BODIES)
def test_fault_4_5_300_000_unknown_fields_are_one_error(http, verb, path):
    answer = _post(http, verb, path, {f"x{i}": 1 for i in range(300_000)})
    few = {f"x{i}": 1 for i in range(3_000)}
    answer = _post(http, verb, path, few)
    assert answer.status_code == 422
    assert "3000 fields are unknown" in answer.json()["message"]


@pytest.mark.parametrize("flood", FLOODS)
def test_fault_4_5_no_field_of_any_request_collects_many_errors(flood):
    """Whatever field is added, its errors are bounded."""
    for model in BODIES.values():
        for name in model.model_fields:
            assert _collected(model, {name: FLOODS[flood]}) <= MOST_COLLECTED, name
    for kind, name in _specs():
        body = {"spec": {"kind": kind, name: FLOODS[flood]}}
        assert _collected(JobRequest, body) <= MOST_COLLECTED, (kind, name)


@pytest.mark.parametrize("flood", FLOODS)
def test_fault_4_5_the_answer_to_a_flood_is_short(http, flood):
    for name in ("delta", "kind"):
        _post(http, "POST", "/jobs", {"spec": {name: FLOODS[flood]}})
    _post(http, "POST", "/datasets", {"columns": FLOODS[flood]})


def test_fault_4_5_mappings_have_a_size(http):
    for name in ("methods", "predictors", "delta", "fill_value"):
        spec = {name: {f"x{i}": "a" for i in range(100_001)}}
        body = {"dataset_version_id": str(uuid.uuid4()), "spec": spec}
        answer = _post(http, "POST", "/jobs", body)
        said = [error["message"] for error in answer.json()["errors"]]
        assert "Input should have at most 100000 entries, got 100001" in said


def test_a_few_errors_are_all_reported(http):
    body = {"priority": 99, "spec": {"n_imputations": 0, "donors": "x"}}
    answer = _post(http, "POST", "/jobs", body)
    assert [error["where"] for error in answer.json()["errors"]] == [
        "body.dataset_version_id",
        "body.spec.imputation.n_imputations",
        "body.spec.imputation.donors",
        "body.priority",
    ]
    assert "(3 more)" in answer.json()["message"]


def test_large_mappings_mean_what_small_ones_do():
    methods = {f"x{i}": "mean" for i in range(5_000)}
    delta = {f"x{i}": i / 2 for i in range(5_000)} | {"c": {"yes": 1.0}}
    columns = tuple(methods)
    spec = ImputationSpec(methods=methods, delta=delta, columns=columns)
    assert spec.methods == methods
    assert spec.delta == delta
    assert spec.columns == columns
    assert ImputationSpec.model_validate_json(spec.model_dump_json()) == spec


def test_fault_4_5_others_are_answered_while_large_bodies_are_read(http):
    """Four hostile requests at once; they took nine seconds each, one by one."""
    hostile = {"spec": {"methods": {f"x{i}": 1 for i in range(250_000)}}}
    senders = [
        threading.Thread(target=_post, args=(http, "POST", "/jobs", hostile))
        for _ in range(4)
    ]
    for sender in senders:
        sender.start()
    waited = []
    while any(sender.is_alive() for sender in senders):
        begun = time.monotonic()
        assert http.get("/health/live", timeout=60).status_code == 200
        waited.append(time.monotonic() - begun)
        time.sleep(0.01)
    assert max(waited) < 3


def test_fault_4_12_a_slash_more_is_no_redirect_and_405_says_what_is_allowed(http):
    for path in ("/jobs/", "/datasets/", "/uploads/", "/me/"):
        answer = http.get(path, headers={"Host": "evil.example"})
        assert answer.status_code == 404, answer.headers
        assert "location" not in answer.headers
    for path, verbs in (
        ("/jobs", "GET, POST"),
        (f"/jobs/{uuid.uuid4()}", "DELETE, GET, PATCH"),
        ("/me", "GET"),
        (f"/uploads/{uuid.uuid4()}", "GET, PUT"),
    ):
        answer = http.request("OPTIONS", path)
        assert answer.status_code == 405
        assert answer.headers["allow"] == verbs
        assert answer.json()["status"] == 405
