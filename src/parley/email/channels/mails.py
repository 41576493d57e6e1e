"""Mails to the admins about the domains of their channels."""

from urllib.parse import urlsplit

from parley.kernel.network.mail import Mail, one_line

PAGE = "/settings/email"


def domain_mail(to: str, domain: str, warning: str, project: str, site_url: str, id: str) -> Mail:
    """Return the mail that says that a domain's records are gone (`failing`), or that nothing is sent from it any more."""
    host, place = urlsplit(site_url).hostname or "localhost", f"{site_url}{PAGE}"
    if warning == "withdrawn":
        subject = f"Mail from {domain} is not sent any more"
        text = (
            f"The DNS records of {domain} have not been found for three days. The project {one_line(project)} doesn't send "
            "mail from this domain any more, until they are there again.\n\n"
            f"See what is missing, put it back and check again: {place}\n"
        )
    else:
        subject = f"The DNS records of {domain} are gone"
        text = (
            f"The project {one_line(project)} sends mail from {domain}. The records in the DNS that allow this are not "
            "found any more. Mail still goes out; in three days it stops.\n\n"
            f"See what is missing and put it back: {place}\n"
        )
    return Mail(to=to, subject=subject, text=text, message_id=f"domain.{id}@{host}")
