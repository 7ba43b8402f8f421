"""Addresses below /admin/claims/queue/, in the name space of the admin."""

from django.contrib import admin
from django.urls import path

from . import views

view = admin.site.admin_view

urlpatterns = [
    path("", view(views.queue), name="queue"),
    path("many/", view(views.many), name="queue_many"),
    path("save/", view(views.save), name="queue_save"),
    path("forget/<int:pk>/", view(views.forget), name="queue_forget"),
]
