"""The forms about people and organisations."""

import re
from datetime import time
from typing import Any, Final, cast
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.functional import lazystr
from django.utils.translation import gettext_lazy as _

from accounts.models import MailWish, Organisation, User
from core.forms import CheckboxesField, NrmForm, RadioField, SelectField, Text
from profiles import codes
from profiles.profile import active

LONGEST_PASSWORD: Final = 200
# From half past five to half past eleven in the evening: for whoever works in shifts.
DIGEST_TIMES: Final = [time(hour, 30) for hour in range(5, 24)]
# Each in its own name.
LANGUAGES: Final = [("en", "English"), ("nl", "Nederlands")]
# Names that every database of time zones knows; no aliases of one word.
ZONES: Final = sorted(name for name in available_timezones() if name.startswith(("Europe/", "Atlantic/")))
DOMAIN: Final = re.compile(r"(?=.{4,120}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
WHOLE_COUNTRY: Final = "national"
ROLE_HINTS: Final = {
    "caseworker": _("Works on the cases assigned to them."),
    "intake": _("Sees all cases of the organisation, answers referrals."),
    "supervisor": _("Sees all cases of the organisation, assigns colleagues, ends sharing."),
    "decision_maker": _("Records decisions, where this organisation decides."),
    "guardian": _("Sees the file of the child they are guardian of."),
    "custodian": _("Approves, together with a second one, that a safe location is released."),
    "data_protection_officer": _("Reads who looked at what; sees no case."),
    "auditor": _("Reads the record of changes; sees no case."),
    "organisation_administrator": _("Manages colleagues; sees no case. Not together with supervisor or custodian."),
}


class ConfirmForm(NrmForm):
    """A page that only asks: shall this be done?"""


def roles_field() -> CheckboxesField:
    return CheckboxesField(
        label=_("Roles"),
        choices=codes.get("membership_role").choices(),
        hints=ROLE_HINTS,
        help_text=_(
            "Supervisor, intake, custodian and data-protection officer hold once somebody else in the organisation has"
            " confirmed them; the others at once."
        ),
    )


def email_field(**options: Any) -> forms.EmailField:
    return forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        error_messages={
            "required": _("Enter an e-mail address."),
            "invalid": _("Enter an e-mail address such as name@example.org."),
        },
        **options,
    )


class InviteForm(NrmForm):
    email = email_field()
    roles = roles_field()


class FirstAdministratorForm(NrmForm):
    email = email_field()


class RolesForm(NrmForm):
    roles = roles_field()


class DomainsField(Text):
    """Domains of mail addresses, separated by commas or spaces; kept in small letters and without a leading @."""

    def prepare_value(self, value: Any) -> Any:
        """A stored list as it is typed."""
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        """The domains; refuses what is none."""
        typed = super().clean(value).replace(",", " ").split()
        domains = list(dict.fromkeys(one.lower().removeprefix("@") for one in typed))
        wrong = next((one for one in domains if not DOMAIN.fullmatch(one)), None)
        if wrong is not None:
            raise ValidationError(_("“%(text)s” is no domain. Write it such as example.org."), params={"text": wrong})
        return domains


class OrganisationForm(NrmForm):
    """Name, place and services; ``CreateOrganisationForm`` adds the kind, which never changes."""

    name = Text(label=_("Name"), max_length=120, error_messages={"required": _("Enter the name.")})
    region = SelectField(
        label=_("Region"),
        required=False,
        help_text=_("Leave empty when it works in the whole country."),
    )
    serves_regions = CheckboxesField(
        label=_("Takes referrals from"),
        required=False,
        help_text=_("Choose none when it takes them from the whole country."),
    )
    services = CheckboxesField(
        label=_("Services"), required=False, help_text=_("Other organisations find it by what it offers.")
    )
    email = email_field(required=False)
    phone = Text(label=_("Telephone of the duty desk"), required=False, max_length=40, width="20")
    email_domains = DomainsField(
        label=_("Domains of its mail addresses"),
        required=False,
        max_length=400,
        help_text=_(
            "Separated by commas, such as example.org. A colleague whose address lies outside them is pointed out to"
            " whoever confirms the roles. Leave empty when it has none of its own."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        regions = [(code, lazystr(one.name)) for code, one in active().regions.items() if code != WHOLE_COUNTRY]
        choices: dict[str, Any] = {
            "region": [("", ""), *regions],
            "serves_regions": regions,
            "services": codes.get("service").grouped_choices("group"),
        }
        for name, chosen in choices.items():
            cast(forms.ChoiceField, self.fields[name]).choices = chosen
        for name in ("serves_regions", "services"):
            self.fields[name].widget.attrs["class"] = "govuk-checkboxes--small"


class CreateOrganisationForm(OrganisationForm):
    kind = SelectField(
        label=_("Kind"),
        choices=codes.get("organisation_kind").choices(),
        help_text=_("It decides what others may share with it and cannot be changed later."),
        error_messages={"required": _("Choose the kind.")},
    )
    field_order = ("name", "kind")


class AcceptInvitationForm(NrmForm):
    """What a new person fills in."""

    name = Text(
        label=_("Your name"),
        max_length=120,
        help_text=_("Colleagues see it, and it stands in the record of what you do."),
        error_messages={"required": _("Enter your name.")},
    )
    language = RadioField(label=_("Language"), choices=LANGUAGES)
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters. Three or four words that do not belong together are easy to remember."),
        error_messages={"required": _("Enter a password.")},
    )
    password_again = forms.CharField(
        label=_("Password again"),
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("Enter the password a second time.")},
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        """The password is strong enough, unlike name and address, and typed twice alike."""
        cleaned = super().clean()
        password = cleaned.get("password")
        if not password:
            return cleaned
        try:
            validate_password(password, User(email=self.email, name=cleaned.get("name", "")))
        except ValidationError as error:
            self.add_error("password", error)
        if "password_again" in cleaned and cleaned["password_again"] != password:
            self.add_error("password_again", _("The two passwords differ. Type the same one twice."))
        return cleaned

    def arguments(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("name", "language", "password")}


class SecretForm(NrmForm):
    """What opens a hidden screen: the PIN, or the password of who has set none."""

    secret = forms.CharField(
        strip=False, max_length=LONGEST_PASSWORD, error_messages={"required": _("Type it to continue.")}
    )

    def __init__(self, *args: Any, has_pin: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        typed = (
            {"inputmode": "numeric", "autocomplete": "new-password"}
            if has_pin
            else {"autocomplete": "current-password"}
        )
        self.fields["secret"].label = _("PIN") if has_pin else _("Password")
        self.fields["secret"].widget = forms.PasswordInput(attrs=typed)


class PinForm(NrmForm):
    """A new PIN, typed twice, with the password."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("Enter your password.")},
    )
    pin = forms.CharField(
        label=_("New PIN"),
        max_length=40,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "new-password"}),
        help_text=_("6 to 12 digits that nobody would try first."),
        error_messages={"required": _("Enter a PIN.")},
    )
    pin_again = forms.CharField(
        label=_("New PIN again"),
        max_length=40,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "new-password"}),
        error_messages={"required": _("Enter the PIN a second time.")},
    )

    def clean(self) -> dict[str, Any]:
        """The PIN is typed twice alike."""
        cleaned = super().clean()
        if "pin" in cleaned and "pin_again" in cleaned and cleaned["pin"] != cleaned["pin_again"]:
            self.add_error("pin_again", _("The two PINs differ. Type the same one twice."))
        return cleaned

    def arguments(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("password", "pin")}


class TimeChoice(forms.TypedChoiceField):
    """A time of the day from a list, such as 17:30."""

    def prepare_value(self, value: Any) -> Any:
        """A stored time as it stands in the list."""
        return value.isoformat("minutes") if isinstance(value, time) else value


class PreferencesForm(NrmForm):
    """In which language, when it is morning, and of what one wants to be mailed."""

    language = RadioField(label=_("Language"), choices=LANGUAGES)
    time_zone = SelectField(
        label=_("Time zone of your mornings"),
        required=False,
        choices=[("", _("As the country")), *((name, name.replace("_", " ")) for name in ZONES)],
        help_text=_("For the daily mail. Deadlines are counted as the country counts them."),
    )
    mails = RadioField(
        label=_("Mail about your tasks"),
        choices=MailWish.choices,
        help_text=_(
            "What the law demands is mailed in any case: a day that the law sets, an emergency, a consent withdrawn."
            " A mail says how many tasks wait, and nothing about them."
        ),
        error_messages={"required": _("Choose one of these.")},
    )
    digest_at = TimeChoice(
        label=_("The daily mail comes at"),
        choices=[(at.isoformat("minutes"), at.strftime("%H:%M")) for at in DIGEST_TIMES],
        coerce=time.fromisoformat,
        error_messages={"required": _("Choose one of these.")},
    )


class SwitchForm(NrmForm):
    membership = forms.UUIDField(widget=forms.HiddenInput)


def initial_of(organisation: Organisation) -> dict[str, Any]:
    """What stands in the form before anything is changed."""
    return {name: getattr(organisation, name) for name in OrganisationForm.base_fields}
