import torch

from reportgen.run import process


def subnormal():
    return (torch.tensor(1e-310, dtype=torch.float64) * 1.0).item()


def test_subnormal_numbers_are_flushed_inside_the_block_only():
    assert subnormal() > 0
    with process.flushed():
        assert subnormal() == 0
        with process.flushed():
            pass
        assert subnormal() == 0
    assert subnormal() > 0


def test_a_prepared_process_uses_one_thread():
    process.prepare()
    assert torch.get_num_threads() == 1
