"""For a WSGI server: read the environment, build the Engine, make the app, start the worker beside it."""

import atexit
from contextlib import ExitStack

from web import make_app, settings
from web.worker import Worker

chosen = settings.read()
running = ExitStack()
engine = running.enter_context(settings.opened(chosen))
running.enter_context(Worker(engine, chosen.tenant_id, chosen.anchors))
atexit.register(running.close)
app = make_app(engine, chosen)
