from django.urls import path

from incidents.imports.views import files, mapping

app_name = "imports"

urlpatterns = [
    path("", files.import_list, name="list"),
    path("<int:pk>/", files.detail, name="detail"),
    path("<int:pk>/progress/", files.progress, name="progress"),
    path("<int:pk>/findings/", files.findings, name="findings"),
    path("<int:pk>/findings.csv", files.findings_csv, name="findings_csv"),
    path("<int:pk>/rehearse/", files.rehearse, name="rehearse"),
    path("<int:pk>/start/", files.start, name="start"),
    path("<int:pk>/cancel/", files.cancel, name="cancel"),
    path("<int:pk>/discard/", files.discard, name="discard"),
    path("<int:pk>/mapping/", mapping.edit, name="mapping"),
    path("<int:pk>/mapping/json/", mapping.edit_json, name="mapping_json"),
    path("<int:pk>/mapping/choose/", mapping.choose, name="mapping_choose"),
    path("<int:pk>/mapping/save/", mapping.save, name="mapping_save"),
]
