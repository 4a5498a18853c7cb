from django.urls import path

from incidents.inbound import api

urlpatterns = [
    path("webhooks/openai/<uuid:token>", api.OpenAIWebhookView.as_view(), name="api-webhook-openai"),
]
