"""The command line ``parking``: a car park on this machine."""

import json
import shutil
import sys
from pathlib import Path
from string import ascii_uppercase
from typing import Annotated

import typer
import yaml
from rich.console import Console

from parking.errors import ParkingError
from parking.import_config import import_config as convert
from parking.lot import Engine
from parking_local import lake_file, sessions_view
from parking_local import logs as logfiles
from parking_local import query as lake
from parking_local.answers import ROWS_SHOWN, Format, show, to_csv, to_json
from parking_local.display import status_table
from parking_local.lot_folder import LotFolder, find_folder
from parking_local.lots import example_site, read_manifest
from parking_local.options import Options
from parking_local.process_id import end_all
from parking_local.processes import Supervisor
from parking_local.up import up as up_here
from parking_local.up import up_detached
from parking_operator.objects import to_yaml
from parking_operator.render import render as render_lot

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
console = Console(highlight=False, markup=False, soft_wrap=True)

Manifest = Annotated[Path, typer.Argument(help="A ParkingLot, as YAML", metavar="MANIFEST")]
Lot = Annotated[str | None, typer.Option("--lot", help="Name of the lot; needed when there are several")]
Data = Annotated[Path | None, typer.Option("--data", help="The lot's data folder, if not the usual one", metavar="DIR")]
ChosenEngine = Annotated[
    Engine | None, typer.Option("--engine", help="Engine of the session job, whatever MANIFEST says")
]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C")]

_DOWN_TIMEOUT = 120.0


@app.command()
def up(
    manifest: Manifest,
    *,
    kafka: Annotated[str | None, typer.Option(help="Use these brokers and start none", metavar="HOST:PORT")] = None,
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port of the gateway")] = 5000,
    kafka_port: Annotated[int, typer.Option(min=1, max=65_535, help="Port of its own broker; others follow")] = 9092,
    engine: ChosenEngine = None,
    data: Data = None,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Return when the lot is up")] = False,
) -> None:
    """Run a lot: broker, session job, gateway and cameras. Edits of the manifest take effect while it runs."""
    options = Options(manifest=manifest, kafka=kafka, port=port, kafka_port=kafka_port, data=data, engine=engine)
    (up_detached if detach else up_here)(options, console)


@app.command()
def down(*, lot: Lot = None, data: Data = None) -> None:
    """End a lot that is up, and whatever a crash left of it. Data stays."""
    folder = find_folder(lot, data)
    running = folder.running_up()
    if running:
        with console.status("ending"):
            end_all([running], _DOWN_TIMEOUT)
    left = Supervisor(folder).end_leftovers()
    told = f"ended what was left: {', '.join(left)}" if left else "is down" if running else "was not up"
    console.print(f"{folder.root.name} {told}")


@app.command()
def status(*, lot: Lot = None, data: Data = None) -> None:
    """Tell how a lot is: one line per component. Exit code 1 unless everything is ready."""
    folder = find_folder(lot, data)
    told = folder.read_status() if folder.running_up() else None
    if told is None:
        console.print(f"{folder.root.name} is {'starting' if folder.running_up() else 'down'}; data in {folder.root}")
        raise typer.Exit(1)
    console.print(status_table(told))
    console.print(f"\n{folder.root.name}: {told.gateway.url}   data in {folder.root}")
    raise typer.Exit(0 if told.is_ready else 1)


@app.command()
def logs(
    component: Annotated[
        str | None, typer.Argument(help="broker, sessions, gateway, cameras-1, …; all if none")
    ] = None,
    *,
    follow: Follow = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many of the last lines")] = 20,
    lot: Lot = None,
    data: Data = None,
) -> None:
    """Show what the programs say."""
    known = {path.stem: path for path in sorted(find_folder(lot, data).logs.glob("*.log"))}
    if component and component not in known:
        raise ParkingError(f"no log of {component}; there are: {', '.join(known) or 'none'}")
    chosen = {component: known[component]} if component else known
    for name, log in chosen.items():
        for line in logfiles.last_lines(log, lines):
            _print_log_line(name if len(chosen) > 1 else "", line)
    for name, line in logfiles.follow(chosen) if follow else ():
        _print_log_line(name if len(chosen) > 1 else "", line)


def _print_log_line(name: str, line: str) -> None:
    print(f"{name:<12} {line}" if name else line, flush=True)


@app.command()
def reset(
    *,
    lot: Lot = None,
    data: Data = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask")] = False,
) -> None:
    """Forget a lot's data: its topics, open sessions and logs."""
    folder = find_folder(lot, data)
    if folder.running_up():
        raise ParkingError(f"{folder.root.name} is up; first `parking down`")
    if not folder.lot.exists():
        raise ParkingError(f"{folder.root} holds no lot; nothing is removed")
    if not yes:
        typer.confirm(f"Remove all data of {folder.root.name} in {folder.root}?", abort=True)
    Supervisor(folder).end_leftovers()
    shutil.rmtree(folder.root)
    console.print(f"{folder.root.name} is forgotten (topics on brokers given by --kafka stay)")


@app.command()
def sessions(
    *,
    follow: Follow = False,
    url: Annotated[str | None, typer.Option(help="Address of a gateway, if not this machine's")] = None,
    lot: Lot = None,
    data: Data = None,
) -> None:
    """Show sessions as a table: open ones, and those that have just ended."""
    address = url or _gateway_url(find_folder(lot, data))
    if follow:
        sessions_view.follow(address, console)
    else:
        sessions_view.show(address, console)


@app.command()
def query(
    sql: Annotated[str | None, typer.Argument(help="SQL that reads, or a view's name; none: what there is")] = None,
    *,
    form: Annotated[Format, typer.Option("--format", help="How to write the answer")] = Format.TABLE,
    rows: Annotated[int, typer.Option("--rows", "-n", min=0, help="How many a table shows at most")] = ROWS_SHOWN,
    save: Annotated[Path | None, typer.Option(help="Instead, copy all tables and views into this DuckDB file")] = None,
    lot: Lot = None,
    data: Data = None,
) -> None:
    """Ask the lake of a lot with a road, in SQL as DuckDB has it. It may be up or not."""
    document = lake.lake_document(find_folder(lot, data))
    if save:
        lake_file.save(document, save)
        return
    if sql is None:
        show(lake.view_list(), console)
        console.print()
        show(lake.table_list(document), console)
        return
    answer = lake.run_query(document, sql, rows if form is Format.TABLE else None)
    if form is Format.TABLE:
        show(answer, console)
    else:
        print(to_csv(answer) if form is Format.CSV else to_json(answer), end="")


def _gateway_url(folder: LotFolder) -> str:
    told = folder.read_status() if folder.running_up() else None
    if told is None:
        raise ParkingError(f"{folder.root.name} is not up; start it with `parking up`")
    return told.gateway.url


@app.command()
def validate(manifest: Manifest, *, engine: ChosenEngine = None) -> None:
    """Check a manifest and tell every problem. Exit code 2 if there is any."""
    console.print(f"ParkingLot {read_manifest(manifest, engine=engine).name} is valid")


@app.command()
def render(manifest: Manifest, *, engine: ChosenEngine = None) -> None:
    """Print the Kubernetes objects that a lot would consist of in a cluster."""
    print(to_yaml(render_lot(read_manifest(manifest, engine=engine), example_site())), end="")


@app.command()
def import_config(
    config: Annotated[Path, typer.Argument(help="config.json of the older scripts", metavar="CONFIG")],
    *,
    name: Annotated[str, typer.Option(help="Name of the lot")] = "central",
    rows: Annotated[int, typer.Option(min=1, max=26, help="Rows of bays: A, B, C, …")] = 6,
    bays: Annotated[int, typer.Option(min=1, max=999, help="Bays in each row")] = 10,
) -> None:
    """Print the manifest that a config.json stands for."""
    try:
        told = json.loads(config.read_text(encoding="utf-8"))
    except OSError as error:
        raise ParkingError(f"{config} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ParkingError(f"{config}: not JSON: {error}") from error
    manifest, unknown = convert(told, name=name, rows=dict.fromkeys(ascii_uppercase[:rows], bays))
    if unknown:
        print(f"{config}: not used: {', '.join(unknown)}", file=sys.stderr)
    print(yaml.safe_dump(manifest, sort_keys=False), end="")


def main() -> None:
    """Run the command line; what is refused is told in its own words, with exit code 2."""
    try:
        app()
    except ParkingError as error:
        print(f"parking: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
