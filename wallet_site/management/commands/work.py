from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string

from work.loop import Station, Worker


class Command(BaseCommand):
    help = "Does what is due, beside the web server: any number of these share the work. SIGTERM ends it in order."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="end when nothing is due any more")

    def handle(self, *, once: bool, **options: Any) -> None:
        worker = Worker([Station(name, import_string(name)) for name in settings.WORK])
        worker.stop_on_signals()
        if not once:
            return worker.run()
        while worker.round():
            pass
        return None
