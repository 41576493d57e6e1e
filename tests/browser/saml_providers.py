"""Two identity providers of others: samlp, from npm, and SimpleSAMLphp, from Debian."""

import json
import shutil
from pathlib import Path

import httpx
from playwright.async_api import Page

from parley.accounts.saml.tests.identity_provider import key
from tests.servers import Server

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PHP_ROOT = Path("/usr/share/simplesamlphp/www")
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"


class SamlProvider(Server):
    """An identity provider for one service provider; `email` is who signs in there."""

    metadata_path: str

    def __init__(self, folder: Path, entity_id: str, acs_url: str, email: str) -> None:
        super().__init__(folder)
        self.entity_id, self.acs_url, self.email = entity_id, acs_url, email
        self.key = key("provider")
        self.prepare()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def prepare(self) -> None:
        """Write the files that it reads."""
        raise NotImplementedError

    async def sign_in(self, page: Page) -> None:
        """Sign in on the page that it shows."""
        raise NotImplementedError

    def is_ready(self) -> bool:
        try:
            return httpx.get(self.url + self.metadata_path, timeout=30).status_code == 200
        except httpx.TransportError:
            return False

    def metadata(self) -> bytes:
        return httpx.get(self.url + self.metadata_path, timeout=30).raise_for_status().content


class Samlp(SamlProvider):
    """The package samlp, in a small server of ours."""

    metadata_path = "/metadata"

    def prepare(self) -> None:
        keys = {"key": self.key.private.decode(), "cert": self.key.certificate}
        (self.folder / "keys.json").write_text(json.dumps(keys))

    def command(self) -> list[str]:
        file = str(self.folder / "keys.json")
        return ["node", str(HERE / "samlp_server.cjs"), str(self.port), file, self.acs_url]

    async def sign_in(self, page: Page) -> None:
        await page.get_by_label("E-mail").fill(self.email)
        await page.get_by_role("button", name="Sign in").click()


class SimpleSamlPhp(SamlProvider):
    """SimpleSAMLphp, in the web server that PHP brings along. It signs the response as well as the assertion."""

    metadata_path = "/saml2/idp/metadata.php"

    @staticmethod
    def is_installed() -> bool:
        return shutil.which("php") is not None and PHP_ROOT.is_dir()

    def prepare(self) -> None:
        for name in ("cert", "metadata", "data", "tmp"):
            (self.folder / name).mkdir()
        (self.folder / "cert" / "idp.pem").write_bytes(self.key.private)
        (self.folder / "cert" / "idp.crt").write_text(self.key.certificate)
        (self.folder / "config.php").write_text(self._config())
        (self.folder / "authsources.php").write_text(
            f"""<?php $config = ['people' => ['exampleauth:UserPass', 'ada:lovelace' => ['uid' => ['ada-7'],
            'mail' => ['{self.email}'], 'givenName' => ['Ada'], 'sn' => ['Lovelace']]]];"""
        )
        (self.folder / "metadata" / "saml20-idp-hosted.php").write_text(
            f"""<?php $metadata['{self.url}/idp'] = ['host' => '__DEFAULT__', 'privatekey' => 'idp.pem',
            'certificate' => 'idp.crt', 'auth' => 'people', 'NameIDFormat' => '{PERSISTENT}',
            'signature.algorithm' => 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', 'authproc' => [3 => [
            'class' => 'saml:AttributeNameID', 'attribute' => 'uid', 'Format' => '{PERSISTENT}']]];"""
        )
        (self.folder / "metadata" / "saml20-sp-remote.php").write_text(
            f"""<?php $metadata['{self.entity_id}'] = ['AssertionConsumerService' => '{self.acs_url}',
            'saml20.sign.assertion' => true, 'saml20.sign.response' => true];"""
        )

    def _config(self) -> str:
        return f"""<?php $config = ['baseurlpath' => '{self.url}/', 'certdir' => '{self.folder}/cert/',
        'loggingdir' => '{self.folder}/', 'datadir' => '{self.folder}/data/', 'tempdir' => '{self.folder}/tmp',
        'metadatadir' => '{self.folder}/metadata', 'secretsalt' => 'only for tests, and long enough',
        'auth.adminpassword' => 'nobody signs in with this', 'timezone' => 'UTC', 'logging.handler' => 'errorlog',
        'enable.saml20-idp' => true, 'module.enable' => ['exampleauth' => true, 'core' => true, 'saml' => true],
        'session.cookie.secure' => false, 'store.type' => 'phpsession', 'production' => true,
        'session.phpsession.savepath' => '{self.folder}/data', 'language.available' => ['en'],
        'metadata.sources' => [['type' => 'flatfile']]];"""

    def command(self) -> list[str]:
        here = ["env", f"SIMPLESAMLPHP_CONFIG_DIR={self.folder}"]
        return [*here, "php", "-S", f"127.0.0.1:{self.port}", "-t", str(PHP_ROOT)]

    async def sign_in(self, page: Page) -> None:
        await page.locator("input[name=username]").fill("ada")
        await page.locator("input[name=password]").fill("lovelace")
        await page.keyboard.press("Enter")
