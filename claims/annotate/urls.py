"""Addresses below /admin/claims/annotate/, in the name space of the admin."""

from django.contrib import admin
from django.urls import path

from . import views

urlpatterns = [
    path("<int:snapshot_id>/", admin.site.admin_view(views.annotate), name="annotate"),
]
