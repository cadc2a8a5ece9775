"""SQLite as the store uses it: WAL, foreign keys on, every write transaction BEGIN IMMEDIATE.

SQLAlchemy's defaults begin writes deferred, and two processes that read and then write lose updates; IMMEDIATE loses
none. `synchronous=FULL` because a job that a person started must outlive a power cut; the store commits about once a
second, so the extra sync does not matter.
"""

import fcntl
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL

from core.domain.message import msg
from core.errors import UserError

SCHEMA_VERSION = "0006"  #: the newest migration; a test holds the two together
BUSY_TIMEOUT_SECONDS = 10
N_TURNS = 6  #: a writer that found no gap within the timeout asks this often in all
MIGRATIONS_DIR = Path(__file__).parent / "migrations"
_PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_SECONDS * 1000}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
)


class Database:
    """One SQLite file. Safe to share between threads; every thread gets a connection of its own while it needs one."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self.path = path

    @classmethod
    def open(cls, path: Path) -> "Database":
        """Open the file, creating it or bringing it up to this version's schema if need be.

        Raises:
            UserError: a newer version of Tunedesk has written it.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(URL.create("sqlite", database=str(path)), max_overflow=-1)
        event.listen(engine, "connect", _configure)
        event.listen(engine, "begin", _begin)
        database = cls(engine, path)
        if database._version() != SCHEMA_VERSION:
            database._migrate()
        return database

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent snapshot."""
        with self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A write transaction: alone from its first statement on, committed when the block ends well."""
        with self._engine.connect().execution_options(immediate=True) as connection, connection.begin():
            yield connection

    def close(self) -> None:
        self._engine.dispose()

    def _version(self) -> str:
        """The file's schema version, "" when it has none yet."""
        with self.reading() as connection:
            if not connection.scalar(text("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'")):
                return ""
            return str(connection.scalar(text("SELECT version_num FROM alembic_version")) or "")

    def _migrate(self) -> None:
        """Run what is missing, once: other processes that open the same file wait at the lock."""
        with self.path.with_name(f"{self.path.name}.migrating").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            version = self._version()
            if version == SCHEMA_VERSION:
                return
            if version > SCHEMA_VERSION:
                raise UserError(
                    msg(
                        "The workspace was written by a newer version of Tunedesk (schema {found}; this version knows {known}).",
                        found=version,
                        known=SCHEMA_VERSION,
                    ),
                    hint=msg("Update Tunedesk, or choose another workspace folder with TUNEDESK_HOME."),
                )
            from alembic import command  # half a second of imports that an up-to-date workspace never pays
            from alembic.config import Config

            logging.getLogger("alembic").setLevel(logging.WARNING)
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS_DIR).replace("%", "%%"))
            config.set_main_option("path_separator", "os")
            with self.writing() as connection:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")


def _configure(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself; `_begin` does
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    """Begin, and for a write wait for our turn.

    SQLite lets waiters poll, ever more rarely, so one of many can miss every gap for the whole timeout. Asking anew
    makes it poll often again, and nothing has happened yet that a second try could repeat.
    """
    driver_connection = connection.connection.dbapi_connection
    if driver_connection is None:
        raise RuntimeError("the connection is closed")
    if not connection.get_execution_options().get("immediate", False):
        driver_connection.cursor().execute("BEGIN")
        return
    for n_left in reversed(range(N_TURNS)):
        try:
            driver_connection.cursor().execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as error:
            if n_left == 0 or error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
