from django.urls import path

from notices import views

app_name = "notices"
urlpatterns = [
    path("notices/", views.listed, name="list"),
    path("notices/read/", views.all_read, name="all_read"),
    path("notices/<uuid:notice_id>/", views.opened, name="opened"),
    path("settings/notices/", views.preferences, name="preferences"),
]
