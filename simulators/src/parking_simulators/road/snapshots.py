"""Pictures of vehicles that pass a camera: drawn, small, and the same bytes for the same vehicle, camera and time."""

from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Literal

from parking.errors import ParkingError
from parking.road_spec import Snapshots
from parking_simulators.road.vehicle import Vehicle
from parking_simulators.times import SECOND, Time, timestamp

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

_QUALITY = 80
_COMPRESSION = 3
Format = Literal["jpeg", "png"]


class Photographer:
    """Takes pictures of one size and format. Raises ParkingError where Pillow is missing."""

    def __init__(self, settings: Snapshots) -> None:
        try:
            import PIL
        except ImportError as error:
            raise ParkingError("drawing snapshots needs Pillow: install parking-simulators[road]") from error
        assert PIL.__version__
        self._format: Format = settings.image_format
        self._width, self._height = settings.width, settings.width * 2 // 3

    def picture(self, vehicle: Vehicle, camera: str, at: Time) -> bytes:
        """Take a picture of a vehicle."""
        from PIL import ImageDraw

        image = _scene(self._width, self._height, camera).copy()
        draw = ImageDraw.Draw(image)
        _draw_vehicle(draw, self._width, self._height, vehicle)
        size = max(8, self._height // 13)
        draw.text((self._width * 0.98, size * 0.3), timestamp(at // SECOND), "white", _font(size), anchor="ra")
        return _encoded(image, self._format)


def _encoded(image: "Image", image_format: Format) -> bytes:
    file = BytesIO()
    if image_format == "jpeg":
        image.save(file, "JPEG", quality=_QUALITY)
    else:
        image.save(file, "PNG", compress_level=_COMPRESSION)
    return file.getvalue()


@lru_cache(maxsize=8)
def _font(size: int) -> "FreeTypeFont | ImageFont":
    from PIL import ImageFont

    return ImageFont.load_default(size)


@lru_cache(maxsize=256)
def _scene(width: int, height: int, camera: str) -> "Image":
    """Draw what a camera always sees: sky, kerb, road and its own name."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (width, height), "lightsteelblue")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, height * 0.45, width, height), "dimgray")
    draw.rectangle((0, height * 0.45, width, height * 0.5), "darkkhaki")
    for stripe in range(6):
        left = width * (stripe + 0.2) / 6
        draw.rectangle((left, height * 0.93, left + width * 0.1, height * 0.96), "whitesmoke")
    size = max(8, height // 13)
    draw.rectangle((0, 0, width, size * 1.8), "black")
    draw.text((width * 0.02, size * 0.3), camera, "white", _font(size))
    return image


def _draw_vehicle(draw: "ImageDraw", width: int, height: int, vehicle: Vehicle) -> None:
    """Draw a vehicle from behind: wheels, cabin, body, lights and the plate."""
    left, right, middle = width * 0.24, width * 0.76, width * 0.5
    top, shoulder, bottom = height * 0.22, height * 0.46, height * 0.82
    for side in (left + width * 0.03, right - width * 0.11):
        draw.rectangle((side, height * 0.78, side + width * 0.08, height * 0.9), "black")
    roof = [(left + width * 0.08, top), (right - width * 0.08, top), (right, shoulder), (left, shoulder)]
    draw.polygon(roof, vehicle.colour, "black")
    pane = [(left + width * 0.1, top + height * 0.03), (right - width * 0.1, top + height * 0.03)]
    draw.polygon([*pane, (right - width * 0.04, shoulder), (left + width * 0.04, shoulder)], "slategray")
    draw.rectangle((left, shoulder, right, bottom), vehicle.colour, "black")
    for side in (left + width * 0.01, right - width * 0.07):
        draw.rectangle((side, height * 0.5, side + width * 0.06, height * 0.58), "red")
    draw.rectangle((middle - width * 0.17, height * 0.62, middle + width * 0.17, height * 0.76), "white", "black")
    place, size = (middle, height * 0.69), max(8, round(width * 0.055))
    draw.text(place, vehicle.plate, "black", _font(size), anchor="mm")
