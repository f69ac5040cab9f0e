"""The signs that are tried as detectors, with the direction of each stated before any run is looked at."""

from __future__ import annotations

from dataclasses import dataclass

DEAD_CLAIM = "dead-means-small-weights"
"""The claim about a relation, which is no detector."""

EARLY = 0.1
"""Share of the budget at whose end a sign is read."""

LATEST = 0.2
"""Where nothing was measured by then, the first reading up to this share of the budget counts."""

FRACTIONS = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Shares of the budget at which the course of each sign is followed."""

RELIABLE = 0.7
"""A sign is reliable where the interval of its ROC AUC lies above this."""

WORTHLESS = 0.6
"""A claim that something is a sign is refuted where the interval of its ROC AUC lies below this."""

FEWEST_RUNS = 10
"""Below this number of failing, or of healthy, runs there is no interval."""

FEWEST_ARMS = 3
"""Below this number of arms with failing, or with healthy, runs there is no interval."""

KINDS = {
    "diverged": "the loss became infinite or not a number",
    "rate too small": "learns at a larger rate",
    "rate too large": "learns at a smaller rate",
    "borderline": "other seeds learn at this rate",
    "vanishing": "learns at no rate; the error signal vanishes at the start",
    "exploding": "learns at no rate; the error signal explodes at the start",
    "neither": "learns at no rate, though the error signal is level at the start",
}
"""The ways to fail, and what each means."""


@dataclass(frozen=True)
class Sign:
    """A number that is read from a run early, and what it is feared for.

    Attributes
    ----------
    id : str
        Name of its column in ``reportgen.analyse.sign_readings``, whose docstrings define it.
    claim : str
        Id of the claim that it stands for; "" for a sign that no explainer names.
    primary : bool
        Whether the claim is decided by it; other readings of a claim are shown only.
    title : str
    reads : str
        What is read, as the object of a sentence.
    formula : str
        LaTeX.
    alarm : str
        "low" if small values are feared, "high" if large ones are.
    scale : str
        How a value is written: "share", "ratio", "plain" or "decades".
    source : str
        "evaluation" or "probe".
    cost : str
        What has to be computed.
    passes : int
        Further forward and backward passes for one reading.
    sources : tuple of str
        Bibliography keys of the explainers that name it.
    """

    id: str
    claim: str
    primary: bool
    title: str
    reads: str
    formula: str
    alarm: str
    scale: str
    source: str
    cost: str
    passes: int = 0
    sources: tuple[str, ...] = ()


_LOOP = "nothing: training computes it anyway"
_NORM = "a norm of each gradient or weight matrix that is there"
_ACTIVATIONS = "a count over the activations of the forward pass"
_SIGNAL = "the error signal at every hidden position, from hooks or one more pass"

SIGNS = (
    Sign(
        id="slow-training",
        claim="sign-slow-training",
        primary=True,
        title="Slow training",
        reads="the share of the way from the first training metric to the target that has been made",
        formula=r"(m_t - m_0)/(m^* - m_0)",
        alarm="low",
        scale="share",
        source="evaluation",
        cost=_LOOP,
        sources=("vanotten2023",),
    ),
    Sign(
        id="flat-loss",
        claim="sign-flat-loss",
        primary=True,
        title="Flat loss",
        reads="the relative change of the training loss since the start",
        formula=r"|L_t/L_0 - 1|",
        alarm="low",
        scale="share",
        source="evaluation",
        cost=_LOOP,
        sources=("kumar2022",),
    ),
    Sign(
        id="flat-weights",
        claim="sign-flat-weights",
        primary=True,
        title="Early weights that stay",
        reads="the update ratio of the weights farthest from the loss",
        formula=r"\lVert\Delta W_1\rVert/\lVert W_1\rVert",
        alarm="low",
        scale="plain",
        source="probe",
        cost="a copy of one weight matrix across a step",
        sources=("kumar2022",),
    ),
    Sign(
        id="constant-norm",
        claim="sign-flat-weights",
        primary=False,
        title="Constant weight norm",
        reads="the relative change of the norm of the weights farthest from the loss",
        formula=r"|\lVert W_1(t)\rVert/\lVert W_1(0)\rVert - 1|",
        alarm="low",
        scale="plain",
        source="probe",
        cost=_NORM,
        sources=("kumar2022",),
    ),
    Sign(
        id="small-gradient",
        claim="sign-small-mean-gradient",
        primary=True,
        title="Small mean gradient",
        reads="the root mean square of the gradient over all parameters",
        formula=r"\lVert g\rVert/\sqrt P",
        alarm="low",
        scale="plain",
        source="probe",
        cost=_NORM,
        sources=("vanotten2023",),
    ),
    Sign(
        id="small-first-gradient",
        claim="sign-small-mean-gradient",
        primary=False,
        title="Small early gradient",
        reads="the norm of the gradient of the weights farthest from the loss",
        formula=r"\lVert\partial L/\partial W_1\rVert",
        alarm="low",
        scale="plain",
        source="probe",
        cost=_NORM,
        sources=("vanotten2023",),
    ),
    Sign(
        id="falling-gradient",
        claim="sign-small-mean-gradient",
        primary=False,
        title="Falling gradient",
        reads="the norm of the gradient over that at the start",
        formula=r"\lVert g(t)\rVert/\lVert g(0)\rVert",
        alarm="low",
        scale="ratio",
        source="probe",
        cost=_NORM,
        sources=("vanotten2023",),
    ),
    Sign(
        id="wide-distribution",
        claim="sign-gradient-distribution",
        primary=True,
        title="Wide distribution of gradients",
        reads="the standard deviation of the magnitudes of the error signal over all hidden positions, in decades",
        formula=r"\operatorname{sd}\log_{10}|\delta|",
        alarm="high",
        scale="decades",
        source="probe",
        cost=_SIGNAL,
        passes=1,
        sources=("vanotten2023",),
    ),
    Sign(
        id="tiny-share",
        claim="sign-gradient-distribution",
        primary=False,
        title="Tiny gradients",
        reads="the share of the elements of the error signal that are 0 or below 1e-10",
        formula=r"P(|\delta| < 10^{-10})",
        alarm="high",
        scale="share",
        source="probe",
        cost=_SIGNAL,
        passes=1,
        sources=("vanotten2023",),
    ),
    Sign(
        id="dead-units",
        claim="sign-dead-neurons",
        primary=True,
        title="Dead units",
        reads="the mean dead fraction of the hidden positions",
        formula=r"\overline{d}",
        alarm="high",
        scale="share",
        source="probe",
        cost=_ACTIVATIONS,
        sources=("vanotten2023",),
    ),
    Sign(
        id="saturated-units",
        claim="sign-saturated-units",
        primary=True,
        title="Saturated units",
        reads="the mean saturated fraction of the hidden positions",
        formula=r"\overline{s}",
        alarm="high",
        scale="share",
        source="probe",
        cost=_ACTIVATIONS,
        sources=("vanotten2023", "mlresources"),
    ),
    Sign(
        id="growing-weights",
        claim="sign-exploding-weights",
        primary=True,
        title="Growing weights",
        reads="the largest growth of the norm of a weight matrix since the start",
        formula=r"\max_W \lVert W(t)\rVert/\lVert W(0)\rVert",
        alarm="high",
        scale="ratio",
        source="probe",
        cost=_NORM,
        sources=("vanotten2023", "mlresources"),
    ),
    Sign(
        id="large-gradient",
        claim="sign-exploding-weights",
        primary=False,
        title="Large gradient",
        reads="the root mean square of the gradient over all parameters",
        formula=r"\lVert g\rVert/\sqrt P",
        alarm="high",
        scale="plain",
        source="probe",
        cost=_NORM,
        sources=("vanotten2023", "mlresources"),
    ),
    Sign(
        id="decay-factor",
        claim="",
        primary=True,
        title="Decay factor far from 1",
        reads="the distance of the decay factor from 1, in decades per layer or time step",
        formula=r"|\log_{10} f|",
        alarm="high",
        scale="decades",
        source="probe",
        cost=_SIGNAL,
        passes=1,
    ),
    Sign(
        id="signal-span",
        claim="",
        primary=True,
        title="Span of the error signal",
        reads="the distance of the error signal at the first hidden position from that at the last, in decades",
        formula=r"|\log_{10}(\delta_1/\delta_n)|",
        alarm="high",
        scale="decades",
        source="probe",
        cost=_SIGNAL,
        passes=1,
    ),
)
