"""Publishing to S3 itself, against a server of its own on this machine."""

from __future__ import annotations

import socket

import pytest

from reportgen.errors import ReportgenError
from reportgen.publish.places import open_destination

pytestmark = pytest.mark.filterwarnings("ignore")  # of those packages
WHERE = "s3://bucket/site"
FIRST = {
    "index.html": "1",
    "a/index.html": "a",
    "a/d.csv": "1",
    "s.css": "s",
    "f.svg": "<svg/>",
    "odd [1] %20.txt": "o",
}
SECOND = {"index.html": "2", "a/index.html": "b", "a/d.csv": "2", "s.css": "s", "f.svg": "<svg/>"}


@pytest.fixture
def bucket(monkeypatch):
    """A client of a fresh bucket on a fresh server."""
    import boto3
    import s3fs
    from moto.server import ThreadedMotoServer

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    for name, value in (("ACCESS_KEY_ID", "x"), ("SECRET_ACCESS_KEY", "y"), ("DEFAULT_REGION", "us-east-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    s3fs.S3FileSystem.clear_instance_cache()  # or it would ask the server of the test before
    client = boto3.client("s3")
    client.create_bucket(Bucket="bucket")
    yield client
    client.close()
    server.stop()


def keys(client):
    return {item["Key"] for item in client.list_objects_v2(Bucket="bucket").get("Contents", [])}


def test_files_arrive_with_their_media_types_and_nothing_else_stays(bucket, put, held):
    put(WHERE, FIRST)
    assert keys(bucket) == {f"site/{name}" for name in (*FIRST, ".reportgen.json")}
    kinds = {name: bucket.head_object(Bucket="bucket", Key=f"site/{name}")["ContentType"] for name in FIRST}
    assert kinds["index.html"] == "text/html" and kinds["s.css"] == "text/css" and kinds["f.svg"] == "image/svg+xml"
    put(WHERE, SECOND)
    assert held(WHERE) == SECOND and keys(bucket) == {f"site/{name}" for name in (*SECOND, ".reportgen.json")}


def test_the_same_again_sends_nothing(bucket, put):
    put(WHERE, FIRST)
    assert put(WHERE, FIRST).nothing


@pytest.mark.parametrize("operation", ["_put_file", "_cp_file", "_bulk_delete"])
def test_cut_off_it_is_finished_by_the_next(bucket, put, held, operation):
    put(WHERE, FIRST)
    destination = open_destination(WHERE)
    system = destination._system
    real = getattr(system, operation)

    async def fail(*arguments, **options):
        raise ConnectionError(104, "Connection reset by peer")

    setattr(system, operation, fail)
    with pytest.raises(ReportgenError, match="was cut off"):
        put(WHERE, SECOND, destination=destination)
    setattr(system, operation, real)
    put(WHERE, SECOND)
    assert held(WHERE) == SECOND


def test_a_bucket_that_is_not_there_is_not_made(bucket, put):
    with pytest.raises(ReportgenError):
        put("s3://elsewhere/site", FIRST)
    assert [found["Name"] for found in bucket.list_buckets()["Buckets"]] == ["bucket"]
