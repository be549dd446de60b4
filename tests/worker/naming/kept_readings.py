"""What the rules of naming keep between two names: emptied where each name is to be read as if it were the first."""

from worker.naming import glance, places, seasons, shows, tags, titles

#: What the rules keep of names that they have read.
CACHES = (
    titles.read,
    titles.before_year,
    titles.after_title,
    tags.before,
    seasons.season_folder,
    places.place_of,
    places.ids_in,
    places.show_name,
    shows.name_before_number,
    glance.after_film,
)
