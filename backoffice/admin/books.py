"""The books for staff to read. Nothing here can add, change or delete a row."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from inputs.search import SearchedAsMeant, number_search
from ledger import numbers
from ledger.currency import money
from ledger.models import Account, Entry, HotAccount, Side, Transfer

if TYPE_CHECKING:  # generic for the type checker only
    TabularInline = admin.TabularInline[Any, Any]
else:
    TabularInline = admin.TabularInline


ONE_ACCOUNT = "account__id__exact"  # the list of entries, as an account's page links to it


def link(row: Model) -> SafeString:
    url = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', url, shown(row) if isinstance(row, Account) else row)


def shown(account: Account) -> SafeString:
    """Its text, with a number that is neither broken nor translated."""
    whose, _, number = str(account).rpartition(" · ")
    return format_html('<span translate="no">{} · <span class="account-number">{}</span></span>', whose, number)


class ReadOnly:
    """For admins and inlines alike. Viewing still needs the view permission of the model."""

    def has_add_permission(self, *args: Any) -> bool:
        return False

    def has_change_permission(self, *args: Any) -> bool:
        return False

    def has_delete_permission(self, *args: Any) -> bool:
        return False


class ReadOnlyAdmin(ReadOnly, SearchedAsMeant):
    actions = None
    show_full_result_count = False  # no count of the whole table a page
    list_per_page = 50

    def meant(self, search_term: str) -> str:
        return number_search(search_term, digits=numbers.LENGTH)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Nothing is changed here, so there is no history of changes."""
        raise Http404


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    list_display = ("number_display", "owner", "name", "kind", "balance_display", "status", "last_posted_at")
    list_filter = ("kind", "currency", "status")
    list_select_related = ("owner",)
    search_fields = ("number", "name", "owner__email", "owner__handle", "owner__full_name")
    search_help_text = "Account number, or a customer's name, handle or email."
    date_hierarchy = "opened_at"
    ordering = ("-pk",)
    fields = (
        "number_display", "owner", "name", "kind", "currency", "balance_display", "floor_display", "status",
        "opened_at", "last_posted_at", "last_seq", "head_hex", "entries",
    )  # fmt: skip

    @admin.display(description="number", ordering="number")
    def number_display(self, account: Account) -> str:
        return account.number_display

    @admin.display(description="balance")
    def balance_display(self, account: Account) -> str:
        return money(account.balance, account.currency)

    @admin.display(description="lowest balance")
    def floor_display(self, account: Account) -> str:
        return "none" if account.floor is None else money(account.floor, account.currency)

    @admin.display(description="last digest")
    def head_hex(self, account: Account) -> str:
        return bytes(account.head).hex()

    @admin.display(description="entries")
    def entries(self, account: Account) -> SafeString:
        url = reverse("admin:ledger_entry_changelist")
        return format_html('<a href="{}?{}={}">{} entries</a>', url, ONE_ACCOUNT, account.pk, account.last_seq)


class EntryInline(ReadOnly, TabularInline):
    model = Entry
    template = "admin/ledger/read_only_inline.html"
    extra = 0
    fields = readonly_fields = ("account_link", "seq", "side", "amount_display", "balance_display", "digest_hex")
    ordering = ("-side",)
    verbose_name_plural = "the two entries"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        return super().get_queryset(request).select_related("account__owner")

    @admin.display(description="account")
    def account_link(self, entry: Entry) -> SafeString:
        return link(entry.account)

    @admin.display(description="amount")
    def amount_display(self, entry: Entry) -> str:
        return money(entry.amount, entry.account.currency)

    @admin.display(description="balance after")
    def balance_display(self, entry: Entry) -> str:
        return money(entry.balance_after, entry.account.currency)

    @admin.display(description="digest")
    def digest_hex(self, entry: Entry) -> str:
        return bytes(entry.digest).hex()


@admin.register(Transfer)
class TransferAdmin(ReadOnlyAdmin):
    list_display = (
        "reference",
        "posted_at",
        "amount_display",
        "debited",
        "credited",
        "kind",
        "initiated_by",
    )
    list_filter = ("kind", "currency", "posted_at")
    list_select_related = ("debit_account__owner", "credit_account__owner", "initiated_by")
    search_fields = (
        "=id",
        "memo",
        "initiated_by__email",
        *(
            f"{side}_account__{field}"
            for side in Side.values
            for field in ("number", "owner__full_name", "owner__handle", "owner__email")
        ),
    )
    search_help_text = "Full id, reference, memo, account number, or a customer's name, handle or email."
    date_hierarchy = "posted_at"
    ordering = ("-posted_at",)
    inlines = (EntryInline,)
    fields = (
        "id", "reference", "posted_at", "kind", "amount_display", "debit_account", "credit_account", "memo",
        "initiated_by", "reverses", "batch", "attempts", "waited_ms", "fingerprint_hex",
    )  # fmt: skip

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Transfer], search_term: str
    ) -> tuple[QuerySet[Transfer], bool]:
        first, last = Transfer.ids_of_reference(search_term) or (None, None)
        if first and (found := queryset.filter(pk__gte=first, pk__lte=last)).exists():
            return found, False  # otherwise perhaps a name or a note of eight letters
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="debit account")
    def debited(self, transfer: Transfer) -> SafeString:
        return shown(transfer.debit_account)

    @admin.display(description="credit account")
    def credited(self, transfer: Transfer) -> SafeString:
        return shown(transfer.credit_account)

    @admin.display(description="amount", ordering="amount")
    def amount_display(self, transfer: Transfer) -> str:
        return money(transfer.amount, transfer.currency)

    @admin.display(description="fingerprint")
    def fingerprint_hex(self, transfer: Transfer) -> str:
        return bytes(transfer.fingerprint).hex()


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    list_display = (
        "posted_at",
        "account_link",
        "seq",
        "side",
        "amount_display",
        "balance_display",
        "counterpart",
        "note",
        "transfer_link",
    )
    list_display_links = ("posted_at",)
    list_filter = ("side", "account__kind", "posted_at")
    list_select_related = ("account__owner", "transfer__debit_account__owner", "transfer__credit_account__owner")
    search_fields = (
        "=transfer__id",
        "account__number",
        "account__owner__email",
        "account__owner__handle",
        "account__owner__full_name",
        "transfer__memo",
    )
    search_help_text = "Transfer id or memo, account number, or a customer's name, handle or email."
    date_hierarchy = "posted_at"
    ordering = ("-pk",)
    fields = (
        "posted_at",
        "account_link",
        "seq",
        "side",
        "amount_display",
        "balance_display",
        "counterpart",
        "note",
        "transfer_link",
        "digest_hex",
    )

    account_link = EntryInline.account_link
    amount_display = EntryInline.amount_display
    balance_display = EntryInline.balance_display
    digest_hex = EntryInline.digest_hex

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        return lookup == ONE_ACCOUNT or super().lookup_allowed(lookup, value, request)

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """The entries of one account are a statement of it: they all have the same account."""
        names: tuple[str, ...] = super().get_list_display(request)  # type: ignore[assignment]
        return tuple(name for name in names if name != "account_link" or ONE_ACCOUNT not in request.GET)

    @admin.display(description="counterpart")
    def counterpart(self, entry: Entry) -> SafeString:
        transfer = entry.transfer
        debited = transfer.debit_account_id == entry.account_id
        return link(transfer.credit_account if debited else transfer.debit_account)

    @admin.display(description="note")
    def note(self, entry: Entry) -> str:
        return entry.transfer.memo

    @admin.display(description="transfer")
    def transfer_link(self, entry: Entry) -> SafeString:
        return link(entry.transfer)


@admin.register(HotAccount)
class HotAccountAdmin(ReadOnlyAdmin):
    """Which accounts payments queue for, learnt from attempts wasted."""

    list_display = ("account", "wasted_attempts", "queued_until")
    list_select_related = ("account__owner",)
    ordering = ("-wasted_attempts",)
    fields = list_display
