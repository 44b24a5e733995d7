# ruff: noqa: E501
"""Fictitious people of many languages, and distorted doubles of some: seeded, made of syllables, nobody is real.

What a clerk does to a name is written here as habits of spelling, apart from what ``cases.matching`` knows of them.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Final


@dataclass(frozen=True)
class Record:
    """What somebody wrote down about a person; ``of`` says who it really is."""

    of: int
    given: str
    family: str
    born: str
    citizenships: tuple[str, ...]
    sex: str
    language: "Language"
    sounds: tuple[str, str]


@dataclass(frozen=True)
class Language:
    """How names of one origin are made, and by which habits they are spelled: (sound, its spellings)."""

    countries: tuple[str, ...]
    male: tuple[str, ...]
    female: tuple[str, ...]
    families: tuple[str, ...]
    habits: tuple[tuple[str, tuple[str, ...]], ...]
    script: str = ""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _joined(heads: str, tails: str) -> tuple[str, ...]:
    return tuple(head + tail for head in heads.split() for tail in tails.split())


ARABIC_HABITS: Final = (
    ("sh", ("sh", "ch", "sch")), ("kh", ("kh", "h", "ch", "k")), ("gh", ("gh", "g")), ("q", ("q", "k", "g")),
    ("j", ("j", "dj", "g")), ("uu", ("ou", "u", "oo")), ("u", ("u", "o", "ou")), ("ii", ("i", "ee", "ie")),
    ("aa", ("a", "aa")), ("y", ("y", "i")), ("w", ("w", "ou", "u")), ("dd", ("d", "dd")), ("ss", ("ss", "s")),
    ("mm", ("m", "mm")), ("ah$", ("a", "ah", "eh")), ("ai", ("ai", "ay", "ei")),
)  # fmt: skip
SLAVIC_HABITS: Final = (
    ("zh", ("zh", "j", "z", "g")), ("sh", ("sh", "sch", "s")), ("ch", ("ch", "tsch", "c", "tj")), ("kh", ("kh", "h", "ch")),
    ("ts", ("ts", "c", "tz")), ("ya", ("ya", "ia", "ja")), ("yu", ("yu", "iu", "ju")), ("iy$", ("y", "i", "ij", "iy")),
    ("y", ("y", "i")), ("ks", ("x", "ks")), ("v$", ("v", "ff", "w")), ("v", ("v", "w")), ("ii", ("ii", "iy", "i")),
)  # fmt: skip
LATIN_HABITS: Final = (
    ("ș", ("s", "sh", "ș")), ("ț", ("t", "ts", "ț")), ("ă", ("a",)), ("â", ("a", "i")), ("î", ("i",)), ("cz", ("c", "cz", "ch")),
    ("sz", ("sz", "s", "sh")), ("ł", ("l", "w")), ("ó", ("o", "u")), ("w", ("w", "v")), ("rz", ("rz", "z")), ("ń", ("n",)),
    ("ë", ("e",)), ("ç", ("c", "ch")), ("xh", ("xh", "dj", "j")), ("q", ("q", "ch", "k")), ("é", ("e",)), ("ő", ("o",)),
)  # fmt: skip
AFRICAN_HABITS: Final = (
    ("ch", ("ch", "tch", "c")), ("ou", ("u", "ou", "oo")), ("dj", ("j", "dj", "g")), ("gb", ("gb", "b")), ("kw", ("qu", "kw", "ku")),
    ("w", ("w", "ou")), ("y", ("y", "i")), ("k", ("k", "c")), ("bb", ("b", "bb")), ("ll", ("l", "ll")), ("ss", ("s", "ss")),
)  # fmt: skip
EAST_HABITS: Final = (
    ("ễ", ("e",)), ("ạ", ("a",)), ("ấ", ("a",)), ("ă", ("a",)), ("ư", ("u",)), ("ơ", ("o",)), ("đ", ("d",)), ("ị", ("i",)),
    ("ù", ("u",)), ("ê", ("e",)), ("ồ", ("o",)), ("zh", ("zh", "j")), ("x", ("x", "hs", "sh")), ("q", ("q", "ch")),
)  # fmt: skip

LANGUAGES: Final = (
    Language(
        ("SY", "MA", "IQ", "EG", "SD"),
        _joined("muham ahm khaal yuus ibraah mustaf hass huss um uthm sal jam kar rash wal naas sam fais tar bil hamz idr sulaim"
                " yaas ziy anw adn maj", "mad iid uuf iim aan zar tir baal"),
        _joined("faat aaish khad mary zain layl nuur hud salm yaasm amiin sam rash jamiil naadiy suu han rahm sumayy waf asm lubn"
                " ghaad shaim zahr najw", "imah aasha iijah inur diyyah zahrah"),
        tuple(f"{head}{tail}" for head in _words("al- el- ben ")[:2] for tail in _words(
            "khuuri haddaad najjaar shaami masri jaziiri qasim saalim mansuur rifaai bakri ghazaali dabbaagh sharqaawi tamiimi"
            " zubaidi kurdi hilaali farsi jaburi darwiish baghdaadi halabi tuunisi faasi sabbaagh attar sayyid jundi hariiri"
            " nahhaas qaadir raziq wahhaab hakiim baasha khayyaat ghaanim shukri fayyaad zaidaan maalki uwaidah saadi"
        )),
        ARABIC_HABITS,
    ),
    Language(
        ("UA", "BG", "MD", "BY"),
        _joined("oleks mykh andr vas iv dmytr serh yur bohd tar petr step hryhor maks rusl georg dim nik stoy plam zhivk hrist tod"
                " kir as yav boy krasim", "andr ailo goriy yl stan bor imir"),
        _joined("oks ol nat ir tety yul khryst svitl hal lyudm zhan anast vikt dar desisl tsvet gerg iv mil rosits stan zorn kal"
                " bily mar teod", "ana mila rosya veta tsiya slava"),
        _joined("shev koval bondar melnyk tkach krav lysen petr ivan boyk mor pavl sydor zakhar hrytsen vasyl kuzm savch rud"
                " khom chern bil yurch zhuk tsymb doro marty fedor klym shch pol haw yakov rom", "enko chuk ova skiy yuk ov eva in"),
        SLAVIC_HABITS,
        "cyrillic",
    ),
    Language(
        ("RO", "PL", "HU", "AL"),
        _joined("ion vas gheorgh ștef mih const andr flor mar cătăl łuk krzyszt paw wojc tom zolt istv ján gerg bal arb il besn gëz"
                " shpët xhevd agr drit", "an ile bert din usz rik gő"),
        _joined("ioan el mih andr crist aniș măd flor łuc małg agn kat joan zsóf erzs ilon ágn mir valb xhen lind majl teut art mim",
                "ana bela rosa dina ița silva"),
        _joined("pop ion mar dumitr stan șerb țur mih georg bal nic văc lup wój kowal szczep zieliń król mazur now szab farkas"
                " kov hox gjok xhaf preng lek koç marku dob", "escu eanu aru ik ski cki ács ai aj u"),
        LATIN_HABITS,
    ),
    Language(
        ("NG", "GM", "GN", "GH", "ER"),
        _joined("chukwu oluwa ade baba ifea chine ous mama bouba alha lami kwa ko ghebre tes yoha hai kida abra berha solo mulu sam"
                " ebri mo", "meka seun kunle tobi nyi ruba mane zou"),
        _joined("chio ngo ada oluwa fola bless pati amina fatou mari kadia bin djene ako abe efu lete sem sela tse rahe luwa kom isa"
                " nde ife", "ma zi bunmi sade rata kou beni"),
        _joined("oko ade olu nwa ogun bal dial cama touré sow bah ceesay jall mens asan boate gebre tekle hago wolde fess keb"
                " osa edo ika uzo eze mba", "ye wale chukwu de ra ka h mariam ab run yi for"),
        AFRICAN_HABITS,
    ),
    Language(
        ("VN", "CN", "PH"),
        _joined("đức hùng minh tuấn dũng quân xiao zhi jian guo qiang rod josel ren ern dan", "-anh ming wei guo qiang rigo ito ato"),
        _joined("thị lan hương mai hoa ngọc phương xiu mei li qiao xiao mari rosa joce luz", "-anh ying ling hua lian mei tes linda"),
        _joined("nguyễn trần phạm hoàng võ đặng bùi zhang wang xu zhou qian santos reyes cruz delacruz bautista",
                " -văn -thanh -quốc -hải -bảo -kim -min -jun -gonzales -ramos -mendoza -aquino -torres -bao -lin").__add__(
            _words("nguyễn trần lê phạm huỳnh zhang wang li chen liu santos reyes cruz")),
        EAST_HABITS,
    ),
)  # fmt: skip
CYRILLIC: Final = (
    ("shch", "щ"), ("zh", "ж"), ("kh", "х"), ("ts", "ц"), ("ch", "ч"), ("sh", "ш"), ("yu", "ю"), ("ya", "я"),
    *zip("abvgdezyiklmnoprstufh", "абвгдезийклмнопрстуфх", strict=True), ("w", "в"), ("j", "й"), ("'", ""),
)  # fmt: skip
FIRST_DAY: Final = date(1962, 1, 1)
DAYS: Final = 365 * 48


def people(number: int, seed: int) -> list[Record]:
    """``number`` different people, written down once each: some without a day, a date, a citizenship or a family name."""
    dice = Random(seed)
    return [_person(dice, one) for one in range(number)]


def doubles(records: Sequence[Record], number: int, seed: int) -> Iterator[tuple[Record, tuple[str, ...]]]:
    """Second records of ``number`` of them, each with the distortions it suffered: one, and of a third of them two.

    Where no day is known a wrong year would leave nothing of the date: those suffer something else.
    """
    dice = Random(seed)
    for record in dice.sample(list(records), number):
        double, chosen = record, []
        for name in dice.sample(sorted(DISTORTIONS), len(DISTORTIONS)):
            has_day = len(double.born) == len("1999-05-14") and not double.born.endswith("-01-01")
            if not (name == "wrong year" and not has_day) and not (name == "1 January" and "wrong year" in chosen):
                double = DISTORTIONS[name](dice, double)
                chosen.append(name)
            if len(chosen) == 2 or (chosen and dice.random() < 2 / 3):
                break
        yield double, tuple(chosen)


def _person(dice: Random, of: int) -> Record:
    language = dice.choice(LANGUAGES)
    sex = "female" if dice.random() < 0.65 else "male"
    given = _drawn(dice, language.female if sex == "female" else language.male)
    if dice.random() < 0.2:
        given += " " + _drawn(dice, language.female if sex == "female" else language.male)
    family = _drawn(dice, language.families) if dice.random() > 0.03 else ""
    born = (FIRST_DAY + timedelta(days=dice.randrange(DAYS))).isoformat()
    lot = dice.random()
    born = born[:4] if lot < 0.02 else "" if lot < 0.03 else f"{born[:4]}-01-01" if lot < 0.07 else born
    country = language.countries[min(int(dice.expovariate(0.7)), len(language.countries) - 1)]
    citizenships = () if dice.random() < 0.03 else (country,)
    spelled = _spelled(dice, language, given), _spelled(dice, language, family)
    return Record(of, *spelled, born, citizenships, sex, language, (given, family))


def _drawn(dice: Random, names: Sequence[str]) -> str:
    """Some names are much more common than others: the most common is that of one in fifty."""
    return names[min(int(dice.expovariate(1 / 8)), len(names) - 1)] if dice.random() < 0.16 else dice.choice(names)


def _spelled(dice: Random, language: Language, name: str) -> str:
    """As one clerk of one country spells it."""
    for sound, spellings in language.habits:
        name = re.sub(sound, dice.choice(spellings), name)
    return name.title()


def _transliterated(dice: Random, record: Record) -> Record:
    """Another clerk spells what is heard, by other habits; sometimes in the script of the language itself."""
    given, family = record.sounds
    if record.language.script == "cyrillic" and dice.random() < 0.3:
        return replace(record, given=_in_cyrillic(given), family=_in_cyrillic(family))
    return replace(record, given=_spelled(dice, record.language, given), family=_spelled(dice, record.language, family))


def _in_cyrillic(name: str) -> str:
    text = name.lower()
    for latin, letter in CYRILLIC:
        text = text.replace(latin, letter)
    return text.title()


def _swapped(dice: Random, record: Record) -> Record:
    """Given and family name in each other's place, or in one field."""
    if dice.random() < 0.7:
        return replace(record, given=record.family, family=record.given)
    return replace(record, given=f"{record.family} {record.given}".strip(), family="")


def _wrong_year(dice: Random, record: Record) -> Record:
    """A year or two off, a decade off, turned digits, or one wrong digit."""
    if not record.born:
        return record
    year = int(record.born[:4])
    turned = year // 100 * 100 + year % 10 * 10 + year % 100 // 10
    wrong = dice.choice(
        (year - 1, year + 1, year - 2, year + 2, year - 10, year + 10, turned, year + dice.randint(-9, 9))
    )
    return replace(record, born=f"{wrong:04}{record.born[4:]}")


def _new_year(dice: Random, record: Record) -> Record:
    """Somebody did not know the day and wrote 1 January."""
    return replace(record, born=f"{record.born[:4]}-01-01") if record.born else record


DISTORTIONS: Final[dict[str, Callable[[Random, Record], Record]]] = {
    "transliteration": _transliterated,
    "swapped parts": _swapped,
    "wrong year": _wrong_year,
    "1 January": _new_year,
}
