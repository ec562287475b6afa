"""Topics on a broker through Kafka's admin client, for places without a topic operator. Grows, never shrinks."""

import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ConfigSource,
    NewPartitions,
    NewTopic,
    ResourceType,
    TopicMetadata,
)

from parking.brokers import client_settings
from parking.topics import TopicSpec
from parking_operator.world import WorldError


class TopicAdmin:
    """Makes topics what they should be. Methods raise WorldError when the broker refuses or is away."""

    def __init__(self, bootstrap_servers: str, *, timeout: float = 15) -> None:
        self._servers = bootstrap_servers
        self._timeout = timeout
        self._client = AdminClient({**client_settings(bootstrap_servers), "log_level": 0})

    def observe(self, names: Iterable[str]) -> dict[str, TopicSpec]:
        """Tell which of the topics exist, with the settings that are not the broker's defaults."""
        known = self._known()
        found = {name: known[name].partitions for name in names if name in known}
        configs = self._configs(found)
        return {
            name: TopicSpec(
                name=name,
                partitions=len(partitions),
                replicas=min((len(p.replicas) for p in partitions.values()), default=0),
                config=configs[name],
            )
            for name, partitions in found.items()
        }

    def ensure(self, wanted: TopicSpec) -> bool:
        """Make a topic, or change it into this one; tells whether there was anything to do."""
        found = self.observe([wanted.name]).get(wanted.name)
        if found is None:
            new = NewTopic(wanted.name, wanted.partitions, wanted.replicas, config=wanted.config)
            self._wait(self._client.create_topics([new]), ignore=KafkaError.TOPIC_ALREADY_EXISTS)
            self._wait_for_leaders(wanted.name)
            return True
        self._refuse_what_cannot_be(found, wanted)
        differing = {key: value for key, value in wanted.config.items() if found.config.get(key) != value}
        if wanted.partitions > found.partitions:
            self._wait(self._client.create_partitions([NewPartitions(wanted.name, wanted.partitions)]))
        if differing:
            self._set(wanted.name, differing)
        return bool(differing) or wanted.partitions > found.partitions

    def delete(self, name: str) -> None:
        """Remove a topic with all its records; no error if it is gone already."""
        self._wait(self._client.delete_topics([name]), ignore=KafkaError.UNKNOWN_TOPIC_OR_PART)

    def _refuse_what_cannot_be(self, found: TopicSpec, wanted: TopicSpec) -> None:
        if wanted.partitions < found.partitions:
            raise WorldError(
                f"topic {found.name} has {found.partitions} partitions and cannot shrink to {wanted.partitions}; "
                f"allowed: {found.partitions} or more"
            )
        if wanted.replicas > found.replicas:
            raise WorldError(
                f"topic {found.name} has {found.replicas} replicas; for {wanted.replicas} its partitions have to be "
                "reassigned with Kafka's own tools"
            )

    def _wait_for_leaders(self, name: str) -> None:
        """Wait until a new topic can be used: its makers are told it is there a moment before it is."""
        deadline = time.monotonic() + self._timeout
        while time.monotonic() < deadline:
            topic = self._known().get(name)
            if topic and topic.partitions and all(partition.leader >= 0 for partition in topic.partitions.values()):
                return
            time.sleep(0.05)
        raise WorldError(f"topic {name} is made, but has no leader after {self._timeout:.0f} s")

    def _known(self) -> dict[str, TopicMetadata]:
        try:
            topics: dict[str, TopicMetadata] = self._client.list_topics(timeout=self._timeout).topics
        except KafkaException as error:
            raise self._unreachable(error) from error
        return topics

    def _configs(self, names: Iterable[str]) -> dict[str, dict[str, str]]:
        resources = [ConfigResource(ResourceType.TOPIC, name) for name in names]
        answers = self._client.describe_configs(resources, request_timeout=self._timeout) if resources else {}
        return {resource.name: _own_settings(self._result(answer)) for resource, answer in answers.items()}

    def _set(self, name: str, config: Mapping[str, str]) -> None:
        entries = [
            ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET) for key, value in config.items()
        ]
        change = ConfigResource(ResourceType.TOPIC, name, incremental_configs=entries)
        self._wait(self._client.incremental_alter_configs([change]))

    def _wait(self, answers: Mapping[Any, Future[Any]], *, ignore: int | None = None) -> None:
        for answer in answers.values():
            self._result(answer, ignore=ignore)

    def _result(self, answer: Future[Any], *, ignore: int | None = None) -> Any:
        try:
            return answer.result(self._timeout)
        except KafkaException as error:
            if error.args[0].code() == ignore:
                return None
            if error.args[0].code() in {KafkaError._TRANSPORT, KafkaError._TIMED_OUT}:  # noqa: SLF001 - its public names
                raise self._unreachable(error) from error
            raise WorldError(error.args[0].str()) from error

    def _unreachable(self, error: KafkaException) -> WorldError:
        return WorldError(f"no broker answers at {self._servers}: {error.args[0].str()}")


def _own_settings(entries: Mapping[str, ConfigEntry]) -> dict[str, str]:
    """Keep what was set on the topic itself."""
    own = ConfigSource.DYNAMIC_TOPIC_CONFIG
    return {name: entry.value or "" for name, entry in entries.items() if ConfigSource(entry.source) is own}
