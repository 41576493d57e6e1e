"""Drawings of one page each are laid out on pages of paper."""

import io
from collections.abc import Sequence

A4 = (595.0, 842.0)
"""Points of 1/72 inch."""

WIDTH, MARGIN, GAP = 440.0, 40.0, 16.0


def pdf_of(drawings: Sequence[bytes], title: str) -> bytes:
    """Return one PDF with these drawings (PDF) from top to bottom; each stays on one page."""
    from pypdf import PageObject, PdfReader, PdfWriter, Transformation

    writer = PdfWriter()
    writer.add_metadata({"/Title": title, "/Producer": "Parley"})
    page: PageObject | None = None
    top = 0.0
    for drawing in drawings:
        found = PdfReader(io.BytesIO(drawing)).pages[0]
        width, height = float(found.mediabox.width), float(found.mediabox.height)
        scale = min(WIDTH / width, (A4[1] - 2 * MARGIN) / height)
        if page is None or top - height * scale < MARGIN:
            page, top = writer.add_blank_page(*A4), A4[1] - MARGIN
        top -= height * scale
        page.merge_transformed_page(found, Transformation().scale(scale).translate((A4[0] - WIDTH) / 2, top))
        top -= GAP
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()
