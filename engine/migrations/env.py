"""Alembic's entry: runs the revisions on the database that the configuration names."""

from alembic import context
from sqlalchemy import create_engine, pool

from engine.models import Row

url = context.config.get_main_option("sqlalchemy.url") or ""
database = create_engine(url, poolclass=pool.NullPool)
with database.connect() as connection:
    context.configure(connection=connection, target_metadata=Row.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
