"""Forms: the error summary, the form element, its fields."""

from __future__ import annotations

from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.forms import OPENED_AS, NrmForm
from core.templatetags.ui_parts import SIZES, _known
from core.ui import Words

register = template.Library()

SINGLE = "checkbox"


@register.simple_tag
def error_summary(form: forms.BaseForm | forms.BaseFormSet[Any] | None) -> SafeString | str:
    """All errors at the head of the page, each a link to its field. Nothing when there are none."""
    if not isinstance(form, forms.BaseForm) or not form.is_bound or not form.errors:
        return ""
    differences = form.differences if isinstance(form, NrmForm) else []
    context = {"items": _items(form), "differences": differences}
    return SafeString(render_to_string("ui/error_summary.html", context))


@register.simple_tag(takes_context=True)
def act_fields(context: Context, form: forms.BaseForm | None = None) -> SafeString:
    """The hidden fields of every form that acts: against forged and repeated requests, and for which organisation."""
    return SafeString(render_to_string("ui/act_fields.html", _act_fields(context, form)))


@register.simple_tag(takes_context=True)
def opened_as_field(context: Context) -> SafeString:
    """For a form by GET with which an act begins: for which organisation its page was opened."""
    return SafeString(render_to_string("ui/opened_as.html", _act_fields(context, None)))


@register.simple_block_tag(takes_context=True)
def form_page(
    context: Context,
    content: SafeString,
    form: forms.BaseForm,
    *,
    submit: Words = "",
    action: str = "",
    autosave_url: str = "",
    cancel_url: str = "",
    warning: bool = False,
    identity: str = "",
) -> SafeString:
    """The form element of a page: POST, the fields of every act, its hidden fields, and for whom it was made.

    Content is what stands between; without content every field stands below the other. ``submit`` adds the button,
    ``cancel_url`` the way out beside it, ``autosave_url`` saves while one types.
    """
    values = {
        "form": form,
        "content": content if content.strip() else form_fields(form),
        **_act_fields(context, form),
        "writer": "" if "writer" in form.fields else context.get("writer"),
        "submit": submit,
        "action": action,
        "autosave_url": autosave_url,
        "cancel_url": cancel_url,
        "warning": warning,
        "identity": identity,
    }
    return SafeString(render_to_string("ui/form_page.html", values))


def _act_fields(context: Context, form: forms.BaseForm | None) -> dict[str, Any]:
    return {
        "csrf_token": context.get("csrf_token"),
        "submission_key": form.submission_key if isinstance(form, NrmForm) else "",
        "opened_as_name": OPENED_AS,
        "opened_as": context.get("opened_as"),
    }


@register.simple_tag
def form_fields(form: forms.BaseForm) -> SafeString:
    """Every visible field, one below the other."""
    fields = form.questions() if isinstance(form, NrmForm) else form.visible_fields()
    return SafeString("\n".join(field_group(field) for field in fields))


@register.simple_tag
def field_group(
    field: BoundField, *, heading: bool = False, size: str = "", label: Words = "", hint: Words = ""
) -> SafeString:
    """A field with its label, hint, errors and, where it may be answered “not known”, that answer.

    ``heading`` makes the label the ``h1`` of a page that asks one thing.
    """
    size = _known("size", size or ("l" if heading else "s"), SIZES)
    if label:
        field.label = str(label)
    form = field.form
    ours = form if isinstance(form, NrmForm) else None
    answer = ours.answer_of(field.name) if ours else None
    single = getattr(field.field.widget, "input_type", "") == SINGLE and not field.field.widget.use_fieldset
    context = {
        "field": field,
        "heading": heading,
        "size": size,
        "single": single,
        "fieldset": field.use_fieldset,
        "help_text": hint or field.help_text,
        "errors": bool(field.errors or (answer and answer.errors)),
        "error_messages": _messages(field),
        "answer": answer,
        "answer_errors": _messages(answer) if answer else "",
        "condition": ours.condition_of(field.name) if ours else None,
        "widget": _single(field) if single else field,
    }
    return SafeString(render_to_string("ui/form/group.html", context | _count(field)))


def _messages(field: BoundField) -> SafeString:
    identity = f"{field.auto_id}_error" if field.auto_id else ""
    return SafeString(render_to_string("ui/form/errors.html", {"errors": field.errors, "identity": identity}))


def _single(field: BoundField) -> SafeString:
    """One box to tick: the label stands beside it."""
    widget = field.field.widget
    attrs = field.build_widget_attrs({"id": field.auto_id}, widget)
    context = widget.get_context(field.html_name, field.value(), attrs)
    context["widget"]["label"] = field.label
    return SafeString(render_to_string("ui/widgets/checkbox.html", context))


def _count(field: BoundField) -> dict[str, Any]:
    limit = field.field.widget.attrs.get("data-limit")
    if not limit:
        return {"counted": False}
    return {
        "counted": True,
        "count_text": _("You can use up to %(limit)s characters.")
        % {"limit": f"{limit:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")},
        "count_left": _("Characters left:"),
        "count_over": _("Characters too many:"),
    }


def _items(form: forms.BaseForm) -> list[dict[str, str]]:
    items = []
    for name, errors in form.errors.items():
        field = form[name] if name in form.fields else None
        items += [_item(field, str(error)) for error in errors]
    return items


def _item(field: BoundField | None, message: str) -> dict[str, str]:
    if field is None:
        return {"href": "", "text": message}
    if field.is_hidden:
        return {"href": "", "text": f"{field.label}: {message}"}
    question = str(field.label)
    joint = " " if question.endswith(("?", "؟", ":", ".")) else ": "
    return {"href": f"#{_target(field)}", "text": f"{question}{joint}{message}"}


def _target(field: BoundField) -> str:
    """The id of the element to move to: the first option of a group, the first box of a date."""
    if isinstance(field.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return f"{field.auto_id}_0"
    return field.id_for_label or field.auto_id
