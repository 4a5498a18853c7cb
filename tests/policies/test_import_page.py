"""The import in the browser: a zip is looked at, then becomes drafts; what is wrong is told by file and line."""

import re
import stat
from io import BytesIO
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from policies import exports, operations, queries
from policies.files import archives, folders
from policies.models import Policy, PolicyVersion
from tests.factories import make_clause, make_policy, make_policy_version, make_user, publish
from trust.audit.models import AuditEvent

pytestmark = pytest.mark.django_db

IMPORT = "/policies/import/"


@pytest.fixture
def editor(client):
    person = make_user(role="policy_editor", name="Mira Sand")
    client.force_login(person)
    return person


@pytest.fixture
def spam() -> PolicyVersion:
    return make_in_force("spam")


def make_in_force(key: str) -> PolicyVersion:
    version = make_policy_version(
        policy=make_policy(key=key), status="draft", published_at=None, summary="Not asked for.", change_note="First."
    )
    case = [{"text": "A case.", "reason": "A reason."}]
    for name in ("tea", "ode"):
        make_clause(version=version, key=f"{key}.{name}", violates=case, does_not_violate=case)
    return publish(version)


def files_of(*versions: PolicyVersion, note: str = "It was unclear.") -> dict[str, str]:
    """The exported files, with a definition changed in each policy."""
    files = exports.files_of(list(versions))
    changed = {path: text.replace("What this is about.", "What tea is about.") for path, text in files.items()}
    return {path: text.replace("change_note: First.", f"change_note: {note}") for path, text in changed.items()}


def send(client, data: bytes, **fields):
    return client.post(IMPORT, {**fields, "file": SimpleUploadedFile("policies.zip", data)})


def make(client, page, **fields):
    again = {name: page.context["again"][name].value() for name in ("archive", "note")}
    return client.post(IMPORT, {**again, "make": "1", **fields})


def test_a_zip_is_looked_at_and_then_becomes_a_draft(client, editor, spam):
    page = send(client, folders.archive(files_of(spam)))

    assert page.status_code == 200
    assert "Draft of version 2" in page.text
    assert "<ins>" in page.text
    assert not PolicyVersion.objects.unpublished().exists()
    assert not AuditEvent.objects.filter(kind="policy.imported").exists()

    answer = make(client, page)

    draft = PolicyVersion.objects.unpublished().get()
    assert answer["Location"] == "/policies/spam/versions/2/review/"
    assert (draft.status, draft.created_by, draft.change_note) == ("draft", editor, "It was unclear.")
    assert queries.text_of(draft).clauses[0].definition == "What tea is about."


def test_what_the_note_says_takes_the_place_of_that_in_the_files(client, editor, spam):
    make(client, send(client, folders.archive(files_of(spam)), note="Because of tea."))

    assert PolicyVersion.objects.unpublished().get().change_note == "Because of tea."


def test_what_differs_nowhere_makes_no_draft(client, editor, spam):
    page = send(client, folders.archive(exports.files_of([spam])))

    assert "Nothing differs" in page.text
    assert 'name="make"' not in page.text
    assert make(client, page)["Location"] == "/policies/"
    assert not PolicyVersion.objects.unpublished().exists()


def test_the_draft_of_another_is_in_the_way_of_all_and_nothing_is_lost(client, editor, spam):
    other, hate = make_user(role="policy_editor", name="Pia Vale"), make_in_force("hate")
    page = send(client, folders.archive(files_of(spam, hate)))
    operations.open_draft(hate.policy, by=other)

    answer = make(client, page)

    assert answer.status_code == 409
    assert "Pia Vale is drafting version 2" in answer.text
    assert 'href="/policies/hate/versions/2/review/"' in answer.text
    assert 'aria-disabled="true"' in answer.text
    assert answer.context["again"]["archive"].value() == page.context["again"]["archive"].value()
    assert PolicyVersion.objects.unpublished().get().policy == hate.policy


def test_ones_own_draft_is_said_to_be_replaced(client, editor, spam):
    operations.open_draft(spam.policy, by=editor)

    page = send(client, folders.archive(files_of(spam)))

    assert "Your draft of version 2 is replaced" in page.text


def test_all_that_is_wrong_is_told_with_file_and_line(client, editor, spam):
    files = {path: text.encode() for path, text in files_of(spam).items()}
    files["spam/spam.tea.md"] = files["spam/spam.tea.md"].replace(b"## Definition", b"## Definitions")
    files["spam/spam.ode.md"] = files["spam/spam.ode.md"].replace(b"Do not do this.", b"Do not <b>\xff</b>.")
    zipped = BytesIO()
    with ZipFile(zipped, "w") as archive:
        for path, data in files.items():
            archive.writestr(path, data)

    page = send(client, zipped.getvalue(), note="Kept <i>note</i>.")

    assert page.status_code == 422
    assert re.search(r"spam/spam.ode.md, line \d+: This is not UTF-8.", page.text)
    assert re.search(r"spam/spam.tea.md, line \d+: The heading “## Definitions” has no place here.", page.text)
    assert "Kept &lt;i&gt;note&lt;/i&gt;." in page.text


def test_limits_of_the_form_hold_for_files_too(client, editor, spam):
    files = files_of(spam)
    files["spam/spam.tea.md"] = files["spam/spam.tea.md"].replace("What tea is about.", "x" * 10_001)

    assert "10000 are the most" in send(client, folders.archive(files)).text


def entry(name: str, *, mode: int = stat.S_IFREG | 0o644, data: bytes = b"x", how: int = ZIP_DEFLATED) -> bytes:
    held = BytesIO()
    with ZipFile(held, "w") as zipped:
        info = ZipInfo(name)
        info.external_attr, info.compress_type = mode << 16, how
        zipped.writestr(info, data)
    return held.getvalue()


def locked() -> bytes:
    data = bytearray(entry("spam/policy.yaml"))
    central = data.index(b"PK\x01\x02")
    data[6] |= 1
    data[central + 8] |= 1
    return bytes(data)


HOSTILE = {
    "no zip": (b"PK\x03\x04 and no more", "no zip that can be read"),
    "nothing": (entry("README.md"), "No folder in it holds a policy.yaml"),
    "a path upwards": (entry("spam/../../policy.yaml"), "leads out of the zip"),
    "an absolute path": (entry("/spam/policy.yaml"), "leads out of the zip"),
    "a drive": (entry("C:/spam/policy.yaml"), "leads out of the zip"),
    "a backslash": (entry("spam\\policy.yaml"), "leads out of the zip"),
    "a link": (entry("spam/policy.yaml", mode=stat.S_IFLNK | 0o777, data=b"/etc/passwd"), "This is a link"),
    "a bomb": (entry("spam/policy.yaml", data=b"a" * 40_000_000), "larger than 1,000,000 bytes"),
    "another packing": (entry("spam/policy.yaml", how=ZIP_BZIP2), "packed in a way that is not read"),
    "a password": (locked(), "locked by a password"),
    "a broken file": (entry("spam/policy.yaml", data=b"abcdef" * 99).replace(b"PK\x01\x02", b"PK\x01\x03"), "no zip"),
    "too large": (b"x" * 1_000_001, "larger than 1,000,000 bytes"),
    "markup in a name": (entry("<script>/policy.yaml", data=b"\xff"), "not UTF-8"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_zip_is_refused_in_words(client, editor, name):
    data, told = HOSTILE[name]

    page = send(client, data)

    assert page.status_code == 422
    assert told in page.text
    assert "<script>/" not in page.text
    assert not Policy.objects.exists()


def test_no_zip_inflates_past_its_bound(client, editor, monkeypatch, spam):
    monkeypatch.setattr(archives, "MOST_UNPACKED", 1_000)
    monkeypatch.setattr(archives, "MOST_ENTRIES", 3)

    assert "Unpacked, it is larger than 1,000 bytes" in send(client, folders.archive(files_of(spam))).text
    assert "more than 3 files" in send(client, folders.archive({f"a/{n}.md": "" for n in range(4)})).text


def test_two_folders_with_one_policy_and_a_name_twice_are_refused(client, editor, spam):
    files = files_of(spam)
    both = {f"{place}/{path}": text for place in ("one", "two") for path, text in files.items()}

    assert "Two folders hold the policy “spam”" in send(client, folders.archive(both)).text
    assert send(client, folders.archive({f"one/{path}": text for path, text in files.items()})).status_code == 200

    held = BytesIO()
    with ZipFile(held, "w") as zipped:
        zipped.writestr("spam/policy.yaml", "x")
        with pytest.warns(UserWarning, match="Duplicate"):
            zipped.writestr("spam/policy.yaml", "x")
    assert "in the zip twice" in send(client, held.getvalue()).text


def test_what_was_tampered_with_between_the_pages_is_read_anew(client, editor):
    for archive in ("", "no base64!", "AAAA", "ü"):
        assert client.post(IMPORT, {"archive": archive, "make": "1"}).status_code == 422


@pytest.mark.parametrize("role", ["policy_approver", "lead", "reviewer", "auditor"])
def test_only_who_drafts_may_import(client, spam, role):
    client.force_login(make_user(role=role))

    assert send(client, folders.archive(files_of(spam))).status_code == 403
    assert IMPORT not in client.get("/policies/").text


def test_a_policy_that_is_new_comes_with_it(client, editor, spam):
    files = {
        path.replace("spam", "rhymes"): text.replace("spam", "rhymes").replace("version: 1", "version: 0")
        for path, text in files_of(spam).items()
    }

    make(client, send(client, folders.archive(files)))

    assert PolicyVersion.objects.unpublished().get().policy.key == "rhymes"


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_policy_is_exported_edited_and_brought_back_as_a_draft(visitor, spam, tmp_path):
    page = visitor.open("/policies/spam/", by=make_user(role="policy_editor"))
    with page.expect_download() as loading:
        page.keyboard.press("d")
    files = {path: data.decode() for path, data in unzipped(loading.value.path().read_bytes()).items()}
    edited = {path: text.replace("What this is about.", "What *tea* is about.") for path, text in files.items()}
    place = tmp_path / "edited.zip"
    place.write_bytes(folders.archive(edited))

    page.goto("/policies/")
    page.get_by_role("link", name="Import", exact=True).click()
    assert visitor.faults_in_every_dress(page) == []
    page.get_by_label("Why it changes").fill("It was unclear.")
    page.get_by_label("File").set_input_files(place)
    page.get_by_role("button", name="Look at the changes").click()
    page.wait_for_selector("ins")
    assert visitor.faults_in_every_dress(page) == []
    page.get_by_role("heading", level=1).focus()
    page.keyboard.press("s")

    page.wait_for_url("**/policies/spam/versions/2/review/")
    assert page.get_by_text("1 policy is a draft now.").is_visible()
    assert PolicyVersion.objects.get(number=2).status == "draft"


def unzipped(data: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(data)) as zipped:
        return {name: zipped.read(name) for name in zipped.namelist()}
