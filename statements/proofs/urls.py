from django.urls import path

from statements.proofs import views

urlpatterns = [
    path("log/checkpoint", views.checkpoint, name="log_checkpoint"),
    path("log/proof/inclusion/<str:size>/<str:index>/<str:leaf>", views.inclusion, name="log_inclusion"),
    path("log/proof/consistency/<str:old>/<str:new>", views.consistency, name="log_consistency"),
    path("verify/", views.verify, name="verify"),
    path("activity/<uuid:transfer_id>/proof.json", views.proof_file, name="proof_file"),
    path("activity/<uuid:transfer_id>/proof.svg", views.proof_picture, name="proof_picture"),
]
