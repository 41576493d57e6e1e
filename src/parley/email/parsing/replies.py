"""What is new in an answer, apart from what it quotes and from signatures.

Every line of a body goes to one of three texts, so nothing is lost. Lines are looked at one by one and only their
beginning, so the time is linear; libraries for this take minutes for some texts of strangers (docs/decisions).
"""

import re
from dataclasses import dataclass

from parley.email.parsing.signatures import signature_start

MAX_LOOKED_AT = 400
MAX_ATTRIBUTION_LINES = 4
MAX_LINES = 5000
"""The lines after them are of the kind of the last of them."""

TEXT, QUOTE, SIGNATURE = "text", "quote", "signature"

QUOTED = re.compile(r" {0,3}>")
# The first words and the last ones of "On Monday, Ada wrote:".
OPENER = re.compile(
    r"[\s*_]*(?:(?:on|am|le|el|il|op|em|den|dne|dnia|w dniu|på|pe|in|a|vào|pada|mon|tue|wed|thu|fri|sat|sun|"
    r"пн|вт|ср|чт|пт|сб|вс|в|от|于|在)\b|[0-9]{1,4}[-./年 ]|.{1,80}@)",
    re.IGNORECASE,
)
VERB = re.compile(
    r"\b(?:wrote|writes|said|schrieb|geschrieben|écrit|escribió|escribio|scritto|schreef|geschreven|escreveu|skrev|skrifaði|"
    r"kirjoitti|napisał|napisała|napisał\(a\)|pisze|napsal|napsala|napísal|írta|scris|пишет|писал|писала|написал|написала|написав|"
    r"yazdı|έγραψε|menulis|viết|wrote on)\b|写道|寫道|書きました|のメール|작성|님이|כתב|كتب",
    re.IGNORECASE,
)
DATED = re.compile(r"[0-9]{4}|[0-9]{1,2}[:.hH][0-9]{2}|[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2}|@")
ADDRESS_LAST = re.compile(r"<[^<>\s]{1,200}@[^<>\s]{1,200}>\s*[:：]$")
COLON = re.compile(r"[:：]\s*\*?$")
ORIGINAL = re.compile(
    r"[\s>]*[-_=*]{2,}\s*(?:original (?:message|appointment)|ursprüngliche (?:nachricht|mail)|original-nachricht|"
    r"message d'origine|message original|mensaje original|messaggio originale|oorspronkelijk bericht|mensagem original|"
    r"ursprungligt meddelande|oprindelig meddelelse|opprinnelig melding|alkuperäinen viesti|wiadomość oryginalna|"
    r"původní zpráva|исходное сообщение|eredeti üzenet|mesaj original|原始邮件|原始郵件|元のメッセージ|원본 메시지)"
    r"\s*[-_=*]{0,60}\s*$",
    re.IGNORECASE,
)
LABEL = re.compile(r"[\s*]*(?P<label>[^\W\d_][\w-]{0,18}(?: [\w-]{1,12})?)\s?\*?(?::\*?\s|：)", re.IGNORECASE)
FROM = {
    *(
        "from",
        "von",
        "de",
        "da",
        "van",
        "från",
        "fra",
        "od",
        "от",
        "от кого",
        "lähettäjä",
        "kimden",
        "από",
        "feladó",
    ),
    *(
        "发件人",
        "寄件者",
        "差出人",
        "보낸 사람",
        "expéditeur",
        "remitente",
        "mittente",
        "remetente",
        "nadawca",
    ),
}
OTHERS = {
    *(
        "sent",
        "date",
        "to",
        "cc",
        "subject",
        "reply-to",
        "gesendet",
        "datum",
        "an",
        "betreff",
        "envoyé",
        "à",
        "objet",
    ),
    *(
        "enviado",
        "enviado el",
        "fecha",
        "para",
        "asunto",
        "inviato",
        "data",
        "a",
        "oggetto",
        "verzonden",
        "aan",
    ),
    *("onderwerp", "enviada em", "assunto", "skickat", "till", "ämne", "sendt", "til", "emne", "lähetetty"),
    *(
        "vastaanottaja",
        "aihe",
        "wysłano",
        "do",
        "temat",
        "odesláno",
        "komu",
        "předmět",
        "отправлено",
        "кому",
        "тема",
    ),
    *(
        "дата",
        "elküldve",
        "címzett",
        "tárgy",
        "gönderildi",
        "kime",
        "konu",
        "发送时间",
        "收件人",
        "主题",
        "抄送",
        "日期",
    ),
    *(
        "寄件日期",
        "收件者",
        "主旨",
        "送信日時",
        "宛先",
        "件名",
        "보낸 날짜",
        "받는 사람",
        "제목",
        "envoyé le",
        "date d'envoi",
    ),
}
FORWARDED = re.compile(
    r"[\s*]*(?:-{2,}\s*)?(?:begin )?(?:forwarded message|weitergeleitete nachricht|message transféré|mensaje reenviado|"
    r"messaggio inoltrato|mensagem encaminhada|doorgestuurd bericht|vidarebefordrat|videresendt|"
    r"przekazana wiadomość|пересылаемое сообщение|转发的邮件|轉寄的郵件)",
    re.IGNORECASE,
)
RULER = re.compile(r"\s*(?:_{5,200}|-{5,200}|={5,200})\s*$")


@dataclass(frozen=True)
class SeparatedReply:
    """The three texts of a body. Empty lines at the edges of each are gone, and nothing else is."""

    text: str
    quoted_text: str
    signature: str


def separated(body: str, *, is_forward: bool = False) -> SeparatedReply:
    """Return the parts of a body. Of a forwarded mail the mail that it forwards is text, since it is what it's about.

    What is quoted between two answers stays among the text, since the answers make no sense without it. A body that
    says nothing new is all text.
    """
    lines = body.split("\n")
    kinds = _kinds(lines[:MAX_LINES], is_forward=is_forward)
    _mark_signatures(lines, kinds)
    kinds += kinds[-1:] * (len(lines) - len(kinds))
    visible = [n for n, kind in enumerate(kinds) if kind == TEXT and lines[n].strip()]
    if not visible:
        return SeparatedReply(_joined(lines), "", "")
    first, last = 0, visible[-1]
    if QUOTE in kinds[: visible[0]] and QUOTE not in kinds[visible[0] : last]:
        first = visible[0]  # the answer stands below all that it quotes
    kinds[first : last + 1] = [TEXT] * (last + 1 - first)
    return SeparatedReply(*(_joined(_of_kind(lines, kinds, kind)) for kind in (TEXT, QUOTE, SIGNATURE)))


def _of_kind(lines: list[str], kinds: list[str], kind: str) -> list[str]:
    return [line for line, found in zip(lines, kinds, strict=True) if found == kind]


def _joined(lines: list[str]) -> str:
    return "\n".join(lines).strip("\n")


def _kinds(lines: list[str], *, is_forward: bool) -> list[str]:
    """Tell text from quotations, line by line. Empty lines are of the kind of what is above them."""
    kinds = [QUOTE if QUOTED.match(line) else TEXT for line in lines]
    last_quoted = max((n for n, kind in enumerate(kinds) if kind == QUOTE), default=-1)
    for n, line in enumerate(lines):
        if kinds[n] == QUOTE:
            continue
        if not line.strip():
            kinds[n] = kinds[n - 1] if n else TEXT
            continue
        if not is_forward and _begins_original(lines, n):
            start = _with_ruler(lines, n)
            kinds[start:] = [QUOTE] * (len(lines) - start)
            break
        end = _attribution_end(lines, n, is_last=n > last_quoted)
        if end is not None:
            stop = len(lines) if n > last_quoted else end
            kinds[n:stop] = [QUOTE] * (stop - n)
    return kinds


def _attribution_end(lines: list[str], n: int, *, is_last: bool) -> int | None:
    """Return the line after an attribution that begins here, such as `On Monday, Ada wrote:`, or None.

    Where lines with `>` follow, less is enough than where none does.
    """
    for end in range(n + 1, min(n + MAX_ATTRIBUTION_LINES, len(lines)) + 1):
        line = lines[end - 1].strip()
        if not line or QUOTED.match(line):
            return None
        if COLON.search(line[-8:]):
            break
    else:
        return None
    whole = " ".join(lines[n:end])
    if len(whole) > MAX_LOOKED_AT:
        return None
    is_one_line, has_verb = end == n + 1, VERB.search(whole) is not None
    is_told = OPENER.match(lines[n]) is not None and DATED.search(whole) is not None
    if is_last:
        return end if is_told and (has_verb or ADDRESS_LAST.search(whole)) else None
    if not _quotes_next(lines, end):
        return None
    return end if (is_told and (has_verb or is_one_line)) or (has_verb and is_one_line) else None


def _quotes_next(lines: list[str], n: int) -> bool:
    following = next((line for line in lines[n : n + 10] if line.strip()), "")
    return QUOTED.match(following) is not None


def _begins_original(lines: list[str], n: int) -> bool:
    """Say whether the rest is another mail, as Outlook puts it below an answer."""
    line = lines[n][:MAX_LOOKED_AT]
    if ORIGINAL.match(line):
        return True
    if _label(line) not in FROM or _is_forwarded(lines, n):
        return False
    following = [label for line in lines[n + 1 : n + 12] if (label := _label(line))]
    return sum(label in OTHERS for label in following[:6]) >= 2


def _is_forwarded(lines: list[str], n: int) -> bool:
    return any(FORWARDED.match(line[:MAX_LOOKED_AT]) for line in lines[max(0, n - 3) : n])


def _label(line: str) -> str:
    found = LABEL.match(line[:MAX_LOOKED_AT] + " ")
    return found["label"].lower() if found else ""


def _with_ruler(lines: list[str], n: int) -> int:
    """Return where the line across the page is that stands above, or the place itself."""
    for before in range(n - 1, max(-1, n - 4), -1):
        if RULER.match(lines[before]):
            return before
        if lines[before].strip():
            break
    return n


def _mark_signatures(lines: list[str], kinds: list[str]) -> None:
    """Mark the signature at the end of each run of text."""
    for end in range(1, len(kinds) + 1):
        if kinds[end - 1] == TEXT and (end == len(kinds) or kinds[end] == QUOTE):
            run = next((n for n in range(end, 0, -1) if kinds[n - 1] != TEXT), 0)
            start = signature_start(lines, run, end)
            kinds[start:end] = [SIGNATURE] * (end - start)
