"""The four models as tutorials write them, and the copied program of source 003: rivals for `benchmarks.speed`.

Habits that they share: pictures pass one by one through PIL, ToTensor and Normalize in a DataLoader without workers
(the default; some tutorials take two, for which a program on one core has no use); the discriminator ends in a sigmoid
for BCELoss, but a critic does not; both losses are read with `.item()` in every step; Adam is the plain one. Network,
batch, learning rate and betas are what such tutorials print for the model, said at each function.
"""

from collections.abc import Callable, Iterator

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

CLASSES = 10
Game = Iterator[int]  # plays one generator step a turn and yields how many real images it looked at
Draw = Callable[[Tensor], Tensor]  # labels (B,) to images (B, 1, 28, 28) in [-1, 1]; most models ignore the labels


class Pictures(Dataset):
    """Bytes (N, 28, 28) and labels (N,), handed out one PIL image at a time as torchvision's MNIST does."""

    def __init__(self, pixels: np.ndarray, labels: Tensor) -> None:
        self.pixels, self.labels = pixels, labels
        self.transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])

    def __len__(self) -> int:
        return len(self.pixels)

    def __getitem__(self, i: int) -> tuple[Tensor, int]:
        return self.transform(Image.fromarray(self.pixels[i])), int(self.labels[i])


def loader(pixels: np.ndarray, labels: Tensor, batch: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield batches without end, epoch after epoch."""
    batches = DataLoader(Pictures(pixels, labels), batch_size=batch, shuffle=True, num_workers=0)
    while True:
        yield from batches


def perceptrons(extra: int = 0) -> tuple[nn.Module, nn.Module]:
    """Return the widths of most MNIST tutorials, 256-512-1024 and back; `extra` inputs for a label."""
    generator = nn.Sequential(
        nn.Linear(100 + extra, 256), nn.LeakyReLU(0.2),
        nn.Linear(256, 512), nn.LeakyReLU(0.2),
        nn.Linear(512, 1024), nn.LeakyReLU(0.2),
        nn.Linear(1024, 784), nn.Tanh(),
    )  # fmt: skip
    discriminator = nn.Sequential(
        nn.Linear(784 + extra, 1024), nn.LeakyReLU(0.2), nn.Dropout(0.3),
        nn.Linear(1024, 512), nn.LeakyReLU(0.2), nn.Dropout(0.3),
        nn.Linear(512, 256), nn.LeakyReLU(0.2), nn.Dropout(0.3),
        nn.Linear(256, 1), nn.Sigmoid(),
    )  # fmt: skip
    return generator, discriminator


def convolutions(*, critic: bool = False) -> tuple[nn.Module, nn.Module]:
    """Return PyTorch's DCGAN tutorial with 64 feature maps, cut to 28x28: two doublings from 7x7 for four from 4x4."""
    generator = nn.Sequential(
        nn.ConvTranspose2d(100, 128, 7, 1, 0, bias=False), nn.BatchNorm2d(128), nn.ReLU(),
        nn.ConvTranspose2d(128, 64, 4, 2, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
        nn.ConvTranspose2d(64, 1, 4, 2, 1, bias=False), nn.Tanh(),
    )  # fmt: skip
    discriminator = nn.Sequential(
        nn.Conv2d(1, 64, 4, 2, 1, bias=False), nn.LeakyReLU(0.2),
        nn.Conv2d(64, 128, 4, 2, 1, bias=False), nn.Identity() if critic else nn.BatchNorm2d(128), nn.LeakyReLU(0.2),
        nn.Conv2d(128, 1, 7, 1, 0, bias=False), nn.Identity() if critic else nn.Sigmoid(), nn.Flatten(0),
    )  # fmt: skip
    for layer in [*generator, *discriminator]:
        if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
            nn.init.normal_(layer.weight, 0.0, 0.02)
        elif isinstance(layer, nn.BatchNorm2d):
            nn.init.normal_(layer.weight, 1.0, 0.02)
    return generator, discriminator


def mlp(pixels: np.ndarray, labels: Tensor) -> tuple[Game, Draw]:
    """Play the tutorials' first GAN: batch 100, Adam at 2e-4 with its default betas, fresh noise for each player.

    As in the best-known of them the fakes are not detached, so the discriminator step also works its way back through
    the generator, for gradients that nobody uses.
    """
    generator, discriminator = perceptrons()
    criterion = nn.BCELoss()
    g_adam, d_adam = (torch.optim.Adam(net.parameters(), lr=2e-4) for net in (generator, discriminator))

    def game() -> Game:
        for images, _ in loader(pixels, labels, 100):
            real = images.view(-1, 784)
            ones, zeros = torch.ones(len(real), 1), torch.zeros(len(real), 1)
            discriminator.zero_grad()
            real_loss = criterion(discriminator(real), ones)
            fake_loss = criterion(discriminator(generator(torch.randn(len(real), 100))), zeros)
            d_loss = real_loss + fake_loss
            d_loss.backward()
            d_adam.step()
            generator.zero_grad()
            g_loss = criterion(discriminator(generator(torch.randn(len(real), 100))), ones)
            g_loss.backward()
            g_adam.step()
            d_loss.item(), g_loss.item()
            yield len(real)

    return game(), lambda asked: generator(torch.randn(len(asked), 100)).view(-1, 1, 28, 28)


def dcgan(pixels: np.ndarray, labels: Tensor) -> tuple[Game, Draw]:
    """Play PyTorch's DCGAN tutorial: batch 128, Adam at 2e-4 with betas 0.5 and 0.999, one draw for both players."""
    generator, discriminator = convolutions()
    criterion = nn.BCELoss()
    g_adam, d_adam = (
        torch.optim.Adam(net.parameters(), lr=2e-4, betas=(0.5, 0.999)) for net in (generator, discriminator)
    )

    def game() -> Game:
        for real, _ in loader(pixels, labels, 128):
            ones, zeros = torch.ones(len(real)), torch.zeros(len(real))
            discriminator.zero_grad()
            real_loss = criterion(discriminator(real), ones)
            real_loss.backward()
            fake = generator(torch.randn(len(real), 100, 1, 1))
            fake_loss = criterion(discriminator(fake.detach()), zeros)
            fake_loss.backward()
            d_adam.step()
            generator.zero_grad()
            g_loss = criterion(discriminator(fake), ones)
            g_loss.backward()
            g_adam.step()
            (real_loss + fake_loss).item(), g_loss.item()
            yield len(real)

    return game(), lambda asked: generator(torch.randn(len(asked), 100, 1, 1))


def penalty(critic: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor) -> Tensor:
    """Return the mean squared distance from 1 of the slope's norm, between real and fake images (B, C, H, W)."""
    alpha = torch.rand(len(real), 1, 1, 1)
    mixed = (alpha * real + (1 - alpha) * fake).requires_grad_(True)
    scores = critic(mixed)
    (slope,) = torch.autograd.grad(scores, mixed, torch.ones_like(scores), create_graph=True, retain_graph=True)
    return ((slope.view(len(real), -1).norm(2, dim=1) - 1) ** 2).mean()


def wgan_gp(pixels: np.ndarray, labels: Tensor) -> tuple[Game, Draw]:
    """Play WGAN-GP with its paper's settings: batch 64, five critic steps, weight 10, Adam at 1e-4, betas 0 and 0.9."""
    generator, critic = convolutions(critic=True)
    g_adam, c_adam = (torch.optim.Adam(net.parameters(), lr=1e-4, betas=(0.0, 0.9)) for net in (generator, critic))

    def game() -> Game:
        seen = 0
        for i, (real, _) in enumerate(loader(pixels, labels, 64), 1):
            seen += len(real)
            critic.zero_grad()
            fake = generator(torch.randn(len(real), 100, 1, 1)).detach()
            c_loss = critic(fake).mean() - critic(real).mean() + 10 * penalty(critic, real, fake)
            c_loss.backward()
            c_adam.step()
            c_loss.item()
            if i % 5 == 0:
                generator.zero_grad()
                g_loss = -critic(generator(torch.randn(len(real), 100, 1, 1))).mean()
                g_loss.backward()
                g_adam.step()
                g_loss.item()
                yield seen
                seen = 0

    return game(), lambda asked: generator(torch.randn(len(asked), 100, 1, 1))


def cgan(pixels: np.ndarray, labels: Tensor) -> tuple[Game, Draw]:
    """Play the tutorials' conditional GAN: a learned label beside the input, batch 64, Adam at 2e-4, beta1 0.5.

    Its networks are perceptrons, as most of them have it; those of our conditional model are convolutions.
    """
    generator, discriminator = perceptrons(extra=CLASSES)
    names = [nn.Embedding(CLASSES, CLASSES) for _ in range(2)]  # of generator and discriminator, as learned
    criterion = nn.BCELoss()
    g_adam, d_adam = (
        torch.optim.Adam([*net.parameters(), *name.parameters()], lr=2e-4, betas=(0.5, 0.999))
        for net, name in zip((generator, discriminator), names, strict=True)
    )

    def draw(asked: Tensor) -> Tensor:
        return generator(torch.cat([torch.randn(len(asked), 100), names[0](asked)], dim=1))  # (B, 784)

    def judge(x: Tensor, asked: Tensor) -> Tensor:
        return discriminator(torch.cat([x, names[1](asked)], dim=1))  # (B, 1)

    def game() -> Game:
        for images, own in loader(pixels, labels, 64):
            real = images.view(-1, 784)
            ones, zeros = torch.ones(len(real), 1), torch.zeros(len(real), 1)
            d_adam.zero_grad()
            asked = torch.randint(0, CLASSES, (len(real),))
            d_loss = criterion(judge(real, own), ones) + criterion(judge(draw(asked).detach(), asked), zeros)
            d_loss.backward()
            d_adam.step()
            g_adam.zero_grad()
            asked = torch.randint(0, CLASSES, (len(real),))
            g_loss = criterion(judge(draw(asked), asked), ones)
            g_loss.backward()
            g_adam.step()
            d_loss.item(), g_loss.item()
            yield len(real)

    return game(), lambda asked: draw(asked).view(-1, 1, 28, 28)


def source_003(pixels: np.ndarray, labels: Tensor) -> tuple[Game, Draw]:
    """Play the program of source 003: tanh and sigmoid as hidden units, logarithms of sigmoids, batch 64, Adam 2e-4.

    It reads its losses in every hundredth step only, and a logarithm of 0 may end it in numbers that are none.
    """
    generator = nn.Sequential(nn.Linear(100, 256), nn.Tanh(), nn.Linear(256, 784), nn.Tanh())
    discriminator = nn.Sequential(nn.Linear(784, 256), nn.Sigmoid(), nn.Linear(256, 1), nn.Sigmoid())
    g_adam, d_adam = (torch.optim.Adam(net.parameters(), lr=2e-4) for net in (generator, discriminator))

    def game() -> Game:
        for i, (images, _) in enumerate(loader(pixels, labels, 64), 1):
            real = images.view(-1, 784)
            d_adam.zero_grad()
            fake = generator(torch.randn(len(real), 100))
            d_loss = -discriminator(real).log().mean() - (1 - discriminator(fake.detach())).log().mean()
            d_loss.backward()
            d_adam.step()
            g_adam.zero_grad()
            g_loss = -discriminator(fake).log().mean()
            g_loss.backward()
            g_adam.step()
            if i % 100 == 0:
                d_loss.item(), g_loss.item()
            yield len(real)

    return game(), lambda asked: generator(torch.randn(len(asked), 100)).view(-1, 1, 28, 28)


PROGRAMS = {"mlp": mlp, "dcgan": dcgan, "wgan-gp": wgan_gp, "cgan": cgan, "source 003": source_003}
