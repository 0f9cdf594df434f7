from django.urls import path

from statements import views

app_name = "statements"
urlpatterns = [
    path("wallet/reveal/", views.reveal, name="reveal"),
    path("wallet/hide/", views.hide, name="hide"),
    path("activity/", views.activity, name="activity"),
    path("activity/tags/", views.tag_sums, name="tags"),
    path("activity/<uuid:transfer_id>/", views.activity_detail, name="activity_detail"),
    path("activity/<uuid:transfer_id>/tag/", views.activity_tag, name="activity_tag"),
]
