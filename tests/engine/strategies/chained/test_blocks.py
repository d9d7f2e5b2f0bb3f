"""Columns of a block are imputed together, from one donor for each row."""

# ruff: noqa: PD011  `values` are those of an Imputation, which is no pandas object

import itertools

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.estimator.imputations import impute_m
from jupyter_wrangler.engine.estimator.imputer import Imputer
from jupyter_wrangler.engine.models.design import Design
from jupyter_wrangler.engine.planning.check import check
from jupyter_wrangler.engine.strategies.chained.multivariate_pmm import fit
from jupyter_wrangler.engine.strategies.impute import impute
from jupyter_wrangler.engine.types import Given
from jupyter_wrangler.errors import (
    InvalidData,
    InvalidSpec,
    MethodDoesNotFit,
    UnknownColumn,
)
from jupyter_wrangler.frames.imputers import load_imputer, save_imputer

SUM = {"sum": ("a", "b", "c")}


def sums(n=150, seed=0, together=0.3, alone=0.1):
    """Two whole numbers and their sum, by x and k; rows lack all three, or some."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    a = np.rint(10 * x + 5 * rng.normal(size=n))
    b = np.rint(-4 * x + 9 * rng.normal(size=n))
    k = np.where(x + rng.normal(size=n) > 0, "up", "down")
    df = pd.DataFrame({"x": x, "a": a, "b": b, "c": a + b, "k": k})
    df.loc[rng.random(n) < together, ["a", "b", "c"]] = np.nan
    for name in ("x", "a", "c"):
        df.loc[rng.random(n) < alone, name] = np.nan
    df.loc[rng.random(n) < alone, "k"] = None
    return df


def drain(df, given=None, imputation=0, **spec):
    steps = impute(df, ImputationSpec(**spec), imputation, given=given)
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value


def messages(found):
    return " ".join(event.message for event in found.events)


def donors_by_row(found, members):
    """Row -> donors of its cells in a block."""
    donors = {}
    for name in members:
        for row, donor in zip(found.rows[name], found.donors[name], strict=True):
            donors.setdefault(int(row), set()).add(int(donor))
    return donors


# ── what a block is for ──


@pytest.mark.parametrize("matchtype", [0, 1, 2])
@pytest.mark.parametrize("k", [0, 1])
def test_sums_stay_sums_where_all_is_missing(matchtype, k, run, complete):
    df = sums()
    done = complete(df, run(df, k, blocks=SUM, matchtype=matchtype))
    rows = df[["a", "b", "c"]].isna().all(axis=1)
    assert rows.sum() > 20
    assert (done["c"] == done["a"] + done["b"])[rows].all()
    apart = complete(df, run(df, k, matchtype=matchtype))
    assert not (apart["c"] == apart["a"] + apart["b"])[rows].all()


def test_ends_of_a_range_stay_in_order(run, complete):
    rng = np.random.default_rng(1)
    x = rng.normal(size=120)
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(100 * x, "D").floor("s")
    stay = pd.to_timedelta(rng.exponential(5, 120), "D").floor("s")
    df = pd.DataFrame({"x": x, "came": day, "left": day + stay})
    df.loc[rng.random(120) < 0.3, ["came", "left"]] = pd.NaT
    found = run(df, blocks={"stay": ("came", "left")})
    done = complete(df, found)
    assert not done.isna().any(axis=None)
    assert (done["came"] <= done["left"]).all()
    missing_cells = df["came"].isna()
    known = set((df["left"] - df["came"]).dropna())
    assert set((done["left"] - done["came"])[missing_cells]) <= known


def test_all_missing_values_of_a_row_have_one_donor_with_the_whole_block(run):
    df = sums(alone=0.2)
    found = run(df, blocks=SUM)
    donors = donors_by_row(found, SUM["sum"])
    assert len(donors) > 50
    assert all(len(those) == 1 for those in donors.values())
    whole = df[["a", "b", "c"]].notna().all(axis=1).to_numpy()
    assert all(whole[donor] for those in donors.values() for donor in those)
    for name in SUM["sum"]:
        np.testing.assert_array_equal(
            found.values[name], df[name].to_numpy()[found.donors[name]]
        )


def test_what_a_row_has_of_the_block_chooses_its_donor(run, complete):
    df = sums(300, together=0.0, alone=0.25)
    done = complete(df, run(df, blocks=SUM, matchtype=0, donors=1))
    rows = df["c"].isna() & df["a"].notna()
    assert rows.sum() > 40
    off = (done["c"] - done["a"] - done["b"])[rows].abs()
    # Donors are as near as sums of 200 rows lie to each other.
    assert off.median() <= 1
    assert df["c"].std() > 8
    assert "rows lack some of its columns and have others" in messages(
        run(df, blocks=SUM)
    )


# ── the rule ──


def by_hand(df, members, helpers):
    """Row -> nearest donor, by least squares for each pattern of missing values.

    Little (1988): among the rows that have all members, the one whose predicted mean is
    nearest in the metric of the residual covariance of what is missing given the rest.
    """
    has = df[list(members)].notna().to_numpy()
    donors = np.flatnonzero(has.all(axis=1))
    nearest = {}
    for row in np.flatnonzero(~has.all(axis=1)):
        ask = [m for m, there in zip(members, has[row], strict=True) if not there]
        know = [m for m in members if m not in ask]
        x = np.column_stack([np.ones(len(df)), df[helpers + know]])
        y = df[ask].to_numpy()[donors]
        beta = np.linalg.lstsq(x[donors], y, rcond=None)[0]
        residual = y - x[donors] @ beta
        inverse = np.linalg.inv(residual.T @ residual / len(donors))
        apart = x[donors] @ beta - x[row] @ beta
        nearest[int(row)] = int(
            donors[np.argmin(np.einsum("ij,jk,ik->i", apart, inverse, apart))]
        )
    return nearest


@pytest.mark.parametrize("seed", range(5))
def test_the_donor_is_nearest_in_the_metric_of_the_residuals(seed, run):
    rng = np.random.default_rng(seed)
    names = ("u", "v", "w")
    z = rng.normal(size=(90, 5)) @ rng.normal(size=(5, 5)) * [1, 1, 100, 0.01, 3] + 7
    df = pd.DataFrame(z, columns=["x", "s", "u", "v", "w"])
    missing_cells = rng.random((90, 3)) < 0.25
    df[list(names)] = df[list(names)].mask(missing_cells)
    found = run(df, blocks={"z": names}, donors=1, matchtype=0, max_iter=1)
    expected = by_hand(df, names, ["x", "s"])
    got = {row: one for row, (one,) in donors_by_row(found, names).items()}
    patterns = {tuple(gap) for gap in missing_cells}
    assert len(patterns) > 5
    assert got == expected


def test_with_one_member_missing_it_is_pmm_with_the_others_as_predictors(run):
    df = sums(200, together=0.0, alone=0.0)
    df["c"] += np.random.default_rng(0).normal(size=200)
    df.loc[df.index[::4], "c"] = np.nan
    spec = {"donors": 1, "matchtype": 0, "max_iter": 1}
    one, two = run(df, blocks=SUM, **spec), run(df, **spec)
    np.testing.assert_array_equal(one.donors["c"], two.donors["c"])


@pytest.mark.parametrize("matchtype", [1, 2])
def test_its_draws_are_spread_as_those_of_pmm(matchtype):
    df = sums(60, together=0.0, alone=0.0)
    df["c"] += np.random.default_rng(0).normal(size=60) * 9
    df.loc[df.index[::3], "c"] = np.nan
    means = {}
    for name, blocks in (("block", {"z": ("a", "c")}), ("pmm", {})):
        spec = ImputationSpec(
            n_imputations=150, blocks=blocks, matchtype=matchtype, max_iter=1
        )
        means[name] = impute_m(df, spec).chain_mean["c"].to_numpy()
    block, pmm = means["block"], means["pmm"]
    # Means of 150 draws lie within four of their standard errors.
    assert abs(block.mean() - pmm.mean()) < 4 * pmm.std() * np.sqrt(2 / 150)
    assert 0.7 < block.std() / pmm.std() < 1.4


def model_of(df, members, **settings):
    design = Design({name: df[[name]].fillna(0.0).to_numpy() for name in df})
    design.recount()
    whole = df[list(members)].notna().all(axis=1).to_numpy()
    others = np.arange(design.width)
    rng = np.random.default_rng(0)
    return fit(design, members, whole, others, rng, **settings), design


def test_what_stands_in_for_a_missing_value_is_not_used():
    df = sums().drop(columns="k")
    model, design = model_of(df, SUM["sum"])
    x = design.rows(np.arange(20))
    for pattern in itertools.product([True, False], repeat=3):
        if not any(pattern):
            continue
        missing = np.tile(pattern, (20, 1))
        other = x.copy()
        other[:, model.own[list(pattern)]] += 1e3
        one, two = (
            model.draw(part, missing, np.random.default_rng(1)) for part in (x, other)
        )
        np.testing.assert_array_equal(one, two)


def test_units_do_not_matter(run):
    df = sums()
    df[["x", "k"]] = sums(alone=0.0)[["x", "k"]]
    other = df.assign(a=1e6 * df["a"], c=1e-6 * df["c"] + 3)
    spec = {"blocks": SUM, "donors": 1, "matchtype": 0, "max_iter": 2}
    one, two = run(df, **spec), run(other, **spec)
    for name in SUM["sum"]:
        np.testing.assert_array_equal(one.donors[name], two.donors[name])


@pytest.mark.parametrize("donors", [1, 5])
def test_order_of_columns_does_not_matter_without_draws(donors, run):
    df = sums(alone=0.0)
    spec = {"donors": donors, "matchtype": 0, "max_iter": 1}
    one = run(df, blocks=SUM, **spec)
    two = run(df[["k", "c", "x", "b", "a"]], blocks={"z": ("c", "a", "b")}, **spec)
    for name in SUM["sum"]:
        np.testing.assert_array_equal(one.values[name], two.values[name])


# ── laws ──

MIXED = {
    "one": ("whole", "ordered", "str", "boolean"),
    "two": ("Int8", "arrow_str", "float"),
}


class TestMixedFrame:
    def test_members_of_every_kind_are_filled_by_one_donor(self, mixed, run, complete):
        df = mixed(200)
        found = run(df, blocks=MIXED, max_iter=3)
        done = complete(df, found)
        assert not done.isna().any(axis=None)
        for name in df:
            kept = df[name].notna().to_numpy()
            pd.testing.assert_series_equal(done[name][kept], df[name][kept])
        for members in MIXED.values():
            assert all(len(d) == 1 for d in donors_by_row(found, members).values())
            missing = df[list(members)].isna().all(axis=1)
            known = set(df[list(members)].dropna().itertuples(index=False))
            new = done.loc[missing, list(members)]
            assert set(new.itertuples(index=False)) <= known

    def test_same_seed_same_imputation(self, mixed, run, complete):
        df = mixed()
        one, two, other = (
            complete(df, run(df, k, blocks=MIXED, max_iter=2, random_state=7))
            for k in (3, 3, 4)
        )
        pd.testing.assert_frame_equal(one, two)
        assert not one.equals(other)

    def test_one_chain_of_m_is_the_chain_alone(self, mixed, run):
        df = mixed()
        spec = {"blocks": MIXED, "max_iter": 2}
        alone, beside = run(df, 2, **spec), run(df, 2, n_imputations=5, **spec)
        for name, values in alone.values.items():
            assert list(beside.values[name]) == list(values)

    def test_the_estimator_and_a_job_give_the_same_numbers(self, mixed, run, complete):
        df = mixed().rename_axis(index=None)
        spec = {"blocks": MIXED, "max_iter": 2, "random_state": 3}
        here = Imputer(**spec).fit_transform(df)
        pd.testing.assert_frame_equal(here, complete(df, run(df, **spec)))

    def test_progress_rises_to_its_total(self, mixed):
        steps = list(impute(mixed(), ImputationSpec(blocks=MIXED, max_iter=2)))
        done = [step.done for step in steps]
        assert done == sorted(done)
        assert done[-1] == steps[-1].total > 0
        assert any("block 'one'" in step.message for step in steps)


def test_chains_are_reported_for_every_member(run):
    found = run(sums(), blocks=SUM, max_iter=4)
    for name in SUM["sum"]:
        assert found.chains[name].shape == (4, 2)
        assert found.chains[name][-1, 0] == pytest.approx(found.values[name].mean())


@pytest.mark.parametrize(
    "df",
    [
        pd.DataFrame({"a": [1.0, 2, None], "b": [3.0, 4, None]}),
        pd.DataFrame({"a": ["u", "u", None], "b": ["v", "v", None], "x": [1, 2, 3]}),
        pd.DataFrame(
            {"a": [5.0, 5, None] * 4, "b": [0.1] * 11 + [None], "x": range(12)}
        ),
        pd.DataFrame(
            {"a": [1.0, 2, None] * 4, "b": [2.0, 4, None] * 4, "x": range(12)}
        ),
        pd.DataFrame(
            {"a": [1e8, 2e8, None, 3e8] * 4, "b": [1e-8, 1e-9, 1e-8, None] * 4}
        ),
    ],
    ids=["alone", "one class", "constant", "collinear", "far scales"],
)
@pytest.mark.parametrize("matchtype", [0, 1, 2])
def test_odd_blocks_are_filled(df, matchtype, run, complete):
    found = run(df, blocks={"z": ("a", "b")}, donors=1, matchtype=matchtype)
    assert not complete(df, found).isna().any(axis=None)


# ── who is visited when, and who helps ──


def visited(df, **spec):
    steps = impute(df, ImputationSpec(max_iter=1, **spec))
    return [step.column for step in steps if step.round]


def test_a_block_is_visited_where_the_first_of_its_columns_would_be():
    df = pd.DataFrame(
        np.random.default_rng(0).normal(size=(30, 4)), columns=list("abcd")
    )
    for name, missing_cells in (("a", 6), ("b", 3), ("c", 4), ("d", 5)):
        df.loc[: missing_cells - 1, name] = np.nan
    blocks = {"z": ("a", "c")}
    assert visited(df, blocks=blocks) == ["b", "c", "d"]
    assert visited(df, blocks=blocks, visit_sequence="descending") == ["a", "d", "b"]
    assert visited(df, blocks=blocks, visit_sequence="roman") == ["a", "b", "d"]
    assert visited(df, blocks=blocks, visit_sequence=("d", "c", "b", "c")) == [
        *("d", "c", "b", "c")
    ]


def test_predictors_named_for_any_member_help_the_block(run):
    df = sums(alone=0.0).drop(columns="k")
    df["noise"] = np.random.default_rng(3).normal(size=len(df))
    other = df.assign(noise=df["noise"] ** 2)
    spec = {"blocks": SUM, "predictors": {"a": ("x", "b"), "b": ("x",)}}
    one, two = run(df, **spec), run(other, **spec)
    np.testing.assert_allclose(one.values["c"], two.values["c"])
    without = run(df.drop(columns="noise"), blocks=SUM)
    np.testing.assert_allclose(one.values["c"], without.values["c"])
    helped = run(other, blocks=SUM, predictors={"a": ("x",), "c": ("noise",)})
    assert list(helped.values["c"]) != list(one.values["c"])


def test_what_is_computed_from_a_member_does_not_help_its_block(run, complete):
    df = sums(alone=0.0)
    df["half"] = df["a"] / 2
    spec = {"blocks": {"z": ("a", "b")}, "methods": {"half": "~ a / 2"}}
    found = run(df.drop(columns="c"), **spec)
    done = complete(df, found)
    assert (done["half"] == done["a"] / 2).all()
    without = run(df.drop(columns=["c", "half"]), blocks={"z": ("a", "b")})
    np.testing.assert_array_equal(found.values["a"], without.values["a"])


def test_monotone_missing_values_need_one_iteration_if_a_block_is_not_interrupted(run):
    rng = np.random.default_rng(0)
    df = pd.DataFrame(rng.normal(size=(80, 4)) @ rng.normal(size=(4, 4)))
    df.columns = list("abcd")
    for name, first in (("b", 60), ("c", 50), ("d", 40)):
        df.loc[first:, name] = np.nan
    spec = {"method": "norm", "visit_sequence": "monotone"}
    found = run(df, blocks={"z": ("b", "c")}, **spec)
    assert found.n_iter == 1
    assert "Stopped after round 1" in messages(found)
    again = run(df.assign(d=df["d"] * 2), blocks={"z": ("b", "c")}, **spec)
    np.testing.assert_array_equal(found.values["c"], again.values["c"])
    found = run(df, blocks={"z": ("b", "d")}, max_iter=3, **spec)
    assert found.n_iter == 3
    assert "Block 'z' has columns with fewer missing values than 'c' and" in messages(
        found
    )


def test_other_methods_next_to_a_block(run, complete):
    df = sums()
    for method in ("linear", "cart", "knn", "auto", "mean"):
        found = run(df, method=method, blocks=SUM, max_iter=2)
        done = complete(df, found)
        rows = df[["a", "b", "c"]].isna().all(axis=1)
        assert (done["c"] == done["a"] + done["b"])[rows].all()
        assert "Column 'a': It belongs to block 'sum'" in messages(found)
    assert not any("belongs" in plan.reason for plan in check(df, ImputationSpec()))


def test_columns_that_are_not_asked_for_are_imputed_to_help(run):
    df = sums()
    whole, part = run(df, blocks=SUM), run(df, blocks=SUM, columns=("c", "x"))
    assert set(part.values) == {"c", "x"}
    np.testing.assert_array_equal(part.values["c"], whole.values["c"])


# ── cells and starts that were given ──


def test_observed_cells_of_one_row_are_imputed_together():
    df = sums(alone=0.0)
    where = df.isna().to_numpy()
    rows = np.flatnonzero(df["a"].notna())[:30]
    where[np.ix_(rows, [1, 2, 3])] = True
    found = drain(df, Given(where=where), blocks=SUM)
    over = {n: dict(zip(found.rows[n], found.values[n], strict=True)) for n in "abc"}
    assert set(rows) <= set(over["a"]) == set(over["b"]) == set(over["c"])
    assert all(over["c"][row] == over["a"][row] + over["b"][row] for row in over["a"])
    assert any(over["a"][row] != df["a"].iloc[row] for row in rows)
    plain = drain(df, blocks=SUM)
    for row, value in zip(plain.rows["a"], plain.values["a"], strict=True):
        assert over["a"][row] == value


def test_one_observed_cell_is_hidden_and_the_others_of_its_block_are_not():
    df = sums(400, alone=0.0)
    where = np.zeros(df.shape, dtype=bool)
    rows = np.flatnonzero(df["a"].notna())[:40]
    where[rows, 3] = True
    found = drain(df, Given(where=where), blocks=SUM, max_iter=1)
    assert set(found.values) == {"c"}
    np.testing.assert_array_equal(found.rows["c"], rows)
    off = found.values["c"] - df["a"].iloc[rows] - df["b"].iloc[rows]
    assert off.abs().median() <= 2


def test_a_complete_block_can_be_imputed_where_it_is_asked_for():
    df = sums(together=0.0, alone=0.0)
    where = np.zeros(df.shape, dtype=bool)
    where[:9, 1:4] = True
    found = drain(df, Given(where=where), blocks=SUM)
    np.testing.assert_array_equal(
        found.values["c"], found.values["a"] + found.values["b"]
    )


def test_a_start_of_members_and_of_others_is_taken(run):
    df = sums()
    start = df[["x", "a"]].fillna(50.0)
    one = drain(df, Given(start=start), blocks=SUM, max_iter=1)
    two = drain(df, Given(start=start), blocks=SUM, max_iter=1)
    plain = run(df, blocks=SUM, max_iter=1)
    assert list(one.values["c"]) == list(two.values["c"]) != list(plain.values["c"])


# ── later rows ──


def test_later_rows_are_imputed_together_without_a_fit(tmp_path):
    df = sums(300)
    rows = df[["a", "b", "c"]].isna().all(axis=1)
    fitted = Imputer(blocks=SUM, random_state=0).fit(df[:200])
    later, rows = df[200:].copy(), rows[200:]
    done = fitted.transform(later)
    assert not done.isna().any(axis=None)
    assert (done["c"] == done["a"] + done["b"])[rows].all()
    known = set(df[:200][["a", "b", "c"]].dropna().itertuples(index=False))
    assert set(done.loc[rows, ["a", "b", "c"]].itertuples(index=False)) <= known
    pd.testing.assert_frame_equal(fitted.transform(later), done)
    save_imputer(fitted, tmp_path / "imputer.zip")
    again = load_imputer(tmp_path / "imputer.zip")
    pd.testing.assert_frame_equal(again.transform(later), done)
    assert again.blocks == SUM
    made = fitted.impute_new(later, 3)
    for k in range(3):
        whole = made.complete(k)
        assert (whole["c"] == whole["a"] + whole["b"])[rows].all()
    assert made.draws("a").nunique(axis=1).max() > 1


@pytest.mark.parametrize("lost", [["a"], ["b", "c"], ["a", "b", "c"]])
@pytest.mark.parametrize("missing_cells", [0.0, 0.3])
def test_later_rows_may_lack_what_no_row_of_the_fit_lacked(lost, missing_cells):
    df = sums(300, together=missing_cells, alone=0.0).drop(columns="k")
    fitted = Imputer(blocks=SUM, random_state=0).fit(df)
    later = df.dropna().head(30).copy()
    later[lost] = np.nan
    done = fitted.transform(later)
    assert not done.isna().any(axis=None)
    kept = [name for name in df if name not in lost]
    pd.testing.assert_frame_equal(done[kept], later[kept])
    off = (done["c"] - done["a"] - done["b"]).abs()
    assert off.median() <= 1


# ── refused ──


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"blocks": {"z": ("a",)}}, "Block 'z' has one column, 'a'; two at least"),
        ({"blocks": {"z": ()}}, "Block 'z' has no column; two at least"),
        ({"blocks": {" ": ("a", "b")}}, "block of 'a', 'b' has no name; give it one"),
        ({"blocks": {"z": ("a", "b", "a")}}, "'a' is twice in block 'z'; name it once"),
        (
            {"blocks": {"y": ("a", "b"), "z": ("c", "b")}},
            "'b' is in block 'y' and in block 'z'; put it into one of them, or make",
        ),
        (
            {"blocks": SUM, "methods": {"a": "norm"}},
            "'a' is to be imputed by 'norm', but it is in .* 'sum', .* give it 'pmm'",
        ),
        ({"blocks": SUM, "methods": {"b": ""}}, "'b' is to be imputed not at all"),
        (
            {"blocks": SUM, "methods": {"c": "~ a + b"}},
            "'c' is to be imputed by the formula '~ a \\+ b', but it is in block 'sum'",
        ),
        ({"blocks": SUM, "delta": {"a": 1.0}}, "delta would change what is imputed in"),
        ({"blocks": SUM, "factor": {"c": 2.0}}, "factor would change .* out of factor"),
        ({"blocks": SUM, "min_value": {"b": 0.0}}, "min_value would change .*'b'"),
        (
            {"blocks": SUM, "max_value": 9.0},
            "max_value=9 is for all columns of numbers, and 'a' of block 'sum' is one",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(spec, said, run):
    with pytest.raises(InvalidSpec, match=said):
        run(sums(), **spec)
    with pytest.raises(InvalidSpec, match=said):
        check(sums(), ImputationSpec(**spec))


def test_columns_that_no_block_can_have_are_refused(run):
    df = sums()
    with pytest.raises(UnknownColumn, match="'d'"):
        run(df, blocks={"z": ("a", "d")})
    with pytest.raises(InvalidData, match=r"has 0 rows .* take 'd', .* \(0\)"):
        run(df.assign(d=np.nan), blocks={"z": ("a", "d")})
    words = [f"this is text number {k} of many" for k in range(len(df))]
    with pytest.raises(MethodDoesNotFit, match=r"'pmm'.*'d'|'d'.*'pmm'"):
        run(df.assign(d=words), blocks={"z": ("a", "d")})


def test_functions_of_imputed_values_are_refused_for_members():
    post = {"a": lambda values: values + 1}
    with pytest.raises(InvalidSpec, match=r"post would change .*'a'"):
        Imputer(blocks=SUM, post=post).fit(sums())
    Imputer(blocks=SUM, post={"x": lambda values: values}).fit(sums())


def test_too_few_rows_that_have_all_are_refused(run):
    df = sums(20, together=0.0, alone=0.0)
    df.loc[4:, "b"] = np.nan
    said = r"Block 'sum' has 4 rows with values .* fewer than donors=5.* 'b', .*\(4\)"
    with pytest.raises(InvalidData, match=said):
        run(df, blocks=SUM)
    assert len(run(df, blocks=SUM, donors=4).values["b"]) == 16
    df.loc[:3, "a"] = np.nan
    with pytest.raises(InvalidData, match=r"has 0 rows .* be donors; take 'b'"):
        run(df, blocks=SUM, donors=1)


def test_bounds_of_all_numbers_do_not_concern_classes(run):
    df = sums().drop(columns="c").assign(j=lambda d: d["k"])
    found = run(df, blocks={"z": ("k", "j")}, min_value=-1.0)
    assert found.values["x"].min() >= -1.0


def test_blocks_travel_as_json():
    spec = ImputationSpec(blocks=SUM)
    assert ImputationSpec.model_validate_json(spec.model_dump_json()) == spec
    assert spec != ImputationSpec()
    with pytest.raises(InvalidSpec, match=r"blocks=.* cannot be asked for"):
        Imputer(blocks={"z": 3}).fit(sums())
    with pytest.raises(InvalidSpec, match="has one column, 'ab'"):
        Imputer(blocks={"z": "ab"}).fit(sums().assign(ab=1.0))
