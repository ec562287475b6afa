"""What the lake reads: for each table its topic, how its records are decoded, and which topic that is right now."""

from dataclasses import dataclass

from confluent_kafka import KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient

from parking.brokers import client_settings
from parking.errors import ParkingError
from parking.road_documents import LakeDocument
from parking_jobs.lake.decode import Decoder, road_decoder, sessions_decoder

_TIMEOUT = 15


@dataclass(frozen=True, slots=True)
class Source:
    """A topic and the decoder of its records."""

    topic: str
    decoder: Decoder

    @property
    def table(self) -> str:
        """Name of the table that it fills."""
        return self.decoder.table.name


def sources(document: LakeDocument) -> tuple[Source, ...]:
    """Give every topic that the lake reads."""
    road = (Source(name, road_decoder(kind)) for kind, name in document.topics.names().items())
    return (*road, Source(document.processed_topic, sessions_decoder()))


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it is: made anew under the same name it has another id."""

    id: str
    partitions: int


def describe(bootstrap_servers: str, names: list[str]) -> dict[str, Topic]:
    """Ask the brokers for topics; raises ParkingError when one is not there or nobody answers."""
    client = AdminClient({**client_settings(bootstrap_servers), "log_level": 0})
    answers = client.describe_topics(TopicCollection(names), request_timeout=_TIMEOUT)
    found = {}
    for name, answer in answers.items():
        try:
            told = answer.result(_TIMEOUT)
        except KafkaException as error:
            raise ParkingError(f"topic {name}: {error.args[0].str()}") from error
        found[name] = Topic(str(told.topic_id), len(told.partitions))
    return found
