import pytest

from trust.proportions import share_of

# statsmodels 0.15.0, proportion_confint(part, whole, alpha=0.05, method="wilson").
OF_STATSMODELS = [
    (0, 10, 0.0, 0.27753279986288926),
    (1, 10, 0.017876213095072924, 0.40415002679523854),
    (5, 25, 0.08860584686802572, 0.3913095036954034),
    (12, 50, 0.1429739139699172, 0.3741268375794292),
    (25, 25, 0.8668077490609515, 1.0),
    (3, 400, 0.002553889195249938, 0.021815720724032126),
    (199, 400, 0.4487588886795834, 0.5462886727920879),
    (400, 400, 0.9904877056657034, 1.0),
    (7, 13, 0.29143795714506004, 0.7679393219046169),
]


@pytest.mark.parametrize(("part", "whole", "low", "high"), OF_STATSMODELS)
def test_the_interval_is_wilsons_as_statsmodels_gives_it(part, whole, low, high):
    share = share_of(part, whole)

    assert (share.low, share.high) == pytest.approx((low, high), abs=1e-12)
    assert share.value == part / whole


def test_of_fewer_than_ten_nothing_is_said():
    assert share_of(3, 9) is None
