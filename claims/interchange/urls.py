"""Addresses below /admin/claims/annotate/, in the name space of the admin, beside the annotate screen."""

from django.contrib import admin
from django.urls import path

from . import views

urlpatterns = [
    path(
        "<int:snapshot_id>/annotations.jsonld",
        admin.site.admin_view(views.export_annotations),
        name="annotations_export",
    ),
    path(
        "<int:snapshot_id>/import/",
        admin.site.admin_view(views.import_annotations),
        name="import_annotations",
    ),
]
