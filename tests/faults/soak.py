"""Faults in random order under constant work, for as long as one likes.

Run it:  python tests/faults/soak.py --minutes 30 --seed 1

Jobs are submitted all the time; one deed follows the other; now and then all work is
let run out and the invariant is checked.  The first breach ends the run with exit
code 1 and the seed with which it comes again (as far as processes keep time).
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from jupyter_wrangler.errors import WranglerError
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import launch
from tests.faults import faults
from tests.faults.cluster import Cluster, cluster
from tests.faults.invariants import check

#: Deeds between two looks at the invariant.
ROUND = 6
#: Jobs that wait or run while harm is done, at least.
BUSY = 6


def work(here: Cluster) -> None:
    """Keep the deployment busy; ask again for what a server that is down refuses."""
    query = "SELECT count(*) AS n FROM wrangler.job WHERE finished_at IS NULL"
    while here.sql(query)[0].n < BUSY:
        try:
            if here.rng.random() < 0.4:
                here.submit_long()
            else:
                here.submit()
        except WranglerError as refused:
            print(f"    refused, and tried again: {refused.message[:80]}")
            time.sleep(1)


def soak(here: Cluster, *, seconds: float) -> Counter[str]:
    """Do harm until the time is over; return how often each deed was done."""
    done: Counter[str] = Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for fault in here.rng.sample(faults.ALL, ROUND):
            work(here)
            begun = time.monotonic()
            fault(here)
            done[fault.__name__] += 1
            print(f"{fault.__name__:20} {time.monotonic() - begun:6.1f} s", flush=True)
            time.sleep(here.rng.random() * 2)
        begun = time.monotonic()
        check(here, seconds=180)
        states = here.sql("SELECT state, count(*) FROM wrangler.job GROUP BY 1")
        reported = ", ".join(f"{n} {state}" for state, n in sorted(map(tuple, states)))
        print(f"== as it should be after {time.monotonic() - begun:.1f} s: {reported}")
    return done


def main() -> None:
    """Soak a deployment, and say how it went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))  # noqa: S311
    words = parser.parse_args()
    print(f"seed {words.seed}")
    home = Path(tempfile.mkdtemp(prefix="jws-"))
    home.chmod(0o711)
    try:
        with cluster(home, workers=words.workers, seed=words.seed) as here:
            try:
                done = soak(here, seconds=words.minutes * 60)
            except BaseException:
                print(f"BREACH with seed {words.seed}\n{here.logs()}")
                raise
        print(f"no breach: {done.total()} deeds, {dict(done)}")
    finally:
        launch.stop(Settings(home=home / "home", runtime_dir=home / "run"))
        shutil.rmtree(home)


if __name__ == "__main__":
    main()
