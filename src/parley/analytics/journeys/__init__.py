"""Customer journeys: funnels on which a team watches how far its customers get. Owns `customer_journey`."""

JOURNEYS = "/api/projects/{project_id:str}/customer_journeys"
JOURNEY = JOURNEYS + "/{journey_id:str}"
PEOPLE = JOURNEY + "/people"
