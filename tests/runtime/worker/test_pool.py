"""The pool tells the consumer's loop when one of its threads is free."""

import threading

from kombu.asynchronous import Hub

from jupyter_wrangler.runtime.celery_app import celery_app
from jupyter_wrangler.runtime.worker.pool import TaskPool
from tests.waiting import CEILING_S


class Heard(Hub):
    """A real loop that also notes that it was asked to turn."""

    def __init__(self):
        super().__init__()
        self.asked = threading.Event()

    def call_soon(self, callback, *args):
        self.asked.set()
        return super().call_soon(callback, *args)


def test_the_end_of_a_task_turns_the_loop(fresh):
    app = celery_app(fresh)
    hub, going_on = Heard(), threading.Event()
    pool = TaskPool(app=app, limit=1)
    pool.on_start()
    pool.register_with_event_loop(hub)
    try:
        result = pool.on_apply(lambda: going_on.wait(CEILING_S), (), {})
        assert not hub.asked.wait(0.1)
        going_on.set()
        assert hub.asked.wait(CEILING_S)
        assert result.f.done()
    finally:
        going_on.set()
        pool.on_stop()
        hub.close()


def test_workers_use_it(fresh):
    conf = celery_app(fresh).conf
    assert conf.worker_pool == "jupyter_wrangler.runtime.worker.pool:TaskPool"
    assert conf.worker_disable_prefetch
