"""The WSGI application that granian serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.limit.settings")

application = get_wsgi_application()

# As ours does.
gc.collect()
gc.freeze()
