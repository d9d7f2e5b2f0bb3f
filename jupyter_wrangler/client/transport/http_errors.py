"""Answers of the service as errors, and warnings of another version."""

from __future__ import annotations

import re
import warnings

import httpx
from pydantic import ValidationError

from jupyter_wrangler import contract, errors
from jupyter_wrangler._version import __version__
from jupyter_wrangler.client.transport.discovery import Endpoint
from jupyter_wrangler.contract import Problem
from jupyter_wrangler.errors import OtherVersion


def response_error(response: httpx.Response) -> errors.WranglerError:
    """Return the error that an answer without success describes."""
    try:
        problem = Problem.model_validate_json(response.content)
    except ValidationError:
        return foreign_error(response)
    return errors.from_code(problem.code, problem.message, problem.details)


def foreign_error(response: httpx.Response) -> errors.WranglerError:
    """Return the error for an answer that is not the service's, but a proxy's."""
    status, url = response.status_code, response.request.url
    if status in {401, 403}:
        return errors.NotAuthenticated(
            f"{url} answers {status}: the token was not accepted. Check "
            "JUPYTER_WRANGLER_TOKEN; on a JupyterHub your account needs the scope "
            "access:services!service=wrangler, which the Hub's administrator grants."
        )
    if status in {404, 502, 503, 504} or status < 400:
        # a login page, say, or the way to one
        return errors.ServiceUnreachable(
            f"{url} answers {status}, and not as the wrangler service does. Check "
            "JUPYTER_WRANGLER_URL, and whether the service runs."
        )
    return errors.Internal(
        f"{url} answers {status} without saying why; please report this."
    )


def unreachable_error(
    endpoint: Endpoint, error: httpx.TransportError
) -> errors.ServiceUnreachable:
    """Return the error for no answer, with what to do about it."""
    found = str(error) or type(error).__name__
    fix = (
        "Run `jupyter wrangler doctor` to see why."
        if endpoint.uds
        else "Check the address and the network, or ask those who run the service."
    )
    return errors.ServiceUnreachable(
        f"The wrangler service at {endpoint.where} ({endpoint.how}) does not answer: "
        f"{found}. {fix} Jobs that were submitted go on."
    )


def notice_version(endpoint: Endpoint, answer: httpx.Response) -> bool:
    """Warn if the service is of another version; return whether it is.

    Warns
    -----
    OtherVersion
        With what to do about it.
    """
    there = answer.headers.get(contract.VERSION_HEADER, __version__)
    if there == __version__:
        return False
    if _version_numbers(there) > _version_numbers(__version__):
        fix = "Restart this process (the kernel, or the Jupyter server)"
    elif endpoint.uds:
        fix = "Run: jupyter wrangler up --restart"
    else:
        fix = (
            f"Install jupyter-wrangler {there} here, or have those who run the service "
            "upgrade it"
        )
    warnings.warn(
        f"The wrangler service at {endpoint.where} is version {there}, and this is "
        f"{__version__}; results and errors may differ. {fix}",
        OtherVersion,
        stacklevel=2,
    )
    return True


def _version_numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]
