"""docs/tour.md: every picture it shows is there, and every picture is small."""

import re

from tests.tour.__main__ import FOLDER, PAGE, page
from tests.tour.scenes import SCENES

MOST_BYTES, MOST_TOGETHER = 100_000, 3_000_000


def pictures():
    return {path.name: path.read_bytes() for path in FOLDER.iterdir()}


def test_the_tour_is_what_its_scenes_make_of_it():
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make screenshots`"


def test_the_tour_shows_every_picture_there_is_and_no_other():
    shown = re.findall(r"\]\(tour/([^)]+)\)", PAGE.read_text(encoding="utf-8"))
    assert sorted(shown) == sorted(pictures()), "run `make screenshots`"


def test_pictures_are_small_and_say_nothing_of_where_they_were_taken():
    for name, picture in pictures().items():
        assert picture[8:12] == b"WEBP", name
        assert len(picture) < MOST_BYTES, name
        assert not re.search(rb"EXIF|XMP ", picture), name
    assert sum(map(len, pictures().values())) < MOST_TOGETHER


def test_the_tour_shows_three_languages_both_themes_and_both_widths():
    takes = [take for scene in SCENES for take in scene.takes]
    assert {take.language for take in takes} == {"en", "ja", "de"}
    assert {take.theme for take in takes} == {"light", "dark"}
    assert {take.width for take in takes} == {1440, 1024}
