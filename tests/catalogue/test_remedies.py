"""What the entries of the remedies say, and what they set."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from reportgen.catalogue import base
from reportgen.pages.bibliography import read_bibliography
from reportgen.pages.docstrings import parse
from reportgen.registry import architectures, remedies
from reportgen.study.applicability import applicability
from reportgen.study.effective import effective
from reportgen.study.schema import OPTIMISERS
from reportgen.study.spec import Component, Training

BIBLIOGRAPHY = Path(__file__).parents[2] / "studies" / "references.bib"
NAMES = [
    "activation",
    "branch-scale",
    "chrono",
    "clip-adaptive",
    "clip-norm",
    "clip-value",
    "dropout",
    "early-stopping",
    "fewer-layers",
    "forget-bias",
    "initialisation",
    "l1-penalty",
    "l2-penalty",
    "loss-scaling",
    "normalisation",
    "optimiser",
    "orthogonal-recurrence",
    "signal-penalty",
    "skip-connections",
    "truncated-bptt",
    "warm-up",
    "weight-decay",
    "weight-normalisation",
]
SETTINGS = {
    "activation": ({"to": "elu"}, {"architecture.activation": "elu"}),
    "branch-scale": ({}, {"architecture.scale": "zero"}),
    "chrono": ({}, {"architecture.chrono": True}),
    "dropout": ({"probability": 0.25}, {"architecture.dropout": 0.25}),
    "fewer-layers": ({"to": 3}, {"architecture.depth": 3}),
    "forget-bias": ({"bias": 2.0}, {"architecture.forget_bias": 2.0}),
    "initialisation": ({"to": "he-normal"}, {"architecture.initialisation": {"name": "he-normal", "gain": 1.0}}),
    "normalisation": ({"kind": "layer"}, {"architecture.normalisation": "layer"}),
    "optimiser": ({"to": "rmsprop"}, {"training.optimiser": "rmsprop"}),
    "orthogonal-recurrence": ({}, {"architecture.recurrence": "orthogonal"}),
    "skip-connections": ({}, {"architecture.skip": True}),
    "truncated-bptt": ({"steps": 7}, {"architecture.truncation": 7}),
    "weight-normalisation": ({}, {"architecture.weight_normalisation": True}),
}


def made(name: str, **given: object) -> base.Remedy:
    return remedies[name](**remedies[name].complete(given))


def component(name: str, **given: object) -> Component:
    return Component(name, 1, remedies[name].complete(given))


def test_the_catalogue_has_these_remedies() -> None:
    assert [entry.name for entry in remedies.entries() if entry.make.__module__.startswith("reportgen.")] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_an_entry_says_what_it_does_where_it_is_from_and_what_its_parameters_mean(name: str) -> None:
    entry = remedies[name]
    assert entry.summary.endswith(".")
    assert {key.strip() for key in entry.source.split(",")} <= read_bibliography(BIBLIOGRAPHY).keys()
    described = parse(name, "", entry.make.__doc__ or "")
    assert [item.name for item in described.items.get("Parameters", ())] == list(entry.parameters.model_fields)


@pytest.mark.parametrize("name", NAMES)
def test_the_fact_tells_what_the_settings_are(name: str) -> None:
    settings = set(made(name).settings)
    assert settings <= set(remedies[name].facts.get("sets", ()))
    assert bool(settings) == ("sets" in remedies[name].facts)


@pytest.mark.parametrize("path", sorted({path for entry in remedies.entries() for path in entry.facts.get("sets", ())}))
def test_what_a_remedy_sets_is_an_option_somewhere(path: str) -> None:
    root, _, option = path.partition(".")
    options = {field for entry in architectures.entries() for field in entry.parameters.model_fields}
    assert option in (options if root == "architecture" else Training.__dataclass_fields__)


@pytest.mark.parametrize("name", SETTINGS)
def test_options_are_set(name: str) -> None:
    given, settings = SETTINGS[name]
    assert made(name, **given) == base.Remedy(settings=settings)


def test_only_group_normalisation_sets_the_groups() -> None:
    assert made("normalisation", kind="group", groups=4).settings == {
        "architecture.normalisation": "group",
        "architecture.groups": 4,
    }


def test_numbers_of_the_training_are_set() -> None:
    assert made("weight-decay", strength=0.25) == base.Remedy(weight_decay=0.25)
    assert made("loss-scaling", exponent=10) == base.Remedy(loss_scale=1024.0)
    assert made("early-stopping", patience=3) == base.Remedy(patience=3)


def test_every_optimiser_can_be_chosen() -> None:
    assert [made("optimiser", to=name).settings["training.optimiser"] for name in OPTIMISERS] == list(OPTIMISERS)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("clip-norm", {"max_norm": 0.0}),
        ("clip-value", {"max_value": -1.0}),
        ("clip-adaptive", {"max_ratio": 0.0}),
        ("l1-penalty", {"strength": 0.0}),
        ("l2-penalty", {"strength": -0.1}),
        ("weight-decay", {"strength": 0.0}),
        ("signal-penalty", {"strength": 0.0}),
        ("dropout", {"probability": 1.0}),
        ("dropout", {"probability": 0.0}),
        ("early-stopping", {"patience": 0}),
        ("fewer-layers", {"to": 0}),
        ("truncated-bptt", {"steps": 0}),
        ("loss-scaling", {"exponent": 0}),
        ("loss-scaling", {"exponent": 200}),
        ("warm-up", {"steps": 0}),
        ("warm-up", {"share": 1.5}),
        ("optimiser", {"to": "newton"}),
        ("normalisation", {"kind": "none"}),
        ("branch-scale", {"to": "one"}),
    ],
)
def test_parameters_that_make_no_sense_are_refused(name: str, given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        remedies[name].complete(given)


def test_a_warm_up_has_one_length() -> None:
    with pytest.raises(ValidationError, match="give steps or share, not both"):
        remedies["warm-up"].complete({"steps": 3, "share": 0.5})
    assert remedies["warm-up"].complete({}) == remedies["warm-up"].complete({"share": 0.1})


def mlp(**given: object) -> Component:
    return Component("mlp", 1, architectures["mlp"].complete(given))


@pytest.mark.parametrize(
    ("remedy", "options", "reason"),
    [
        (("skip-connections", {}), {}, ""),
        (("fewer-layers", {"to": 5}), {"depth": 20}, ""),
        (("fewer-layers", {"to": 20}), {"depth": 20}, "'mlp' has depth 20, not more than 20"),
        (("initialisation", {"to": "he-normal"}), {}, ""),
        (
            ("initialisation", {"to": "glorot-normal"}),
            {"initialisation": "glorot-normal"},
            "'mlp' already has initialisation 'glorot-normal'",
        ),
        (("chrono", {}), {}, "'mlp' has no option 'chrono'"),
        (("branch-scale", {}), {}, "'mlp' has no option 'scale'"),
        (("weight-decay", {}), {}, ""),
        (
            ("normalisation", {"kind": "group"}),
            {"width": 60},
            "'mlp' does not take groups 8: must divide the width: 60 units cannot be divided into 8 equal parts",
        ),
    ],
)
def test_why_a_remedy_does_not_apply(
    remedy: tuple[str, dict[str, object]], options: dict[str, object], reason: str
) -> None:
    assert applicability(component(remedy[0], **remedy[1]), mlp(**options)) == reason


def test_scaled_branches_need_skip_connections_where_these_are_an_option() -> None:
    scale, skip, cnn = component("branch-scale"), component("skip-connections"), architectures["cnn"]
    assert applicability(scale, cnn) == "'cnn' is used without its option 'skip'"
    plain = Component("cnn", 1, cnn.complete({}))
    assert applicability(scale, plain, [skip]) == ""
    assert applicability(scale, architectures["residual-mlp"]) == ""


def test_several_remedies_change_one_architecture_and_the_training() -> None:
    used = [component("normalisation", kind="layer"), component("skip-connections"), component("optimiser", to="adam")]
    architecture, training = effective(mlp(depth=9), used, Training(steps=5))
    assert architecture == mlp(depth=9, normalisation="layer", skip=True)
    assert training == Training("adam", 5)
