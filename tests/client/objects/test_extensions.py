"""Views and charts are found by entry points, at first use."""

import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from jupyter_wrangler import contract
from jupyter_wrangler.charts import Plots
from jupyter_wrangler.client.objects import extensions
from jupyter_wrangler.client.objects.extensions import (
    GROUP,
    display_job,
    job_bundle,
    load_extension,
    plots_of,
)
from jupyter_wrangler.client.objects.leaderboard import Leaderboard
from jupyter_wrangler.errors import InvalidSpec
from jupyter_wrangler.widgets.job import bundle


@pytest.fixture(autouse=True)
def fresh():
    load_extension.cache_clear()
    yield
    load_extension.cache_clear()


@pytest.fixture
def installed(monkeypatch):
    """Entry points that take the place of the installed ones."""
    points = []

    def find(**wanted):
        return [point for point in points if point.matches(**wanted)]

    monkeypatch.setattr(extensions, "entry_points", find)
    return points


def test_the_package_offers_the_view_of_jobs_and_the_charts():
    assert load_extension("job_view") is bundle
    assert isinstance(plots_of(object()), Plots)
    assert load_extension("no_such_name") is None


def test_another_package_may_offer_the_view(installed):
    installed.append(EntryPoint("job_view", "builtins:vars", GROUP))
    job = type("Job", (), {})()
    job.name = "patients"
    assert job_bundle(job) == {"name": "patients"}


def test_where_two_packages_offer_the_view_our_own_is_taken(installed):
    installed.append(EntryPoint("job_view", "builtins:vars", GROUP))
    installed.append(
        EntryPoint("job_view", f"{bundle.__module__}:{bundle.__name__}", GROUP)
    )
    assert load_extension("job_view") is bundle


@pytest.mark.usefixtures("installed")
def test_without_an_installed_package_jobs_are_shown_as_text():
    assert job_bundle([1]) == {"text/plain": "[1]"}
    assert not display_job([1])


@pytest.mark.usefixtures("installed")
def test_without_an_installed_package_charts_say_what_to_do():
    board = Leaderboard(contract.LeaderboardDocument.model_construct())
    with pytest.raises(InvalidSpec, match="Install the package again"):
        board.plot()


def test_the_public_names_load_neither_widgets_nor_charts():
    script = (
        "import sys, jupyter_wrangler as jw\n"
        "jw.impute, jw.profile, jw.Job, jw.Result, jw.Leaderboard\n"
        "assert 'jupyter_wrangler.client.objects.job' in sys.modules\n"
        "heavy = {'ipywidgets', 'jupyter_wrangler.charts', 'matplotlib'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"
