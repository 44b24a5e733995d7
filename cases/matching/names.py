"""Names of any script, made comparable: romanised, folded over the ways of romanising, and as a code of their sound.

Folding is for comparing two spellings, the code for finding candidates: it is coarser, and keeps consonants only.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

LATIN: Final = "ß ss ø o ł l đ d ð d þ th æ ae œ oe ı i ə e ŋ n ħ h ƙ k ɓ b ɗ d ơ o ư u"
CYRILLIC: Final = (
    "а a б b в v г g д d е e ж zh з z и i й i к k л l м m н n о o п p р r с s т t у u ф f х kh ц ts ч ch ш sh щ shch"
    " ы y э e ю yu я ya ё yo і i ј j є ye ї yi ґ g ѓ g ђ dj ћ c ќ k љ l њ n џ dzh ў w ә a ө o ү u ұ u қ k ғ g ң n һ h"
)
GREEK: Final = "α a β v γ g δ d ε e ζ z η i θ th ι i κ k λ l μ m ν n ξ x ο o π p ρ r σ s ς s τ t υ y φ f χ kh ψ ps ω o"
ARABIC: Final = (
    "ا a ب b ت t ث th ج j ح h خ kh د d ذ dh ر r ز z س s ش sh ص s ض d ط t ظ z ع a غ gh ف f ق q ك k ل l م m ن n ه h و w"
    " ي y ى a ة a أ a إ a آ a ؤ w ئ y پ p چ ch ژ zh گ g ک k ی y"
)
# Signs that are written and not heard.
MUTE: Final = "ъьʼ’'ءـ"
WORDS: Final = " ".join((LATIN, CYRILLIC, GREEK, ARABIC)).split()
TABLE: Final = dict(zip(WORDS[::2], WORDS[1::2], strict=True)) | dict.fromkeys(MUTE, "")
# Scripts of syllables carry their sound in the name of the character: ETHIOPIC SYLLABLE HA, HANGUL SYLLABLE GIM.
SYLLABLE: Final = re.compile(r"SYLLABLE (?:GLOTTAL )?([A-Z]+)$")
# Words of a name that are left out by one clerk and written by the next.
PARTICLES: Final = frozenset(
    {"al", "el", "ad", "ar", "as", "ash", "at", "az", "bin", "ibn", "binti", "bint", "ben", "van", "von", "der", "den"}
    | {"de", "del", "della", "di", "da", "do", "dos", "das", "du", "la", "le", "ter", "ten", "te", "y", "e"}
)
# The same sound written by different habits: English, French, German, Dutch, Turkish, the passport.
FOLDS: Final = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"shch|stsch|tsch|tch|cz|tsj|tj|ch(?=[aeiou])", "c"),
        (r"sch|sh|sj|sz", "s"),
        (r"zh|dzh|dj|dz|dsch", "z"),
        (r"kh|ch|gh(?=[^t])|q|ck|c(?![ehiy])", "k"),
        (r"ts|tz|c(?=[eiy])", "s"),
        (r"ph", "f"),
        (r"th|dh", "t"),
        (r"x", "ks"),
        (r"w|v(?=$)", "v"),
        (r"ou|oo|oe|ow(?=[^aeiou]|$)", "u"),
        (r"ee|ie|ii|iy|yi|ij|y|j", "i"),
        (r"h(?=$|[^aeiou])", ""),
        (r"(.)\1+", r"\1"),
    )
)
# One letter for each group of sounds; vowels, h and what is heard as a vowel are left out.
CODES: Final = str.maketrans("bpfvwdtkgqcszxlrmn", "ppfffttkkksssslrmn")
SILENT: Final = re.compile(r"[aeiouyhj]")
LONGEST_CODE: Final = 6


@lru_cache(maxsize=65_536)
def romanised(text: str) -> str:
    """Lower-case ASCII letters and spaces; characters of a script without letters stay as they are."""
    lowered = unicodedata.normalize("NFC", text).lower()
    return " ".join(re.findall(r"\w+", "".join(_letter(one) for one in lowered)))


def parts(*names: str) -> tuple[str, ...]:
    """The words of names, without particles and without order: who wrote which part where is chance."""
    found = {word for name in names for word in romanised(name).split()}
    return tuple(sorted(found - PARTICLES or found))


@lru_cache(maxsize=65_536)
def folded(part: str) -> str:
    """One romanised word, with the habits of romanising taken out of it."""
    for pattern, sound in FOLDS:
        part = pattern.sub(sound, part)
    return part


@lru_cache(maxsize=65_536)
def code(part: str) -> str:
    """The sound of one romanised word as consonants; a word without any is its own code."""
    spelled = re.sub(r"(.)\1+", r"\1", SILENT.sub("", folded(part)).translate(CODES))
    return spelled[:LONGEST_CODE] or f"-{folded(part)}"


def _letter(one: str) -> str:
    if one in TABLE:
        return TABLE[one]
    if one.isascii():
        return one if one.isalnum() else " "
    syllable = SYLLABLE.search(unicodedata.name(one, ""))
    if syllable:
        return syllable[1].lower()
    plain = (part for part in unicodedata.normalize("NFKD", one) if not unicodedata.combining(part))
    return "".join(TABLE.get(part, part) for part in plain if part.isalnum())
