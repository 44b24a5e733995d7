"""The ``ui`` tags say the right words, escape what they show, and fail loudly on a wrong argument."""

from datetime import UTC, date, datetime

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.utils import translation

from core import clock
from core.ui import Column, Number, SafeContact, Tab, Task, Viewer, due

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def show(source: str, **context: object) -> str:
    with clock.travel(NOW):
        return Template("{% load ui %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("at", "words", "colour"),
    [
        (date(2026, 11, 19), "2 days overdue", "red"),
        (date(2026, 11, 20), "1 day overdue", "red"),
        (date(2026, 11, 21), "Due today", "orange"),
        (datetime(2026, 11, 21, 11, 50, tzinfo=UTC), "10 minutes overdue", "red"),
        (datetime(2026, 11, 21, 9, tzinfo=UTC), "3 hours overdue", "red"),
        (datetime(2026, 11, 21, 12, 1, tzinfo=UTC), "Due in 1 minute", "orange"),
        (datetime(2026, 11, 21, 13, tzinfo=UTC), "Due in 60 minutes", "orange"),
        (datetime(2026, 11, 21, 16, tzinfo=UTC), "Due in 4 hours", "orange"),
        (datetime(2026, 11, 22, 1, tzinfo=UTC), "Due in 13 hours", "orange"),  # tomorrow, in the night
        (datetime(2026, 11, 22, 15, tzinfo=UTC), "Due in 27 hours", "orange"),
        (datetime(2026, 11, 23, 13, tzinfo=UTC), "Due in 2 days", "yellow"),
        (datetime(2026, 11, 21, 23, tzinfo=UTC), "Due today", "orange"),  # midnight here: the end of the day
        (date(2026, 11, 22), "Due tomorrow", "orange"),
        (date(2026, 11, 26), "Due in 5 days", "yellow"),
        (date(2026, 11, 30), "Due in 9 days", "grey"),
        (date(2027, 2, 19), "Due in 90 days", "grey"),
        (date(2030, 3, 24), "Due later", "grey"),
    ],
)
def test_a_deadline_is_said_in_words(at: date, words: str, colour: str) -> None:
    with clock.travel(NOW):
        assert due(at).words == words
        assert due(at).colour == colour


def test_a_day_is_counted_here_and_not_in_utc() -> None:
    """23:30 UTC is already the next day in Amsterdam."""
    assert "Due in 4 days" in show("{% due_tag at %}", at=datetime(2026, 11, 24, 23, 30, tzinfo=UTC))


def test_a_due_tag_shows_the_date_beside_the_words() -> None:
    html = show("{% due_tag at %}", at=date(2026, 11, 19))
    assert "2 days overdue" in html
    assert ">Thu 19 Nov 2026</time>" in html
    assert show("{% due_tag none %}", none=None) == ""
    assert "Done" in show("{% due_tag at met_on=at %}", at=date(2026, 11, 19))


def test_a_due_tag_says_the_law_on_hover_and_to_screen_readers() -> None:
    html = show("{% due_tag at law=law %}", at=date(2026, 11, 19), law="Target. Source: a & b")
    assert 'class="due" title="Target. Source: a &amp; b"' in html
    assert '<span class="govuk-visually-hidden">. Target. Source: a &amp; b</span>' in html
    assert "title" not in show("{% due_tag at %}", at=date(2026, 11, 19))


def test_a_month_has_no_capital_in_dutch() -> None:
    with translation.override("nl"):
        assert ">do 19 nov 2026</time>" in show("{% short_date at %}", at=date(2026, 11, 19))


def test_an_unsafe_number_is_never_a_link() -> None:
    numbers = (
        Number(label="Own phone", number="+31 6 0000 0000", safe=False),
        Number(label="Aunt", number="+31 6 0000 0001", safe=True),
    )
    html = show("{% safe_contact_box contact %}", contact=SafeContact(headline="Do not phone.", numbers=numbers))
    assert html.count("<a ") == html.count("tel:") == 1
    assert 'href="tel:+31600000001"' in html
    assert "Not safe" in html


def test_what_is_shown_is_escaped() -> None:
    html = show(
        "{% page_heading text caption=text %}{% status_tag text %}{% summary_list %}{% summary_row text text %}"
        "{% endsummary_list %}{% notification_banner text %}{% timeline_item text at by=text %}{% endtimeline_item %}"
        "{% tabs_nav tabs text %}{% task_list tasks %}{% person_visibility viewers %}",
        text="<script>",
        at=NOW,
        tabs=[Tab(label="<script>", url="/?a=1&b=2", count=0)],
        tasks=[Task(label="<script>", status="<script>", url="/")],
        viewers=[Viewer(who="<script>", what="<script>")],
    )
    assert "<script>" not in html
    assert "(0)" in html


@pytest.mark.parametrize(
    "source",
    [
        "{% status_tag 'New' colur='red' %}",
        "{% status_tag 'New' 'pink' %}",
        "{% button %}",
        "{% button 'Save' kind='huge' %}",
        "{% safe_contact_box %}",
        "{% cell 'Due' kind='odd' %}x{% endcell %}",
        "{% due_tag %}",
    ],
)
def test_a_wrong_argument_fails(source: str) -> None:
    with pytest.raises((TemplateSyntaxError, TypeError)):
        show(source)


def test_an_empty_value_says_so() -> None:
    assert "Not recorded" in show("{% summary_row 'Name' '' %}")
    assert "Not recorded" not in show("{% summary_row 'Children' 0 %}")


def test_a_table_keeps_its_roles_and_says_its_order() -> None:
    columns = [Column(label="Due", sort_url="?sort=due", sorted="ascending"), "Case"]
    html = show(
        "{% case_table 'Cases' columns %}{% table_row %}{% cell 'Due' %}x{% endcell %}{% endtable_row %}"
        "{% endcase_table %}",
        columns=columns,
    )
    assert 'aria-sort="ascending"' in html
    assert html.count('role="row"') == 2
    assert 'role="cell" data-label="Due"' in html


def test_all_of_a_cell_stands_together_beside_its_label() -> None:
    """On a phone the cell is a grid: what is not one part would fall into the column of the labels."""
    html = show("{% cell 'Who' %}Anna<span>Shelter</span>, at night{% endcell %}")
    assert '<div class="cell">Anna<span>Shelter</span>, at night</div></td>' in html


def test_dates_and_references_stay_left_to_right() -> None:
    html = show("{% reference 'K7QF2M9XT' %}{% sentence_date at %}", at=date(2026, 11, 19))
    assert '<span class="reference" dir="ltr">K7QF-2M9X-T</span>' in html
    assert 'dir="ltr">19 November 2026</time>' in html


def test_the_error_summary_leads_to_the_fields() -> None:
    class Plain(forms.Form):
        name = forms.CharField(label="Name")
        choice = forms.ChoiceField(label="Which?", choices=[("a", "A")], widget=forms.RadioSelect)

    html = show("{% error_summary form %}", form=Plain({}))
    assert '<a href="#id_name">Name: This field is required.</a>' in html
    assert '<a href="#id_choice_0">Which? This field is required.</a>' in html
    assert show("{% error_summary form %}", form=Plain()) == ""


def test_a_form_page_carries_what_a_post_needs() -> None:
    class Plain(forms.Form):
        name = forms.CharField()
        kept = forms.CharField(widget=forms.HiddenInput, initial="x")

    html = show("{% form_page form submit='Send' %}{% endform_page %}", form=Plain(), csrf_token="t0ken")
    assert 'name="csrfmiddlewaretoken" value="t0ken"' in html
    assert html.count('name="kept"') == html.count('name="name"') == 1
    assert "novalidate" in html
