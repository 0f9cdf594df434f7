"""Which kinds a customer is told of, by which channel."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django import forms
from django.forms import BoundField

from accounts.models import User
from inputs.forms import OneValueEach
from notices.models import CHOSEN, Channel, Kind, Preference


class Row(NamedTuple):
    label: str
    fields: list[BoundField]  # one a channel, in their order


class PreferencesForm(OneValueEach):
    """A tick a kind and channel. Security kinds are no question."""

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user
        off = set(Preference.objects.silenced().filter(user=user).values_list("kind", "channel"))
        for kind in CHOSEN:
            for channel in Channel:
                self.fields[name_of(kind, channel)] = forms.BooleanField(
                    label=f"{kind.label}: {channel.label.lower()}", required=False, initial=(kind, channel) not in off
                )

    def rows(self) -> Iterator[Row]:
        for kind in CHOSEN:
            yield Row(str(kind.label), [self[name_of(kind, channel)] for channel in Channel])

    def save(self) -> None:
        """All of them, in one statement."""
        chosen = [
            Preference(user=self.user, kind=kind, channel=channel, on=self.cleaned_data[name_of(kind, channel)])
            for kind in CHOSEN
            for channel in Channel
        ]
        Preference.objects.bulk_create(
            chosen, update_conflicts=True, unique_fields=["user", "kind", "channel"], update_fields=["on"]
        )


def name_of(kind: Kind, channel: Channel) -> str:
    return f"{kind.value}_{channel.value}"
