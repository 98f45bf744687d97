"""Which names are secrets': of headers, parameters, members, elements; by their parts, and documented."""

from __future__ import annotations

import re

import pytest

from mock_server.state.secret_names import ALONE, COMPOUNDS, DESCRIPTIONS, PAGING, WORDS, is_secret_name
from tests.conftest import ROOT

NAMES = [
    *(
        "key",
        "code",
        "token",
        "tokens",
        "password",
        "passwd",
        "pwd",
        "secret",
        "sig",
        "signature",
        "jwt",
        "apikey",
        "bearer",
    ),
    *(
        "access_token",
        "refresh_token",
        "id_token",
        "client_secret",
        "clientSecret",
        "API-KEY",
        "api_key",
        "x-goog-api-key",
    ),
    *("X-Access-Token", "X-Auth-Token", "X-Amz-Security-Token", "X-Amz-Credential", "AWSAccessKeyId", "AccountKey"),
    *(
        "Ocp-Apim-Subscription-Key",
        "user[password]",
        "passphrase",
        "privateKey",
        "sessionid",
        "session-id",
        "XSRF-TOKEN",
    ),
    *("accesstoken", "clientsecret", "userpassword", "pass%77ord", "api%255Fkey", "ａｐｉ_ｋｅｙ", "x" * 300),
]
OTHER_NAMES = [
    *(
        "keyword",
        "keys",
        "page",
        "page_token",
        "nextPageToken",
        "continuation-token",
        "syncToken",
        "pagetoken",
        "cursor",
    ),
    *(
        "token_type",
        "token_url",
        "max_tokens",
        "expires_in",
        "author",
        "authors",
        "monkey",
        "passenger",
        "compass",
        "zip_code",
    ),
    *(
        "country_code",
        "status_code",
        "sort_key",
        "idempotency-key",
        "Sec-WebSocket-Key",
        "significant",
        "email",
        "designation",
    ),
    *("Understudy-Session", "X-Request-Id", "tokenizer", "host", "user-agent", "", "[]"),
]


@pytest.mark.parametrize("name", NAMES)
def test_a_secrets_name(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_no_secrets_name(name: str) -> None:
    assert not is_secret_name(name)


def test_the_vocabulary_is_documented_word_by_word() -> None:
    words = set(re.findall(r"[a-z]+", (ROOT / "docs" / "hardening.md").read_text().partition("## Secrets")[2]))
    assert WORDS | ALONE | set(COMPOUNDS) | PAGING | DESCRIPTIONS <= words
