"""Reads cases of crossface: who appears in footage, where and when. Changes nothing in a case.

    import crossface
    case = crossface.open("CASE")
    case.people()                # a data frame of persons
    case.search("photo.jpg")     # who is the person of a photo?

Columns are called as in the CSV files of the case folder. Times are milliseconds, boxes pixels of the upright frame. What is not known,
and whoever is nobody, is missing (None or NaN); `person_id` is 0 for nobody. Every call reads the case as it is at that moment, also
while crossface writes to it. Failures raise `crossface.Error`.
"""

import importlib.metadata
import os
from collections.abc import Sequence

import pandas

from . import _core
from ._error import Error

__all__ = ["Case", "Error", "open", "set_threads"]
__version__ = importlib.metadata.version("crossface")

Path = str | os.PathLike[str]


class Case:
    """A case folder. Holds nothing open; may be used from several threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = os.fspath(folder)

    @property
    def folder(self) -> str:
        """Where it is: pictures are named relative to it."""
        return self._folder

    def __repr__(self) -> str:
        return f"crossface.open({self._folder!r})"

    def people(self) -> pandas.DataFrame:
        """The persons, those seen longest first.

        Columns: person, person_id, ignored, tracks, faces, sources, screen_ms, confirmed_tracks, cohesion (how well the person hangs
        together, 0 to 1).
        """
        return pandas.DataFrame(_core.people(self._folder))

    def appearances(self) -> pandas.DataFrame:
        """Who is on, where and when: a row per track, by source and number, nobody's tracks included.

        Columns: person, person_id, ignored, reason (why it is nobody's), source, track, start_ms, end_ms, faces, confidence,
        portrait, start_time, end_time, time_from (by the clock of the source, where it has one), source_sha256.
        """
        return pandas.DataFrame(_core.appearances(self._folder))

    def faces(self) -> pandas.DataFrame:
        """Every face, in the order of the tracks.

        Columns: person, person_id, ignored, reason, source, track, face, time_ms, frame, x, y, w, h, score, quality, detectors, image.
        """
        return pandas.DataFrame(_core.faces(self._folder))

    def sources(self) -> pandas.DataFrame:
        """The videos and pictures, by name.

        Columns: source, sha256, bytes, duration_ms, width, height, rotation, fps, codec, created, created_from, latitude, longitude,
        device, decoded, dark, still, kept (frames), faces, tracks, status, message.
        """
        return pandas.DataFrame(_core.sources(self._folder))

    def search(
        self,
        photos: Path | Sequence[Path],
        *,
        face: int = 0,
        limit: int = 10,
        same_person: bool = False,
        exact: bool = False,
        models: Path | None = None,
        device: str = "auto",
    ) -> pandas.DataFrame:
        """Ranks the tracks of the case by how surely they show the person of a photo; a ranking for each face of each photo.

        face         of each photo, 1 being the largest; 0: all
        limit        hits for each face
        same_person  the photos show one person
        exact        compare with every track, in a large case too
        models       the folder where the networks are, if not the usual one
        device       "auto", "cpu", "cuda"

        Columns: query ("face 1 of photo.jpg"), rank, likely, person, person_id, ignored, probability, log10_likelihood_ratio,
        expected_strangers, source, track, start_ms, end_ms, time_ms and picture of its best face. A score is a similarity, never a
        proof of identity: docs/search.md says what the numbers mean.
        """
        if isinstance(photos, (str, os.PathLike)):
            photos = [photos]
        paths = [os.fspath(photo) for photo in photos]
        found = _core.search(self._folder, paths, face, limit, same_person, exact, "" if models is None else os.fspath(models), device)
        return pandas.DataFrame(found)


def open(folder: Path) -> Case:  # noqa: A001: as one says it
    """Opens a case to read it. Raises `Error` for a folder that is none."""
    case = Case(folder)
    _core.sources(case.folder)
    return case


def set_threads(threads: int) -> None:
    """How many threads all calls compute with together; as many as there are processors unless it is said."""
    if threads < 1:
        raise ValueError("at least one thread is needed")
    _core.set_threads(threads)
