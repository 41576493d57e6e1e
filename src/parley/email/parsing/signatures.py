"""Where the signature of a text begins: after `-- `, at `Sent from my phone`, at `-Ada`, or at the footer of a list."""

import re

MAX_LINES = 15
MAX_LOOKED_AT = 400
DASHES = re.compile(r"(?:--|—|–)\s*$")
FOOTER = re.compile(r"_{20,200}\s*$")
DASHED_NAME = re.compile(r"-{1,2}[^\W\d_][\w.'-]*(?: [\w.'-]+){0,3}$")
SENT_FROM = re.compile(
    r"\s*(?:(?:sent|written) (?:from|with|via|using) (?:my |the )?[\w.'+-]+(?: [\w.'+-]+){0,4}|get outlook for \w+.{0,60}|"
    r"von meinem .{1,40} gesendet|gesendet (?:von|mit|über) [\w .'+-]{1,60}|envoyé (?:de|depuis) [\w .'+-]{1,60}|"
    r"enviado (?:desde|do|de|a partir do) [\w .'+-]{1,60}|inviato da[l]? [\w .'+-]{1,60}|"
    r"verstuurd vanaf [\w .'+-]{1,60}|skickat från [\w .'+-]{1,60}|sendt fra [\w .'+-]{1,60}|"
    r"lähetetty [\w .'+-]{1,60}|wysłane z [\w .'+-]{1,60}|odesláno z [\w .'+-]{1,60}|отправлено (?:с|из) .{1,60}|"
    r"iphoneから送信|发自我的.{1,40}|從我的.{1,40}傳送|나의 .{1,40}에서 보냄)\s*$",
    re.IGNORECASE,
)


def signature_start(lines: list[str], first: int, end: int) -> int:
    """Return the line that the signature of lines `first` to `end` begins with, or `end` where there is none."""
    start = end
    for n in range(end - 1, max(first - 1, end - 1 - MAX_LINES), -1):
        line = lines[n][:MAX_LOOKED_AT]
        is_last = not any(between.strip() for between in lines[n + 1 : start])
        is_name = DASHED_NAME.match(line) is not None and not "".join(lines[max(0, n - 1) : n]).strip()
        if DASHES.match(line) or FOOTER.match(line) or (is_last and (is_name or SENT_FROM.match(line))):
            start = n
    return start
