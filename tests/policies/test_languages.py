"""A clause says which languages it applies to: shown, written, compared, exported and read back."""

import pytest

from policies import comparisons, exports, operations, tags
from policies.clause_form import raw_of_text
from policies.files import layout
from policies.models import ClauseVersion, PolicyVersion
from tests.factories import make_clause, make_policy, make_policy_version, make_user, publish
from trust.refusals import Refused

pytestmark = pytest.mark.django_db
DRAFT = "/policies/clauses/spam.tea/draft/"


@pytest.fixture
def text() -> ClauseVersion:
    version = make_policy_version(policy=make_policy(key="spam"), status="draft", published_at=None)
    text = make_clause(key="spam.tea", title="Tea", public_text="Do not.", version=version)
    publish(version)
    return text


@pytest.fixture
def editor(client):
    editor = make_user(role="policy_editor")
    client.force_login(editor)
    return editor


def form_of(text, **changes) -> dict[str, str]:
    return {**raw_of_text(text, change_note=""), "change_note": "Why.", **changes}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", []),
        ("DE, pt-br  de", ["de", "pt-BR"]),
        ("zh-hant-hk; sr-LATN", ["zh-Hant-HK", "sr-Latn"]),
        ("sl-rozaj-biske, es-419, de-1996, x", ["sl-rozaj-biske", "es-419", "de-1996", "x"]),
        ("en-x-US-abcd", ["en-x-us-abcd"]),
    ],
)
def test_tags_are_kept_as_they_are_usually_written(typed, kept):
    assert tags.read(typed) == kept


@pytest.mark.parametrize("wrong", ["x", "german", "de_DE", "d", "de-", "de-DE-DE", "DE", "pt-br", "de-x", "a" * 40, ""])
def test_what_is_no_tag_is_refused(wrong):
    assert tags.refusal_of([wrong])


@pytest.mark.parametrize(
    ("meant", "said", "applies"),
    [
        ([], "fr", True),
        (["de"], "de", True),
        (["de", "fr"], "FR_ca", True),
        (["de"], "en", False),
        (["pt-BR"], "pt", True),
        (["pt-BR"], "pt-PT", False),
        (["pt"], "pt-PT", True),
        (["zh-Hant"], "zh-TW", True),
        (["zh-Hant"], "zh-Hans-SG", False),
        (["de-1996"], "de-CH", True),
        (["de"], "", True),
        (["de"], "german", True),
        (["de"], "und", True),
        (["de"], "den", False),
    ],
)
def test_a_clause_is_about_what_is_not_plainly_in_another_language(meant, said, applies):
    assert tags.applies(meant, said) is applies


def test_the_languages_of_a_clause_are_saved_shown_compared_and_exported(client, text, editor):
    response = client.post(DRAFT, form_of(text, languages="de, pt-br"))

    assert response.status_code == 302
    saved = ClauseVersion.objects.with_names().get(version__status="draft")
    assert saved.languages == ["de", "pt-BR"]
    assert 'value="de, pt-BR"' in client.get(DRAFT).text
    assert "de, pt-BR" in client.get(saved.get_absolute_url()).text
    assert "all languages" in client.get(text.get_absolute_url()).text
    [change] = comparisons.with_the_one_before(saved.version).found.changed
    assert [mark.word for mark in change.marks] == ["Languages changed"]
    assert [piece.text for row in change.rows for piece in row.pieces] == ["all languages", "de, pt-BR"]
    [document] = exports.documents_of([PolicyVersion.objects.select_related("policy").get(pk=saved.version_id)])
    files = {path: written.encode() for path, written in layout.render(document).items()}
    assert b"languages:\n  - de\n  - " in files["spam/spam.tea.md"]
    assert operations.draft_document(layout.parse(files), by=editor) is None


def test_what_names_no_language_is_told_beside_the_field(client, text, editor):
    response = client.post(DRAFT, form_of(text, languages="de, Klingon language"))

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["languages"]
    assert "id_languages_error" in response.text


def test_what_names_no_language_is_refused_whoever_sends_it(text, editor):
    wording = operations.Wording(title="T", definition="D", public_text="P", languages=["<b>"])

    with pytest.raises(Refused, match="names no language"):
        operations.draft_clause(text.clause, wording=wording, change_note="Why.", by=editor)
