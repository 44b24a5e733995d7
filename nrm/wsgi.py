"""Entry point of the web processes."""

import os

from django.core.wsgi import get_wsgi_application

from nrm.checks import refuse_unsafe_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nrm.settings")
application = get_wsgi_application()
refuse_unsafe_start()
