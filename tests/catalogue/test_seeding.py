from reportgen.catalogue.seeding import derive, numpy_generator, torch_generator


def test_derive_is_pinned_for_ever():
    # A change here would change every result under an unchanged run id.
    assert derive(0, "data") == 0x1F1034E37AD5A9B
    assert derive(7, "initialisation") == 4255566891775740817


def test_axes_and_seeds_have_streams_of_their_own():
    seeds = {derive(seed, axis) for seed in range(50) for axis in ("data", "initialisation", "batch-order", "noise")}
    assert len(seeds) == 200
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_generators_repeat():
    assert numpy_generator(3, "data").random() == numpy_generator(3, "data").random()
    assert numpy_generator(3, "data").random() != numpy_generator(4, "data").random()
    assert torch_generator(3, "data").initial_seed() == derive(3, "data")
