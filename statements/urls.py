from django.urls import path

from statements import statement_views, views
from statements.formats import FORMATS
from statements.proofs.urls import urlpatterns as proofs

app_name = "statements"
# What had a name in `payments` before reading money had an app of its own: see payments/urls.py.
former = [
    path("wallet/reveal/", views.reveal, name="reveal"),
    path("wallet/hide/", views.hide, name="hide"),
    path("activity/", views.activity, name="activity"),
    path("activity/<uuid:transfer_id>/", views.activity_detail, name="activity_detail"),
]
urlpatterns = [
    *former,
    *proofs,
    path("activity/export.csv", views.export, name="export"),
    path("activity/tags/", views.tag_sums, name="tags"),
    path("activity/<uuid:transfer_id>/tag/", views.activity_tag, name="activity_tag"),
    path("statements/", statement_views.statements, name="statements"),
    path("statements/<uuid:statement_id>/", statement_views.statement, name="statement"),
    *(
        path(
            f"statements/<uuid:statement_id>.{suffix}",
            statement_views.download,
            {"suffix": suffix},
            name=f"statement_{suffix}",
        )
        for suffix in FORMATS
    ),
    path("statements/<uuid:statement_id>/proof.json", statement_views.signed, name="statement_proof"),
    path("statements/<uuid:statement_id>/pdf/", statement_views.prepare_pdf, name="prepare_pdf"),
    path("statements/<uuid:statement_id>/pdf/<int:part>.pdf", statement_views.pdf_part, name="pdf_part"),
]
