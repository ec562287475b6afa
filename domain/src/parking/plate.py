"""Licence plates: one spelling for each, so that two cameras speak of the same car."""

import unicodedata


def normalise_plate(text: str) -> str:
    """Give the one spelling of a plate: NFKC, upper case, outer space removed, inner space single.

    Hyphens and dots stay: they are part of how a plate is written, and producers get back what they sent.
    The result may be empty, and normalising it again changes nothing: upper case can take letters apart
    ("ΐ" becomes three), hence the second NFKC.
    """
    upper = unicodedata.normalize("NFKC", text).upper()
    return " ".join(unicodedata.normalize("NFKC", upper).split())
