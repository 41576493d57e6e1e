"""Tools for persons. Their properties, names and ids are what sites and visitors say: all of it is marked."""

from parley.mcp.rules.tools.tool import PROJECT, Tool

PERSONS = f"{PROJECT}/persons"

TOOLS = (
    Tool(
        name="persons-list",
        title="List persons",
        about="List the persons of the project, or find them by distinct id, address or text.",
        method="GET",
        path=PERSONS,
        inputs=("distinct_id", "email", "search", "properties", "limit", "offset"),
        link="/persons/{id}",
    ),
    Tool(
        name="persons-retrieve",
        title="Show a person",
        about="Show a person with their properties; `id` is the person's uuid.",
        method="GET",
        path=f"{PERSONS}/{{person_id}}",
        names={"person_id": "id"},
        link="/persons/{id}",
    ),
)
