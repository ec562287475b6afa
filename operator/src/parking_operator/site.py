"""Facts of the place where lots run: from the operator's settings in a cluster, from the machine locally."""

from dataclasses import dataclass

from parking.lot import ParkingLot


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    """Image references of the programs."""

    jobs: str
    api: str
    simulators: str
    pull_policy: str = "IfNotPresent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Storage that is asked of a cluster."""

    size: str = "1Gi"
    storage_class: str | None = None
    """None takes the cluster's default."""
    access_mode: str = "ReadWriteMany"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What a place offers and how far it goes; a lot may wish for more than a small place has."""

    bootstrap_servers: str
    images: Images
    storage_root: str | None = None
    """URI, or path on one machine, under which every lot has a folder for its checkpoint."""
    checkpoint_claim: Claim = Claim()
    """What each lot is given for its checkpoint where there is no such root."""
    max_replication: int = 3
    max_gateway_replicas: int = 100
    gateway_port: int = 5000
    gateway_url: str | None = None
    """Where the gateway is reached, if the place knows better than the name of its Service."""
    spark_driver_role: str = "ClusterRole/parking-spark-driver"
    """Role with the rights of a Spark driver: ClusterRole/NAME, or Role/NAME in every lot's namespace."""
    ingress_class: str | None = None
    """Class of the Ingresses made for lots with a host; none takes the cluster's default."""
    http_gateway: str | None = None
    """NAMESPACE/NAME of a Gateway: then lots with a host get HTTPRoutes instead of Ingresses."""
    image_pull_secrets: tuple[str, ...] = ()
    """Secrets in the lots' namespaces with which images are pulled."""

    def bootstrap_servers_of(self, lot: ParkingLot) -> str:
        """Brokers of a lot: its own if it names any, else its Strimzi cluster's, else the site's."""
        kafka = lot.spec.kafka
        if kafka.bootstrap_servers:
            return kafka.bootstrap_servers
        if kafka.cluster:
            return f"{kafka.cluster.name}-kafka-bootstrap.{kafka.cluster.namespace}.svc:9092"
        return self.bootstrap_servers

    def gateway_url_of(self, lot: ParkingLot) -> str:
        """Address under which dashboards reach a lot's gateway."""
        gateway = lot.spec.gateway
        if self.gateway_url:
            return self.gateway_url
        if gateway.host:
            return f"{'https' if gateway.tls_secret_name else 'http'}://{gateway.host}"
        return f"http://{lot.name}-gateway.{lot.metadata.namespace}.svc:{self.gateway_port}"
