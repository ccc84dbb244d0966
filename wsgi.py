"""For a WSGI server: read the environment, build the Engine, make the app, start the worker beside it."""

import atexit
from contextlib import ExitStack

from web import collector, logs, make_app, settings
from web.health import Vitals
from web.serving import worker_beside

chosen = settings.read()
logs.begin(chosen.log)
running = ExitStack()
engine = running.enter_context(settings.opened(chosen))
vitals = Vitals(worker=worker_beside(running, engine, chosen))
atexit.register(running.close)
atexit.register(vitals.stopping.set)
app = make_app(engine, chosen, vitals)
collector.settle()
