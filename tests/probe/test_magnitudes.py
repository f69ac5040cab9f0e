import torch

from reportgen.probe.magnitudes import histogram, norm, rms
from reportgen.store.tables import HISTOGRAM_LENGTH


def test_norms_neither_underflow_nor_overflow():
    values = torch.tensor([[3e-200, 4e-200], [3e200, 4e200], [0.0, 0.0], [3.0, 4.0]], dtype=torch.float64)
    expected = torch.tensor([5e-200, 5e200, 0.0, 5.0], dtype=torch.float64)
    assert torch.allclose(norm(values), expected, rtol=1e-14, atol=0)
    assert torch.allclose(rms(values), expected / 2**0.5, rtol=1e-14, atol=0)


def test_norms_of_what_is_not_finite_are_not_finite():
    values = torch.tensor([[1.0, torch.inf], [1.0, torch.nan]])
    assert not torch.isfinite(norm(values)).any()


def test_histogram_has_a_bucket_for_zero_and_one_at_each_end():
    row = torch.tensor([[0.0, 1e-41, 1e-40, -1e-40, 9.99e-40, 0.5, 1.0, 9.9e9, 1e10, 1e50]], dtype=torch.float64)
    for exponent in (500, -500):
        counts = histogram(row * 2.0**exponent, exponent)[0]
        assert len(counts) == HISTOGRAM_LENGTH and counts.sum() == 10
        filled = {i: int(n) for i, n in enumerate(counts) if n}
        # zeros, below 1e-40, [1e-40, 1e-39), [0.1, 1), [1, 10), [1e9, 1e10), from 1e10
        assert filled == {0: 1, 1: 1, 2: 3, 41: 1, 42: 1, 51: 1, 52: 2}


def test_histograms_are_counted_row_by_row():
    counts = histogram(torch.tensor([[0.0, 0.0], [1.0, 1.0]], dtype=torch.float64), 0)
    assert counts[0, 0] == 2 and counts[1, 42] == 2 and counts.sum() == 4
