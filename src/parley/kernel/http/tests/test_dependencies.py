"""What handlers ask for by name is made without detours."""

from litestar.routes import HTTPRoute


def test_no_handler_makes_its_dependencies_in_tasks(app):
    batches = [
        batch
        for route in app.app.routes
        if isinstance(route, HTTPRoute)
        for _, model in route.route_handler_map.values()
        for batch in model.dependency_batches
    ]
    assert batches
    assert all(len(batch) == 1 for batch in batches)
