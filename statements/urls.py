from django.urls import path

from statements import views
from statements.proofs.urls import urlpatterns as proofs

app_name = "statements"
urlpatterns = [
    path("wallet/reveal/", views.reveal, name="reveal"),
    path("wallet/hide/", views.hide, name="hide"),
    path("activity/", views.activity, name="activity"),
    path("activity/<uuid:transfer_id>/", views.activity_detail, name="activity_detail"),
    *proofs,
]
