"""Types of the manifest's fields that several of its parts share."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from parking.model import Model

NAME_PATTERN = r"^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$"
URI_PATTERN = r"^[a-z][a-z0-9+.-]*://\S+$"
Name = Annotated[str, Field(pattern=NAME_PATTERN, description="DNS label, up to 40 characters")]
Namespace = Annotated[
    str, Field(pattern=r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$", description="DNS label, up to 63 characters")
]
Uri = Annotated[str, Field(pattern=URI_PATTERN)]
HttpUrl = Annotated[str, Field(pattern=r"^https?://\S+$", max_length=2_000)]
ClaimName = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$")]
TopicName = Annotated[str, Field(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9._-]{0,248}$")]
Seed = Annotated[int, Field(ge=0, le=2**53)]


def duration(text: str, description: str | None = None) -> Any:
    """Give a field with this default: as text, so that generated schemas show it as people write it."""
    return Field(default=text, validate_default=True, description=description)


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


AsTuple = BeforeValidator(_tuple)
"""Takes a list, as YAML and JSON have it, where strict validation wants a tuple."""


class Resources(Model):
    """Size of one Spark process."""

    cores: Annotated[int, Field(ge=1, le=64, description="Cores of the process")] = 1
    memory: Annotated[str, Field(pattern=r"^[1-9][0-9]*[mg]$", description="JVM heap, Spark notation")] = "1g"
    core_request: Annotated[
        str | None,
        Field(
            pattern=r"^([1-9][0-9]{0,4}m|[1-9][0-9]?(\.[0-9])?)$",
            description="CPU kept free for the process, such as 250m; unset: its cores. It may use more",
        ),
    ] = None


class Executors(Resources):
    """Size and number of the Spark executors."""

    instances: Annotated[int, Field(ge=1, le=1_000, description="Number of executors")] = 1
