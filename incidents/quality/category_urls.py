from django.urls import path

from incidents.quality import coverage_views, views

app_name = "categories"

urlpatterns = [
    path("", views.categories, name="list"),
    path("taxonomies/", coverage_views.taxonomies, name="taxonomies"),
    path("taxonomies/mappings/<int:pk>/remove/", coverage_views.unmap_category, name="unmap"),
    path("taxonomies/<str:name>/<str:version>/", coverage_views.taxonomy, name="taxonomy"),
    path("taxonomies/<str:name>/<str:version>/map/", coverage_views.map_category, name="map"),
]
