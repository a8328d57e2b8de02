"""Gives generated requests what a generator cannot invent: proofs of who calls, and names of things that are there.

Every operation is called in turn by a stranger, whose proofs are as they were generated, and by each kind of caller that its
description lets in. The people and things of the running shop stand in the JSON file that VITRINE_PROPERTIES names.
"""

import atexit
import base64
import hashlib
import json
import os
import secrets
import time
from collections import Counter
from itertools import count
from urllib.parse import urlsplit

import requests
import schemathesis
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import strategies as st

with open(os.environ["VITRINE_PROPERTIES"], encoding="utf-8") as file:
    SHOP = json.load(file)

ORIGIN = SHOP["origin"]
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
# A proof that such a call uses up is made for that call alone.
USES_UP_SESSION = {"/session/end", "/auth/logout", "/consumers/me/link"}
USES_UP_COOKIE = {"/api/auth/logout", "/api/users/change-password", "/v1/phone/sign-out"}
# Limits count by address, and the server believes this machine as a proxy; so each request comes from somewhere else.
ADDRESSES = (f"10.{a}.{b}.{c}" for a in count() for b in range(256) for c in range(1, 255))


def text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Device:
    """An enrolled kiosk, which signs each call (RFC 9449)."""

    def __init__(self, pkcs8):
        self.key = serialization.load_der_private_key(base64.b64decode(pkcs8), None)
        point = self.key.public_key().public_numbers()
        self.jwk = {"kty": "EC", "crv": "P-256", "x": text(point.x.to_bytes(32)), "y": text(point.y.to_bytes(32))}
        self.nonce = None

    def proof(self, method, url, token=None):
        parts = urlsplit(url)
        claims = {
            "jti": secrets.token_urlsafe(16),
            "htm": method,
            "htu": f"{parts.scheme}://{parts.netloc}{parts.path}",
            "iat": int(time.time()),
        }
        if self.nonce:
            claims["nonce"] = self.nonce
        if token:
            claims["ath"] = text(hashlib.sha256(token.encode()).digest())
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk}
        signed = ".".join(text(json.dumps(part).encode()) for part in (header, claims))
        r, s = decode_dss_signature(self.key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{signed}.{text(r.to_bytes(32) + s.to_bytes(32))}"

    def hear(self, response):
        nonces = response.headers.get("dpop-nonce")
        if nonces:
            self.nonce = nonces[0] if isinstance(nonces, list) else nonces


def session_of(phone):
    """The live session of a customer, as a trusted channel gets it."""
    answer = requests.post(
        f"{ORIGIN}/session/start",
        json={"phone": phone, "channel": "whatsapp"},
        headers={"X-Channel-Key": SHOP["whatsapp"], "X-Forwarded-For": next(ADDRESSES)},
        timeout=10,
    )
    answer.raise_for_status()
    return answer.json()["session_token"]


def guest():
    """The token of somebody who has just begun as a guest."""
    answer = requests.post(f"{ORIGIN}/v1/guests", json={}, headers={"X-Forwarded-For": next(ADDRESSES)}, timeout=10)
    answer.raise_for_status()
    return answer.json()["session_token"]


def signed_in(path, person):
    """The cookies and the anti-forgery token of somebody who has just signed in or registered."""
    answer = requests.post(f"{ORIGIN}{path}", json=person, headers={"X-Forwarded-For": next(ADDRESSES)}, timeout=10)
    answer.raise_for_status()
    return {"cookies": dict(answer.cookies), "csrf": answer.json()["csrf_token"]}


def somebody_new():
    """An account of which one call may make what it likes."""
    person = {"email": f"{secrets.token_hex(8)}@example.com", "display_name": "Somebody new"}
    return signed_in("/api/auth/register", {**person, "password": SHOP["account"]["password"]})


DEVICE = Device(SHOP["device"])
SESSION = session_of(SHOP["phones"][0])
GUEST = guest()
ACCOUNT = signed_in("/api/auth/login", SHOP["account"])
TURNS = Counter()
ANSWERED = {}

# Names by which bodies, paths and queries call what is there.
KNOWN = {name: values for name, values in SHOP["known"].items() if values}

PERSON = {"name": "Somebody", "phone_number": "+919820000199", "password": "walking along the river"}
# Bodies that make sense, for operations whose description says less than they ask for.
BODIES = {
    "/api/checkout": [{"items": [{"sku": "SKU-1001", "quantity": 1}], "payment_method": {"type": "card"}}],
    "/api/ingest": [{"session": {"id": "v-1", "room": "shop"}, "events": [{"role": "user", "text": "A shirt, please."}]}],
    "/auth/login": [{"phone_number": SHOP["phones"][0], "password": "wrong"}],
    "/auth/signup": [PERSON],
    "/loyalty/apply": [{"user_id": "101", "cart_total": 2500.0, "loyalty_points_used": 0}],
    "/loyalty/check-promotions": [{"user_id": "101", "cart_total": 2500.0}],
    "/session/login": [{"phone_number": SHOP["phones"][1], "name": "Somebody", "channel": "web"}],
    "/session/update": [
        {"action": "add_to_cart", "payload": {"item": {"sku": "SKU-1001"}}},
        {"action": "set_quantity", "payload": {"sku": "SKU-1001", "quantity": 2}},
        {"action": "chat_message", "payload": {"message": "white shoes?"}},
        {"action": "view_product", "payload": {"product": "SKU-1002"}},
        {"action": "clear_cart", "payload": {}},
    ],
    "/simulate/sale": [{"sku": "SKU-1001", "quantity": 1, "location": "online"}],
    "/consumers/{id}/profile": [{"name": "Asha", "preferences": {"shoe_size": "42"}}],
    "/v1/requests": [{"raw_input": "Do you have it in 44?", "service_type": "size_request"}],
    "/chat": [{"message": "white shoes?"}, {"message": "Can somebody bring me size 44?"}],
}


def callers(operation):
    """Who may call it, as the names of security schemes; the stranger is the empty set."""
    raw = operation.definition.raw
    return [frozenset()] + [frozenset(wanted) for wanted in raw.get("security", []) if wanted]


@schemathesis.hook
def before_call(ctx, case, kwargs):
    operation = case.operation
    choices = callers(operation)
    turn = TURNS[operation.label]
    TURNS[operation.label] += 1
    caller = choices[turn % len(choices)]
    headers = case.headers
    headers["X-Forwarded-For"] = next(ADDRESSES)
    if operation.path == "/api/ingest" and turn % 4:
        headers["X-INGEST-TOKEN"] = SHOP["ingest"]
    token = None
    if "session_token" in caller:
        token = session_of(SHOP["phones"][1]) if operation.path in USES_UP_SESSION else SESSION
        headers["X-Session-Token"] = token
    if "guest" in caller:
        case.cookies = {**(case.cookies or {}), "guest_session": GUEST}
    if "ingest_token" in caller:
        headers["X-INGEST-TOKEN"] = SHOP["ingest"]
    if "channel_key" in caller:
        headers["X-Channel-Key"] = SHOP["services"]
    if "account" in caller:
        account = somebody_new() if operation.path in USES_UP_COOKIE else ACCOUNT
        case.cookies = {**(case.cookies or {}), **account["cookies"]}
        headers.pop("Authorization", None)
        if case.method.upper() in UNSAFE:
            headers["X-CSRFToken"] = account["csrf"]
    if caller & {"device", "key"}:
        headers["DPoP"] = DEVICE.proof(case.method.upper(), ORIGIN + case.formatted_path, token)


@schemathesis.hook
def after_call(ctx, case, response):
    DEVICE.hear(response)
    ANSWERED.setdefault(case.operation.label, Counter())[response.status_code] += 1


@atexit.register
def tell():
    """How often each operation answered with which status."""
    with open(SHOP["answered"], "w", encoding="utf-8") as file:
        json.dump(ANSWERED, file)


def some_known(value):
    """The same, where each name that the shop knows may stand for something that is there."""
    if not isinstance(value, dict):
        return st.just(value)
    return st.fixed_dictionaries(
        {
            name: st.one_of(st.just(inner), st.sampled_from(KNOWN[name])) if name in KNOWN else some_known(inner)
            for name, inner in value.items()
        }
    )


@schemathesis.hook
def flatmap_path_parameters(ctx, value):
    return some_known(value)


@schemathesis.hook
def flatmap_query(ctx, value):
    return some_known(value)


@schemathesis.hook
def flatmap_body(ctx, value):
    sensible = BODIES.get(ctx.operation.path.rstrip("/"))
    return st.one_of(some_known(value), st.sampled_from(sensible)) if sensible else some_known(value)
