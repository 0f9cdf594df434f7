from django.urls import path

import statements.urls
from payments import views

app_name = "payments"
urlpatterns = [
    path("wallet/", views.wallet, name="wallet"),
    path("wallet/latest/", views.latest, name="latest"),
    path("wallet/demo-money/", views.take_demo_money, name="demo_money"),
    path("send/", views.send, name="send"),
    path("send/<uuid:payment_id>/check/", views.send_check, name="send_check"),
    path("send/<uuid:payment_id>/done/", views.send_done, name="send_done"),
    path("payees/", views.payee_list, name="payees"),
    path("payees/<uuid:payee_id>/", views.payee_detail, name="payee"),
    # Names from before reading money had an app of its own, like payments:activity.
    *statements.urls.former,
]
