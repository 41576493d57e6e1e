"""What goes on in the background, for the owners of an organization: how much waits, what fails, and "try again".

An owner sees the work of the organization's own projects. Work of the whole installation (mails of accounts, jobs by the
clock) is shown where the organization is the only one; otherwise `parley doctor` shows it to whoever runs the server.
"""

API_TAG = "background"  # in the OpenAPI document
