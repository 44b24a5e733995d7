"""Extraction and checking of the words on the screen."""

import re
from pathlib import Path

from babel.messages.catalog import Catalog
from django.conf import settings

from nrm.management.commands import messages


def source(root, name, text):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return root


def told(wanted, given):
    return [line.split(":")[0] for line in messages.complaints(wanted, given)]


def dutch(*entries, **options):
    catalog = Catalog(locale="nl")
    for original, translation in entries:
        catalog.add(original, translation, **options)
    return catalog


def test_python_and_templates_are_read(tmp_path):
    source(
        tmp_path,
        "cases/a.py",
        '_("One")\nngettext_lazy("%(n)d day", "%(n)d days", 2)\npgettext_lazy("state", "Open")\n',
    )
    source(
        tmp_path,
        "templates/a.html",
        '<p>\n    {% translate "Two" %}\n  {% blocktranslate trimmed count n=x %}\n    {{ n }} task\n  {% plural %}\n'
        "    {{ n }} tasks\n  {% endblocktranslate %}\n{% translate 'Open' context 'door' %} (it's 100 % }\n</p>",
    )
    found = {(message.context, message.id) for message in messages.extracted(tmp_path) if message.id}
    assert found == {
        (None, "One"),
        (None, ("%(n)d day", "%(n)d days")),
        ("state", "Open"),
        (None, "Two"),
        (None, ("%(n)s task", "%(n)s tasks")),
        ("door", "Open"),
    }


def test_every_kind_of_fault_is_told():
    wanted = dutch(("A", ""), ("B %(x)s", ""), ("C", ""), (("%(n)d day", "%(n)d days"), ("", "")))
    given = dutch(
        ("A", "a"), ("B %(x)s", "b %(y)s"), ("D", "d"), (("%(n)d day", "%(n)d days"), ("een dag", "%(n)d dagen"))
    )
    assert sorted(told(wanted, given)) == ["missing", "obsolete", "placeholders differ"]


def test_a_plural_needs_all_its_forms():
    counted = ("%(n)d day", "%(n)d days")
    assert told(dutch((counted, "")), dutch((counted, ("een dag", "")))) == ["untranslated"]
    assert told(dutch((counted, "")), dutch((counted, ("een dag", "dagen")))) == ["placeholders differ"]


def test_a_guess_does_not_count():
    assert told(dutch(("A", "")), dutch(("A", "a"), flags=["fuzzy"])) == ["untranslated"]


def test_the_file_is_the_same_at_every_run(tmp_path):
    path = tmp_path / "django.po"
    path.write_bytes(messages.as_po(dutch(("B", "b"), ("A", "a"))))
    again = messages.load(path, "nl")
    again.update(dutch(("A", ""), ("B", "")), no_fuzzy_matching=True)
    assert messages.as_po(again) == path.read_bytes()
    assert again.get("A").string == "a"


def test_dutch_has_one_word_for_a_case_and_one_for_its_reference():
    """A “casus” and its “kenmerk”: somebody who reads “zaak” or “nummer” beside them looks for a second thing."""
    catalog = messages.load(Path(settings.BASE_DIR) / "locale/nl/LC_MESSAGES/django.po", "nl")
    words = {str(message.id): str(message.string) for message in catalog if message.id}
    other = re.compile(r"\b(zaak|zaken)", re.IGNORECASE)
    assert {text for text in words.values() if other.search(text.replace("Stand van zaken", ""))} == set()
    about = {text for name, text in words.items() if re.search(r"\breferences?\b(?!\))", name, re.IGNORECASE)}
    assert {text for text in about if "kenmerk" not in text.lower()} == set()
