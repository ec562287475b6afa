"""The records as they travel: what a vehicle reports at a moment, as the contract has it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import cos, log, pi, sin, sqrt
from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5

from parking.event import CameraEvent
from parking.road import Emergency, Gps, RoadRecord, RoadTopic, Traffic, Weather
from parking.road import Vehicle as VehicleRecord
from parking.road_documents import RoadDocument
from parking_simulators.draws import draws
from parking_simulators.report import Report, event_of
from parking_simulators.road.due import Due, camera_places
from parking_simulators.road.fleet import Fleet, Road
from parking_simulators.road.incidents import Incident
from parking_simulators.road.route import Point, moved
from parking_simulators.road.vehicle import Vehicle, vehicle
from parking_simulators.times import Time

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BEST_ACCURACY, _WORST_ACCURACY = 3.0, 15.0  # metres
_SIGMA_PER_ACCURACY = 1 / sqrt(-2 * log(1 - 0.68))  # of either axis, so that 68 % are within the accuracy


class _Moment(NamedTuple):
    """Where a vehicle is when it reports, and how it moves."""

    due: Due
    vehicle: Vehicle
    distance: float
    place: Point
    speed: float
    direction: float


class Records:
    """Writes the records of one road's vehicles."""

    def __init__(self, document: RoadDocument, road: Road, fleet: Fleet) -> None:
        self._document = document
        self._road = road
        self._fleet = fleet
        self._namespace = uuid5(NAMESPACE_URL, f"parking/{document.lot}/road/{document.seed}")
        self._cameras = [_rounded(road.route.position(place)) for place in camera_places(road.route.length)]
        self.vehicle: Callable[[int], Vehicle] = lru_cache(2 * document.vehicles + 128)(
            lambda number: vehicle(document.seed, number)
        )
        """The vehicle with a number."""

    def reports(self, due: Due) -> Iterator[tuple[RoadTopic, RoadRecord]]:
        """Give the four records in which a vehicle reports itself and what is around it."""
        moment = self._moment(due)
        yield RoadTopic.VEHICLE, self._vehicle(moment)
        yield RoadTopic.GPS, self._gps(moment)
        yield RoadTopic.WEATHER, self._weather(moment)
        yield RoadTopic.EMERGENCY, self._emergency(moment)

    def traffic(self, due: Due, snapshot: str) -> Traffic:
        """Give the record of the camera that a vehicle passes, with the picture's URI."""
        return Traffic(
            id=self._id(RoadTopic.TRAFFIC, due),
            device_id=self.vehicle(due.number).device_id,
            timestamp=_written_at(due.at),
            camera_id=camera_name(due.nth),
            location=self._cameras[due.nth],
            snapshot=snapshot,
        )

    def event(self, sighting: Report) -> CameraEvent:
        """Give the event of a camera of the lot."""
        bay = self._document.bays[sighting.bay]
        return event_of(sighting, lot=self._document.lot, location=bay.bay, camera_id=bay.camera_id)

    def _moment(self, due: Due) -> _Moment:
        route = self._road.route
        distance, speed = self._fleet.journey(due.number).state(due.at)
        direction = round(route.bearing(distance), 1) % 360.0
        return _Moment(
            due, self.vehicle(due.number), distance, route.position(distance), round(3.6 * speed, 2), direction
        )

    def _vehicle(self, moment: _Moment) -> VehicleRecord:
        who = moment.vehicle
        return VehicleRecord(
            id=self._id(RoadTopic.VEHICLE, moment.due),
            device_id=who.device_id,
            timestamp=_written_at(moment.due.at),
            location=_rounded(moment.place),
            speed=moment.speed,
            direction=moment.direction,
            make=who.make,
            model=who.model,
            year=who.year,
            fuel_type=who.fuel_type,
            license_plate=who.plate,
        )

    def _gps(self, moment: _Moment) -> Gps:
        due, seed = moment.due, self._document.seed
        quality, far, around, _ = draws(seed, b"gps", due.number, due.nth)
        accuracy = round(_BEST_ACCURACY + quality * quality * (_WORST_ACCURACY - _BEST_ACCURACY), 1)
        error, angle = accuracy * _SIGMA_PER_ACCURACY * sqrt(-2 * log(1 - far)), 2 * pi * around
        latitude, longitude = _rounded(moved(moment.place, error * cos(angle), error * sin(angle)))
        return Gps(
            id=self._id(RoadTopic.GPS, due),
            device_id=moment.vehicle.device_id,
            timestamp=_written_at(due.at),
            latitude=latitude,
            longitude=longitude,
            accuracy=accuracy,
            speed=moment.speed,
            direction=moment.direction,
            vehicle_type=moment.vehicle.vehicle_type,
        )

    def _weather(self, moment: _Moment) -> Weather:
        now = self._road.sky.at(moment.place, moment.due.at)
        return Weather(
            id=self._id(RoadTopic.WEATHER, moment.due),
            device_id=moment.vehicle.device_id,
            timestamp=_written_at(moment.due.at),
            location=_rounded(moment.place),
            temperature=round(now.temperature, 1),
            weather_condition=now.condition,
            precipitation=round(now.precipitation, 1),
            wind_speed=round(now.wind_speed, 1),
            humidity=round(now.humidity, 1),
            air_quality_index=round(now.air_quality_index, 1),
        )

    def _emergency(self, moment: _Moment) -> Emergency:
        due = moment.due
        incident = self._road.incidents.seen(moment.distance, due.at)
        place = moment.place if incident is None else self._road.route.position(incident.distance)
        active = incident is not None and incident.active(due.at)
        return Emergency(
            id=self._id(RoadTopic.EMERGENCY, due),
            device_id=moment.vehicle.device_id,
            timestamp=_written_at(due.at),
            incident_id=self._incident_id(incident) if incident else None,
            type=incident.type if incident else "None",
            location=_rounded(place),
            status="Active" if active else "Resolved",
            description=incident.description if incident else "",
        )

    def _incident_id(self, incident: Incident) -> str:
        return str(uuid5(self._namespace, f"incident/{incident.segment}/{incident.slot}"))

    def _id(self, topic: RoadTopic, due: Due) -> str:
        """Name a record: the same whenever it is written. By the vehicle's number, for plates come round again."""
        return str(uuid5(self._namespace, f"{topic}/{due.number}/{due.nth}"))


def camera_name(number: int) -> str:
    """Name a camera of the road."""
    return f"road-{number + 1:03}"


def _written_at(at: Time) -> datetime:
    return _EPOCH + timedelta(microseconds=at)


def _rounded(place: Point) -> Point:
    """Leave a tenth of a metre: no receiver knows more."""
    return round(place[0], 6), round(place[1], 6)
