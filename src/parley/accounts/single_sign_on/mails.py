"""The mail about an account that has lost its address."""

from uuid import UUID

from parley.kernel.network.mail import Mail, mail_with_link


def released_address(site_url: str, to: str, work_id: UUID) -> Mail:
    """Tell whoever has the address that an earlier account had it, and how its holder gets into that."""
    return mail_with_link(
        to,
        "Your address has a new account on Parley",
        [
            "Your organization has proved that your address is one of its own, so it has a new account on Parley. There was "
            "another account with this address, which nobody had ever verified and which owns an organization of its own. "
            "It has lost the address; its organization and its data stay as they are, and your organization can't see them. "
            "If you have made that account, sign in to it here with this address and its password, and give it another one:",
            "If you have not, there is nothing to do: whoever has made it can't use your address any more.",
        ],
        f"{site_url}/login/former-address",
        work_id,
    )
