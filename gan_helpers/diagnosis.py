"""Name what the records of a run show: which disease, on what evidence, and what to try."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from gan_helpers.checks import check_finite

_CHANCE_D, _CHANCE_G = 2 * math.log(2), math.log(2)  # losses where D says 1/2 to everything
_FEWEST = 100  # records; the last third of them is judged
_MEMORY_AUC = 0.65  # one half where D has not learned its training set; free of the scale of the logits


class Losses(Protocol):
    """A record of one step, as `train_gan` yields it."""

    step: int
    d_loss: Tensor
    g_loss: Tensor


@dataclass(frozen=True)
class Finding:
    """One thing that a run shows.

    Args:
        name: "discriminator has won", "generator has won", "coin flip", "oscillation", "collapse",
            "discriminator memorises" or "nothing stands out".
        evidence: the numbers behind it.
        advice: what to look at or to try next.
    """

    name: str
    evidence: str
    advice: str

    def __str__(self) -> str:
        return f"{self.name}: {self.evidence}. {self.advice}"


def diagnose(
    records: Sequence[Losses],
    *,
    real: Tensor | None = None,
    fake: Tensor | None = None,
    train_logits: Tensor | None = None,
    held_out_logits: Tensor | None = None,
) -> list[Finding]:
    """Say what the losses of a GAN with logistic losses (minimax or non-saturating) show, and what they cannot.

    Losses alone see neither a collapse nor a memorising discriminator; hand in samples and logits for those. What is
    compared is the total variance, so a collapse to one place is seen, one to two places far apart is not: count
    modes for that (`mode_coverage`). "coin flip" is for the non-saturating loss. The thresholds are rules of thumb,
    tried on the failures of the chapter on training tricks.

    Args:
        records: of at least 100 steps; the last third is judged.
        real: (N, ...) real samples or features of them, to compare variety with `fake`.
        fake: (M, ...) generated ones.
        train_logits: (N,) the discriminator's logits of training samples.
        held_out_logits: (M,) its logits of real samples that it has not been trained on.

    Returns:
        Findings, the gravest first; never empty.

    Raises:
        TypeError: records without losses, or samples or logits that are no floating-point tensors.
        ValueError: too few records, a loss that is not finite, a negative d_loss (another game), only one half of a
            pair, real samples without any variety, or samples or logits that are none or not finite.
    """
    if not isinstance(records, Sequence) or not all(hasattr(record, "d_loss") for record in records):
        raise TypeError(f"a list of records as train_gan yields them is needed, but {records!r:.60} came.")
    if len(records) < _FEWEST:
        raise ValueError(f"a diagnosis needs at least {_FEWEST} records, but {len(records)} came.")
    for name, pair in (("real and fake", (real, fake)), ("both logits", (train_logits, held_out_logits))):
        if (pair[0] is None) != (pair[1] is None):
            raise ValueError(f"{name} are compared with one another; hand in both or neither.")
        for values in pair if pair[0] is not None else ():
            check_finite(name, values)
            if not values.numel():
                raise ValueError(f"{name}: at least one value is needed, but the shape {tuple(values.shape)} came.")
    losses = torch.stack([torch.stack([record.d_loss, record.g_loss]) for record in records]).float().cpu()  # (n, 2)
    if not torch.isfinite(losses).all():
        raise ValueError("a loss is NaN or infinite: the run has diverged; lower the learning rates.")
    if losses[:, 0].mean() < 0:
        raise ValueError("d_loss is negative, so these are no logistic losses; for a critic plot minus its loss.")
    findings = [
        *_collapse(real, fake),
        *_memory(train_logits, held_out_logits),
        *_balance(losses[-(len(losses) // 3) :]),
    ]
    if not findings:
        findings = [
            Finding(
                "nothing stands out",
                f"d_loss {losses[-50:, 0].mean():.2f}, g_loss {losses[-50:, 1].mean():.2f}",
                "Losses cannot measure quality: stop when a score of the samples stops improving.",
            )
        ]
    return findings


def _balance(losses: Tensor) -> list[Finding]:
    d_loss, g_loss = losses.mean(dim=0).tolist()
    evidence = f"d_loss {d_loss:.2f} (chance {_CHANCE_D:.2f}), g_loss {g_loss:.2f} (chance {_CHANCE_G:.2f})"
    if d_loss < 0.15 * _CHANCE_D:
        advice = "Check the data's range and the detach; slow D, smooth it (R1, noise), or use a Wasserstein loss."
        return [Finding("discriminator has won", evidence, advice)]
    if d_loss > 1.5 * _CHANCE_D or 0 <= g_loss < 0.25 * _CHANCE_G:  # below 0 it is the saturating loss
        advice = "D calls fakes real: give it more steps, a higher learning rate or more width."
        return [Finding("generator has won", evidence, advice)]
    smooth = losses[:, 1].unfold(0, 10, 1).mean(dim=1)  # (n - 9,)
    swing = float(smooth.quantile(0.95) - smooth.quantile(0.05))
    around = smooth - smooth.mean()
    crossings = int((around[1:] * around[:-1] < 0).sum())
    if swing > 0.4 * abs(g_loss) and crossings >= 2:
        advice = "Lower momentum (beta1) and learning rates, average the weights (EMA), or add R1."
        return [Finding("oscillation", f"g_loss, smoothed, swings by {swing:.2f}; {evidence}", advice)]
    if abs(d_loss - _CHANCE_D) < 0.03 and abs(g_loss - _CHANCE_G) < 0.06:
        advice = "Either the samples are perfect or D is too weak to tell; only the samples can say which."
        return [Finding("coin flip", evidence, advice)]
    return []


def _collapse(real: Tensor | None, fake: Tensor | None) -> list[Finding]:
    if real is None or fake is None:
        return []
    spreads = [samples.detach().float().flatten(1).var(dim=0).sum() for samples in (real, fake)]
    if not spreads[0] > 0:
        raise ValueError("real samples show no variety at all, so there is nothing to compare with; hand in several.")
    share = float(spreads[1] / spreads[0])
    if share > 0.5:
        return []
    advice = "Show D whole batches (minibatch standard deviation, batch norm), or bring both learning rates together."
    return [Finding("collapse", f"fake samples have {share:.0%} of the variance of real ones", advice)]


def _memory(train_logits: Tensor | None, held_out_logits: Tensor | None) -> list[Finding]:
    if train_logits is None or held_out_logits is None:
        return []
    seen, unseen = (logits.detach().flatten().float().cpu() for logits in (train_logits, held_out_logits))
    ordered = unseen.sort().values
    below, upto = (torch.searchsorted(ordered, seen, right=right) for right in (False, True))
    auc = float((below + upto).float().mean() / (2 * len(unseen)))  # P(seen > unseen), a tie counts half
    if auc < _MEMORY_AUC:
        return []
    advice = "More data, augmentation (the same random shifts for real and fake), a smaller D, or fewer steps."
    gap = f"mean logit {seen.mean():.2f} on training samples, {unseen.mean():.2f} on held-out real ones"
    evidence = f"a training sample has the higher logit in {auc:.0%} of pairs with a held-out one ({gap})"
    return [Finding("discriminator memorises", evidence, advice)]
