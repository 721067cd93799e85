"""From a folder with settings and weights to a teacher that hears: what Dawn and Odyssey share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from openaffect.brief import brief
from openaffect.distill.teacher import Listener, Sound
from openaffect.distill.teachers.weights import assign, find_folder, read_config, read_tensors
from openaffect.errors import DataError, InputError
from openaffect.media.names import show
from openaffect.runtime.facts import DIMENSIONS

RATE = 16_000


@dataclass(frozen=True, eq=False)
class Built:
    """A network without weights, and how it wants its sound."""

    network: nn.Module
    """Sound (B, N), normalised → (B, 3)."""
    normalise: Callable[[Tensor], Tensor]
    """The samples (n,) of one clip → what the network takes."""
    shortest: int
    """Samples."""
    longest: int = 0
    """Samples that are taken; more is refused."""


Build = Callable[[Mapping[str, Any]], Built]
"""Makes the network of the content of ``config.json``."""
Rename = Callable[[Mapping[str, Tensor]], dict[str, Tensor]]


def open_network(
    place: str,
    build: Build,
    rename: Rename,
    *,
    name: str,
    published: str,
    licence: str,
    permissive: bool,
    offline: bool,
    threads: int,
) -> Listener:
    """Return the teacher *name* with the settings and weights in the folder *place*, or those *published* on the hub.

    The network is made on the device ``meta``, which holds no numbers, so that every weight comes from the file.
    Raises what `openaffect.distill.teacher.open_teacher` says.
    """
    folder = find_folder(place, published, offline=offline)
    settings = read_config(folder)
    try:
        with torch.device("meta"):
            built = build(settings)
    except DataError as error:
        raise DataError(f"{show(folder)}: {error}") from error
    weights, identity = read_tensors(folder)
    network = assign(built.network, rename(weights), folder)
    order = _order(settings, folder)

    def ask(signal: Sound) -> Any:
        heard = built.normalise(torch.from_numpy(signal))
        return _run(network, heard, threads)[order].double().numpy()

    return Listener(
        name=name,
        identity=identity,
        ask=ask,
        licence=licence,
        permissive=permissive,
        shortest=built.shortest,
        longest=built.longest,
    )


def _run(network: nn.Module, heard: Tensor, threads: int) -> Tensor:
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with torch.inference_mode():
            answer: Tensor = network(heard[None])[0]
            return answer
    except RuntimeError as error:
        if "memory" not in str(error):
            raise
        raise InputError(f"memory is too small for {len(heard) / RATE:.0f} s of sound; cut it into pieces.") from error
    finally:
        torch.set_num_threads(before)


def _order(settings: Mapping[str, Any], folder: Path) -> list[int]:
    """Return where arousal, dominance and valence stand in the output, by ``id2label`` where there is one."""
    named = settings.get("id2label")
    if named is None:
        return list(range(len(DIMENSIONS)))
    labels = [named.get(str(place)) for place in range(len(DIMENSIONS))] if isinstance(named, dict) else []
    if sorted(map(str, labels)) != sorted(DIMENSIONS) or len(named) != len(DIMENSIONS):
        raise DataError(
            f"config.json in {show(folder)} must have {', '.join(DIMENSIONS)} as id2label, {brief(named)} came; "
            "this teacher gives these three and no others."
        )
    return [labels.index(name) for name in DIMENSIONS]
