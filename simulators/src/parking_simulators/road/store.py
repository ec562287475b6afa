"""Object storage for pictures that are too large for a record: the record then only says where the picture is."""

from datetime import timedelta
from hashlib import sha256
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from parking.errors import ParkingError
from parking.road_documents import RoadDocument
from parking_simulators.times import SECOND, Time, timestamp

if TYPE_CHECKING:
    from obstore.store import ObjectStore, RetryConfig

_RETRIES = 5
_GIVE_UP_AFTER = timedelta(seconds=10)
_PATIENCE = {"connect_timeout": timedelta(seconds=3), "timeout": timedelta(seconds=10)}
_TYPES = {"jpeg": ("jpg", "image/jpeg"), "png": ("png", "image/png")}


class NotStoredError(Exception):
    """The store refused a picture, or is away."""


class SnapshotStore:
    """A folder of pictures: s3://bucket/folder, file:///folder, or another that obstore knows.

    Keys come from the environment (AWS_ACCESS_KEY_ID … or AWS_WEB_IDENTITY_TOKEN_FILE …), never from the document.
    Its methods may be called by several threads.
    """

    def __init__(self, folder: str, document: RoadDocument) -> None:
        self._folder = folder.rstrip("/")
        self._ending, self._type = _TYPES[document.snapshots.image_format]
        self._store = _opened(self._folder, document)

    def put(self, picture: bytes, at: Time) -> str:
        """Store a picture under its day and its hash, and give its URI; raises NotStoredError."""
        import obstore
        from obstore.exceptions import BaseError

        key = f"{timestamp(at // SECOND)[:10]}/{sha256(picture).hexdigest()}.{self._ending}"
        attributes = None if self._folder.startswith("file:") else {"Content-Type": self._type}
        try:
            obstore.put(self._store, key, picture, attributes=attributes)
        except (BaseError, OSError) as error:
            raise NotStoredError(f"{self._folder}: {_reason(error, key)}") from error
        return f"{self._folder}/{key}"


def _opened(folder: str, document: RoadDocument) -> "ObjectStore":
    try:
        from obstore.exceptions import BaseError
        from obstore.store import LocalStore, S3Store, from_url
    except ImportError as error:
        raise ParkingError("storing snapshots needs obstore: install parking-simulators[road]") from error
    try:
        if folder.startswith("file:"):
            return LocalStore.from_url(folder, mkdir=True)
        retry: RetryConfig = {"max_retries": _RETRIES, "retry_timeout": _GIVE_UP_AFTER}
        if folder.startswith(("s3:", "s3a:")):
            return S3Store.from_url(folder, retry_config=retry, **_s3_options(folder, document))
        other: ObjectStore = from_url(folder, config=None, retry_config=retry)
    except (BaseError, OSError, ValueError) as error:
        raise ParkingError(f"snapshots.store: {folder} cannot be used: {error}") from error
    return other


def _reason(error: Exception, key: str) -> str:
    """Say what went wrong without what differs from picture to picture, so that losses can be counted by it."""
    first, *_ = str(error).splitlines() or [type(error).__name__]
    return first.rpartition(" - ")[2].replace(key, "…").rstrip(": ")


def _s3_options(folder: str, document: RoadDocument) -> dict[str, Any]:
    """Say how S3 is reached; what the document leaves out comes from the environment, or is that of AWS."""
    endpoint = document.s3_endpoint
    by_path = document.s3_path_style or (endpoint is not None and _is_address(urlsplit(endpoint).hostname or ""))
    options: dict[str, Any] = {"virtual_hosted_style_request": not by_path, "client_options": _PATIENCE}
    if document.s3_region is not None:
        options["region"] = document.s3_region
    if endpoint is not None:
        options["client_options"] = _PATIENCE | {"allow_http": endpoint.startswith("http:")}
        options["endpoint"] = endpoint if by_path else _of_bucket(endpoint, urlsplit(folder).netloc)
    return options


def _is_address(host: str) -> bool:
    """Whether a host is an IP address, which cannot have a bucket's name before it."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _of_bucket(endpoint: str, bucket: str) -> str:
    """Give a bucket's own endpoint: the library wants its name in the host."""
    parts = urlsplit(endpoint)
    return parts._replace(netloc=f"{bucket}.{parts.netloc}").geturl()
