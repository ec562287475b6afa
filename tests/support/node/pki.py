"""One certificate authority, and a kubeconfig with a client certificate for each part of the cluster."""

import base64
import datetime as dt
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.support.node.place import ADDRESS, API_PORT, API_SERVICE, NODE, Place

_DAYS = dt.timedelta(days=365)
_USERS = {
    "admin": ("admin", "system:masters"),
    "manager": ("system:kube-controller-manager", None),
    "scheduler": ("system:kube-scheduler", None),
    "proxy": ("system:kube-proxy", None),
    "dns": ("system:coredns", None),
    "kubelet": (f"system:node:{NODE}", "system:nodes"),
}
_SERVICE = "kubernetes.default.svc.cluster.local"
_API_NAMES = [*(".".join(_SERVICE.split(".")[:parts]) for parts in (1, 2, 3, 5)), "localhost"]


@dataclass(frozen=True, slots=True)
class Authority:
    """Who vouches for every part of the cluster."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def new(cls) -> "Authority":
        """Make one that nobody but this cluster trusts."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name("parking-test-cluster", None)
        builder = _builder(name, name, key).add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        return cls(key, builder.sign(key, hashes.SHA256()))

    @property
    def pem(self) -> bytes:
        """Its certificate."""
        return self.certificate.public_bytes(Encoding.PEM)

    def issue(self, user: str, group: str | None = None, hosts: Sequence[str] = ()) -> tuple[bytes, bytes]:
        """Give certificate and key (PEM) of a user in a group, who may serve under ``hosts``."""
        key = ec.generate_private_key(ec.SECP256R1())
        uses = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH])
        builder = _builder(_name(user, group), self.certificate.subject, key).add_extension(uses, False)
        if hosts:
            builder = builder.add_extension(x509.SubjectAlternativeName([_host(name) for name in hosts]), False)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM), _private(key)


def write(place: Place) -> None:
    """Write all keys, certificates and kubeconfigs of a new cluster."""
    authority, folder = Authority.new(), place.state / "pki"
    (folder / "ca.crt").write_bytes(authority.pem)
    _write(folder / "ca.key", _private(authority.key))
    _write_pair(folder / "apiserver", *authority.issue("kube-apiserver", None, [*_API_NAMES, ADDRESS, API_SERVICE]))
    # The API server is a client of the kubelet's: for logs, exec and port-forward.
    _write_pair(folder / "kubelet-client", *authority.issue("kube-apiserver-kubelet", "system:masters"))
    _write_pair(folder / "kubelet", *authority.issue(f"system:node:{NODE}", "system:nodes", [NODE, ADDRESS]))
    accounts = ec.generate_private_key(ec.SECP256R1())
    _write(folder / "accounts.key", _private(accounts))
    public = accounts.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / "accounts.pub").write_bytes(public)
    for name, (user, group) in _USERS.items():
        path = place.kubeconfig if name == "admin" else place.state / f"{name}.conf"
        _write(path, _kubeconfig(authority, *authority.issue(user, group)))


def _kubeconfig(authority: Authority, certificate: bytes, key: bytes) -> bytes:
    server = {"server": f"https://{ADDRESS}:{API_PORT}", "certificate-authority-data": _base64(authority.pem)}
    user = {"client-certificate-data": _base64(certificate), "client-key-data": _base64(key)}
    name = "parking-node"
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "clusters": [{"name": name, "cluster": server}],
        "users": [{"name": name, "user": user}],
    }
    return yaml.safe_dump(document).encode()


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + _DAYS)
    )


def _name(user: str, group: str | None) -> x509.Name:
    groups = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group)] if group else []
    return x509.Name([*groups, x509.NameAttribute(NameOID.COMMON_NAME, user)])


def _host(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write_pair(path: Path, certificate: bytes, key: bytes) -> None:
    path.with_suffix(".crt").write_bytes(certificate)
    _write(path.with_suffix(".key"), key)


def _write(path: Path, secret: bytes) -> None:
    path.touch(0o600)
    path.write_bytes(secret)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
