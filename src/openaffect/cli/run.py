"""``openaffect bench run`` and its steps: ``predict``, ``extract``, ``judge``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_WHAT, _WHO, _HOW, _OUT = "What to ask", "Whom to ask", "How to ask", "Results"
Spec = "openai:MODEL, transformers:FOLDER, fake:TEXT, replay:PATH, ./FILE.py:OPEN."

TaskName = Annotated[
    str,
    typer.Argument(help="mer-unibench, mme-emotion, emer ... ('bench list'), or ./FILE.py:NAME.", metavar="TASK"),
]
RunFolder = Annotated[Path, typer.Argument(help="Folder of the run, as --out named it.", metavar="RUN")]
Data = Annotated[Path, typer.Option(help="Folder with labels and clips.", rich_help_panel=_WHAT)]
Model = Annotated[str, typer.Option(help=f"Model under test: {Spec}", rich_help_panel=_WHO)]
Out = Annotated[
    Path, typer.Option(help="Folder for records and scores; the same command again goes on.", rich_help_panel=_OUT)
]
BaseUrl = Annotated[
    str | None,
    typer.Option(help="Address of the model's server, e.g. http://127.0.0.1:8000/v1.", rich_help_panel=_WHO),
]
Modalities = Annotated[str, typer.Option(help="What messages may hold: audio,video,text.", rich_help_panel=_WHAT)]
Part = Annotated[
    list[str] | None, typer.Option(help="Only this data set or sub-task; repeatable.", rich_help_panel=_WHAT)
]
Limit = Annotated[int | None, typer.Option(help="Only the first N items of each part.", min=1, rich_help_panel=_WHAT)]
Probe = Annotated[
    bool,
    typer.Option(
        "--probe/--no-probe",
        help="Find out first which modalities really arrive at the model.",
        rich_help_panel=_HOW,
    ),
]
Concurrency = Annotated[int, typer.Option(help="Calls at the same time.", min=1, max=512, rich_help_panel=_HOW)]
Retries = Annotated[
    int, typer.Option(help="Further tries of a call that failed for a passing reason.", min=0, rich_help_panel=_HOW)
]
Timeout = Annotated[float, typer.Option(help="Seconds that one try may take.", min=0.1, rich_help_panel=_HOW)]
Budget = Annotated[
    float | None,
    typer.Option(
        help="Stop before the run has cost more, over all roles and commands; needs prices.",
        min=0,
        rich_help_panel=_HOW,
    ),
]
PriceTable = Annotated[
    Path | None,
    typer.Option(
        "--prices", help='TOML file: ["MODEL"] input = 0.4, output = 1.6 a million tokens.', rich_help_panel=_HOW
    ),
]
PriceIn = Annotated[
    float | None, typer.Option(help="Price of a million input tokens, of every model.", min=0, rich_help_panel=_HOW)
]
PriceOut = Annotated[
    float | None, typer.Option(help="Price of a million output tokens, of every model.", min=0, rich_help_panel=_HOW)
]
MaxTokens = Annotated[
    int | None,
    typer.Option(help="No reply is longer; small models do not know when to stop.", min=1, rich_help_panel=_HOW),
]
Engine = Annotated[
    str,
    typer.Option(
        help="local: this process; ray: many processes or machines (openaffect[ray]), for clips that are costly to "
        "decode.",
        rich_help_panel=_HOW,
    ),
]
Workers = Annotated[
    int | None, typer.Option(help="Processes of --engine ray; default: one a core.", min=1, rich_help_panel=_HOW)
]
Offline = Annotated[bool, typer.Option("--offline", help="Forbid every host but this machine.", rich_help_panel=_HOW)]
OwnTask = Annotated[
    str | None,
    typer.Option("--task", help="The task, where it is your own: ./FILE.py:NAME.", rich_help_panel=_WHAT),
]
MovedData = Annotated[
    Path | None, typer.Option("--data", help="Folder with labels and clips, where it has moved.", rich_help_panel=_WHAT)
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.", rich_help_panel=_OUT)]


def run(
    task: TaskName,
    data: Data,
    model: Model,
    out: Out,
    extractor: Annotated[
        str | None,
        typer.Option(
            help="Model that takes labels from texts; default: the judge, else the model.", rich_help_panel=_WHO
        ),
    ] = None,
    judge: Annotated[
        str | None, typer.Option(help="Model that judges; default: the model itself.", rich_help_panel=_WHO)
    ] = None,
    base_url: BaseUrl = None,
    judge_url: Annotated[
        str | None, typer.Option(help="Address of the server of judge and extractor.", rich_help_panel=_WHO)
    ] = None,
    modalities: Modalities = "audio,video,text",
    part: Part = None,
    limit: Limit = None,
    wheels: Annotated[
        str | None, typer.Option(help="Folder with the official wheel tables.", rich_help_panel=_HOW)
    ] = None,
    concurrency: Concurrency = 8,
    retries: Retries = 6,
    timeout: Timeout = 120.0,
    budget: Budget = None,
    price_in: PriceIn = None,
    price_out: PriceOut = None,
    prices: PriceTable = None,
    max_tokens: MaxTokens = None,
    probe: Probe = True,
    engine: Engine = "local",
    workers: Workers = None,
    offline: Offline = False,
    language: Annotated[str, typer.Option(help="Language of the table: en or zh.", rich_help_panel=_OUT)] = "en",
    json_: Json = False,
) -> None:
    """Run a model through a benchmark: ask, extract, judge, score; stopped anywhere, the same command goes on.

    Keys come from the environment (OPENAI_API_KEY) only. Withheld modalities never enter a message.

    Examples:

      openaffect bench run mer-unibench --data dataset/ --out run/ --model openai:MODEL --base-url http://127.0.0.1/v1

      openaffect bench run mer-unibench --data dataset/ --model fake:calm --limit 5 --out dry/

    Exit codes: 0 done, 1 some items failed or a data set has no score, 2 wrong usage, 3 the data cannot be used.
    """
    from openaffect.bench.roles import Asking, Roles, Seat
    from openaffect.cli.asking import Doing, price_table
    from openaffect.cli.runs import show_run, source_named
    from openaffect.errors import UsageError

    if judge_url is not None and judge is None and extractor is None:
        raise UsageError("--judge-url names the server of --judge or --extractor; name one of them.")
    seat = Seat(model, base_url)
    judging = seat if judge is None else Seat(judge, judge_url)
    extracting = judging if extractor is None else Seat(extractor, judge_url)
    asking = Asking(concurrency, retries, timeout, budget, price_table(prices, price_in, price_out), max_tokens)
    doing = Doing(
        task,
        source_named(data, modalities, part, limit, wheels, out),
        Roles({"model": seat, "extractor": extracting, "judge": judging}, asking),
        out,
        engine,
        workers,
        offline,
        json_,
        language,
    )
    raise typer.Exit(show_run(doing, probing=probe))


def predict(
    task: TaskName,
    data: Data,
    model: Model,
    out: Out,
    base_url: BaseUrl = None,
    modalities: Modalities = "audio,video,text",
    part: Part = None,
    limit: Limit = None,
    concurrency: Concurrency = 8,
    retries: Retries = 6,
    timeout: Timeout = 120.0,
    budget: Budget = None,
    price_in: PriceIn = None,
    price_out: PriceOut = None,
    prices: PriceTable = None,
    max_tokens: MaxTokens = None,
    probe: Probe = True,
    engine: Engine = "local",
    workers: Workers = None,
    offline: Offline = False,
    json_: Json = False,
) -> None:
    """Ask the model under test alone: the first step of 'bench run', for machines that serve one model at a time.

    Go on with 'bench extract', 'bench judge' and 'bench score' on the same folder, today or next week.

    Example:

      openaffect bench predict emer --data emer/ --model transformers:./Qwen2.5-Omni-7B --out run/
    """
    from openaffect.bench.roles import Asking, Roles, Seat
    from openaffect.cli.asking import Doing, price_table
    from openaffect.cli.runs import show_step, source_named

    asking = Asking(concurrency, retries, timeout, budget, price_table(prices, price_in, price_out), max_tokens)
    source = source_named(data, modalities, part, limit, None, out)
    roles = Roles({"model": Seat(model, base_url)}, asking)
    raise typer.Exit(show_step(Doing(task, source, roles, out, engine, workers, offline, json_), probing=probe))


def extract(
    run: RunFolder,
    extractor: Annotated[str, typer.Option(help=f"Model that takes labels from texts: {Spec}", rich_help_panel=_WHO)],
    base_url: BaseUrl = None,
    task: OwnTask = None,
    data: MovedData = None,
    concurrency: Concurrency = 8,
    retries: Retries = 6,
    timeout: Timeout = 120.0,
    budget: Budget = None,
    price_in: PriceIn = None,
    price_out: PriceOut = None,
    prices: PriceTable = None,
    max_tokens: MaxTokens = None,
    engine: Engine = "local",
    workers: Workers = None,
    offline: Offline = False,
    json_: Json = False,
) -> None:
    """Ask the extractor alone, about the answers that a run holds: the second step of 'bench run'.

    Example:

      openaffect bench extract run/ --extractor openai:MODEL --base-url http://127.0.0.1:8000/v1
    """
    from openaffect.bench.roles import Asking, Roles, Seat
    from openaffect.cli.asking import price_table
    from openaffect.cli.runs import go_on, show_step

    asking = Asking(concurrency, retries, timeout, budget, price_table(prices, price_in, price_out), max_tokens)
    roles = Roles({"extractor": Seat(extractor, base_url)}, asking)
    raise typer.Exit(show_step(go_on(run, task, data, roles, engine, workers, offline, json_)))


def judge(
    run: RunFolder,
    judge: Annotated[str, typer.Option(help=f"Model that judges: {Spec}", rich_help_panel=_WHO)],
    base_url: BaseUrl = None,
    task: OwnTask = None,
    data: MovedData = None,
    concurrency: Concurrency = 8,
    retries: Retries = 6,
    timeout: Timeout = 120.0,
    budget: Budget = None,
    price_in: PriceIn = None,
    price_out: PriceOut = None,
    prices: PriceTable = None,
    max_tokens: MaxTokens = None,
    engine: Engine = "local",
    workers: Workers = None,
    offline: Offline = False,
    json_: Json = False,
) -> None:
    """Ask the judge alone, about the answers that a run holds: the third step of 'bench run'.

    To compare judges, copy the folder after 'extract' and judge each copy; 'bench agree' compares them.

    Example:

      openaffect bench judge run/ --judge openai:MODEL --base-url http://127.0.0.1:8000/v1
    """
    from openaffect.bench.roles import Asking, Roles, Seat
    from openaffect.cli.asking import price_table
    from openaffect.cli.runs import go_on, show_step

    asking = Asking(concurrency, retries, timeout, budget, price_table(prices, price_in, price_out), max_tokens)
    roles = Roles({"judge": Seat(judge, base_url)}, asking)
    raise typer.Exit(show_step(go_on(run, task, data, roles, engine, workers, offline, json_)))
