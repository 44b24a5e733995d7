"""``python -m tests.bench [cases …] [--explain MILLISECONDS]``: fill, measure, print; 10,000 and 100,000 by default.

It starts a PostgreSQL of its own (kept in NRM_BENCH_CLUSTER, when that is set) and needs about five minutes.
"""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from tests.bench.running import main  # noqa: E402 - models can be imported only now

main()
