"""Routes for files below the root of the Jupyter server: its file browser uses them.

They are the extension's own, for the files are here and not at the service.  The
contents manager says which files there are, and the authorizer who may read and write
them; `jupyter_wrangler.files` does the work, in processes of its own.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from http import HTTPStatus
from typing import Any, Final

from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import authorized
from tornado import web
from tornado.iostream import StreamClosedError

from jupyter_wrangler.errors import InvalidSpec, NotAllowed, NotFound, WranglerError
from jupyter_wrangler.server.file_worker import LONG, FileVerb, FileWorker
from jupyter_wrangler.server.handlers import WranglerHandler
from jupyter_wrangler.server.problems import problem_of
from jupyter_wrangler.server.routes import RESOURCE, Action

#: Where the routes are mounted below the base URL of the Jupyter server.
FILES_MOUNT: Final = "api/wrangler/files"
#: Verb -> what it needs of the user for files, and for the work.
NEEDS: Final[dict[FileVerb, tuple[Action, Action]]] = {
    "preview": ("read", "read"),
    "rows": ("read", "read"),
    "plan": ("read", "read"),
    "profile": ("read", "read"),
    "run": ("read", "execute"),
    "save": ("write", "read"),
}
_LINES: Final = "application/x-ndjson"


class FileHandler(WranglerHandler):
    """One verb for a file that the body names."""

    file_verb: FileVerb

    def initialize(self, name: str, worker: FileWorker) -> None:  # type: ignore[override]
        """Take what the extension hands to each handler."""
        super().initialize(name)
        self._worker = worker

    async def work(self) -> None:
        """Find the file, ask a process about it, and pass on what it says."""
        question = self._question()
        file = await self._find(question["path"])
        async with aclosing(self._worker.ask(self.file_verb, file, question)) as lines:
            async for line in lines:
                # these report their progress, a line of JSON at a time
                if self.file_verb in LONG:
                    await self._tell(line)
                elif "answer" in line:
                    self.finish(json.dumps(line["answer"]))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Say what went wrong: as the last line, where lines were sent already."""
        if not self._headers_written:
            super().write_error(status_code, **kwargs)
            return
        problem = problem_of(status_code, kwargs.get("exc_info"), known=True)
        with contextlib.suppress(StreamClosedError, RuntimeError):
            self.finish(json.dumps({"error": problem.model_dump(mode="json")}) + "\n")

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """Send a problem also after the first lines, when the status is sent."""
        if self._headers_written and not self._finished:
            self.write_error(status_code, **kwargs)
        else:
            super().send_error(status_code, **kwargs)

    async def _tell(self, line: dict[str, Any]) -> None:
        """Send a line; the work goes on if nobody is there any more to hear it."""
        if not self._headers_written:
            self.set_header("Content-Type", _LINES)
            # nginx in front of a Hub would hold lines back
            self.set_header("X-Accel-Buffering", "no")
        with contextlib.suppress(StreamClosedError):
            self.write(json.dumps(line) + "\n")
            await self.flush()

    def _question(self) -> dict[str, Any]:
        try:
            question = json.loads(bytes(self._body))
        except ValueError:
            question = None
        if not isinstance(question, dict) or not isinstance(question.get("path"), str):
            raise InvalidSpec(
                "The body is not what is wanted: a JSON object with the path of a file "
                'below the root of this server, such as {"path": "data/patients.csv"}.'
            )
        return question

    async def _find(self, path: str) -> str:
        """Return where a file is; the contents manager says whether it is to be seen.

        Raises
        ------
        NotFound
            If there is no such file, for this user.
        InvalidSpec
            If it is a folder, or files are kept elsewhere than in folders.
        """
        # its methods have no types
        manager: Any = self.contents_manager
        locate = getattr(manager, "_get_os_path", None)
        if locate is None:
            raise InvalidSpec(
                "This Jupyter server keeps its files elsewhere than in a folder, so "
                "they cannot be read from here; read the file in a notebook, and call "
                "jw.impute(df)."
            )
        try:
            model = await ensure_async(manager.get(path, content=False))
            found = locate(path.strip("/"))
        except web.HTTPError as error:
            if error.status_code == HTTPStatus.FORBIDDEN:
                raise NotAllowed(f"You may not read {path!r}.") from error
            raise NotFound(f"There is no file {path!r}; it may have moved.") from error
        except (OSError, ValueError) as error:
            raise NotFound(f"There is no file {path!r}; it may have moved.") from error
        if model["type"] == "directory":
            raise InvalidSpec(f"{path!r} is a folder; choose a file in it.")
        # a link that leads nowhere is listed
        if not await ensure_async(manager.file_exists(path)):
            raise NotFound(f"There is no file {path!r}; it may have moved.")
        return str(found)

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log a traceback for bugs only."""
        if not isinstance(value, WranglerError):
            super().log_exception(typ, value, tb)


def _verb(files: Action, work: Action) -> Callable[..., Awaitable[None] | None]:
    """Make the verb of one route; never share the result between two."""

    @web.authenticated
    @authorized(action=files, resource="contents")
    @authorized(action=work, resource=RESOURCE)
    async def post(self: FileHandler) -> None:
        await self.work()

    return post


def file_handlers(
    worker: FileWorker,
) -> list[tuple[str, type[web.RequestHandler], Any]]:
    """Make the handlers of all verbs.

    Parameters
    ----------
    worker : FileWorker
        What does the work.

    Returns
    -------
    list of (pattern, handler class, its keyword arguments)
        As `ExtensionApp.handlers` wants it.
    """
    return [
        (
            f"/{FILES_MOUNT}/{verb}",
            type(
                "FileHandler",
                (FileHandler,),
                {"file_verb": verb, "post": _verb(*needs)},
            ),
            {"worker": worker},
        )
        for verb, needs in NEEDS.items()
    ]
