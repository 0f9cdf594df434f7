from django.urls import path

from accounts.entry import shown_codes
from accounts.entry.changing import overview, region
from accounts.entry.changing import views as changing
from accounts.entry.changing_email import views as changing_email
from accounts.entry.changing_name import views as changing_name
from accounts.entry.joining import views as joining
from accounts.entry.recovering import views as recovering
from accounts.entry.setting_up import views as setting_up
from accounts.entry.signing_in import views as signing_in
from accounts.sessions import views as sessions

app_name = "accounts"
urlpatterns = [
    path("register/", joining.register, name="register"),
    path("register/sent/", joining.register_sent, name="register_sent"),
    path("join/", joining.join_form, name="join_form"),
    path("join/<str:token>/", joining.join, name="join"),
    path("login/", signing_in.login, name="login"),
    path("login/code/", signing_in.login_code, name="login_code"),
    path("logout/", signing_in.logout, name="logout"),
    path("recover/", recovering.recover, name="recover"),
    path("recover/sent/", recovering.recover_sent, name="recover_sent"),
    path("reset/", recovering.reset_form, name="reset_form"),
    path("reset/<str:token>/", recovering.reset, name="reset"),
    path("setup/totp/", setting_up.totp_page, name="setup_totp"),
    path("setup/recovery/", setting_up.recovery, name="setup_recovery"),
    path("setup/pins/", setting_up.pins, name="setup_pins"),
    path("settings/", overview.settings_page, name="settings"),
    path("settings/email/", changing_email.email, name="change_email"),
    path("settings/email/stop/", changing_email.stop, name="stop_email_change"),
    path("email/", changing_email.answer, name="email_form"),
    path("email/<str:token>/", changing_email.link, name="email_link"),
    path("settings/name/", changing_name.name, name="change_name"),
    path("settings/name/take-back/", changing_name.take_back, name="take_name_back"),
    path("settings/region/", region.region, name="region"),
    path("settings/security/", overview.security, name="security"),
    path("settings/sessions/", sessions.sessions_page, name="sessions"),
    path("settings/session/", sessions.session, name="session"),
    path("settings/security/password/", changing.password, name="change_password"),
    path("settings/security/pins/", changing.pins, name="change_pins"),
    path("settings/security/recovery/", changing.recovery, name="change_recovery"),
    path("settings/security/recovery/file/", shown_codes.download, name="recovery_file"),
    path("settings/security/authenticator/", changing.authenticator, name="change_authenticator"),
    path("settings/security/authenticator/new/", changing.new_authenticator, name="new_authenticator"),
]
