import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.factories import make_api_key

Answer = Any
Post = Callable[..., Answer]


@pytest.fixture
def post(client: Client) -> Post:
    """Send a body to the alerts endpoint with a good key: parsed JSON, or bytes as they are."""
    _key, text = make_api_key("intake", source="tests")

    def send(body: Any, *, key: str = text, encoding: str = "", content_type: str = "application/json") -> Answer:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {key}"} | ({"Content-Encoding": encoding} if encoding else {})
        return client.post("/api/v1/alerts", data, content_type=content_type, headers=headers)

    return send
