"""Theory of gated recurrent networks (LSTM and GRU) at initialisation: dynamic mean field, solved by sampling units."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from reportgen.analyse.decay import Decay
from reportgen.analyse.intervals import Floats
from reportgen.analyse.theory.cells import ACTIVATIONS, Back, Gated, gru_steps, lstm_steps
from reportgen.analyse.theory.paths import Paths
from reportgen.analyse.theory.prediction import Inputs, NoTheory, Prediction, prediction
from reportgen.analyse.theory.recurrent import within_truncation

_SEED = 1997
"""Of the sampled units, so that a prediction is the same every time."""

_SAMPLES, _MOST_UNITS, _FEWEST_UNITS = 2**18, 2**14, 2**11
"""Sampled units times steps, and the bounds of the number of sampled units."""

LONGEST = 1024
"""Most time steps for which the covariances between all steps are followed."""

LARGEST = 1e100
"""Nothing is predicted for states that grow beyond this."""

FEW_FEATURES = 2
"""With no more inputs a step their size varies much, which the conditions then say."""

SOURCES = ("krishnamurthy2022", "chen2018", "gilboa2019")
"""Keys of ``studies/references.bib``."""


def signal_profiles(network: Gated) -> tuple[Floats, Floats]:
    r"""Return the predicted error signals of hidden state and cell state at every step.

    One matrix a gate serves every step, so what a unit receives at different steps is correlated, and so are the
    gradients. In the limit of infinite width the pre-activations that a unit's gates receive from the state are
    Gaussian processes, independent between units and gates, with covariance

    $$E[u_t u_s] = g^2\, E[m^2 h_{t-1} h_{s-1}], \qquad E[v_t v_s] = \delta_{ts}\, \sigma_t^2$$

    ($v$: from the input, $\sigma_t^2$ its mean square; $m$: the unit's mask of dropout, else 1); backwards the fields
    $\sum_a W_a^\top \delta^a_{t+1}$, which reach $\partial L/\partial h_t$ (times $m$), are Gaussian with covariance
    $g^2 \sum_a E[\delta^a_{t+1} \delta^a_{s+1}]$ and independent of the unit's own states. For the LSTM

    $$\frac{\partial L}{\partial h_t} = \sum_a W_a^\top \delta^a_{t+1}, \qquad
    \frac{\partial L}{\partial c_t} = o_t\, \phi'(c_t) \frac{\partial L}{\partial h_t}
    + f_{t+1} \frac{\partial L}{\partial c_{t+1}}$$

    with $\delta^i = \dot c\, g\, i(1-i)$, $\delta^f = \dot c\, c_{t-1} f(1-f)$, $\delta^g = \dot c\, i\, \phi'$ and
    $\delta^o = \dot h\, \phi(c)\, o(1-o)$ (dots: gradients with respect to the dotted). For the GRU
    $\partial L/\partial h_t$ also has $z_{t+1}\, \partial L/\partial h_{t+1}$. The averages are taken over some
    thousand sampled units (`reportgen.analyse.theory.paths.Paths`), with a fixed seed; this leaves an error of about
    0.05 % of the factor up to 256 steps, and of up to 0.5 % where states are chaotic or sequences longer.

    In simulated networks (50 steps of the task latch, gains 1 to 4) the factor deviates by 0.2 % at most at width
    512 and 1.2 % at 128; at width 32 by 1 % with gain 1, 2 % with gain 2, and 6 % with gain 4, where states are
    chaotic. A mean field with a fresh matrix at every step, as in Chen et al. and Gilboa et al., would read 0.56
    instead of 0.74 for the LSTM with biases of 0.

    Parameters
    ----------
    network : Gated

    Returns
    -------
    hidden, cell : ndarray, shape (length,)
        log10 of the root mean square of $\partial L/\partial h_t$ and $\partial L/\partial c_t$ less that of
        $\partial L/\partial h_T$; the GRU has no cell state, and both are the same.

    References
    ----------
    Krishnamurthy, Can and Schwab (2022), Theory of gating in recurrent neural networks, Physical Review X 12, 011011,
    doi:10.1103/PhysRevX.12.011011; Chen, Pennington and Schoenholz (2018), Dynamical isometry and a mean field theory
    of RNNs, ICML, doi:10.48550/arXiv.1806.05394; Gilboa et al. (2019), Dynamical isometry and a mean field theory of
    LSTMs and GRUs, doi:10.48550/arXiv.1901.08987 (both without the correlations between steps); Tallec and Ollivier
    (2018), Can recurrent neural networks warp time?, ICLR, doi:10.48550/arXiv.1804.11188 (chrono).
    """
    hidden, cell = _profiles(network)
    return np.array(hidden), np.array(cell)


@lru_cache(maxsize=512)
def _profiles(network: Gated) -> tuple[tuple[float, ...], tuple[float, ...]]:
    units = int(2 ** np.floor(np.log2(np.clip(_SAMPLES / network.length, _FEWEST_UNITS, _MOST_UNITS))))
    generator = np.random.default_rng(_SEED)
    kept = np.arange(units // 2) < round(network.keep * (units // 2))
    mask = np.tile(generator.permutation(kept) / network.keep, 2)
    with np.errstate(over="ignore", invalid="ignore"):
        steps = _forwards(network, mask, generator)
        if not steps:
            nothing = (float("nan"),) * network.length
            return nothing, nothing
        hidden, cell = _backwards(steps, network.scale, mask, generator)
    return tuple((hidden - hidden[-1]).tolist()), tuple((cell - hidden[-1]).tolist())


def _forwards(network: Gated, mask: Floats, generator: np.random.Generator) -> list[Back]:
    """States of sampled units from 0, step by step; none where they grow out of bounds."""
    units = len(mask)
    channels = 4 if network.cell == "lstm" else 3
    advance = lstm_steps(network, units, generator) if network.cell == "lstm" else gru_steps(network, units)
    paths = Paths(generator, network.length, channels, units)
    seen = np.zeros((network.length, units))  # the states before each step, as the recurrent matrices see them
    state, steps = np.zeros(units), []
    for t in range(network.length):
        seen[t] = mask * state
        covariances = network.scale**2 * (seen[: t + 1] @ seen[t]) / units
        recurrent = paths.step(covariances[:t], float(covariances[t]))
        size = np.sqrt(network.first if t == 0 else network.drive)
        state, step = advance(recurrent, size * generator.standard_normal((channels, units)))
        if not np.mean(state**2) < LARGEST:
            return []
        steps.append(step)
    return steps


def _backwards(steps: list[Back], scale: float, mask: Floats, generator: np.random.Generator) -> tuple[Floats, Floats]:
    """log10 root mean squares of the signals of hidden and cell state; they are rescaled at each step."""
    length, units = len(steps), len(mask)
    paths = Paths(generator, length, 1, units)
    hidden, cell = np.empty(length), np.empty(length)
    field, carried, level = mask * paths.step(np.zeros(0), 1.0)[0], np.zeros(units), 0.0
    seen = np.zeros((length, 0))  # signals at the gates of the steps after, each of norm 1
    for back in range(length):
        t = length - 1 - back
        signal, to_cell, gates, carried = steps[t](field, carried)
        hidden[t] = level + np.log10(np.sqrt(np.mean(signal**2)))
        cell[t] = level + np.log10(np.sqrt(np.mean(to_cell**2)))
        received = np.concatenate(gates)
        norm = float(np.sqrt(received @ received))
        size = max(norm / np.sqrt(units), 1e-300)
        seen = np.zeros((length, len(received))) if not back else seen
        seen[back] = received / max(norm, 1e-300)
        if t:
            # The readout's field, the first, comes from another matrix: nothing is correlated with it.
            field = scale * mask * paths.step(np.append(0.0, seen[:back] @ seen[back]), 1.0)[0]
            carried, level = carried / size, level + np.log10(size)
    return hidden, cell


def predict_lstm(parameters: Mapping[str, Any], inputs: Inputs, decay: Decay | None = None) -> Prediction | NoTheory:
    """Predict the decay factor of the hidden state of an LSTM at initialisation (`signal_profiles`).

    Parameters
    ----------
    parameters : mapping
        width, forget_bias, chrono, activation, recurrence, gain and truncation of the architecture.
    inputs : Inputs
        What the task feeds it.
    decay : Decay, optional
        The analysis of the measurement, for its positions.

    Returns
    -------
    Prediction or NoTheory
    """
    network = _network("lstm", parameters, inputs)
    if isinstance(network, NoTheory):
        return network
    cell = predict_cell(parameters, inputs, decay)
    said = f" The cell state's own factor is {cell.factor:.3g}." if isinstance(cell, Prediction) else ""
    source = (*SOURCES, "tallec2018") if network.chrono else SOURCES
    return _predicted(network, inputs.features, signal_profiles(network)[0], source, said, parameters, decay)


def predict_cell(parameters: Mapping[str, Any], inputs: Inputs, decay: Decay | None = None) -> Prediction | NoTheory:
    """Predict the decay factor of the cell state of an LSTM at initialisation; as `predict_lstm`."""
    network = _network("lstm", parameters, inputs)
    if isinstance(network, NoTheory):
        return network
    return _predicted(network, inputs.features, signal_profiles(network)[1], SOURCES, "", parameters, decay)


def predict_gru(parameters: Mapping[str, Any], inputs: Inputs, decay: Decay | None = None) -> Prediction | NoTheory:
    """Predict the decay factor of a GRU at initialisation; as `predict_lstm`, with update_bias for forget_bias."""
    network = _network("gru", parameters, inputs)
    if isinstance(network, NoTheory):
        return network
    return _predicted(network, inputs.features, signal_profiles(network)[0], SOURCES, "", parameters, decay)


def _network(cell: str, parameters: Mapping[str, Any], inputs: Inputs) -> Gated | NoTheory:
    if inputs.length is None:
        return NoTheory("the task feeds no sequences")
    if inputs.length > LONGEST:
        return NoTheory(f"the theory of gated networks is not computed for more than {LONGEST} time steps")
    activation = str(parameters.get("activation", "tanh"))
    if activation not in ACTIVATIONS:
        return NoTheory(f"the theory of gated networks does not know the activation function '{activation}'")
    bias = float(parameters.get("forget_bias" if cell == "lstm" else "update_bias", 0.0))
    gain = parameters.get("gain")
    return Gated(
        cell=cell,
        activation=activation,
        bias=bias,
        chrono=bool(parameters.get("chrono", False)),
        scale=1.0 if gain is None else float(gain),
        first=inputs.mean_square if inputs.first is None else inputs.first,
        drive=inputs.mean_square,
        length=inputs.length,
        keep=1.0 - float(parameters.get("dropout", 0.0)),
    )


def _predicted(
    network: Gated,
    features: int,
    profile: Floats,
    source: tuple[str, ...],
    more: str,
    parameters: Mapping[str, Any],
    decay: Decay | None,
) -> Prediction | NoTheory:
    if not np.isfinite(profile).all():
        return NoTheory("the predicted states or gradients leave the range of the numbers")
    factors = (10 ** -np.diff(profile)).tolist()
    conditions = (
        f"Dynamic mean field: wide networks (here {parameters['width']} units), with one matrix a gate for all "
        f"{network.length} steps; inputs of different steps are taken as uncorrelated and of their mean size."
    )
    if features <= FEW_FEATURES:
        conditions += f" With {features} of them a step their size varies, and the factor lies up to 8 % higher."
    conditions += more
    found = prediction(factors, "time", source, conditions, decay)
    return found if isinstance(found, NoTheory) else within_truncation(found, parameters.get("truncation"), decay)
