"""What is not text becomes a reference and a digest; its bytes are let go, wherever they stood."""

import base64
import hashlib
import json

import pytest
from hypothesis import given, strategies as st

from incidents.intake import operations
from incidents.intake.formats import attaching, reading
from incidents.intake.formats.catalogue import FORMATS
from incidents.intake.formats.reader import Reader
from incidents.intake.models import Content, Payload
from tests.intake.formats.cases import changed, errors_of, first_of
from tests.intake.native import native

BYTES = bytes(range(256)) * 4
CODED = base64.b64encode(BYTES).decode()
URL_SAFE = CODED.replace("+", "-").replace("/", "_")
SHA256 = hashlib.sha256(BYTES).hexdigest()


@pytest.mark.parametrize(
    ("part", "kind", "media_type"),
    [
        ({"type": "image_url", "image_url": {"url": f"data:image/png;base64,{CODED}"}}, "image", "image/png"),
        ({"type": "image_url", "image_url": f"DATA:image/png;charset=x;BASE64,{CODED}"}, "image", "image/png"),
        ({"type": "input_image", "image_url": f" data:image/webp;base64,{CODED.rstrip('=')}"}, "image", "image/webp"),
        ({"type": "input_audio", "input_audio": {"data": CODED, "format": "mp3"}}, "audio", "audio/mp3"),
        ({"type": "file", "file": {"file_data": f"data:text/plain;base64,{CODED}"}}, "file", "text/plain"),
        ({"type": "input_file", "file_data": CODED, "filename": "x.pdf"}, "file", ""),
        ({"type": "blob", "modality": "video", "mime_type": "video/mp4", "content": CODED}, "video", "video/mp4"),
        (
            {"type": "image", "source": {"media_type": "image/gif", "data": CODED}},
            "image",
            "image/gif",
        ),
        (
            {"type": "file", "data": URL_SAFE, "mime_type": "audio/x"},
            "audio",
            "audio/x",
        ),
    ],
)
def test_bytes_that_came_along_are_known_by_digest_and_size(part, kind, media_type):
    found = attaching.of_part(part)

    assert (found.kind, found.media_type, found.sha256, found.size) == (kind, media_type, SHA256, len(BYTES))
    assert found.address == ""


@pytest.mark.parametrize(
    ("part", "address", "name"),
    [
        ({"type": "image_url", "image_url": {"url": "https://a.example/x.png"}}, "https://a.example/x.png", ""),
        ({"type": "uri", "modality": "image", "uri": "gs://bucket/x"}, "gs://bucket/x", ""),
        (
            {"type": "input_file", "file_url": "https://a.example", "file_id": "file-1"},
            "https://a.example",
            "file-1",
        ),
        ({"type": "image", "source": {"type": "url", "url": "javascript:alert(1)"}}, "javascript:alert(1)", ""),
        ({"type": "image_url", "image_url": "https://a.example/\x00\x1b[31m" + "x" * 9_000}, None, ""),
        ({"type": "image_url"}, "", ""),
        ({"type": "image_url", "image_url": {"url": ["deep", {"er": 1}]}, "filename": 7}, "", ""),
    ],
)
def test_an_address_is_kept_as_text_that_fits(part, address, name):
    found = attaching.of_part(part)

    assert (found.sha256, found.size, found.name) == (None, None, name)
    assert found.address == address if address is not None else len(found.address) == 2_000
    assert not any(ord(letter) < 32 for letter in found.address)


def test_text_in_a_data_url_counts_as_its_bytes():
    found = attaching.attachment("image", address="data:image/svg+xml,%3Csvg%20onload%3D1%3E")

    assert (found.media_type, found.size) == ("image/svg+xml", len("<svg onload=1>"))


@given(st.dictionaries(st.sampled_from(["type", "image_url", "url", "data", "source", "file", "mime_type"]), st.text()))
def test_whatever_a_part_says_becomes_an_attachment_that_is_taken(part):
    record = native(generation={"messages": [{"role": "user", "content": "x"}]})
    [message] = record["generation"]["messages"]
    found = attaching.of_part(part)
    message["attachments"] = [{name: getattr(found, name) for name in found.__struct_fields__}]

    assert reading.decode(json.dumps(record).encode()).generation.messages[0].attachments == [found]


@pytest.mark.django_db
def test_neither_the_content_nor_the_record_that_is_kept_holds_the_bytes():
    case = first_of("openai-chat-completion")
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{CODED}"}}
    audio = {"type": "input_audio", "input_audio": {"data": CODED, "format": "wav"}}
    record = changed(case.record, "request.messages.1.content", [{"type": "text", "text": "Look."}, image, audio])

    operations.accept([record], source="tests", reader=Reader(FORMATS[case.slug]))

    kept = bytes(Payload.objects.get().body)
    assert CODED[:40].encode() not in kept
    assert json.loads(kept)["request"]["messages"][1]["content"][1]["image_url"]["url"].startswith("data:image/png")
    assert json.loads(kept) != record
    assert CODED[:40] not in json.dumps(Content.objects.get().messages)
    assert [one["sha256"] for one in Content.objects.get().messages[1]["attachments"]] == [SHA256, SHA256]


@pytest.mark.parametrize(
    "record",
    [
        b'{"text": "data: the new oil, and base64, too"}',
        b'{"id": "' + b"a1" * 64 + b'", "text": "' + b"no space " * 100 + b'"}',
        '{"text": "日本語のとても長い文章です。data:は関係ない"}'.encode(),
        b"\xff\xfe",
    ],
)
def test_a_record_without_bytes_of_media_is_kept_as_it_came(record):
    assert attaching.without_bytes(record) == record


@pytest.mark.parametrize("escaped", [False, True])
def test_bytes_are_left_out_of_json_within_json_and_with_escaped_slashes_too(escaped):
    coded = CODED.replace("/", "\\/") if escaped else CODED
    inner = b'[{\\"content\\": \\"%s\\", \\"uri\\": \\"data:a\\/b;base64,%s\\"}]' % ((coded.encode(),) * 2)
    record = b'{"value": "%s"}' % inner

    left = attaching.without_bytes(record)

    assert CODED[:30].encode() not in left
    assert json.loads(json.loads(left)["value"])[0].keys() == {"content", "uri"}


def test_an_event_that_comes_as_base64_is_looked_into():
    inner = json.dumps({"text": "Look.", "image": f"data:image/png;base64,{CODED}", "pad": "no bytes " * 60}).encode()
    event = b'{"id": "1", "data_base64": "%s"}'

    left = json.loads(attaching.without_bytes(event % base64.b64encode(inner)))

    data = json.loads(base64.b64decode(left["data_base64"]))
    assert data["text"] == "Look."
    assert data["image"].startswith("data:image/png;base64,(")
    calm = event % base64.b64encode(b'{"text": "%s"}' % (b"no bytes " * 60))
    assert attaching.without_bytes(calm) == calm


@pytest.mark.parametrize(
    ("wrong", "path", "sentence"),
    [
        ({"address": "data:image/png;base64,AAECAw=="}, "address", "no data: URL"),
        ({"address": "  DATA:,x"}, "address", "no data: URL"),
        ({"address": "a\nb"}, "address", "without control characters"),
        ({"name": "a\x7f"}, "name", "without control characters"),
        ({"kind": "hologram"}, "kind", "Must be one of image, audio, video, file."),
        ({"sha256": "A" * 64}, "sha256", "64 digits"),
        ({"sha256": "a" * 63}, "sha256", "64 digits"),
        ({"sha256": "a" * 64 + "\n"}, "sha256", "64 digits"),
        ({"size": -1}, "size", "whole number from 0"),
        ({"size": 0.5}, "size", "whole number from 0"),
        ({"bytes": "AAECAw=="}, "bytes", "Unknown field."),
    ],
)
def test_what_is_wrong_with_an_attachment_is_said_at_its_place(wrong, path, sentence):
    attachment = {"kind": "image"} | wrong
    record = native(generation={"messages": [{"role": "user", "content": "x", "attachments": [attachment]}]})

    with pytest.raises(reading.Invalid) as raised:
        reading.decode(json.dumps(record).encode())

    [(place, [said])] = raised.value.errors.items()
    assert place == f"generation.messages.0.attachments.0.{path}"
    assert sentence in said


def test_a_message_may_bring_a_hundred_attachments_and_no_more():
    message = {"role": "user", "content": "x", "attachments": [{"kind": "file"}] * 101}
    record = native(generation={"messages": [message]})

    with pytest.raises(reading.Invalid) as raised:
        reading.decode(json.dumps(record).encode())

    assert raised.value.errors == {"generation.messages.0.attachments": ["Must hold at most 100."]}


@pytest.mark.django_db
def test_the_digest_of_content_counts_attachments_and_stays_where_there_are_none():
    said = {"role": "user", "content": "Hello."}
    for number, message in enumerate(
        [said, said | {"attachments": []}, said | {"attachments": [{"kind": "image", "sha256": "a1" * 32}]}]
    ):
        operations.accept([native(external_id=str(number), generation={"messages": [message]})], source="tests")

    plain, empty, attached = (bytes(one.digest) for one in Content.objects.order_by("pk"))
    assert plain == empty == hashlib.sha256(b'[{"role":"user","content":"Hello."}]').digest()
    assert attached != plain


def test_an_envelope_takes_attachments_too():
    case = first_of("openai-moderation")
    messages = [{"role": "user", "content": "x", "attachments": [{"kind": "image", "address": "https://a.example"}]}]

    [alert] = case.convert(changed(case.record, "generation.messages", messages))

    assert alert["generation"]["messages"] == messages
    wrong = changed(case.record, "generation.messages", [messages[0] | {"attachments": [{"kind": "x"}]}])
    assert "generation.messages.0.attachments.0.kind" in errors_of(case, wrong)
