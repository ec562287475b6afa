import sys
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from parking.errors import ParkingError
from parking.road_spec import Snapshots
from parking_simulators.road.snapshots import Photographer
from parking_simulators.road.vehicle import vehicle
from parking_simulators.times import SECOND
from tests.support.cameras import START

CAR = replace(vehicle(42, 7), colour="firebrick")


def picture(width: int = 240, image_format: str = "jpeg", camera: str = "road-001", **car: Any) -> bytes:
    settings = Snapshots.model_validate({"width": width, "imageFormat": image_format})
    return Photographer(settings).picture(replace(CAR, **car), camera, START)


@pytest.mark.parametrize("image_format", ["jpeg", "png"])
@pytest.mark.parametrize("width", [64, 241, 1_920])
def test_a_picture_has_the_size_and_format_asked_for(width: int, image_format: str) -> None:
    image = Image.open(BytesIO(picture(width, image_format)))
    image.load()
    assert (image.size, image.format) == ((width, width * 2 // 3), image_format.upper())
    assert len(set(image.get_flattened_data())) > 5


def test_the_same_vehicle_at_the_same_time_gives_the_same_bytes() -> None:
    assert picture() == picture()
    changed = {picture(plate="51A-123.45"), picture(colour="navy"), picture(camera="road-002"), picture()}
    assert len(changed) == 4


def test_it_shows_the_body_in_its_colour_and_a_plate() -> None:
    image = Image.open(BytesIO(picture(600, "png")))
    body, plate = image.getpixel((300, 220)), image.crop((205, 255, 395, 300))
    assert body == (178, 34, 34)
    dark = sum(sum(pixel) < 200 for pixel in plate.get_flattened_data())
    bright = sum(sum(pixel) > 700 for pixel in plate.get_flattened_data())
    assert 0.05 < dark / (dark + bright) < 0.5


def test_it_tells_the_time() -> None:
    photographer = Photographer(Snapshots())
    assert photographer.picture(CAR, "road-001", START) == photographer.picture(CAR, "road-001", START + SECOND - 1)
    assert photographer.picture(CAR, "road-001", START) != photographer.picture(CAR, "road-001", START + SECOND)


def test_without_pillow_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ParkingError, match=r"install parking-simulators\[road\]"):
        Photographer(Snapshots())
