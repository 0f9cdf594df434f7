from django.urls import path

from accounts.views import joining, managing, recovering, setting_up, signing_in

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
    path("setup/totp/", setting_up.totp_page, name="setup_totp"),
    path("setup/recovery/", setting_up.recovery, name="setup_recovery"),
    path("setup/pins/", setting_up.pins, name="setup_pins"),
    path("settings/", managing.settings_page, name="settings"),
    path("settings/security/", managing.security, name="security"),
]
