"""Who drives what: a pure function of seed and the vehicle's number."""

from dataclasses import dataclass
from typing import NamedTuple

from parking_simulators.draws import draws
from parking_simulators.plates import plate

SLOWEST_PACE, FASTEST_PACE = 0.8, 1.1


class _Model(NamedTuple):
    make: str
    model: str
    first_year: int
    last_year: int
    fuels: tuple[str, ...]
    used_as: tuple[str, ...]


_MODELS = (
    _Model("Toyota", "Vios", 2014, 2025, ("Petrol",), ("private", "taxi")),
    _Model("Toyota", "Innova", 2016, 2025, ("Petrol", "Hybrid"), ("private", "taxi")),
    _Model("Toyota", "Corolla Cross", 2020, 2025, ("Petrol", "Hybrid"), ("private",)),
    _Model("Honda", "City", 2014, 2025, ("Petrol",), ("private",)),
    _Model("Hyundai", "Accent", 2015, 2025, ("Petrol",), ("private", "taxi")),
    _Model("Hyundai", "Porter H150", 2018, 2025, ("Diesel",), ("delivery",)),
    _Model("Kia", "Morning", 2012, 2024, ("Petrol",), ("private",)),
    _Model("Mazda", "CX-5", 2015, 2025, ("Petrol",), ("private",)),
    _Model("Ford", "Ranger", 2015, 2025, ("Diesel",), ("private", "delivery")),
    _Model("Ford", "Transit", 2013, 2025, ("Diesel",), ("delivery",)),
    _Model("VinFast", "VF e34", 2021, 2024, ("Electric",), ("private", "taxi")),
    _Model("VinFast", "VF 8", 2022, 2025, ("Electric",), ("private",)),
)
COLOURS = ("white", "black", "silver", "gray", "firebrick", "navy", "darkgreen", "peru")


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle on one journey, and how it is driven."""

    number: int
    plate: str
    make: str
    model: str
    year: int
    fuel_type: str
    vehicle_type: str
    colour: str
    pace: float
    """Part of the speed limit that its driver likes."""

    @property
    def device_id(self) -> str:
        """Identity of the device that reports."""
        return "veh-" + "".join(sign for sign in self.plate if sign.isalnum())


def pace(seed: int, number: int) -> float:
    """Give the part of the speed limit that a vehicle's driver likes."""
    return SLOWEST_PACE + draws(seed, b"pace", number)[0] * (FASTEST_PACE - SLOWEST_PACE)


def vehicle(seed: int, number: int) -> Vehicle:
    """Give the vehicle with this number; its plate comes from a series of the road's own, not from the lot's."""
    which, age, fuel, use = draws(seed, b"vehicle", number)
    colour, *_ = draws(seed, b"colour", number)
    series, *_ = draws(seed, b"road plates")
    kind = _MODELS[int(which * len(_MODELS))]
    return Vehicle(
        number,
        plate(int(series * 2**53), number),
        kind.make,
        kind.model,
        kind.first_year + int(age * (kind.last_year - kind.first_year + 1)),
        kind.fuels[int(fuel * len(kind.fuels))],
        kind.used_as[int(use * len(kind.used_as))],
        COLOURS[int(colour * len(COLOURS))],
        pace(seed, number),
    )
