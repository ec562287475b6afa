"""In which version a cluster serves a kind, and what to install when it serves none."""

import threading

from parking_operator.cluster.api_server import ApiServer, UnknownKindError
from parking_operator.cluster.resources import resource_of
from parking_operator.objects import Kind
from parking_operator.render.topics import KAFKA_TOPIC
from parking_operator.world import NotInstalledError

_TOPIC_GROUP = KAFKA_TOPIC.api_version.rpartition("/")[0]
_TOPIC_VERSIONS = ("v1", "v1beta2")
"""Versions of KafkaTopic that read alike, the one we like best first; older Strimzi serves only the second."""
_BROUGHT_BY = {
    "KafkaTopic": "Strimzi",
    "SparkApplication": "the Spark operator",
    "ScheduledSparkApplication": "the Spark operator",
    "HTTPRoute": "the Gateway API",
}
OPTIONAL_GROUPS = frozenset(resource_of(kind).group for kind in _BROUGHT_BY)
"""Groups that others bring, and that may be missing or come later."""


class ServedVersions:
    """Finds the version to use for an object, and remembers it. Safe to use from several threads."""

    def __init__(self, server: ApiServer) -> None:
        self._server = server
        self._lock = threading.Lock()
        self._topic_version: str | None = None

    def of(self, kind: Kind) -> str:
        """Give the apiVersion in which to ask for a kind; raises NotInstalledError when there is none."""
        if kind != KAFKA_TOPIC:
            return kind.api_version
        with self._lock:
            if self._topic_version is None:
                served = self._server.versions(_TOPIC_GROUP)
                self._topic_version = next((version for version in _TOPIC_VERSIONS if version in served), None)
            if self._topic_version is None:
                raise self.not_installed(kind)
            return f"{_TOPIC_GROUP}/{self._topic_version}"

    def forget(self) -> None:
        """Look again next time: a definition has come, changed or gone."""
        with self._lock:
            self._topic_version = None

    def not_installed(self, kind: Kind, error: UnknownKindError | None = None) -> NotInstalledError:
        """Put into words that nobody has installed what brings a kind."""
        self._topic_version = None
        brought_by = _BROUGHT_BY.get(kind.kind)
        if brought_by is None:
            return NotInstalledError(f"the cluster does not know the kind {kind.kind}: {error}")
        return NotInstalledError(f"the cluster does not know the kind {kind.kind}; {brought_by} is not installed")
