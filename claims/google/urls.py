"""The addresses that Google's clients ask for, word for word."""

from django.urls import path, re_path

from . import views

app_name = "google"
urlpatterns = [
    path("v1alpha1/claims:search", views.claims_search, name="search"),
    path("$discovery/rest", views.rest_description, name="discovery"),
    # What else Google has below this version: markup of pages, and a search by picture.
    path("v1alpha1/claims:imageSearch", views.not_served),
    re_path(r"^v1alpha1/pages(?:/[\s\S]*)?\Z", views.not_served),
    re_path(r"^(?:v1alpha1|\$discovery)(?:/[\s\S]*)?\Z", views.nothing_here),
]
