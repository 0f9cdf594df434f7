from django.urls import path

from wallet_site.own_data import views

app_name = "own_data"
urlpatterns = [
    path("settings/data/", views.page, name="page"),
    path("settings/data/waiting/", views.waiting, name="waiting"),
    path("settings/data/download/", views.download, name="download"),
]
