"""Addresses below /admin/claims/annotate/, in the name space of the admin."""

from django.contrib import admin
from django.urls import path

from . import views

view = admin.site.admin_view

urlpatterns = [
    path("choices/<slug:what>/", view(views.choices), name="annotate_choices"),
    path("<int:snapshot_id>/", view(views.annotate), name="annotate"),
    path("<int:snapshot_id>/passage/", view(views.passage), name="annotate_passage"),
    path("<int:snapshot_id>/similar/", view(views.similar), name="annotate_similar"),
    path("<int:snapshot_id>/suggestions/", view(views.suggestions), name="annotate_suggestions"),
    path("<int:snapshot_id>/quote/", view(views.quote), name="annotate_quote"),
    path("<int:snapshot_id>/notes/<int:note_id>/", view(views.finish_note), name="annotate_note"),
    path("<int:snapshot_id>/make/<slug:action>/", view(views.make), name="annotate_make"),
]
