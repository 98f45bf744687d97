"""Which names are secrets': the one vocabulary of the mock and the harness, by the parts of a name.

`X-Access-Token`, `accessToken`, `access_token` and `user[access-token]` have the parts `access` and `token`. The words
below are compared with parts, so that `keyword` is no `key` and `author` no `auth`.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from urllib.parse import unquote_plus

_WORDS = """
token tokens secret secrets password passwords passwd pwd pass passphrase passcode otp totp cvv cvc pat
apikey accesskey secretkey privatekey sharedkey authkey credential credentials creds
authorization auth bearer assertion verifier signature sig hmac jwt jws csrf xsrf
cookie sid sessionid jsessionid phpsessid
"""
WORDS = frozenset(_WORDS.split())
"""A name with one of these among its parts is a secret's."""

ENDINGS = ("token", "secret", "signature")
"""The same for a part that ends so: names are also written without any sign between their words."""

_KEYS = "api access secret private shared account subscription license master signing encryption"
COMPOUNDS = (
    "password",
    "passwd",
    "clientsecret",
    "accesstoken",
    "authtoken",
    *(f"{word}key" for word in _KEYS.split()),
)
"""A name that has one of these anywhere, once all signs between its words are left out: `awsaccesskeyid`."""

ALONE = frozenset({"key", "code"})
"""A name that is nothing else: a key in a query, the code of an authorization."""

_BEFORE_KEY = """
api access secret private public shared auth account master subscription license signing encryption consumer
client app application service session function functions host admin root user
"""
BEFORE: dict[str, frozenset[str]] = {
    "key": frozenset(_BEFORE_KEY.split()),
    "keys": frozenset(_BEFORE_KEY.split()),
    "id": frozenset({"session"}),
}
"""A part, and those it must follow to be a secret: `api_key`, `session-id`."""

_PAGING = "page next prev previous continuation sync cursor"
PAGING = frozenset(f"{_PAGING} start offset max min total used".split())
"""What a token is with one of these: a place in a list or a count, which anybody may see."""

PAGE_TOKENS = tuple(f"{word}token" for word in _PAGING.split())

_DESCRIPTIONS = "type url uri endpoint expiry expires expiration ttl length policy count limit"
DESCRIPTIONS = frozenset(_DESCRIPTIONS.split())
"""What a name says of a secret where it ends so, without holding it: `token_type`, `token_url`."""

MAX_NAME = 200
"""The longest name that is looked at; a longer one is a secret's, for nobody can say that it is not."""

_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_]+|\d+")
_DECODINGS = 3


def decode_name(text: str) -> str:
    """A name without percent-encoding, however often it was encoded."""
    for _ in range(_DECODINGS):
        if "%" not in text and "+" not in text:
            break
        text = unquote_plus(text)
    return text


def split_name(name: str) -> list[str]:
    """The parts of a name in lower case."""
    return [part.lower() for part in _PART.findall(unicodedata.normalize("NFKC", name))]


def is_secret_name(name: str) -> bool:
    """Whether what stands under a name is to be hidden: a header, a parameter, a member, an element."""
    if len(name) > MAX_NAME:
        return True
    parts = split_name(decode_name(name))
    if not parts or parts[-1] in DESCRIPTIONS:
        return False
    if len(parts) == 1 and parts[0] in ALONE:
        return True
    if any(word in "".join(parts) for word in COMPOUNDS):
        return True
    if any(part in BEFORE.get(after, ()) for part, after in itertools.pairwise(parts)):
        return True
    return any(_is_secret(part, parts) for part in parts)


def _is_secret(part: str, parts: list[str]) -> bool:
    if part in ("token", "tokens"):
        return PAGING.isdisjoint(parts)
    return part in WORDS or (part.endswith(ENDINGS) and not part.endswith(PAGE_TOKENS))
