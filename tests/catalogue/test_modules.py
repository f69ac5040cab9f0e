import pytest
import torch
from torch import nn

from reportgen.catalogue import stacking
from reportgen.catalogue.modules import from_module
from reportgen.probe.measure import Probe


def convolution():
    return nn.Sequential(
        nn.Unflatten(1, (1, 8)),
        nn.Conv1d(1, 3, 3),
        nn.Tanh(),
        nn.Flatten(),
        nn.Linear(18, 5),
        nn.ReLU(),
        nn.Linear(5, 2),
    )


def stacked(architecture, members):
    drawn = [architecture.initialise(torch.Generator().manual_seed(m)) for m in range(members)]
    return {name: torch.stack([own[name] for own in drawn]) for name in drawn[0]}


def test_members_are_drawn_as_the_factory_draws_them_and_leave_the_global_generator_alone():
    architecture = from_module(convolution, depth=2, width=5)
    before = torch.get_rng_state()
    one, again, other = (architecture.initialise(torch.Generator().manual_seed(s)) for s in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(one["1.weight"], again["1.weight"]) and not torch.equal(one["1.weight"], other["1.weight"])


@pytest.mark.parametrize("way", ["vmap", "loop"])
def test_probes_of_a_module_find_what_autograd_finds(way):
    architecture = from_module(convolution, depth=2, width=5, stacking=way)
    parameters = stacked(architecture, 2)
    inputs, targets = torch.randn(2, 6, 8, generator=torch.Generator().manual_seed(3)), torch.zeros(2, 6).long()
    probe = Probe(architecture, "cross-entropy", ("error_signal_rms", "weight_gradient_norm"))
    values = probe(parameters, inputs, targets).values

    for member in range(2):
        net = convolution().double()
        with torch.no_grad():
            for name, parameter in net.named_parameters():
                parameter.copy_(parameters[name][member])
        kept = []
        for module in net:
            if isinstance(module, nn.Conv1d | nn.Linear):
                module.register_forward_hook(lambda m, i, output, kept=kept: kept.append(output))
        loss = nn.functional.cross_entropy(net(inputs[member].double()), targets[member])
        signals = torch.autograd.grad(loss, kept, retain_graph=True)
        for (position, value), signal in zip(values["error_signal_rms"].items(), signals, strict=True):
            assert position.distance == 3 - position.index
            assert value[member] == pytest.approx(signal.square().mean().sqrt().item(), rel=1e-10)
        loss.backward()
        for position, value in values["weight_gradient_norm"].items():
            gradient = net.get_submodule(position.name).weight.grad
            assert value[member] == pytest.approx(gradient.norm().item(), rel=1e-10)


def test_outputs_are_those_of_the_module():
    architecture = from_module(convolution, depth=2, width=5)
    parameters = stacked(architecture, 3)
    inputs = torch.randn(1, 4, 8)
    outputs, _ = stacking.apply(architecture, parameters, inputs)
    for member in range(3):
        expected = torch.func.functional_call(convolution(), {k: v[member] for k, v in parameters.items()}, inputs[0])
        assert torch.allclose(outputs[member], expected, atol=1e-6)
