"""What a command that asks models has around it: whom it asks, where clips go, cache, bars, and what it cost."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache as once
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from openaffect.bench.engine import Engine
from openaffect.bench.engines import open_engine
from openaffect.bench.held import spent_in
from openaffect.bench.river import Tell
from openaffect.bench.roles import Roles, open_seat, remote_hosts
from openaffect.bench.task import Source, Who
from openaffect.cli.plain import safe
from openaffect.errors import RemoteError, UsageError
from openaffect.mllm.cache import ReplyCache
from openaffect.mllm.caller import Caller
from openaffect.mllm.prices import Account, Prices, read_prices
from openaffect.mllm.probe import probe
from openaffect.store import write_atomic


@dataclass(frozen=True)
class Doing:
    """What a command does."""

    task: str
    source: Source
    roles: Roles
    out: Path
    engine: str = "local"
    workers: int | None = None
    offline: bool = False
    as_json: bool = False
    language: str = "en"
    """Of the tables."""


@dataclass(frozen=True)
class Asked:
    """Who answers, who works through the items, and who is told of progress."""

    callers: Mapping[Who, Caller]
    engine: Engine
    tell: Tell


def price_table(path: Path | None, price_in: float | None, price_out: float | None) -> dict[str, Prices]:
    """Return model → price of the file at *path*; *price_in* and *price_out* are those of models that it lacks."""
    table = {} if path is None else read_prices(path)
    if (price_in is None) != (price_out is None):
        raise UsageError("--price-in and --price-out go together; give 0 for what costs nothing.")
    if price_in is not None and price_out is not None:
        table.setdefault("*", Prices(price_in, price_out))
    return table


def speaker() -> Console:
    """Return the console on stderr, which says what is going on."""
    return Console(stderr=True, soft_wrap=True, highlight=False)


@contextmanager
def asking(doing: Doing, say: Console, *, probing: bool = False) -> Iterator[Asked]:
    """Yield what *doing* needs to ask; say where clips go before, and what was spent after.

    With *probing*, find out first which modalities arrive at the model.  Raises `OfflineError` where clips would leave
    this machine and must not, `RemoteError` where a modality does not arrive.
    """
    if doing.workers is not None and doing.engine == "local":
        raise UsageError(
            "--workers is for --engine ray; in this process --concurrency says how much is done at a time."
        )
    if doing.offline and doing.engine != "local":
        raise UsageError(f"--offline cannot be kept with --engine {doing.engine}, which looks around in the network.")
    if doing.offline:
        os.environ["HF_HUB_OFFLINE"] = "1"  # local models are read from disk, or not at all
    opened = once(open_seat)  # a model in this process is loaded once, not once for the probe
    for host in remote_hosts(map(opened, doing.roles.seats.values()), offline=doing.offline):
        say.print(f"[bold yellow]Clips and texts will be sent to {safe(host)}.[/]")
    account = Account() if doing.roles.asking.budget is None else spent_in(doing.out)
    if probing:
        # Without the cache: a stored reply says nothing about the server of today.
        _probe(doing, doing.roles.open(opened=opened, account=account)["model"], say)
    before, file = account.spent, doing.out / "replies.sqlite"
    engine = open_engine(doing.engine, doing.task, doing.source, doing.roles, file, doing.workers)
    with ReplyCache(file) as cache, engine as at_work, _bars(say) as bars:
        yield Asked(doing.roles.open(cache, opened=opened, account=account), at_work, _telling(bars))
    _say_spent(account, before, doing, say)


def _say_spent(account: Account, before: float, doing: Doing, say: Console) -> None:
    if not account.answered:
        return
    counts = f"{account.answered:,} replies, tokens {account.input_tokens:,} in, {account.output_tokens:,} out"
    prices = next(iter(doing.roles.asking.prices.values()), None)
    money = "" if prices is None else f", {account.spent - before:.4f} {prices.currency}"
    total = f" ({account.spent:.4f} in all)" if before else ""
    say.print(f"[dim]{counts}{safe(money + total)}[/]")


def _bars(say: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=say, disable=not say.is_terminal)


def _telling(bars: Progress) -> Tell:
    rows: dict[str, int] = {}

    def tell(stage: str, done: int, of: int) -> None:
        row = rows.setdefault(stage, len(rows))
        while len(bars.tasks) <= row:
            bars.add_task(stage, total=of)
        bars.update(bars.tasks[row].id, completed=done)

    return tell


def _probe(doing: Doing, caller: Caller, say: Console) -> None:
    """Ask the model a few questions that only a picture or a sound answers; stop where one does not arrive."""
    spec, modalities = doing.roles.seats["model"].spec, doing.source.modalities
    if spec.partition(":")[0] in ("fake", "replay"):
        return  # scripts answer everything alike
    found = probe(caller, modalities)
    write_atomic(doing.out / "probe.json", found.model_dump_json(indent=2) + "\n")
    for modality in found.unknown:
        say.print(f"[yellow]probe: {modality}: {safe(found.cause.get(modality, 'no answer'))}[/]")
    if found.missing:
        rest = ",".join(each for each in modalities if each not in found.missing)
        without = f"--modalities {rest}, or with " if rest else ""
        raise RemoteError(
            f"{', '.join(found.missing)} did not arrive at {spec} (see {doing.out / 'probe.json'}), so the scores "
            f"would not be of it; run with {without}--no-probe."
        )
