"""What the rules of naming keep between two names: emptied where each name is to be read as if it were the first."""

from worker.naming import seasons, shows, tags, titles

#: What the rules keep of names that they have read.
CACHES = (
    titles.read,
    titles.before_year,
    titles.after_title,
    tags.before,
    seasons.season_folder,
    shows.place_of,
    shows.show_name,
    shows.name_before_number,
)
