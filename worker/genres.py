"""One list of genres, whoever names them and in which language. Pure.

The names are TMDB's for films and shows, with those of TVmaze that TMDB has none for. What nobody lists stays as it is.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from shared.catalogue.normal import normalised

#: Each genre, and what else it is called: in English, German, French, Spanish and Italian.
_NAMES: Mapping[str, str] = {
    "Action": "Acción, Azione",
    "Adventure": "Abenteuer, Aventure, Aventura, Avventura",
    "Animation": "Animated, Cartoon, Zeichentrick, Trickfilm, Animación, Animazione",
    "Anime": "",
    "Biography": "Biographical, Biopic, Biografie, Biographie, Biografía, Biografico",
    "Children": "Kids, Kinder, Kinderfilm, Enfants, Infantil, Bambini",
    "Comedy": "Komödie, Comédie, Comedia, Commedia",
    "Crime": "Krimi, Policier, Crimen, Poliziesco",
    "Documentary": "Docu, Dokumentarfilm, Dokumentation, Doku, Documentaire, Documental, Documentario",
    "Drama": "Drame, Dramma, Drammatico",
    "Espionage": "Spy, Spionage, Espionnage, Espionaje, Spionaggio",
    "Family": "Familie, Familienfilm, Familial, Famille, Familia, Familiar, Famiglia",
    "Fantasy": "Fantastique, Fantasía, Fantastico",
    "Film Noir": "Noir",
    "Food": "Cooking",
    "Game Show": "Spielshow, Quiz",
    "History": "Historical, Historie, Geschichte, Historienfilm, Histoire, Historique, Historia, Storia, Storico",
    "Horror": "Horrorfilm, Horreur, Épouvante, Terror, Orrore",
    "Legal": "",
    "Medical": "",
    "Music": "Musik, Musique, Música, Musica",
    "Musical": "Comédie musicale",
    "Mystery": "Mystère, Misterio, Mistero",
    "Nature": "Natur, Naturaleza, Natura",
    "News": "Nachrichten, Actualités, Noticias, Notizie",
    "Politics": "Political, Politik, Politique, Política, Politica",
    "Reality": "Reality TV, Reality Show, Téléréalité",
    "Romance": "Romantic, Liebesfilm, Romantik, Romantique, Romántico, Romantico, Sentimentale",
    "Science Fiction": "Sci Fi, SciFi, SF, Ciencia ficción, Fantascienza",
    "Short": "Short Film, Kurzfilm, Court métrage, Cortometraje, Cortometraggio",
    "Soap": "Soap Opera, Seifenoper, Feuilleton, Telenovela",
    "Sport": "Sports, Deporte",
    "Supernatural": "Übernatürlich, Surnaturel, Sobrenatural, Soprannaturale",
    "TV Movie": "TV Film, Fernsehfilm, Téléfilm, Película de TV, Televisione film",
    "Talk": "Talk Show",
    "Thriller": "Suspense, Suspenso",
    "Travel": "Reise, Voyage, Viajes, Viaggi",
    "War": "Kriegsfilm, Krieg, Kriegs, Guerre, Guerra, Bélica, Bélico",
    "Western": "",
}

#: What joins two genres in one name.
_AND = re.compile(r"\s*[&/|,;+]\s*|\s+(?:and|und|et|y|e)\s+", re.IGNORECASE)


def canonical(genres: Iterable[str]) -> tuple[str, ...]:
    """Name genres as the one list does, each once, in their order.

    ``Sci-Fi & Fantasy`` are two: ``Science Fiction`` and ``Fantasy``. Of what isn't known only the blanks are tidied.
    """
    first: dict[str, str] = {}
    for genre in genres:
        for name in _named(" ".join(genre.split())):
            first.setdefault(_key(name), name)
    return tuple(first.values())


def _named(genre: str) -> Iterator[str]:
    """Split what is joined only where something of it is known: ``Rock & Roll`` is one name."""
    if not genre:
        return
    if (known := _KNOWN.get(_key(genre))) is not None:
        yield known
        return
    parts = [part for part in _AND.split(genre) if part]
    if any(_key(part) in _KNOWN for part in parts):
        yield from (_KNOWN.get(_key(part), part) for part in parts)
    else:
        yield genre


def _key(name: str) -> str:
    """Leave aside how a genre is written: ``Science-Fiction`` is ``sciencefiction``."""
    return normalised(name).replace(" ", "")


_KNOWN: Mapping[str, str] = {
    _key(name): genre for genre, others in _NAMES.items() for name in (genre, *others.split(", ")) if name
}
