"""The archive in a bucket, by the settings that production has, on a server that speaks S3 over HTTP."""

from __future__ import annotations

import boto3
import pytest
from django.core.exceptions import ImproperlyConfigured
from moto.server import ThreadedMotoServer

from config.archive import archive_storage_from_env
from sources import store
from sources.models import Capture
from tests.factories import SourceFactory

DATA = "Никакого обещания не было.".encode()
SHA256 = store.digest(DATA)


@pytest.fixture(scope="module")
def server():
    served = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    served.start()
    try:
        host, port = served.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        served.stop()


@pytest.fixture
def environment(monkeypatch):
    """Sets variables of the archive; those left out are not set."""

    def set_to(**values):
        for name, value in values.items():
            monkeypatch.setenv(f"ARCHIVE_{name}", value)

    return set_to


@pytest.fixture
def bucket(server, environment, settings, tmp_path, socket_enabled):
    access = {"aws_access_key_id": "desk", "aws_secret_access_key": "not-a-secret"}
    client = boto3.client("s3", endpoint_url=server, region_name="us-east-1", **access)
    client.create_bucket(Bucket="archive")
    environment(S3_BUCKET="archive", S3_ENDPOINT=server, S3_REGION="us-east-1", S3_KEY="desk",
                S3_SECRET="not-a-secret")  # fmt: skip
    settings.STORAGES = settings.STORAGES | {"archive": archive_storage_from_env(tmp_path)}
    yield client
    for row in client.list_objects_v2(Bucket="archive").get("Contents", []):
        client.delete_object(Bucket="archive", Key=row["Key"])
    client.delete_bucket(Bucket="archive")


def names(client):
    listed = client.list_objects_v2(Bucket="archive").get("Contents", [])
    return [row["Key"] for row in listed]


def test_what_is_kept_is_read_again_and_kept_once(bucket):
    assert store.storage().__class__.__module__ == "storages.backends.s3"
    assert store.keep(DATA) == store.keep(DATA) == SHA256
    assert store.read(SHA256) == DATA
    assert names(bucket) == [f"sha256/{SHA256[:2]}/{SHA256}"]
    told = bucket.head_object(Bucket="archive", Key=names(bucket)[0])
    assert told["ContentLength"] == len(DATA)


def test_what_is_missing_or_damaged_is_told(bucket):
    with pytest.raises(store.Missing, match=SHA256):
        store.read(SHA256)
    bucket.put_object(Bucket="archive", Key=store.path(SHA256), Body=b"Other bytes.")
    with pytest.raises(store.Damaged, match=SHA256):
        store.read(SHA256)
    store.keep(DATA)
    assert store.read(SHA256) == DATA


@pytest.mark.django_db
def test_a_warc_file_takes_the_place_of_one_that_was_broken_off(bucket):
    capture = Capture(source=SourceFactory(), occasion="routine")
    store.put_file(capture.warc_path, b"half")
    capture.warc_sha256 = store.put_file(capture.warc_path, b"a whole file")
    assert capture.warc == b"a whole file"
    assert names(bucket) == [capture.warc_path]


def test_nothing_in_it_can_be_read_without_the_keys(bucket):
    store.keep(DATA)
    assert "Signature=" in store.storage().url(store.path(SHA256))


# --- What is refused at the start ---


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"S3_ENDPOINT": "https://s3.example.org"}, "ARCHIVE_S3_ENDPOINT is set and"),
        ({"S3_KEY": "desk"}, "name the bucket, or leave both out"),
        ({"S3_SECRET": "x"}, "ARCHIVE_S3_SECRET is set and ARCHIVE_S3_BUCKET is not"),
        ({"S3_BUCKET": "archive", "ROOT": "/srv/archive"}, "kept in one place"),
        ({"S3_BUCKET": "archive", "S3_ENDPOINT": "s3.example.org"}, "ARCHIVE_S3_ENDPOINT is"),
        ({"S3_BUCKET": "archive", "S3_ENDPOINT": "https://s3.example.org/x"}, "without a path"),
    ],
)
def test_half_a_setting_stops_the_start(values, told, environment, tmp_path):
    environment(**values)
    with pytest.raises(ImproperlyConfigured, match=told):
        archive_storage_from_env(tmp_path)


def test_a_bucket_without_its_client_stops_the_start(environment, tmp_path, monkeypatch):
    environment(S3_BUCKET="archive")
    monkeypatch.setattr("config.archive.find_spec", lambda name: None)
    with pytest.raises(ImproperlyConfigured, match=r"pip install 'counterclaim\[s3\]'"):
        archive_storage_from_env(tmp_path)


def test_without_settings_it_is_a_folder(environment, tmp_path):
    assert archive_storage_from_env(tmp_path) == {
        "BACKEND": "sources.folder.Folder",
        "OPTIONS": {"location": tmp_path},
    }
    environment(ROOT="/srv/archive")
    assert str(archive_storage_from_env(tmp_path)["OPTIONS"]["location"]) == "/srv/archive"


# --- The folder ---


def test_a_file_in_the_folder_is_whole_or_not_there(settings, tmp_path, monkeypatch):
    settings.STORAGES = settings.STORAGES | {"archive": archive_storage_from_env(tmp_path)}

    def broken_off(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("sources.folder.os.fsync", broken_off)
        with pytest.raises(KeyboardInterrupt):
            store.keep(DATA)
    with pytest.raises(store.Missing):
        store.read(SHA256)
    assert store.keep(DATA) == SHA256
    assert store.read(SHA256) == DATA
    kept = tmp_path / store.path(SHA256)
    assert oct(kept.stat().st_mode & 0o777) == "0o644"


def test_what_a_killed_process_left_is_replaced(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {"archive": archive_storage_from_env(tmp_path)}
    path = tmp_path / store.path(SHA256)
    path.parent.mkdir(parents=True)
    path.write_bytes(DATA[:5])
    store.keep(DATA)
    assert path.read_bytes() == DATA
