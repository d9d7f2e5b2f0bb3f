"""The OpenAPI document: one for the app, the Jupyter server and the labextension."""

from jupyter_wrangler.contract import openapi as stored
from jupyter_wrangler.service.openapi import file_text


def test_the_file_is_up_to_date():
    written = stored.FILE.read_text("utf-8")
    assert written == file_text(), "run `make contract` and commit what it writes"


def test_the_app_serves_the_document_of_the_file(http):
    served = http.get("/openapi.json").json()
    assert served == stored.document()


def test_every_operation_has_an_id_of_its_own():
    ids = [
        operation["operationId"]
        for item in stored.document()["paths"].values()
        for operation in item.values()
    ]
    assert len(ids) == len(set(ids))
