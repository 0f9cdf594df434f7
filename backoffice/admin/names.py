"""Names asked for: staff accept or refuse each, and the customer reads which."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.entry.changing_name import wishes
from accounts.models import NameWish, User
from backoffice.admin.people import ReadOnly
from backoffice.roles import DECIDE_NAMES
from inputs.fields import ChoiceField, LineField
from inputs.forms import OneValueEach

ACCEPT, REFUSE = "accept", "refuse"


class DecisionForm(OneValueEach):
    decision = ChoiceField(choices=[(ACCEPT, ""), (REFUSE, "")])
    reason = LineField(max_length=200, required=False)

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("decision") == REFUSE and not self.cleaned_data.get("reason"):
            self.add_error("reason", forms.ValidationError("Say why: the customer reads it.", code="required"))


class StateFilter(admin.SimpleListFilter):
    """What waits for a decision, unless another list is asked for."""

    title = "state"
    parameter_name = "state"
    states = {"accepted": True, "refused": False}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("accepted", "Accepted"), ("refused", "Refused"), ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [{**first, "display": "Waiting"}, *others]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        chosen = self.value()
        if chosen in self.states:
            return queryset.filter(accepted=self.states[chosen])
        return queryset if chosen == "all" else queryset.filter(decided_at=None)


@admin.register(NameWish)
class NameWishAdmin(ReadOnly):
    list_display = ["full_name", "former_name", "customer", "taken_for_the_bank", "asked_at", "state"]
    list_filter = [StateFilter]
    list_select_related = ["user"]
    ordering = ["asked_at"]
    fields = [
        "full_name", "former_name", "customer", "taken_for_the_bank", "asked_at", "state", "decided_at", "decided_by",
        "reason",
    ]  # fmt: skip

    @admin.display(description="customer")
    def customer(self, wish: NameWish) -> str:
        return str(wish.user)

    @admin.display(description="might be the bank’s", boolean=True)
    def taken_for_the_bank(self, wish: NameWish) -> bool:
        return wishes.might_be_the_banks(wish.full_name)

    @admin.display(description="state")
    def state(self, wish: NameWish) -> str:
        return {None: "waiting", True: "accepted", False: "refused"}[wish.accepted]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With two buttons, for who may decide; a POST is one of them."""
        may_decide = request.user.has_perm(DECIDE_NAMES)
        if request.method == "POST":
            if not may_decide:
                raise PermissionDenied
            return self.decide(request, object_id)
        context = {"may_decide": may_decide, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        wish = self.get_object(request, object_id)
        if wish is None:
            raise Http404
        form = DecisionForm(request.POST)
        if not form.is_valid():
            for errors in form.errors.values():
                messages.error(request, " ".join(map(str, errors)))
            return redirect("admin:accounts_namewish_change", wish.pk)
        assert isinstance(request.user, User)
        try:
            if form.cleaned_data["decision"] == ACCEPT:
                wishes.accept(request, wish, actor=request.user)
                messages.success(request, f"{wish.former_name} is called {wish.full_name} from now on.")
            else:
                wishes.refuse(request, wish, actor=request.user, reason=form.cleaned_data["reason"])
                messages.success(request, f"{wish.former_name} keeps this name, and reads why.")
        except wishes.AlreadyDecided:
            messages.warning(request, "This was decided or taken back meanwhile. Nothing was done.")
        return redirect("admin:accounts_namewish_changelist")
