"""The alarm clock rings for tasks that exist."""

from django.conf import settings

from nrm.celery import app


def test_every_scheduled_task_exists() -> None:
    app.loader.import_default_modules()
    wanted = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    assert wanted
    assert wanted <= set(app.tasks), wanted - set(app.tasks)


def test_only_json_is_accepted() -> None:
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_serializer == "json"
