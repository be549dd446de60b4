"""What is set on each connection of the pool."""

from sqlalchemy import text

from shared.database import Database


def test_postgresql_compiles_no_plan_of_ours(postgres_url: str) -> None:
    database = Database(postgres_url)

    with database.read() as reading, database.begin() as writing:
        assert [session.scalar(text("SHOW jit")) for session in (reading, writing)] == ["off", "off"]
