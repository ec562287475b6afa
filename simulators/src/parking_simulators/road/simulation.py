"""A whole simulated road, put together from its document."""

from parking.road import RoadTopic
from parking.road_documents import RoadDocument
from parking_simulators.road.arriving import Arriving
from parking_simulators.road.due import Due, Schedule
from parking_simulators.road.fleet import Fleet, Road
from parking_simulators.road.incidents import Incidents
from parking_simulators.road.records import Records, camera_name
from parking_simulators.road.route import Route
from parking_simulators.road.snapshots import Photographer
from parking_simulators.road.weather import Sky


class Simulation:
    """The road of one document. It keeps nothing but caches: any two with the same document send the same."""

    def __init__(self, document: RoadDocument) -> None:
        route = Route([(point.lat, point.lon) for point in document.route])
        self.road = Road(route, Sky(document.seed), Incidents(document.seed, route.length))
        self.fleet = Fleet(document.seed, self.road, document.vehicles)
        self.arriving = Arriving(document, self.fleet)
        self.schedule = Schedule(document, route.length, self.fleet, self.arriving)
        self.records = Records(document, self.road, self.fleet)
        self._raw_topic = document.raw_topic
        self._topics = document.topics.names()
        self._photographer = Photographer(document.snapshots)

    def reports(self, due: Due) -> list[tuple[str, str, str]]:
        """Give topic, key and value of what a vehicle reports of itself."""
        return [
            (self._topics[topic], record.device_id, record.model_dump_json())
            for topic, record in self.records.reports(due)
        ]

    def traffic(self, due: Due, snapshot: str) -> tuple[str, str, str]:
        """Give topic, key and value of what the camera sends that a vehicle passes."""
        record = self.records.traffic(due, snapshot)
        return self._topics[RoadTopic.TRAFFIC], record.device_id, record.model_dump_json()

    def sighting(self, due: Due) -> tuple[str, str, str]:
        """Give topic, key and value of what a camera of the lot sends."""
        assert due.sighting is not None
        return self._raw_topic, due.sighting.plate, self.records.event(due.sighting).model_dump_json()

    def picture(self, due: Due) -> bytes:
        """Take the picture of a vehicle that passes a camera."""
        return self._photographer.picture(self.records.vehicle(due.number), camera_name(due.nth), due.at)
