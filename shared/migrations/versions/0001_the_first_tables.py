"""the first tables."""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "libraries",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("poster_url", sa.String(), nullable=True),
        sa.Column("backdrop_url", sa.String(), nullable=True),
        sa.Column("is_library", sa.Boolean(), nullable=False),
        sa.Column("library_path", sa.String(), nullable=True),
        sa.Column("library_type", sa.String(), nullable=True),
        sa.Column("parent_id", sa.String(length=36), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["libraries.id"], name=op.f("fk_libraries_parent_id_libraries"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_libraries")),
        sa.UniqueConstraint("library_path", "library_type", name=op.f("uq_libraries_library_path_library_type")),
        sa.UniqueConstraint("slug", name=op.f("uq_libraries_slug")),
    )
    op.create_table(
        "media",
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("original_title", sa.String(), nullable=True),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("release_date", sa.Date(), nullable=True),
        sa.Column("rating", sa.Double(), nullable=True),
        sa.Column("genres", sa.JSON(), nullable=False),
        sa.Column("search_title", sa.String(), nullable=False),
        sa.Column("guessed_title", sa.String(), nullable=False),
        sa.Column("guessed_year", sa.Integer(), nullable=True),
        sa.Column("guessed_ids", sa.JSON(), nullable=False),
        sa.Column("match_status", sa.String(), nullable=False),
        sa.Column("match_score", sa.Double(), nullable=True),
        sa.Column("match_detail", sa.JSON(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("poster_source", sa.String(), nullable=True),
        sa.Column("poster_image", sa.String(length=32), nullable=True),
        sa.Column("backdrop_source", sa.String(), nullable=True),
        sa.Column("backdrop_image", sa.String(length=32), nullable=True),
        sa.Column("palette", sa.JSON(), nullable=False),
        sa.Column("poster_failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media")),
    )
    op.create_index("ix_media_match_status", "media", ["match_status"], unique=False)
    op.create_index("ix_media_type_created_at_id", "media", ["type", "created_at", "id"], unique=False)

    op.create_table(
        "providers",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("config", sa.JSON(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_providers")),
        sa.UniqueConstraint("name", name=op.f("uq_providers_name")),
    )
    op.create_table(
        "settings",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_settings")),
    )
    op.create_table(
        "external_ids",
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("media_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["media_id"], ["media.id"], name=op.f("fk_external_ids_media_id_media"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("type", "source", "external_id", name=op.f("pk_external_ids")),
    )
    op.create_index("ix_external_ids_media_id", "external_ids", ["media_id"], unique=False)

    op.create_table(
        "library_media",
        sa.Column("library_id", sa.String(length=36), nullable=False),
        sa.Column("media_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["library_id"], ["libraries.id"], name=op.f("fk_library_media_library_id_libraries"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["media_id"], ["media.id"], name=op.f("fk_library_media_media_id_media"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("library_id", "media_id", name=op.f("pk_library_media")),
    )
    op.create_index("ix_library_media_media_id", "library_media", ["media_id"], unique=False)

    op.create_table(
        "media_genres",
        sa.Column("genre", sa.String(), nullable=False),
        sa.Column("media_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["media_id"], ["media.id"], name=op.f("fk_media_genres_media_id_media"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("genre", "media_id", name=op.f("pk_media_genres")),
    )
    op.create_index("ix_media_genres_media_id", "media_genres", ["media_id"], unique=False)

    op.create_table(
        "media_names",
        sa.Column("library_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("media_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["library_id"], ["libraries.id"], name=op.f("fk_media_names_library_id_libraries"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["media_id"], ["media.id"], name=op.f("fk_media_names_media_id_media"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("library_id", "key", name=op.f("pk_media_names")),
    )
    op.create_index("ix_media_names_media_id", "media_names", ["media_id"], unique=False)

    op.create_table(
        "movies",
        sa.Column("media_id", sa.String(length=36), nullable=False),
        sa.Column("duration", sa.Integer(), nullable=True),
        sa.Column("trailer_url", sa.String(), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["media_id"], ["media.id"], name=op.f("fk_movies_media_id_media"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_movies")),
        sa.UniqueConstraint("media_id", name=op.f("uq_movies_media_id")),
    )
    op.create_table(
        "scan_jobs",
        sa.Column("library_id", sa.String(length=36), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("discovered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("totals", sa.JSON(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["library_id"], ["libraries.id"], name=op.f("fk_scan_jobs_library_id_libraries"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_jobs")),
    )
    op.create_index("ix_scan_jobs_library_id_created_at", "scan_jobs", ["library_id", "created_at"], unique=False)
    op.create_index("ix_scan_jobs_status", "scan_jobs", ["status"], unique=False)

    op.create_table(
        "tv_shows",
        sa.Column("media_id", sa.String(length=36), nullable=False),
        sa.Column("creator", sa.String(), nullable=True),
        sa.Column("network", sa.String(), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["media_id"], ["media.id"], name=op.f("fk_tv_shows_media_id_media"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tv_shows")),
        sa.UniqueConstraint("media_id", name=op.f("uq_tv_shows_media_id")),
    )
    op.create_table(
        "enrichments",
        sa.Column("media_id", sa.String(length=36), nullable=False),
        sa.Column("scan_job_id", sa.String(length=36), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["media_id"], ["media.id"], name=op.f("fk_enrichments_media_id_media"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["scan_job_id"], ["scan_jobs.id"], name=op.f("fk_enrichments_scan_job_id_scan_jobs"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("media_id", name=op.f("pk_enrichments")),
    )
    op.create_index("ix_enrichments_scan_job_id_status", "enrichments", ["scan_job_id", "status"], unique=False)
    op.create_index("ix_enrichments_status_not_before", "enrichments", ["status", "not_before"], unique=False)

    op.create_table(
        "failures",
        sa.Column("scan_job_id", sa.String(length=36), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["scan_job_id"], ["scan_jobs.id"], name=op.f("fk_failures_scan_job_id_scan_jobs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failures")),
    )
    op.create_index("ix_failures_scan_job_id_cause", "failures", ["scan_job_id", "cause"], unique=False)

    op.create_table(
        "scan_folders",
        sa.Column("library_id", sa.String(length=36), nullable=False),
        sa.Column("scan_job_id", sa.String(length=36), nullable=True),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("settled_signature", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["library_id"], ["libraries.id"], name=op.f("fk_scan_folders_library_id_libraries"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["scan_job_id"], ["scan_jobs.id"], name=op.f("fk_scan_folders_scan_job_id_scan_jobs"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_folders")),
        sa.UniqueConstraint("library_id", "path", name=op.f("uq_scan_folders_library_id_path")),
    )
    op.create_index("ix_scan_folders_scan_job_id_status", "scan_folders", ["scan_job_id", "status"], unique=False)

    op.create_table(
        "seasons",
        sa.Column("tv_show_id", sa.String(length=36), nullable=False),
        sa.Column("season_number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("overview", sa.String(), nullable=True),
        sa.Column("air_date", sa.Date(), nullable=True),
        sa.Column("poster_source", sa.String(), nullable=True),
        sa.Column("poster_image", sa.String(length=32), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["tv_show_id"], ["tv_shows.id"], name=op.f("fk_seasons_tv_show_id_tv_shows"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seasons")),
        sa.UniqueConstraint("tv_show_id", "season_number", name=op.f("uq_seasons_tv_show_id_season_number")),
    )
    op.create_table(
        "episodes",
        sa.Column("season_id", sa.String(length=36), nullable=False),
        sa.Column("episode_number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("overview", sa.String(), nullable=True),
        sa.Column("air_date", sa.Date(), nullable=True),
        sa.Column("runtime", sa.Integer(), nullable=True),
        sa.Column("still_source", sa.String(), nullable=True),
        sa.Column("still_image", sa.String(length=32), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["season_id"], ["seasons.id"], name=op.f("fk_episodes_season_id_seasons"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_episodes")),
        sa.UniqueConstraint("season_id", "episode_number", name=op.f("uq_episodes_season_id_episode_number")),
    )
    op.create_table(
        "media_files",
        sa.Column("library_id", sa.String(length=36), nullable=False),
        sa.Column("folder_id", sa.String(length=36), nullable=True),
        sa.Column("movie_id", sa.String(length=36), nullable=True),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edition", sa.String(), nullable=True),
        sa.Column("part", sa.Integer(), nullable=True),
        sa.Column("probe", sa.JSON(), nullable=False),
        sa.Column("missing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["folder_id"], ["scan_folders.id"], name=op.f("fk_media_files_folder_id_scan_folders"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["library_id"], ["libraries.id"], name=op.f("fk_media_files_library_id_libraries"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["movie_id"], ["movies.id"], name=op.f("fk_media_files_movie_id_movies"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_files")),
        sa.UniqueConstraint("library_id", "path", name=op.f("uq_media_files_library_id_path")),
    )
    op.create_index("ix_media_files_folder_id", "media_files", ["folder_id"], unique=False)
    op.create_index("ix_media_files_movie_id", "media_files", ["movie_id"], unique=False)

    op.create_table(
        "episode_files",
        sa.Column("episode_id", sa.String(length=36), nullable=False),
        sa.Column("file_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["episodes.id"], name=op.f("fk_episode_files_episode_id_episodes"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["media_files.id"], name=op.f("fk_episode_files_file_id_media_files"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("episode_id", "file_id", name=op.f("pk_episode_files")),
    )
    op.create_index("ix_episode_files_file_id", "episode_files", ["file_id"], unique=False)

    providers = sa.table(
        "providers",
        sa.column("id", sa.String()),
        sa.column("name", sa.String()),
        sa.column("enabled", sa.Boolean()),
        sa.column("priority", sa.Integer()),
        sa.column("config", sa.JSON()),
    )
    op.bulk_insert(
        providers,
        [
            {"id": str(uuid4()), "name": "nfo", "enabled": True, "priority": 0, "config": {}},
            {"id": str(uuid4()), "name": "tmdb", "enabled": True, "priority": 10, "config": {}},
        ],
    )


def downgrade() -> None:
    op.drop_index("ix_episode_files_file_id", table_name="episode_files")

    op.drop_table("episode_files")
    op.drop_index("ix_media_files_movie_id", table_name="media_files")
    op.drop_index("ix_media_files_folder_id", table_name="media_files")

    op.drop_table("media_files")
    op.drop_table("episodes")
    op.drop_table("seasons")
    op.drop_index("ix_scan_folders_scan_job_id_status", table_name="scan_folders")

    op.drop_table("scan_folders")
    op.drop_index("ix_failures_scan_job_id_cause", table_name="failures")

    op.drop_table("failures")
    op.drop_index("ix_enrichments_status_not_before", table_name="enrichments")
    op.drop_index("ix_enrichments_scan_job_id_status", table_name="enrichments")

    op.drop_table("enrichments")
    op.drop_table("tv_shows")
    op.drop_index("ix_scan_jobs_status", table_name="scan_jobs")
    op.drop_index("ix_scan_jobs_library_id_created_at", table_name="scan_jobs")

    op.drop_table("scan_jobs")
    op.drop_table("movies")
    op.drop_index("ix_media_names_media_id", table_name="media_names")

    op.drop_table("media_names")
    op.drop_index("ix_media_genres_media_id", table_name="media_genres")

    op.drop_table("media_genres")
    op.drop_index("ix_library_media_media_id", table_name="library_media")

    op.drop_table("library_media")
    op.drop_index("ix_external_ids_media_id", table_name="external_ids")

    op.drop_table("external_ids")
    op.drop_table("settings")
    op.drop_table("providers")
    op.drop_index("ix_media_type_created_at_id", table_name="media")
    op.drop_index("ix_media_match_status", table_name="media")

    op.drop_table("media")
    op.drop_table("libraries")
