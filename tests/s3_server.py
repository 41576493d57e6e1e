"""A bucket on an S3 server that isn't ours."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from obstore.store import S3Store

NAME = "files-of-parley"


class S3Bucket:
    """A bucket, and its objects as another program sees them."""

    def __init__(self, endpoint: str) -> None:
        self.settings = {
            "PARLEY_STORAGE_URL": f"s3://{NAME}",
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
        }
        httpx.put(f"{endpoint}/{NAME}").raise_for_status()
        self._store = S3Store(
            NAME,
            endpoint=endpoint,
            access_key_id="test",
            secret_access_key="test",
            region="us-east-1",
            client_options={"allow_http": True},
        )

    def read(self, key: str) -> bytes:
        return bytes(self._store.get(key).bytes())

    def write(self, key: str, content: bytes) -> None:
        self._store.put(key, content)

    def delete(self, key: str) -> None:
        self._store.delete(key)


@contextmanager
def s3_bucket() -> Iterator[S3Bucket]:
    """Run a server with one empty bucket."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield S3Bucket(f"http://{host}:{port}")
    server.stop()
