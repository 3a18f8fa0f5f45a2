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
_FEWEST_SAMPLES = 50  # of each kind: a ball of a few samples is otherwise half of the data
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
        name: "collapse", "off the data", "discriminator memorises", "discriminator has won", "generator has won",
            "oscillation", "coin flip", "nothing stands out" or "records alone cannot tell".
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
    """Say what the records of a GAN with logistic losses (minimax or non-saturating) show, and what they cannot.

    Losses alone see neither a collapse nor a memorising discriminator; hand in samples and logits for those. If losses
    are all that came, and nothing stands out in them, the finding is "records alone cannot tell".

    Samples are judged by counting. Round each real sample lies a ball that holds a twentieth of the real ones; a
    generator without fault puts a twentieth of its samples there. A real sample is *missed* if its ball holds less
    than a tenth of that. "collapse": over 30 % are missed, though at least 30 % as many samples as there should be
    lie in the balls, or the fake samples have at most half of the total variance of the real ones. "off the data":
    over 30 % are missed by varied samples that lie elsewhere. So kinds that together hold up to 30 % of the data may
    be lost unseen. For images hand in features of a classifier: between pixels, kinds hardly lie apart.

    Losses are judged by their means: "discriminator has won" below 0.15 times log 4, "generator has won" above 1.5
    times log 4 or where the loss of G is below a quarter of log 2. "oscillation": the mean of ten records in a row
    spreads (95 % to 5 % quantile) over more than 40 % of the loss and crosses its own mean at least twice; so it
    depends on how often one logs. "coin flip" means losses at chance, with the saturating loss (-log 2 for G) as with
    the other one (log 2). It is no finding if samples were handed in and nothing is wrong with them: such a game is
    at its end. The thresholds are rules of thumb, tried on the failures of the chapter on training tricks and on an
    earlier recording of the runs.

    Args:
        records: of at least 100 steps, each loss one number; the last third is judged.
        real: (N, ...) distinct real samples or features of them, at least 50 (below 100 a ball holds five); time
            grows with N * (N + M).
        fake: (M, ...) generated ones, at least 50.
        train_logits: (N,) the discriminator's logits of training samples.
        held_out_logits: (M,) its logits of real samples that it has not been trained on.

    Returns:
        Findings, the gravest first; never empty.

    Raises:
        TypeError: records without losses that are single numbers, or samples or logits that are no floating-point
            tensors.
        ValueError: too few records or samples, a loss that is not finite, a negative d_loss (another game), only one
            half of a pair, samples of two shapes or of none, real samples without any variety, or samples or
            logits that are none or not finite.

    Source: the balls and the share of samples in them are those of Naeem et al. 2020 (density and coverage), with a
    share of the data in place of a number of neighbours, and a tenth in place of a single sample.
    """
    if not isinstance(records, Sequence) or not all(
        hasattr(record, "d_loss") and hasattr(record, "g_loss") for record in records
    ):
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
    try:
        losses = torch.tensor([[float(record.d_loss), float(record.g_loss)] for record in records])  # (n, 2)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(
            f"each record needs d_loss and g_loss, one number each, but {records[0]!r:.90} came."
        ) from error
    if not torch.isfinite(losses).all():
        raise ValueError("a loss is NaN or infinite: the run has diverged; lower the learning rates.")
    if losses[:, 0].mean() < 0:
        raise ValueError("d_loss is negative, so these are no logistic losses; for a critic plot minus its loss.")
    samples = _samples(real, fake)
    late = losses[-(len(losses) // 3) :]
    findings = [
        *samples,
        *_memory(train_logits, held_out_logits),
        *_balance(late, is_fair_draw=real is not None and not samples),
    ]
    return findings or [_nothing(late, samples=real is not None, logits=train_logits is not None)]


def _nothing(losses: Tensor, *, samples: bool, logits: bool) -> Finding:
    evidence = f"d_loss {losses[:, 0].mean():.2f}, g_loss {losses[:, 1].mean():.2f}"
    collapse = "collapse (pass real and fake)"
    memory = "a discriminator that memorises (pass train_logits and held_out_logits)"
    if not samples and not logits:
        return Finding("records alone cannot tell", evidence, f"Losses like these hide {collapse} and {memory}.")
    hidden = "" if samples and logits else f" Not looked at: {memory if samples else collapse}."
    advice = f"Losses cannot measure quality: stop when a score of the samples stops improving.{hidden}"
    return Finding("nothing stands out", evidence, advice)


def _balance(losses: Tensor, *, is_fair_draw: bool) -> list[Finding]:
    d_loss, g_loss = losses.mean(dim=0).tolist()
    evidence = f"d_loss {d_loss:.2f} (chance {_CHANCE_D:.2f}), g_loss {g_loss:.2f} (chance {_CHANCE_G:.2f})"
    if d_loss < 0.15 * _CHANCE_D:
        advice = "Check the data's range and the detach; slow D, smooth it (R1, noise), or use a Wasserstein loss."
        return [Finding("discriminator has won", evidence, advice)]
    if d_loss > 1.5 * _CHANCE_D or 0 <= g_loss < 0.25 * _CHANCE_G:  # below 0 it is the saturating loss
        advice = "D calls fakes real: give it more steps, a higher learning rate or more width."
        return [Finding("generator has won", evidence, advice)]
    for name, track in (("d_loss", losses[:, 0]), ("g_loss", losses[:, 1])):
        smooth = track.unfold(0, 10, 1).mean(dim=1)  # (n - 9,)
        swing = float(smooth.quantile(0.95) - smooth.quantile(0.05)) / abs(float(track.mean()))
        around = smooth - smooth.mean()
        if swing > 0.4 and int((around[1:] * around[:-1] < 0).sum()) >= 2:
            advice = "Lower momentum (beta1) and learning rates, average the weights (EMA), or add R1."
            return [Finding("oscillation", f"{name}, smoothed, swings by {swing:.0%} of its mean; {evidence}", advice)]
    if not is_fair_draw and abs(d_loss - _CHANCE_D) < 0.03 and abs(abs(g_loss) - _CHANCE_G) < 0.06:
        advice = "Either the samples are perfect or D is too weak to tell; only the samples can say which."
        return [Finding("coin flip", evidence, advice)]
    return []


def _samples(real: Tensor | None, fake: Tensor | None) -> list[Finding]:
    if real is None or fake is None:
        return []
    if (
        not (real.dim() and fake.dim())
        or min(len(real), len(fake)) < _FEWEST_SAMPLES
        or real.shape[1:] != fake.shape[1:]
    ):
        raise ValueError(
            f"at least {_FEWEST_SAMPLES} real and as many fake samples of one shape are needed, but "
            f"{tuple(real.shape)} and {tuple(fake.shape)} came."
        )
    real, fake = (samples.detach().cpu().double().reshape(len(samples), -1) for samples in (real, fake))
    spreads = [samples.var(dim=0).sum() for samples in (real, fake)]
    if not spreads[0] > 0:
        raise ValueError("real samples show no variety at all, so there is nothing to compare with; hand in several.")
    variety = float(spreads[1] / spreads[0])
    near = _near(real, fake)
    missed, there = float((near < 0.1).double().mean()), float(near.mean())
    if variety > 0.5 and missed <= 0.3:
        return []
    evidence = (
        f"{missed:.0%} of the real samples have hardly any fake one near them; the fake ones have {variety:.0%} of "
        f"the variance of the real ones, and {there:.0%} of what should lie near real ones does"
    )
    if variety <= 0.5 or there >= 0.3:
        advice = "Bring both learning rates together, or show D whole batches (minibatch standard deviation)."
        return [Finding("collapse", evidence, advice)]
    advice = "Check range and output first; then train longer, and look at the samples again."
    return [Finding("off the data", evidence, advice)]


def _near(real: Tensor, fake: Tensor) -> Tensor:
    """Return, for each real sample, the fake ones in its ball as a share of what the same law would put there (N,)."""
    k = max(5, len(real) // 20)  # neighbours that set the radius
    counts = []
    for part in real.split(500):  # (500, d); all at once may not fit into memory
        radius = torch.cdist(part, real).kthvalue(k + 1, dim=1, keepdim=True).values  # the first is the sample itself
        counts.append((torch.cdist(part, fake) <= radius).sum(dim=1))
    return torch.cat(counts) * len(real) / (k * len(fake))


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
