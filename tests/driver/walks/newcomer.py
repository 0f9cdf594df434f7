"""Opening a wallet."""

from tests.driver.inspection import Inspector
from tests.driver.person import Person

NEWCOMER = "Maria-Magdalena Wolfeschlegelsteinhausenbergerdorff"
NEWCOMER_EMAIL = "maria.magdalena.wolfeschlegelsteinhausen@example.com"


def newcomer(inspector: Inspector) -> None:
    """With a name as long as they come, from the email address to the first money."""
    with inspector.window() as maria:
        join(maria, inspector)
        set_up(maria, inspector)
        inspector.take(maria, "wallet-empty")
        maria.goto("/activity/")
        inspector.take(maria, "activity-empty")
        maria.goto("/wallet/")
        maria.press("demo money")
        inspector.take(maria, "wallet-first-money")


def join(maria: Person, inspector: Inspector) -> None:
    maria.goto("/register/")
    inspector.take(maria, "register")
    maria.ask_for_link("maria at example")
    inspector.take(maria, "register-wrong")
    maria.ask_for_link(NEWCOMER_EMAIL)
    inspector.take(maria, "register-sent")
    maria.open_mail()
    inspector.take(maria, "join")
    maria.introduce("", "ada", "short")
    inspector.take(maria, "join-wrong")
    maria.introduce(NEWCOMER, "maria_magdalena", maria.password)


def set_up(maria: Person, inspector: Inspector) -> None:
    inspector.take(maria, "setup-totp")
    maria.confirm_app("000000")
    inspector.take(maria, "setup-totp-wrong")
    maria.scan()
    maria.confirm_app(maria.code())
    inspector.take(maria, "setup-recovery")
    maria.press("Show my codes")
    inspector.take(maria, "setup-recovery-codes")
    maria.press("I have saved them")
    inspector.take(maria, "setup-pins")
    maria.choose_pins("1234", "12")
    inspector.take(maria, "setup-pins-wrong")
    maria.choose_pins()
