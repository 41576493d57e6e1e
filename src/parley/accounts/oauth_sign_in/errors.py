"""What a provider can do wrong."""


class ProviderFailed(Exception):
    """A provider was silent, refused, or sent what can't be accepted; the text is for the server's log."""


class ProviderSilent(ProviderFailed):
    """It did not answer in time, or could not be reached."""
