"""Events: what visitors did, as SDKs capture it, and what Parley itself captures of tickets. Owns `event`.

A request of an SDK is received (`routes/bodies.py`), decoded and parsed into a submission, whose events are checked and
cleaned (`rules/`), and stored with what they ask of persons in one transaction (`actions.py`).
"""
