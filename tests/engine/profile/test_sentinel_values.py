"""Numbers, moments and words that stand for missing values, and those that do not."""

import ast
import html
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_wrangler.client.objects.profile import Profile
from jupyter_wrangler.engine.profile.describe import describe
from jupyter_wrangler.engine.profile.mark import mark
from jupyter_wrangler.engine.profile.sentinel_strings import sentinel_strings
from jupyter_wrangler.engine.profile.sentinel_values import sentinel_values

rng = np.random.default_rng(0)
AGES = rng.integers(18, 90, 400).astype(float)
RATES = rng.normal(75, 12, 400).round().clip(40, 180)
SCALE = np.repeat([1.0, 2, 3, 4, 5], 40)
PRESSURE = rng.normal(70, 10, 700).round().clip(30, 120)
CIGARETTES = np.concatenate([np.zeros(500), rng.integers(1, 40, 200)])
DAYS = pd.Series(pd.date_range("2020-01-01", periods=300, freq="D"))


def found_in(values, *more):
    series = pd.Series(np.concatenate([values, np.array(more, dtype=float)]))
    return {hit.value: hit.sure for hit in sentinel_values(describe("x", series))}


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        (AGES, [-999] * 3),
        (AGES, [999] * 2),
        (AGES, [-1] * 4),
        (AGES, [-9] * 2),
        (RATES, [255] * 20),
        (SCALE, [9] * 6),
        (SCALE, [99] * 6),
        (SCALE, [8888, 8888, 9999]),
        (PRESSURE, [0] * 35),
        (RATES, [-99] * 3 + [-98] * 3 + [-97] * 3),
        (RATES, [9999]),
        (RATES, [-999]),
        (np.arange(60.0, 199.0), [255] * 412),
        (RATES, [12345] * 5),
        (RATES, [1e20] * 2),
    ],
)
def test_sentinel_values_are_found(values, codes):
    assert found_in(values, *codes) == dict.fromkeys(codes, True)


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        (AGES, [99] * 2),
        (RATES, [290] * 60),
        (SCALE, [9]),
        (np.arange(600) % 97 * 13.0, [999] * 80),
    ],
)
def test_what_may_be_a_value_is_not_sure(values, codes):
    reported = found_in(values, *codes)
    assert set(reported.values()) <= {False}


@pytest.mark.parametrize(
    "values",
    [
        AGES,
        SCALE,
        CIGARETTES,
        np.arange(300.0),
        np.arange(2_000.0),
        rng.normal(size=500),
        rng.lognormal(sigma=2, size=500),
        rng.poisson(3, 500).astype(float),
        rng.integers(-5, 6, 500).astype(float),
        (rng.random(500) < 0.4).astype(float),
        np.full(50, 999.0),
        np.array([1.0, 2.0, 999.0]),
    ],
    ids=str,
)
def test_plain_numbers_are_left_alone(values):
    assert True not in found_in(values).values()


def test_zero_that_is_often_there_may_be_a_count():
    assert found_in(CIGARETTES).get(0.0) is not True


def test_what_many_rows_have_is_not_sure():
    # As lpi and physlm of the RAND health insurance experiment have 0 and 1.
    logs = rng.normal(5, 0.5, 400).clip(2.5, 7)
    assert True not in found_in(logs, *[0.0] * 120).values()
    shares = rng.choice([0.0, 0.05, 0.1, 0.15, 0.2], 400)
    assert True not in found_in(shares, *[1.0] * 60).values()


def test_infinite_numbers_always_count_as_missing():
    assert found_in([1.0, 2.0], np.inf, -np.inf) == {"inf": True, "-inf": True}


def test_evidence_is_a_sentence_with_numbers():
    series = pd.Series(np.concatenate([np.arange(60.0, 199.0), [255.0] * 412]))
    (hit,) = sentinel_values(describe("heart_rate", series))
    assert hit.evidence == "255 occurs 412 times, 57 above the next value, 198."
    assert (hit.n, hit.share) == (412, pytest.approx(412 / 551))


@pytest.mark.parametrize("dtype", ["int64", "Int64", "uint16", "int64[pyarrow]"])
def test_codes_of_whole_numbers_are_whole(dtype):
    series = pd.Series([*RATES.astype(int), 255, 255]).astype(dtype)
    (hit,) = sentinel_values(describe("x", series))
    assert (hit.value, type(hit.value)) == (255, int)


@pytest.mark.parametrize("zone", [None, "Asia/Tokyo"])
@pytest.mark.parametrize("unit", ["ns", "s"])
def test_days_on_which_programs_begin_to_count_are_found(zone, unit):
    days = pd.concat([DAYS, pd.Series([pd.Timestamp("1900-01-01")] * 3)])
    days = days.dt.tz_localize(zone).astype(
        f"datetime64[{unit}]" if zone is None else f"datetime64[{unit}, {zone}]"
    )
    (hit,) = sentinel_values(describe("x", days))
    assert (hit.value, hit.n, hit.sure) == ("1900-01-01T00:00:00", 3, True)
    assert "43,829 days below the next value, 2020-01-01." in hit.evidence


def test_days_beyond_nanoseconds_are_found():
    days = pd.Series(np.array([*DAYS.astype("datetime64[s]"), *["9999-12-31"] * 2],
                              dtype="datetime64[s]"))  # fmt: skip
    (hit,) = sentinel_values(describe("x", days))
    assert (hit.value, hit.sure) == ("9999-12-31T00:00:00", True)


def test_spans_and_plain_days_are_left_alone():
    assert sentinel_values(describe("x", DAYS)) == []
    assert sentinel_values(describe("x", DAYS - DAYS[0])) == []


@given(st.lists(st.floats(allow_nan=False), max_size=40))
def test_any_numbers_can_be_looked_at(values):
    hits = sentinel_values(describe("x", pd.Series(values, dtype="float64")))
    for hit in hits:
        assert hit.n == values.count(float(hit.value))


# ── words ──


def words_in(values, dtype=None):
    column = describe("x", pd.Series(values, dtype=dtype))
    return {hit.value: hit.sure for hit in sentinel_strings(column)}


@pytest.mark.parametrize(
    "word", ["N/A", "n/a", "unknown", "Unknown", "?", "", "  ", "-", "NULL", "missing"]
)
@pytest.mark.parametrize("dtype", ["str", "category", "string[pyarrow]"])
def test_words_that_say_that_there_is_no_value_are_found(word, dtype):
    assert words_in(["yes", "no", word] * 5, dtype) == {word: True}


@pytest.mark.parametrize(
    "word",
    [
        *("k.A.", "k. A.", "K.A.", "keine Angabe", "Unbekannt", "weiß nicht", "fehlt"),
        *("Non renseigné", "NON RENSEIGNE", "inconnu", "sans réponse", "N.D."),
        *("desconocido", "Sin datos", "NS/NC", "não informado", "sconosciuto"),
        *("onbekend", "okänd", "uoplyst", "ei tietoa", "brak danych", "ismeretlen"),
        *("нет данных", "Неизвестно", "bilinmiyor", "未知", "不明", "無回答", "모름"),
        *("don't know", "Don\u2019t know", "prefer not to say", " no  answer "),
    ],
)
def test_fault_2_5_words_for_no_answer_in_several_languages(word):
    assert words_in(["ja", "nein", word] * 5) == {word: True}
    # among numbers with decimal commas, too
    assert words_in(["1,5", "2,25", "3", word] * 5) == {word: True}


def test_words_that_may_be_answers_are_not_sure():
    assert words_in(["none", "penicillin", "none"]) == {"none": False}
    assert words_in(["a", "x", "0", "n", "999", "-1"]) == {}


def test_a_column_of_nothing_else_is_not_sure():
    assert words_in(["unknown"] * 5) == {"unknown": False}


def test_words_among_numbers_are_sure():
    assert words_in(["12", "7.5", "x", "none"]) == {"x": True, "none": True}
    assert words_in([12, 7.5, "N/A"], object) == {"N/A": True}
    assert words_in(["12", "7", "-999"]) == {"-999": True}
    assert words_in(["-2", "7", "-999"]) == {"-999": False}
    assert words_in(["12", "7", "999"]) == {"999": False}


def test_what_is_among_numbers_does_not_depend_on_the_order():
    numbers = [str(k) for k in range(2_000)]
    for values in ([*numbers, "x", "red"], ["x", "red", *numbers]):
        assert words_in(values) == {}
    assert words_in(["12", "7", "-", "-999"]) == {"-": True, "-999": True}


def test_namibia_is_a_country():
    assert words_in(["NA", "DE", "FR", "NA"]) == {"NA": False}
    assert words_in(["NA", "yes", "no", "NA"]) == {"NA": True}


def test_texts_booleans_and_lists_are_left_alone():
    assert words_in(["a long story about an unknown land", "?!"]) == {}
    assert words_in([True, False, None], "boolean") == {}
    assert words_in([["?"], ["unknown"]]) == {}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ([*range(20_000, 90_000, 1_000)] * 3, 9_999_999.0),
        ([*range(20_000, 90_000, 1_000)] * 3, 9_999_999),
        ([x / 7 for x in range(100)], -99.5),
        ([x / 7 for x in range(100)], -1e30),
        ([x / 7 for x in range(100)], 9.96920996838687e36),
        ([x / 7 for x in range(100)], np.float32(-3.4028235e38)),
        ([*range(100)], 2**62 + 1),
        ([f"{x},5" for x in range(100)], " k.A. "),
        (["f", "m"] * 50, "  "),
        ([*pd.date_range("2020", periods=100)], pd.Timestamp("1900-01-01")),
    ],
    ids=str,
)
def test_fault_2_6_codes_are_shown_so_that_they_can_be_typed_back(look, values, code):
    dtype = code.dtype if isinstance(code, np.generic) else None
    df = pd.DataFrame({"x": pd.Series([*values, *[code] * 4], dtype=dtype)})
    document = look(df)
    (hit,) = document.disguised
    said, shown = hit.evidence, Profile(document)._repr_html_()
    if isinstance(code, str):
        typed = said[said.index('"') + 1 : said.rindex('"')] if code.strip() else code
        assert repr(code) in html.unescape(shown)
    elif isinstance(code, pd.Timestamp):
        typed = said.split(" occurs")[0]
    else:
        typed = ast.literal_eval(said.split(" occurs")[0])
        cells = re.findall("<code>([^<]*)</code>", shown)
        assert typed in [ast.literal_eval(cell) for cell in cells]
    assert mark(df, {"x": typed}).n == 4
    assert mark(df, {"x": hit.value}).n == 4


def test_fault_2_6_ranges_are_shown_with_their_digits(look):
    df = pd.DataFrame({"x": [1_234_567.0, 9_999_998.0, 7.0] * 20})
    reported = repr(Profile(look(df)))
    assert "9999998" in reported
    assert "e+" not in reported
