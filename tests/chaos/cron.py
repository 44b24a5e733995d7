"""What cron starts, in haste: ``python -m tests.chaos.cron``."""

import django
from django.core.management import call_command

if __name__ == "__main__":
    django.setup()
    from tests.chaos.haste import hurry

    hurry()
    call_command("send_reminders", verbosity=0)
