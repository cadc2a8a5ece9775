import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from core.errors import UserError
from core.store import Store
from core.store.database import MIGRATIONS_DIR, SCHEMA_VERSION, Database
from core.store.tables import metadata


def test_migrations_lead_to_the_tables_the_code_knows(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "a.db")
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    database.close()


def test_the_newest_migration_is_the_one_the_code_expects() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS_DIR))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [SCHEMA_VERSION]


def test_a_database_of_a_newer_version_is_refused_in_words(tmp_path: Path) -> None:
    Store.open(tmp_path / "a.db").close()
    connection = sqlite3.connect(tmp_path / "a.db")
    with connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(UserError, match="newer version of Tunedesk"):
        Store.open(tmp_path / "a.db")


def test_opening_an_up_to_date_workspace_imports_no_alembic(tmp_path: Path) -> None:
    Store.open(tmp_path / "a.db").close()
    code = f"""
import sys
from pathlib import Path
from core.store import Store
Store.open(Path({str(tmp_path / "a.db")!r})).close()
assert "alembic" not in sys.modules, "slow to start"
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_processes_that_create_a_workspace_together_agree(tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from core.store import Store
assert Store.open(Path({str(tmp_path / "a.db")!r})).check()["integrity"] == "ok"
"""
    processes = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(4)]
    assert [process.wait() for process in processes] == [0] * 4


def test_writers_lose_no_update(tmp_path: Path) -> None:
    """Read, then write, from many threads at once: what SQLite's deferred transactions get wrong."""
    database = Database.open(tmp_path / "a.db")
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE counter (n INTEGER)"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))

    def add_one(_: int) -> None:
        with database.writing() as connection:
            n = connection.scalar(text("SELECT n FROM counter"))
            connection.execute(text("UPDATE counter SET n = :n"), {"n": n + 1})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add_one, range(100)))
    with database.reading() as connection:
        assert connection.scalar(text("SELECT n FROM counter")) == 100
    database.close()


def test_connections_are_set_up_for_many_processes(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "a.db")
    with database.reading() as connection:
        values = {
            name: connection.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "busy_timeout", "foreign_keys", "synchronous")
        }
    database.close()
    assert values == {"journal_mode": "wal", "busy_timeout": 10_000, "foreign_keys": 1, "synchronous": 2}
