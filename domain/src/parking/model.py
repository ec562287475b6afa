"""The base of every document in the platform: frozen, camelCase outside, snake_case inside, no unknown fields."""

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from parking.errors import Problem


class Model(BaseModel):
    """A frozen document that refuses unknown fields."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True, use_attribute_docstrings=False
    )

    def document(self) -> dict[str, object]:
        """Give the plain JSON form, with wire names."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


def problems_of(error: ValidationError) -> list[Problem]:
    """Give every problem of a document that is not valid."""
    return [Problem(".".join(map(str, e["loc"])) or "(root)", e["input"], e["msg"]) for e in error.errors()]
