"""Scores of draws: exact values, fairness, and the rule by which a method is left."""

import numpy as np
import pytest

from jupyter_wrangler.engine.selection.proper_scores import (
    Margin,
    brier,
    crps,
    log_loss,
    sure,
    taken,
)


def test_crps_is_the_sum_over_pairs():
    rng = np.random.default_rng(0)
    drawn, truth = rng.normal(size=(6, 9)), rng.normal(size=9)
    pairs = np.abs(drawn[:, None] - drawn[None]).sum(axis=(0, 1))
    by_hand = np.abs(drawn - truth).mean(axis=0) - pairs / (2 * 6 * 5)
    assert crps(truth, drawn) == pytest.approx(by_hand)
    assert crps(np.array([3.0]), np.array([[1.0], [2.0], [4.0], [7.0]])) == (
        pytest.approx(1 / 3)
    )


@pytest.mark.parametrize(("at", "wanted"), [(0.0, 0.2336949773), (1.0, 0.6024413576)])
@pytest.mark.parametrize("d", [2, 10])
def test_crps_is_fair_whatever_the_number_of_draws(at, wanted, d):
    rng = np.random.default_rng(1)
    drawn = rng.normal(size=(d, 200_000))
    assert crps(np.full(200_000, at), drawn).mean() == pytest.approx(wanted, abs=0.005)


def test_a_nearly_constant_guess_does_not_win_by_few_draws():
    rng = np.random.default_rng(2)
    truth = rng.normal(size=50_000)
    right, narrow = rng.normal(size=(2, 2, 50_000))
    assert crps(truth, right).mean() < crps(truth, narrow / 10).mean()


def test_log_loss_has_a_floor_for_classes_that_were_not_drawn():
    drawn = np.zeros((10, 2), dtype=int)
    found = log_loss(np.array([0, 3]), drawn, 4)
    assert found == pytest.approx([-np.log(10.25 / 11), np.log(4 * 11)])


def test_brier_is_half_the_fair_score():
    rng = np.random.default_rng(3)
    truth = (rng.random(100_000) < 0.3).astype(int)
    drawn = (rng.random((3, 100_000)) < 0.3).astype(int)
    # half of sum (p - y)^2 over two classes is p (1 - p)
    assert brier(truth, drawn).mean() == pytest.approx(0.21, abs=0.004)


def test_cells_of_one_row_are_one_unit():
    ours, theirs = np.array([1.0, 4.0, 2.0, 0.0]), np.array([2.0, 6.0, 2.0, 0.0])
    found = Margin.of(ours, theirs, np.array([1.0, 2.0, 1.0, 0.0]))
    assert (found.mean, found.rows, found.cells) == (-0.75, 3, 4)
    about = np.array([-1 + 0.75, -2 + 1.5, 0.75])
    assert found.se == pytest.approx(np.sqrt((about**2).sum() * 3 / 2) / 4)


@pytest.mark.parametrize(
    ("update", "rivals", "better"),
    [
        ({}, 1, True),
        ({}, 3, False),
        ({"mean": -0.26}, 3, True),
        ({"mean": -0.26, "rows": 12}, 3, False),
        ({"mean": -0.9, "rows": 9}, 1, False),
        ({"mean": -0.9, "backed": False}, 1, False),
        ({"mean": -0.9, "confirmed": False}, 1, False),
        ({"mean": -0.005, "se": 1e-9}, 1, False),
        ({"mean": 0.9}, 1, False),
    ],
)
def test_a_method_is_left_only_for_one_that_is_better_beyond_chance(
    update, rivals, better
):
    reported = {
        "mean": -0.21,
        "se": 0.1,
        "rows": 1_000,
        "standard": 1.0,
        "cells": 1_000,
    }
    assert Margin(**(reported | update)).beats(rivals) is better


@pytest.mark.parametrize("right", [True, False])
def test_equal_methods_are_seldom_left(right):
    # 300 data sets of 100 cells; beyond 2.5 standard errors lie 0.006 of one side
    rng = np.random.default_rng(4)
    left = 0
    for _ in range(300):
        one, two = rng.normal(size=(2, 10, 100))
        truth = rng.normal(size=100)
        scale = 1.0 if right else 4.0
        margin = Margin.of(crps(truth, one), crps(truth, two * scale), np.ones(100))
        left += bool(
            taken({"a": margin, "b": Margin(mean=1, se=1, rows=9, standard=1)})
        )
    assert left <= 8 if right else left >= 280


def test_how_sure_it_is_is_said():
    def margin(mean, **more):
        reported = {"se": 0.1, "rows": 500, "standard": 1.0, "cells": 500}
        return Margin(mean=mean, **reported, **more)

    def said(one, chosen="pmm", level="continuous"):
        return sure({"rf": one, "cart": margin(0.5)}, "pmm", chosen, level=level)

    assert "no other was better. CRPS of 500 hidden cells: pmm 1, rf 1.1" in said(
        margin(0.1)
    )
    assert "'rf' is better by 0.1, which is 1.0 standard errors, and 2.5 are" in said(
        margin(-0.1)
    )
    assert "better on some hidden cells, but not on others" in said(
        margin(-0.5, confirmed=False)
    )
    assert "but not by its Brier score. Negative log score" in said(
        margin(-0.5, backed=False), level="nominal"
    )
    assert said(margin(-0.5), "rf").startswith("it is better than 'pmm', the standard")
