"""Colours: what people with and without colour-blindness can read and tell apart."""

import math
from itertools import combinations

import pytest

from parley.analytics.charts.rules.themes import COLOURS, Colours

Rgb = tuple[float, float, float]
# Machado, Oliveira and Fernandes (2009), severity 1.0.
SIGHTS = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def linear(colour: str) -> Rgb:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return red, green, blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in (linear(one), linear(other)))
    return (lighter + 0.05) / (darker + 0.05)


def oklab(colour: Rgb) -> Rgb:
    r, g, b = colour
    long = max(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b, 0) ** (1 / 3)
    medium = max(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b, 0) ** (1 / 3)
    short = max(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b, 0) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def difference(one: str, other: str, sight: str) -> float:
    r, g, b = linear(one)
    seen_one = oklab(tuple(a * r + c * g + d * b for a, c, d in SIGHTS[sight]))  # type: ignore[arg-type]
    r, g, b = linear(other)
    seen_other = oklab(tuple(a * r + c * g + d * b for a, c, d in SIGHTS[sight]))  # type: ignore[arg-type]
    return 100 * math.dist(seen_one, seen_other)


@pytest.mark.parametrize("colours", COLOURS.values(), ids=COLOURS)
def test_words_and_shapes_stand_out_from_the_background(colours: Colours) -> None:
    assert all(contrast(one, colours.background) >= 4.5 for one in (colours.ink, colours.quiet))
    assert all(contrast(one, colours.background) >= 3 for one in (*colours.series, *colours.lifecycle))


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("colours", COLOURS.values(), ids=COLOURS)
def test_series_can_be_told_apart_by_every_kind_of_sight(colours: Colours, sight: str) -> None:
    for row in (colours.series[:-1], colours.lifecycle):
        assert min(difference(one, other, sight) for one, other in combinations(row, 2)) >= 7


@pytest.mark.parametrize("colours", COLOURS.values(), ids=COLOURS)
def test_words_can_be_read_on_every_shade_of_heat(colours: Colours) -> None:
    assert all(contrast(colours.ink, shade) >= 4.5 for shade in colours.heat[:2])
    assert all(contrast(colours.ink_on_heat, shade) >= 4.5 for shade in colours.heat[2:])
