from parley.integrations.twilio.tests.fixtures import (
    account,
    api_of_twilio,
    line,
    phone,
    queue,
    services,
    twilio,
)

__all__ = ["account", "api_of_twilio", "line", "phone", "queue", "services", "twilio"]
