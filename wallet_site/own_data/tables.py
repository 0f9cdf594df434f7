"""Every table of the database: what of it is a customer's to have, and why nothing else is.

Closed by default, like the pages: of a table or a column that is not named here nothing is given, and a test fails
until somebody has decided.
"""

from dataclasses import dataclass, field

SECRET = "It only serves to check a secret of yours, and would help who wants to guess it."
DIGEST = "A digest: it says nothing that the other columns don’t."
OTHERS = "It is about somebody else."
STAFF = "Who of our staff it was."
INNER = "How the site does its work: it says nothing about you."
BANKS = "The bank’s own: nothing in it is about you."


@dataclass(frozen=True)
class Given:
    """The rows whose `whose` (a path of the ORM) is the user's `by`, with these columns; the others with the reason."""

    whose: str
    columns: str
    withheld: dict[str, str] = field(default_factory=dict)
    by: str = "pk"


GIVEN = {
    "accounts_user": Given(
        "pk",
        "id email full_name handle date_joined last_login is_active is_staff is_superuser recovery_saved_at enrolled_at"
        " name_review name_review_at region time_zone",
        dict.fromkeys(["password", "view_pin", "payment_pin", "session_stamp"], SECRET) | {"handle_skeleton": DIGEST},
    ),
    "accounts_emailchange": Given(
        "user",
        "id user_id old_email new_email created_at expires_at old_opened_at new_opened_at ended_at is_done",
        dict.fromkeys(["old_digest", "new_digest", "stamp"], SECRET),
    ),
    "accounts_namewish": Given(
        "user",
        "id user_id former_name full_name asked_at accepted decided_at reason",
        {"decided_by_id": STAFF},
    ),
    "accounts_securityevent": Given("user", "id user_id kind at address agent", {"actor_id": STAFF}),
    "accounts_authenticator": Given(
        "user",
        "id name confirmed user_id public_id created_at",
        {"sealed_seed": SECRET, "key_id": SECRET, "last_step": SECRET},
    ),
    "accounts_recoverycode": Given("user", "id user_id created_at used_at", {"digest": SECRET, "key_id": SECRET}),
    "accounts_enrolmentcode": Given("user", "id user_id expires_at used_at", {"digest": SECRET, "key_id": SECRET}),
    "accounts_session": Given(
        "user",
        "id user_id verified started_at last_used_at expire_date address agent",
        {"session_key": SECRET, "former_key": SECRET, "session_data": SECRET},
    ),
    "accounts_stepup": Given("session__user", "id session_id kind expires_at"),
    "accounts_guard": Given("subject", "id subject kind failures locks locked_until tried_at", {"pending": INNER}),
    "accounts_mailedtoken": Given(
        "email", "id purpose email created_at expires_at used_at", {"digest": SECRET}, by="email"
    ),
    "ledger_account": Given(
        "owner",
        "id number owner_id name kind currency balance last_seq last_posted_at floor status opened_at",
        {"head": DIGEST},
    ),
    "ledger_entry": Given(
        "account__owner", "id account_id seq transfer_id side amount balance_after posted_at", {"digest": DIGEST}
    ),
    "ledger_transfer": Given(
        "entries__account__owner",
        "id amount currency kind memo reverses_id batch posted_at",
        dict.fromkeys(["debit_account_id", "credit_account_id", "initiated_by_id"], OTHERS)
        | {"fingerprint": DIGEST, "attempts": INNER, "waited_ms": INNER},
    ),
    "ledger_account_change": Given(
        "account__owner", "id account_id what old new why at", {"by_id": STAFF, "role": INNER}
    ),
    "payments_payment": Given(
        "payer",
        "id payer_id payer_account_id amount currency note created_at expires_at",
        {"payee_account_id": OTHERS},
    ),
    "payments_approval": Given("payment__payer", "id payment_id step at"),
    "notices_notice": Given("user", "id user_id kind about data at read_at"),
    "notices_preference": Given("user", "id user_id kind channel on"),
    "payments_payee": Given("owner", "id owner_id nickname starred last_name last_paid_at", {"person_id": OTHERS}),
    "statements_statement": Given(
        "account__owner",
        "id account_id kind number first_day last_day time_zone first_seq last_seq opening closing bank holder made_at",
        {"head": DIGEST, "names": "It is in the statement’s own file."},
    ),
    "statements_seal": Given("statement__account__owner", "statement_id note"),
    "statements_tag": Given("account__owner", "id account_id name"),
    "statements_tagged_line": Given("account__owner", "account_id seq tag_id"),
    "own_data_request": Given(
        "user",
        "id user_id asked_at made_at expires_at",
        dict.fromkeys(["next_at", "claimed_until", "tries", "gave_up_at"], INNER),
    ),
}

WITHHELD = {
    "accounts_tally": "Counts under pseudonyms, gone within a day: whose they are cannot be read from them.",
    "accounts_user_groups": "Roles of our staff.",
    "accounts_user_user_permissions": "Roles of our staff.",
    "auth_group": BANKS,
    "auth_group_permissions": BANKS,
    "auth_permission": BANKS,
    "django_admin_log": BANKS,
    "django_content_type": BANKS,
    "django_migrations": BANKS,
    "django_session": "Unused: sessions are in accounts_session.",
    "ledger_currency": BANKS,
    "ledger_hot_account": INNER,
    "ledger_posting_rule": BANKS,
    "ledger_log_leaf": "It is in the proof of each receipt.",
    "ledger_log_node": BANKS,
    "ledger_log_turn": INNER,
    "ledger_log_checkpoint": BANKS,
    "ledger_log_cosignature": BANKS,
    "statements_monthlyrun": INNER,
    "statements_pdfpart": "PDFs of statements, which can be made again at any time.",
    "statements_searched": INNER,
    "statements_searched_line": "A copy of what ledger_entry and ledger_transfer say, to be searched.",
    "notices_letter": "The mails to you, which say what notices_notice says.",
    "notices_outbox": INNER,
    "own_data_archive": "The files made for you, of which this is one.",
    **{f"ledger_lane_{number}": INNER for number in range(16)},
}
UNLISTED = "Nobody has decided yet what of this table may be given, so nothing is."
