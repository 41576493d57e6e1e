"""The form in which an agent writes."""

from parley.conversations.files.forms import FormWithFiles


class ReplyForm(FormWithFiles, kw_only=True):
    """A reply or a private note; `then` may name a status for afterwards, `key` is that of the form."""

    content: str = ""
    kind: str = "reply"
    then: str = ""
    key: str = ""
