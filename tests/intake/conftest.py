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

    def send(
        body: Any, *, key: str = text, content_type: str = "application/json", query: str = "", **more: str
    ) -> Answer:
        """``more`` are headers: ``Content_Encoding="gzip"``."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {name.replace("_", "-"): value for name, value in more.items()}
        return client.post(
            f"/api/v1/alerts{query}",
            data,
            content_type=content_type,
            headers={"Authorization": f"Bearer {key}"} | headers,
        )

    return send
