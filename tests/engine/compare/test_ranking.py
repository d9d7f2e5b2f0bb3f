"""Trials side by side: who leads, with how much, and what is not known yet."""

import pytest

from jupyter_wrangler.contract import (
    ColumnTrial,
    ComparisonSpec,
    JudgedColumn,
    LeaderboardDocument,
    Trial,
)
from jupyter_wrangler.engine.compare.ranking import combine

CHOL = JudgedColumn(
    name="chol", level="continuous", unit="", n_missing=9, n_observed=90, n_hidden=10
)
SEX = CHOL.model_copy(update={"name": "sex", "level": "nominal"})


def part(chol, right, n=10, **other):
    scores = (
        ColumnTrial(column="chol", used="x", n=n, mae=chol, rmse=2 * chol, bias=-chol),
        ColumnTrial(column="sex", used="y", n=n, right=right, balanced=right),
    )
    trial = Trial(n_rows=99, columns=(CHOL, SEX), scores=scores, **other)
    return trial.model_dump(mode="json")


SPEC = ComparisonSpec(methods=("knn", "rf"), repeats=2)
#: baseline, knn, rf; again
PARTS = [
    part(40.0, 0.5),
    part(20.0, 0.9),
    part(60.0, 0.4),
    part(20.0, 0.5, n=30),
    part(10.0, 0.9, n=30),
    part(30.0, 0.4, n=30),
]


def by_method(board):
    return {one.method: one for one in board.methods}


def test_errors_are_means_over_cells_and_shares_of_those_of_the_baseline():
    board = combine(SPEC, PARTS)
    assert [one.method for one in board.methods] == ["knn", "baseline", "rf"]
    assert [one.rank for one in board.methods] == [1, 2, 3]
    knn, rf, base = (by_method(board)[m] for m in ("knn", "rf", "baseline"))
    chol, sex = knn.scores
    assert chol.error == chol.mae == pytest.approx((10 * 20 + 30 * 10) / 40)
    assert chol.rmse == pytest.approx(((10 * 40**2 + 30 * 20**2) / 40) ** 0.5)
    assert chol.bias == -chol.mae
    assert chol.ratio == pytest.approx(0.5)
    assert sex.error == pytest.approx(0.1)
    assert sex.ratio == pytest.approx(0.2)
    assert knn.ratio == pytest.approx(0.35)
    assert knn.spread == pytest.approx(0.0, abs=1e-12)
    assert rf.ratio == pytest.approx((1.5 + 1.2) / 2)
    assert (rf.worse, base.worse, base.ratio) == (True, False, 1.0)


def test_rows_fill_in_as_parts_end():
    seen = []
    for k in range(len(PARTS) + 1):
        board = combine(SPEC, [*PARTS[:k], *[None] * (6 - k)])
        assert board.n_done == k
        seen.append([one.method for one in board.methods if one.rank is not None])
        assert len(board.methods) == 3
        assert ("6 trials have ended" in " ".join(board.findings)) == (k < 6)
    assert seen[0] == []
    assert seen[1] == ["baseline"]
    assert seen[2] == ["knn", "baseline"]
    assert seen[3:] == [["knn", "baseline", "rf"]] * 4


def test_a_short_list_of_parts_counts_as_not_ended():
    assert combine(SPEC, PARTS[:2]) == combine(SPEC, [*PARTS[:2], *[None] * 4])


def test_each_repeat_is_held_against_its_own_baseline():
    # knn's second repeat is the easier one, and its baseline has not ended
    board = combine(SPEC, [*PARTS[:3], None, PARTS[4], None])
    assert by_method(board)["knn"].ratio == pytest.approx((0.5 + 0.2) / 2)
    assert by_method(board)["knn"].scores[0].n == 10


def test_without_any_baseline_nobody_is_ranked():
    board = combine(SPEC, [None, PARTS[1], PARTS[2], None, None, None])
    assert {one.rank for one in board.methods} == {None}


def test_a_part_that_left_nothing_says_why():
    parts = [*PARTS[:5], {"error": "It needed more memory than there is."}]
    board = combine(SPEC, parts)
    rf = by_method(board)["rf"]
    assert (rf.rank, rf.error) == (None, "It needed more memory than there is.")
    # what it did in the other repeat is shown all the same
    assert rf.repeats == 1
    assert rf.scores[0].error == 60.0
    assert board.methods[-1] == rf


def test_where_the_baseline_is_right_there_is_only_something_to_lose():
    spec = ComparisonSpec(methods=("a", "b"), repeats=1)
    parts = [part(0.0, 1.0), part(0.0, 1.0), part(1.0, 1.0)]
    board = by_method(combine(spec, parts))
    assert (board["a"].ratio, board["a"].worse) == (1.0, False)
    lost = board["b"].scores[0]
    assert (lost.ratio, lost.worse) == (None, True)


def test_cost_is_that_of_one_imputation():
    spec = ComparisonSpec(methods=("pmm",), repeats=1)
    parts = [
        part(4.0, 0.5, seconds=0.1, peak_mib=3.0),
        part(4.0, 0.5, seconds=5.0, peak_mib=7.0, draws=5),
    ]
    board = by_method(combine(spec, parts))
    assert board["pmm"].seconds == pytest.approx(1.0)
    assert board["pmm"].peak_mib == 7.0
    assert (board["pmm"].draws, board["baseline"].draws) == (True, False)


def test_equal_errors_leave_the_baseline_in_front():
    spec = ComparisonSpec(methods=("median",), repeats=1)
    board = combine(spec, [part(4.0, 0.5), part(4.0, 0.5)])
    assert board.methods[0].method == "baseline"
    assert "No method came nearer" in board.findings[0]


def test_the_findings_say_what_the_numbers_say():
    reported = combine(SPEC, PARTS).findings
    assert reported == (
        (
            "'knn' came nearest: on average its error is 35% (give or take 0% from "
            "repeat to repeat) of that of the baseline (median, or most frequent "
            "class)."
        ),
        "'chol': 'knn' is typically off by 12.5, the baseline by 25.0.",
        "'sex': 'knn' is right in 90% of the hidden cells, the baseline in 50%.",
        (
            "Worse than the baseline on average: 'rf'; simple values are nearer, at "
            "less cost."
        ),
    )


def test_units_and_columns_left_out_are_reported():
    days = CHOL.model_copy(update={"unit": "days", "level": "datetime"})
    empty = SEX.model_copy(update={"n_hidden": 0})
    scores = (ColumnTrial(column="chol", used="x", n=10, mae=2.0, rmse=2.0, bias=0.0),)
    trial = Trial(
        n_rows=99, columns=(days, empty), scores=scores, left_out={"id": "It is text."}
    )
    better = scores[0].model_copy(update={"mae": 1.0})
    parts = [trial, trial.model_copy(update={"scores": (better,)})]
    spec = ComparisonSpec(methods=("knn",), repeats=1)
    reported = combine(spec, [one.model_dump() for one in parts]).findings
    assert (
        "'chol': 'knn' is typically off by 1.00 days, the baseline by 2.00 days."
        in reported
    )
    assert "Column 'id' was not judged. It is text." in reported
    assert any("'sex' was not judged: the patterns hid none" in one for one in reported)


def test_a_leaderboard_survives_the_wire():
    board = combine(SPEC, PARTS)
    assert LeaderboardDocument.model_validate_json(board.model_dump_json()) == board
