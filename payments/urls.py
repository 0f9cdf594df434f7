from django.urls import path

from payments import views

app_name = "payments"
urlpatterns = [
    path("wallet/", views.wallet, name="wallet"),
    path("wallet/reveal/", views.reveal, name="reveal"),
    path("wallet/hide/", views.hide, name="hide"),
    path("wallet/demo-money/", views.demo_money, name="demo_money"),
    path("activity/", views.activity, name="activity"),
    path("activity/<uuid:transfer_id>/", views.activity_detail, name="activity_detail"),
    path("send/", views.send, name="send"),
    path("send/<uuid:payment_id>/check/", views.send_check, name="send_check"),
    path("send/<uuid:payment_id>/done/", views.send_done, name="send_done"),
]
