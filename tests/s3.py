"""A local S3 server as a real process, with one bucket."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from pyarrow import fs

from tests.waiting import CEILING_S, free_port, until

BUCKET = "wrangler"


class Aws(dict):
    """An environment in which a local server is AWS, and its process."""

    process: subprocess.Popen

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        """Let it answer nobody meanwhile; what it keeps lies in its memory."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)


@contextlib.contextmanager
def bucket(folder: Path) -> Iterator[Aws]:
    """Start a server; yield the environment in which it is AWS."""
    port = free_port()
    env = {
        "AWS_ACCESS_KEY_ID": "a-key-id-for-tests",
        "AWS_SECRET_ACCESS_KEY": "a-secret-for-tests",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        # nobody is to be asked about roles of this machine
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with (folder / "s3.log").open("wb") as log:
        process = subprocess.Popen(
            command, env={**os.environ, **env}, stdout=log, stderr=subprocess.STDOUT
        )
    try:

        def listens() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        log = folder / "s3.log"
        until(listens, process=process, log=log.read_text)
        fs.S3FileSystem(
            access_key=env["AWS_ACCESS_KEY_ID"],
            secret_key=env["AWS_SECRET_ACCESS_KEY"],
            region="us-east-1",
            scheme="http",
            endpoint_override=f"127.0.0.1:{port}",
            allow_bucket_creation=True,
        ).create_dir(BUCKET)
        aws = Aws(env)
        aws.process = process
        yield aws
    finally:
        process.terminate()
        process.wait(CEILING_S)
