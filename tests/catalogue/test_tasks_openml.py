"""Tasks whose data are downloaded: read offline, from a small folder of the form in which scikit-learn keeps them."""

import gzip
import hashlib
import json
from dataclasses import replace
from urllib.error import URLError

import numpy as np
import pytest

from reportgen.catalogue.tasks import openml
from reportgen.registry import tasks

SMALL = {"side": 2, "classes": 3, "validation": 6, "test": 9}
ROWS = 45


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """An empty folder for data, no network, and nothing in memory."""

    def no_network(*_, **__):
        raise URLError("no network")

    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path))
    monkeypatch.setattr("sklearn.datasets._openml.urlopen", no_network)
    monkeypatch.setattr("sklearn.datasets._openml.time.sleep", lambda _: None)
    openml._splits.cache_clear()
    yield tmp_path
    openml._splits.cache_clear()


def keep(home, path, content):
    file = home / "openml" / "openml.org" / f"{path}.gz"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.compress(content))
    return file


def keep_data_set(home, data, pixels, targets):
    """Write a data set as scikit-learn keeps it; return the file of its rows."""
    names = [f"pixel{i}" for i in range(1, pixels.shape[1] + 1)]
    classes = ",".join(map(str, range(data.classes)))
    head = ["@RELATION small", *(f"@ATTRIBUTE {name} real" for name in names), f"@ATTRIBUTE class {{{classes}}}"]
    rows = [",".join(map(str, [*row, target])) for row, target in zip(pixels, targets, strict=True)]
    arff = "\n".join([*head, "@DATA", *rows, ""]).encode()
    description = {
        "id": str(data.number),
        "name": data.name,
        "version": "1",
        "format": "ARFF",
        "status": "active",
        "description": "A small one.",
        "url": "https://www.openml.org/data/v1/download/1/small.arff",
        "md5_checksum": hashlib.md5(arff).hexdigest(),
    }
    common = {"is_ignore": "false", "is_row_identifier": "false", "number_of_missing_values": "0"}
    features = [
        *({"name": name, "data_type": "numeric", "is_target": "false", **common} for name in names),
        {"name": "class", "data_type": "nominal", "is_target": "true", **common},
    ]
    qualities = [{"name": "NumberOfInstances", "value": str(float(len(rows)))}]
    for path, content in {
        f"{data.number}": {"data_set_description": description},
        f"features/{data.number}": {"data_features": {"feature": features}},
        f"qualities/{data.number}": {"data_qualities": {"quality": qualities}},
    }.items():
        keep(home, f"api/v1/json/data/{path}", json.dumps(content).encode())
    return keep(home, "data/v1/download/1/small.arff", arff)


@pytest.fixture
def small(home, monkeypatch):
    """CIFAR-10 with 45 pictures of 2 by 2 pixels in 3 classes: its pixels and classes, in order."""
    data = replace(openml.CIFAR_10, **SMALL)
    monkeypatch.setattr(openml, "CIFAR_10", data)
    draw = np.random.default_rng(0)
    pixels, targets = draw.integers(0, 256, (ROWS, 12)), np.repeat([0, 1, 2] * 2, [12] * 3 + [3] * 3)
    keep_data_set(home, data, pixels, targets)
    return pixels, targets


def parts_of(task, pixels):
    """Each split's inputs and classes, and which rows of the file they are: standardising keeps correlations at 1."""
    found = {}
    for name, (inputs, classes) in {"train": task.stream(0, ROWS).batch(), **task.held_out}.items():
        correlations = np.corrcoef(inputs.astype(float), pixels)[: len(inputs), len(inputs) :]
        assert np.allclose(correlations.max(axis=1), 1)
        found[name] = inputs, classes, correlations.argmax(axis=1)
    return found


def test_the_last_rows_are_for_testing_and_no_row_is_in_two_splits(small):
    pixels, targets = small
    found = parts_of(openml.cifar_10(), pixels)
    assert found["test"][2].tolist() == list(range(36, 45))
    assert {name: len(rows) for name, (_, _, rows) in found.items()} == {"train": 30, "validation": 6, "test": 9}
    assert sorted(np.concatenate([rows for _, _, rows in found.values()])) == list(range(ROWS))
    for _, classes, rows in found.values():
        assert np.array_equal(classes, targets[rows]) and classes.dtype == np.int64
        assert np.bincount(classes, minlength=3) / len(rows) == pytest.approx(np.full(3, 1 / 3), abs=0.01)


@pytest.mark.parametrize("samples", [None, 12])
def test_all_pixels_are_standardised_by_those_that_are_trained_on(small, samples):
    pixels, _ = small
    found = parts_of(openml.cifar_10(samples=samples), pixels)
    train = pixels[found["train"][2]]
    assert train.shape == (samples or 30, 12)
    for inputs, _, rows in found.values():
        assert inputs.dtype == np.float32
        assert np.allclose(inputs, (pixels[rows] - train.mean()) / train.std(), atol=1e-5)


def test_samples_limits_what_is_trained_on_and_nothing_else(small):
    pixels, _ = small
    few, enough, more = (parts_of(openml.cifar_10(samples=samples), pixels) for samples in (9, None, 1000))
    assert len(few["train"][2]) == 9 and set(few["train"][2]) < set(enough["train"][2])
    assert np.bincount(few["train"][1], minlength=3) == pytest.approx(np.full(3, 3), abs=1)
    assert len(more["train"][2]) == 30
    for split in ("validation", "test"):
        assert np.array_equal(few[split][2], enough[split][2]) and np.array_equal(more[split][2], enough[split][2])


def test_images_have_their_channels_last(small):
    vectors, images = openml.cifar_10().held_out["test"][0], openml.cifar_10_images().held_out["test"][0]
    assert images.shape == (9, 2, 2, 3)
    for row, column, channel in np.ndindex(2, 2, 3):
        assert np.array_equal(images[:, row, column, channel], vectors[:, 4 * channel + 2 * row + column])


def test_a_task_is_built_without_its_data():
    shapes = {
        "mnist": (784, None),
        "fashion-mnist": (784, None),
        "cifar-10": (3072, None),
        "mnist-images": (1, (28, 28)),
        "cifar-10-images": (3, (32, 32)),
    }
    for name, (inputs, image) in shapes.items():
        task = tasks[name].make(**tasks[name].complete({"samples": 100}))
        assert (task.shape.inputs, task.shape.outputs, task.shape.image) == (inputs, 10, image)
        assert list(task.held_out) == ["validation", "test"]


@pytest.mark.parametrize(("name", "number"), [("mnist", 554), ("fashion-mnist", 40996), ("cifar-10", 40927)])
def test_without_data_and_network_the_error_says_what_to_download(name, number, home):
    with pytest.raises(openml.DataMissing, match=r"nor be downloaded: .*no network") as caught:
        tasks[name].make().stream(0, 1)
    assert str(home) in caught.value.message and f"number {number} of openml.org" in caught.value.message
    assert f"tasks['{name}'].make().held_out['test']" in caught.value.hint and "SCIKIT_LEARN_DATA" in caught.value.hint
    with pytest.raises(openml.DataMissing):
        tasks[name].make().held_out["test"]


def test_a_damaged_file_is_not_trusted(small, home):
    keep(home, "data/v1/download/1/small.arff", b"@DATA\n1,2,3\n")
    with pytest.raises(openml.DataMissing):
        openml.cifar_10().stream(0, 1)
