"""Requests made of what people typed; what is wrong with it is said in our words."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import ValidationError

from jupyter_wrangler.contract.base import Request
from jupyter_wrangler.errors import InvalidSpec

Asked = TypeVar("Asked", bound=Request)
#: How pydantic begins a message about a value.
_INPUT = "input should be "


def ask(model: type[Asked], **fields: Any) -> Asked:
    """Make a request.

    Raises
    ------
    InvalidSpec
        If a field has a value that it cannot have.

    Examples
    --------
    >>> from jupyter_wrangler.contract import ImputationSpec
    >>> ask(ImputationSpec, n_imputations=0)
    Traceback (most recent call last):
    ...
    jupyter_wrangler.errors.InvalidSpec: n_imputations=0 cannot be asked for: it should
    be greater than or equal to 1. Change it and try again.
    """
    try:
        return model(**fields)
    except ValidationError as error:
        wrong: dict[str, list[str]] = {}
        for found in error.errors(include_url=False):
            message = found["msg"].lower().removeprefix(_INPUT)
            said = wrong.setdefault(str(found["loc"][0]), [])
            if message not in said:
                said.append(message)
        told = "; ".join(
            f"{name}={repr(fields.get(name))[:60]} cannot be asked for: it should be "
            f"{' or '.join(said)}"
            for name, said in wrong.items()
        )
        raise InvalidSpec(f"{told}. Change it and try again.") from None
