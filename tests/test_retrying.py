"""One policy of trying again, for threads and for event loops."""

from __future__ import annotations

import time

import pytest

from jupyter_wrangler.retrying import RetryPolicy, wait_until

QUICK = RetryPolicy(first_s=0.001, tries=3)


class Flaky:
    """Fails some times, then answers."""

    def __init__(self, failures: int, error: type[Exception] = ValueError) -> None:
        self.failures, self.error, self.calls = failures, error, 0

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self.failures:
            raise self.error
        return "answer"

    async def later(self) -> str:
        return self()


def always(error: Exception) -> bool:
    del error
    return True


def only_value(error: Exception) -> bool:
    return isinstance(error, ValueError)


def test_pauses_grow_up_to_the_longest():
    policy = RetryPolicy(first_s=1, factor=2, longest_s=5, tries=6)
    assert list(policy.pauses()) == [1, 2, 4, 5, 5]


def test_pauses_are_shortened_at_random():
    policy = RetryPolicy(first_s=1, tries=100, jitter=0.5)
    found = list(policy.pauses())
    assert 0.5 <= min(found) < max(found) <= 1


def test_no_try_follows_after_the_time_limit():
    policy = RetryPolicy(first_s=1, patience_s=0.02)
    pauses = policy.pauses()
    assert next(pauses) == 1
    time.sleep(0.05)
    assert next(pauses, None) is None
    # counted from the first try, and not from its failure
    pauses = policy.pauses()
    time.sleep(0.05)
    assert list(pauses) == []


def test_work_is_done_again_until_it_succeeds():
    work = Flaky(2)
    assert QUICK.call(work, retry_if=always) == "answer"
    assert work.calls == 3


def test_the_last_error_is_raised():
    work = Flaky(9)
    with pytest.raises(ValueError):  # noqa: PT011  it has no words
        QUICK.call(work, retry_if=always)
    assert work.calls == 3


def test_another_error_is_raised_at_once():
    work = Flaky(9, KeyError)
    with pytest.raises(KeyError):
        QUICK.call(work, retry_if=only_value)
    assert work.calls == 1


@pytest.mark.asyncio
async def test_event_loops_do_the_same():
    work = Flaky(2)
    assert await QUICK.call_async(work.later, retry_if=only_value) == "answer"
    other = Flaky(9, KeyError)
    with pytest.raises(KeyError):
        await QUICK.call_async(other.later, retry_if=only_value)
    assert (work.calls, other.calls) == (3, 1)


def test_waiting_ends_when_it_is_so_or_when_time_is_over():
    looks = []
    assert wait_until(lambda: looks.append(1) or len(looks) == 3, within_s=9, every_s=0)
    assert not wait_until(lambda: False, within_s=0.01, every_s=0.001)
