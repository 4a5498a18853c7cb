"""Files are cut into records within limits; what cannot be imported is told in a sentence."""

import gzip
import io
import json
import zlib
from contextlib import suppress

import pytest
from hypothesis import given, strategies

from incidents.imports import cutting
from incidents.intake.formats.catalogue import FORMATS

BOMB = gzip.compress(b" " * 30_000_000, mtime=0)


def cut(content: bytes, slug: str = "native") -> list[cutting.Record]:
    return [record for part in cutting.parts(io.BytesIO(content), FORMATS[slug]) for record in part]


def test_lines_keep_their_places_and_blank_ones_are_none():
    assert cut(b'\xef\xbb\xbf{"a": 1}\n\n  {"b": 2}  \r\nbroken') == [
        (0, b'{"a": 1}'),
        (2, b'{"b": 2}'),
        (3, b"broken"),
    ]


@pytest.mark.parametrize("text", [b'[{"a": 1}, {"b": 2}]', b'[\n  {"a": 1},\n  {"b": 2}\n]\n'])
def test_an_array_is_cut_into_its_elements(text):
    assert [json.loads(said) for _place, said in cut(text)] == [{"a": 1}, {"b": 2}]


def test_an_object_over_several_lines_is_one_record():
    assert [json.loads(said) for _place, said in cut(b'{\n "a": 1\n}\n')] == [{"a": 1}]


def test_rows_of_a_csv_are_objects_also_when_packed_twice_over_in_members():
    content = gzip.compress(b"a,b\n1,2\n", mtime=0) + gzip.compress(b"3,4\n", mtime=0)

    assert [json.loads(said) for _place, said in cut(content, "csv")] == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]


@pytest.mark.parametrize(
    ("content", "slug", "sentence"),
    [
        (b"", "native", "is empty"),
        (b"", "csv", "is empty"),
        (gzip.compress(b"", mtime=0), "native", "is empty"),
        (b"\n \n\n", "native", "holds no record"),
        (b"[]", "native", "holds no record"),
        (b"a,b\n", "csv", "holds no record"),
        (b"a,a\n1,2\n", "csv", "same name"),
        (b"a,b\n1,\xff\n", "csv", "not UTF-8"),
        ("a,b\n1,2\n".encode("utf-16"), "csv", "UTF-16"),
        (b'a,b\n1,"2\n', "csv", "not CSV"),
        (b"a\n" + b"x" * 2_000_000, "csv", "longer than"),
        (b'a\n"' + b"x\n" * 700_000 + b'"', "csv", "not CSV"),
        (b"[1, 2", "native", "array cannot be read"),
        (b"[" * 100_000, "native", "array cannot be read"),
        (b"[" + b"1," * 1_100_000 + b"1]", "native", "too long to be cut"),
        (b"{" + b"x" * 2_000_000, "native", "Line 1 is longer"),
        (b'{"a": 1}\n' + b"x" * 2_000_000, "native", "Line 2 is longer"),
        (gzip.compress(b'{"a": 1}\n' * 1000, mtime=0)[:-9], "native", "cut short"),
        (b"\x1f\x8b\x08" + b"x" * 100, "native", "gzip"),
        (gzip.compress(gzip.compress(b"{}", mtime=0), mtime=0), "native", "gzip within gzip"),
        (b"PK\x03\x04" + b"x" * 100, "csv", "ZIP"),
        (BOMB, "native", "times its size"),
        (BOMB, "csv", "longer than"),
    ],
)
def test_a_file_that_cannot_be_imported_is_told_why(content, slug, sentence):
    with pytest.raises(cutting.Unfit, match=sentence):
        cut(content, slug)


def test_more_than_the_limits_of_a_file_are_told(monkeypatch):
    monkeypatch.setattr(cutting, "MOST_RECORDS", 2)
    monkeypatch.setattr(cutting, "MOST_UNPACKED", 1_000)

    with pytest.raises(cutting.Unfit, match="More than 2 records"):
        cut(b"{}\n{}\n{}\n")
    with pytest.raises(cutting.Unfit, match="unpacked"):
        cut(b'{"a": 1}\n' * 1_000)


def test_parts_are_small_in_records_and_in_bytes(monkeypatch):
    monkeypatch.setattr(cutting, "BYTES_IN_PART", 100)
    many = list(cutting.parts(io.BytesIO(b"{}\n" * 2_500), FORMATS["native"]))
    large = list(cutting.parts(io.BytesIO((b'{"a": "' + b"x" * 90 + b'"}\n') * 4), FORMATS["native"]))

    assert max(len(part) for part in many) <= 51
    assert [len(part) for part in large] == [2, 2]


@given(strategies.binary(max_size=300), strategies.sampled_from(["native", "csv"]), strategies.booleans())
def test_any_bytes_are_cut_or_told_why(content, slug, packed):
    with suppress(cutting.Unfit):
        assert cut(gzip.compress(content, mtime=0) if packed else content, slug)


def test_what_was_packed_is_unpacked_as_it_was():
    part = [(0, b'{"a": 1}'), (7, b"\xff\x00")]

    assert cutting.unpack(cutting.pack(part)) == part
    assert zlib.decompress(cutting.pack(part))
