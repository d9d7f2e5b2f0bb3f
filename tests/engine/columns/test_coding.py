import numpy as np
import pytest

from jupyter_wrangler.engine.columns.coding import MOST, code


@pytest.mark.parametrize("k", [2, 3, 7])
@pytest.mark.parametrize("ordered", [False, True])
def test_the_coordinates_of_a_class_are_classified_as_that_class(k, ordered):
    y = np.arange(k).repeat(3)
    coding = code(y, k, ordered=ordered)
    np.testing.assert_array_equal(coding.classify(coding.encode(y)), y)
    assert coding.width == (1 if ordered else k - 1)


def test_scores_sum_to_one():
    y = np.array([0, 1, 2, 2])
    coding = code(y, 3)
    scores = coding.scores(coding.encode(y))
    np.testing.assert_array_equal(scores.sum(axis=1), 1.0)
    assert set(np.argmax(scores, axis=1)) == {0, 1, 2}


def test_ranks_stay_within_those_observed():
    coding = code(np.array([0, 1, 2]), 3, ordered=True)
    found = coding.classify(np.array([[-9.0], [1.4], [9.0]]))
    np.testing.assert_array_equal(found, [0, 1, 2])


def test_rare_classes_share_the_coordinates_of_the_reference():
    k = MOST + 10
    y = np.repeat(np.arange(k), np.arange(k, 0, -1))
    coding = code(y, k)
    assert coding.width == MOST
    np.testing.assert_array_equal(coding.encode(np.array([k - 1])), 0.0)


def test_one_class_has_no_coordinates():
    assert code(np.array([0, 0]), 1).width == 0
    assert code(np.array([0, 0]), 1, ordered=True).width == 0


def test_numbers_stay_as_they_are():
    np.testing.assert_array_equal(code(np.array([1.5]), 0).encode(np.ones(2)), 1.0)
