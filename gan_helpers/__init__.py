"""The small shared module behind the labs of "GANs, Proved and Run"."""

from gan_helpers.seeding import pick_device, seed_everything, set_threads  # isort: skip  # first: it precedes torch
from gan_helpers.data import (
    BatchStream,
    ImageSet,
    LetterSet,
    check_images,
    grid_centres,
    load_images,
    load_letters,
    load_results,
    ring_centres,
    sample_mixture,
    sample_swiss_roll,
    sample_two_moons,
    to_bytes,
    to_model_range,
)
from gan_helpers.diagnosis import Finding, diagnose
from gan_helpers.losses import (
    gradient_penalty,
    hinge_d,
    hinge_g,
    least_squares_d,
    least_squares_g,
    minimax_d,
    minimax_g,
    non_saturating_d,
    non_saturating_g,
    r1_penalty,
    wasserstein_d,
    wasserstein_g,
)
from gan_helpers.metrics import (
    DensityCoverage,
    ErrorBar,
    ModeCoverage,
    PrecisionRecall,
    density_coverage,
    error_bar,
    frechet_distance,
    inception_score,
    kernel_distance,
    mode_coverage,
    precision_recall,
    wasserstein_distance,
)
from gan_helpers.models import (
    ConditionalDiscriminator,
    ConditionalGenerator,
    ConvClassifier,
    ConvDiscriminator,
    ConvGenerator,
    MLPDiscriminator,
    MLPGenerator,
    init_dcgan,
)
from gan_helpers.plotting import (
    DISCRIMINATOR,
    FAKE,
    OTHER,
    REAL,
    label_lines,
    plot_discriminator,
    plot_images,
    plot_losses,
    plot_points,
)
from gan_helpers.pretrained import load_pretrained, pretrained_card
from gan_helpers.training import Checkpoints, StepRecord, TrainingDiverged, ema_update, train_gan

__all__ = [
    "DISCRIMINATOR", "FAKE", "OTHER", "REAL", "BatchStream", "Checkpoints", "ConditionalDiscriminator",
    "ConditionalGenerator", "ConvClassifier", "ConvDiscriminator", "ConvGenerator", "DensityCoverage", "ErrorBar",
    "Finding", "ImageSet", "LetterSet", "MLPDiscriminator", "MLPGenerator", "ModeCoverage", "PrecisionRecall",
    "StepRecord", "TrainingDiverged", "check_images", "density_coverage", "diagnose", "ema_update", "error_bar",
    "frechet_distance", "gradient_penalty", "grid_centres", "hinge_d", "hinge_g", "inception_score", "init_dcgan",
    "kernel_distance", "label_lines", "least_squares_d", "least_squares_g", "load_images", "load_letters",
    "load_pretrained", "load_results", "minimax_d", "minimax_g", "mode_coverage", "non_saturating_d",
    "non_saturating_g", "pick_device", "plot_discriminator", "plot_images", "plot_losses", "plot_points",
    "precision_recall", "pretrained_card", "r1_penalty", "ring_centres", "sample_mixture", "sample_swiss_roll",
    "sample_two_moons", "seed_everything", "set_threads", "to_bytes", "to_model_range", "train_gan", "wasserstein_d",
    "wasserstein_distance", "wasserstein_g",
]  # fmt: skip
