"""What the environment says of the network: certificates and proxies."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator

from jupyter_wrangler.errors import InvalidSettings

_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_PROXIES = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY")
#: What httpx speaks to; socks needs one more package.
_SUPPORTED_SCHEMES = ("http://", "https://", "socks5://", "socks5h://")
_PASSWORD = re.compile(r"//[^/@]*@")


def uses_tls(url: str) -> bool:
    """Whether certificates matter for an address.

    Examples
    --------
    >>> uses_tls("https://hub"), uses_tls("http://hub")
    (True, False)
    """
    return url.lower().startswith("https://")


@contextlib.contextmanager
def usable_network() -> Iterator[None]:
    """Name the variable of the environment by which no HTTP client can be made.

    Raises
    ------
    InvalidSettings
        If certificates cannot be read, or a proxy is of an unsupported kind.
    """
    try:
        yield
    except ImportError as exc:
        if "socks" not in str(exc).lower():
            raise
        raise InvalidSettings(
            f"{_proxy_variable('socks')}, a SOCKS proxy, and the package for those is "
            "not installed; an HTTP proxy is wanted, or none. Run "
            "pip install 'httpx[socks]', or unset that variable."
        ) from exc
    except ValueError as exc:
        if "proxy" not in str(exc).lower():
            raise
        raise InvalidSettings(
            f"{_proxy_variable('')}, which is no address of a proxy; one such as "
            "http://proxy:3128 is wanted. Correct or unset that variable."
        ) from exc
    except OSError as exc:
        named = [n for n in _CERTIFICATES if os.environ.get(n)]
        if not named:
            raise
        why = getattr(exc, "reason", None) or exc.strerror or exc
        raise InvalidSettings(
            f"{named[0]} is {os.environ[named[0]]!r}, from which no certificates can "
            f"be read ({why}); a PEM file or a folder of them is wanted. Correct or "
            "unset it."
        ) from exc


def _proxy_variable(kind: str) -> str:
    """Name the variable that holds a proxy of a kind; "" means one that is unknown."""
    for name in (*_PROXIES, *(name.lower() for name in _PROXIES)):
        value = os.environ.get(name, "")
        wanted = (
            value.startswith(kind) if kind else not value.startswith(_SUPPORTED_SCHEMES)
        )
        if value and wanted:
            return f"{name} is {_PASSWORD.sub('//...@', value)!r}"
    return "The environment names a proxy"
