"""What can be shipped."""

from enum import StrEnum


class ShipmentKind(StrEnum):
    """What the keys of a shipment are; in the order in which what was there before is noted."""

    DISTINCT_IDS = "distinct_ids"
    PERSONS = "persons"
    EVENTS = "events"
