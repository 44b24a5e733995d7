"""Renders any Django form, ours or allauth's, in the markup of the design system (``FORM_RENDERER``)."""

from typing import Any, Final

from django.forms.renderers import DjangoTemplates, TemplatesSetting
from django.http import HttpRequest
from django.template import TemplateDoesNotExist

WIDGETS: Final = {
    "django/forms/widgets/radio.html": "ui/widgets/choices.html",
    "django/forms/widgets/checkbox_select.html": "ui/widgets/choices.html",
    "django/forms/widgets/checkbox.html": "ui/widgets/checkbox.html",
}
CLASSES: Final = {
    "django/forms/widgets/textarea.html": "govuk-textarea",
    "django/forms/widgets/select.html": "govuk-select",
    "django/forms/widgets/text.html": "govuk-input",
    "django/forms/widgets/email.html": "govuk-input",
    "django/forms/widgets/number.html": "govuk-input",
    "django/forms/widgets/password.html": "govuk-input",
    "django/forms/widgets/tel.html": "govuk-input",
    "django/forms/widgets/url.html": "govuk-input",
    "django/forms/widgets/input.html": "govuk-input",
}


class GovukRenderer(TemplatesSetting):
    """Own templates for forms, fields and choices; Django's templates with our classes for the plain widgets."""

    form_template_name = "ui/form/form.html"
    formset_template_name = "ui/form/formset.html"
    field_template_name = "ui/form/field.html"

    def get_template(self, template_name: str) -> Any:
        """The project's template, else the one that comes with Django."""
        try:
            return super().get_template(WIDGETS.get(template_name, template_name))
        except TemplateDoesNotExist:
            return DjangoTemplates().get_template(template_name)

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        """As Django renders; a plain widget receives the class of its kind and of its error."""
        if template_name in CLASSES:
            _dress(context["widget"]["attrs"], CLASSES[template_name])
        return super().render(template_name, context, request)


def _dress(attrs: dict[str, Any], name: str) -> None:
    error = f"{name}--error" if attrs.get("aria-invalid") == "true" else ""
    attrs["class"] = " ".join(filter(None, (name, error, attrs.get("class"))))
    # A browser that cuts pasted text at maxlength loses it without a word: the server says it instead.
    attrs.pop("maxlength", None)
    # The template draws its own; a native placeholder in place of a hint disappears while one types.
    attrs.pop("placeholder", None)
