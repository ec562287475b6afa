"""The programs of a control plane: etcd, API server, controller manager, and what they are started with."""

import secrets
from dataclasses import dataclass
from pathlib import Path

import yaml
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from parking_local.ports import HOST, free_port
from tests.support.cluster.binaries import program
from tests.support.cluster.child import Child

# Without the control plane's own requests, which no test counts.
_AUDIT_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [
        {"level": "None", "users": ["system:apiserver", "system:kube-controller-manager"]},
        {"level": "None", "nonResourceURLs": ["/readyz*", "/livez*"]},
        {"level": "Metadata"},
    ],
}
# What tests rely on; without the others it starts sooner and stays smaller.
_CONTROLLERS = (
    *("garbage-collector-controller", "deployment-controller", "replicaset-controller", "namespace-controller"),
    *("serviceaccount-controller", "disruption-controller", "job-controller", "clusterrole-aggregation-controller"),
    *("endpointslice-controller", "root-ca-certificate-publisher-controller"),
    "persistentvolumeclaim-protection-controller",
)


@dataclass(frozen=True, slots=True)
class Plan:
    """Where a control plane listens and keeps its data. Ports stay the same over restarts."""

    folder: Path
    etcd_port: int
    etcd_peer_port: int
    api_port: int
    admin_token: str
    manager_token: str

    @classmethod
    def new(cls, folder: Path) -> "Plan":
        """Choose ports and passwords."""
        return cls(folder, free_port(), free_port(), free_port(), secrets.token_hex(16), secrets.token_hex(16))

    @property
    def url(self) -> str:
        """Where the API server answers."""
        return f"https://{HOST}:{self.api_port}"

    @property
    def audit_log(self) -> Path:
        """Where the API server writes one line of JSON per request."""
        return self.folder / "audit.log"

    @property
    def authority(self) -> Path:
        """The certificate that the API server made for itself."""
        return self.folder / "pki" / "apiserver.crt"


def write_files(plan: Plan) -> None:
    """Write keys, tokens and the audit policy."""
    (plan.folder / "pki").mkdir(parents=True)
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (plan.folder / "pki" / "accounts.key").write_bytes(private)
    (plan.folder / "pki" / "accounts.pub").write_bytes(public)
    (plan.folder / "tokens.csv").write_text(
        f'{plan.admin_token},admin,admin,"system:masters"\n'
        f'{plan.manager_token},system:kube-controller-manager,manager,"system:masters"\n'
    )
    (plan.folder / "audit-policy.yaml").write_text(yaml.safe_dump(_AUDIT_POLICY))


def etcd(plan: Plan) -> Child:
    """Keeps everything in the plan's folder; a power cut may lose it, which tests can bear."""
    clients, peers = f"http://{HOST}:{plan.etcd_port}", f"http://{HOST}:{plan.etcd_peer_port}"
    argv = [
        *(str(program("etcd")), "--unsafe-no-fsync", f"--data-dir={plan.folder / 'etcd'}", "--log-level=warn"),
        *(f"--listen-client-urls={clients}", f"--advertise-client-urls={clients}"),
        *(
            f"--listen-peer-urls={peers}",
            f"--initial-advertise-peer-urls={peers}",
            f"--initial-cluster=default={peers}",
        ),
    ]
    return Child(argv, plan.folder / "etcd.log")


def api_server(plan: Plan) -> Child:
    """Knows users by tokens and rights by RBAC, and writes down every request."""
    folder, pki = plan.folder, plan.folder / "pki"
    argv = [
        *(str(program("kube-apiserver")), f"--etcd-servers=http://{HOST}:{plan.etcd_port}"),
        *(f"--bind-address={HOST}", f"--advertise-address={HOST}", f"--secure-port={plan.api_port}"),
        *("--service-cluster-ip-range=10.0.0.0/16", "--endpoint-reconciler-type=none", f"--cert-dir={pki}"),
        *("--authorization-mode=RBAC", f"--token-auth-file={folder / 'tokens.csv'}", "--allow-privileged"),
        *("--service-account-issuer=https://kubernetes.default.svc", "--shutdown-delay-duration=0s"),
        *(
            f"--service-account-key-file={pki / 'accounts.pub'}",
            f"--service-account-signing-key-file={pki / 'accounts.key'}",
        ),
        "--audit-log-maxsize=10000",
        *(f"--audit-policy-file={folder / 'audit-policy.yaml'}", f"--audit-log-path={plan.audit_log}"),
    ]
    return Child(argv, folder / "kube-apiserver.log")


def controller_manager(plan: Plan, kubeconfig: Path) -> Child:
    """Runs the controllers that tests rely on."""
    argv = [
        *(str(program("kube-controller-manager")), f"--kubeconfig={kubeconfig}", "--leader-elect=false"),
        *(f"--controllers={','.join(_CONTROLLERS)}", f"--root-ca-file={plan.authority}"),
        *(f"--bind-address={HOST}", f"--secure-port={free_port()}", "--kube-api-qps=200", "--kube-api-burst=400"),
    ]
    return Child(argv, plan.folder / "kube-controller-manager.log")
