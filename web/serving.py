"""`woshou serve` and `woshou worker`: the processes that go on until they are told to stop."""

import sys
from contextlib import ExitStack

import click

from engine import Engine, wakeups
from web import collector, demo, installation, logs, make_app, server, settings
from web.health import Vitals
from web.texts import text
from web.worker import Worker


@click.command()
@click.option("--no-worker", is_flag=True, help="Leave jobs and clocks to `woshou worker`.")
def serve(no_worker: bool) -> None:
    """Serve the web on the address of the settings, with the worker of the jobs beside it.

    SIGTERM and SIGINT let what is under way be finished.
    """
    chosen = installed()
    logs.begin(chosen.log)
    with server.asked_to_stop() as stop, settings.opened(chosen) as engine, ExitStack() as beside:
        installation.encrypt_older(engine)
        worker = None if no_worker else worker_beside(beside, engine, chosen)
        click.echo(text("Open http://{host}:{port}", host=chosen.host, port=chosen.port))
        for line in demo.account_lines(engine, chosen.tenant_id):
            click.echo(f"  {line}")
        app = make_app(engine, chosen, Vitals(stop, worker))
        collector.settle()
        server.serve(app, (chosen.host, chosen.port), stop)


@click.command()
@click.option(
    "--jobs", "at_once", default=wakeups.JOBS_AT_ONCE, show_default=True, type=click.IntRange(1, 64),
    help="How many jobs at the same time; on SQLite always one.",
)  # fmt: skip
def worker(at_once: int) -> None:
    """Do jobs and clocks, beside others of its kind, until it is told to stop."""
    chosen = installed()
    logs.begin(chosen.log)
    with (
        server.asked_to_stop() as stop,
        settings.opened(chosen) as engine,
        Worker(engine, chosen.tenant_id, chosen.anchors, at_once),
    ):
        click.echo(text("The worker is ready."))
        collector.settle()
        stop.wait()


def worker_beside(running: ExitStack, engine: Engine, chosen: settings.Settings) -> Worker | None:
    """The worker that runs beside the web until `running` is closed; None where the settings want none."""
    if not chosen.worker:
        return None
    return running.enter_context(Worker(engine, chosen.tenant_id, chosen.anchors))


def installed() -> settings.Settings:
    """The settings of what `woshou init` has installed; else the command ends."""
    chosen = settings.read()
    if not chosen.keys.exists():
        click.echo(text("Nothing is installed in {data}; `woshou init` does it.", data=chosen.data), err=True)
        sys.exit(1)
    return chosen
