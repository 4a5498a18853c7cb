"""Real data through the command into the database; the figures are those of each SOURCE.md."""

import gzip
import shutil

import pytest
from django.core.management import call_command
from django.db.models import Count

from incidents.intake.models import Alert, Content, Generation
from tests.samples import sample

pytestmark = pytest.mark.django_db


def imported(capsys, name: str, slug: str, *options: str) -> str:
    """Import a file and return the last line that the command printed."""
    call_command("import_alerts", str(sample(name)), "--format", slug, "--source", "samples", *options)
    return str(capsys.readouterr().out.splitlines()[-1])


def test_ailuminate_in_two_languages(capsys):
    for language in ("en_us", "fr_fr"):
        said = imported(capsys, f"ailuminate/demo_prompts_{language}.csv", "ailuminate")
        assert said == "accepted 1200, duplicates 0, rejected 0"

    languages = Generation.objects.values_list("language").annotate(Count("pk")).order_by("language")
    assert [count for _language, count in languages] == [1200, 1200]


def test_near_duplicates(capsys):
    said = imported(capsys, "near-duplicates/pairs.csv", "csv", "--option", "mapping=near-duplicates")

    assert said == "accepted 2984, duplicates 0, rejected 0"
    assert Content.objects.values("digest").distinct().count() < 2984


@pytest.mark.long
def test_three_detectors_about_one_comment(capsys):
    said = imported(capsys, "github-toxicity/comments.csv", "csv", "--option", "mapping=github-toxicity")

    assert said == "accepted 4791, duplicates 0, rejected 0"
    assert Generation.objects.count() == 1597
    assert Alert.objects.filter(labels__toxic=True).values("generation").distinct().count() == 101


@pytest.mark.long
def test_safe_and_unsafe_answers_to_their_contexts(capsys):
    lines = [imported(capsys, f"diasafety/{part}.jsonl.gz", "diasafety") for part in ("train", "val", "test")]

    assert sum(int(line.split()[1].rstrip(",")) for line in lines) == 11_208
    assert sum(int(line.split()[3].rstrip(",")) for line in lines) == 1
    assert all(line.endswith("rejected 0") for line in lines)


@pytest.mark.long
def test_conversations_with_each_judgement_as_an_alert(capsys):
    said = imported(capsys, "convabuse/ConvAbuseEMNLPfull.csv", "csv", "--option", "mapping=convabuse")

    assert said == "accepted 12768, duplicates 0, rejected 0"
    assert Generation.objects.count() == 4185


def test_a_packed_file_is_read_like_a_plain_one(capsys, tmp_path):
    packed = tmp_path / "prompts.csv.gz"
    with sample("ailuminate/demo_prompts_en_us.csv").open("rb") as plain, gzip.open(packed, "wb") as out:
        shutil.copyfileobj(plain, out)

    call_command("import_alerts", str(packed), "--format", "ailuminate", "--source", "samples", "--dry-run")

    assert capsys.readouterr().out.splitlines()[-1] == "accepted 1200, duplicates 0, rejected 0"
    assert not Alert.objects.exists()
