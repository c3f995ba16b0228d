"""PyJWT and `asyngular-server token` (--binary) accept each other's tokens and refuse each other's bad ones; and the
server accepts PyJWT's in the handshake.
"""

import base64
import hmac
import json
import os
import subprocess
import time

import jwt

from peer import KEY, Socket, check, equal, main, token
import peer

ALGORITHMS = ("HS256", "HS384", "HS512")


def command(*arguments, text="", key=KEY):
    """Runs `asyngular-server token …` with the key in the environment; gives (status, standard output, standard error)."""
    environment = {**os.environ, "ASYNGULAR_AUTH_KEY": key}
    process = subprocess.run([peer.options.binary, "token", *arguments], input=text, capture_output=True, text=True,
                             env=environment, timeout=60, check=False)
    return process.returncode, process.stdout.strip(), process.stderr.strip()


def signed(claims, *arguments):
    status, output, errors = command("sign", json.dumps(claims), *arguments)
    equal(status, 0, errors)
    return output


@check
def pyjwt_verifies_what_sign_prints():
    claims = {"username": "alice", "channels": ["room/7"], "n": [1, 2.5, None, True, {"é": "\u2028\"\\"}]}
    for algorithm in ALGORITHMS:
        text = signed(claims, "--algorithm", algorithm, "--expires-in", "1h")
        equal(jwt.get_unverified_header(text), {"alg": algorithm, "typ": "JWT"})
        decoded = jwt.decode(text, KEY, algorithms=[algorithm])
        equal(decoded["exp"] - decoded["iat"], 3600, "lifetime")
        if abs(decoded["iat"] - time.time()) > 30:
            raise AssertionError(f"iat {decoded['iat']} is not now")
        equal({name: decoded[name] for name in claims}, claims)


@check
def sign_keeps_the_claims_that_are_there():
    text = signed({"iat": 1700000000, "exp": 4102444800})
    equal(jwt.decode(text, KEY, algorithms=["HS256"]), {"iat": 1700000000, "exp": 4102444800})
    equal("exp" in jwt.decode(signed({}), KEY, algorithms=["HS256"]), False, "exp without --expires-in")


@check
def the_contract_vectors():
    for algorithm, expected in (
            ("HS256", "ImUGs_lysfZXoQyNcfyoTE_y0akk5CjJhQ6PT_NVrwA"),
            ("HS384", "wCzGJ91d1YX3VDrWjEJH8KAjD307lUZDX7oWogVdQqbpy9hSP1YAxkRMDgCJlEKM")):
        status, output, errors = command("sign", '{"username":"bob","iat":1700000000,"exp":1700086400}', "--algorithm",
                                         algorithm, key="test-key")
        equal(status, 0, errors)
        equal(output.split(".")[2], expected, algorithm)


@check
def verify_accepts_what_pyjwt_makes():
    claims = {"username": "é\U0001f600\u2028", "nested": {"a": [1, 1.5, None]}, "iat": 1700000000, "exp": 4102444800.5}
    for algorithm in ALGORITHMS:
        for key in (KEY, "s" * 64, "schlüssel-" + "é" * 40):
            text = jwt.encode(claims, key, algorithm=algorithm)
            status, output, errors = command("verify", text, key=key)
            equal(status, 0, errors)
            equal(json.loads(output), claims)
            status, output, _ = command("verify", "-", text=text + "\n", key=key)
            equal((status, json.loads(output)), (0, claims), "from standard input")


def relabelled(algorithm):
    """A token that says another algorithm, correctly signed with HS256 over what it says."""
    encode = lambda data: base64.urlsafe_b64encode(data).rstrip(b"=")
    signed_part = encode(json.dumps({"alg": algorithm, "typ": "JWT"}).encode()) + b"." + encode(b'{"exp":4102444800}')
    return (signed_part + b"." + encode(hmac.digest(KEY.encode(), signed_part, "sha256"))).decode()


@check
def verify_refuses():
    good = token()
    head, body, signature = good.split(".")
    rows = [(token(key="x" * 64), "JsonWebTokenError: invalid signature"),
            (f"{head}.{body}.{signature[:-3]}AAA", "JsonWebTokenError: invalid signature"),
            (f"{head}.{body}.", "JsonWebTokenError: jwt signature is required"),
            (f"{head}.{body}", "JsonWebTokenError: jwt malformed"),
            (token(iat=1, exp=2), "TokenExpiredError: jwt expired"),
            (token(nbf=int(time.time()) + 600), "NotBeforeError: jwt not active"),
            (jwt.encode({"a": 1}, None, algorithm="none"), "JsonWebTokenError: jwt signature is required"),
            (relabelled("RS256"), "JsonWebTokenError: invalid algorithm"),
            (relabelled("hs256"), "JsonWebTokenError: invalid algorithm")]
    for text, message in rows:
        status, output, errors = command("verify", text)
        equal((status, output, errors), (1, "", message))
    status, _, errors = command("verify", token(algorithm="HS512"), "--algorithm", "HS256")
    equal((status, errors), (1, "JsonWebTokenError: invalid algorithm"))


@check
def inspect_needs_no_key_and_shows_both_parts():
    status, output, errors = command("inspect", token({"username": "alice"}, iat=1, exp=2))
    equal(status, 0, errors)
    head, body = (json.loads(line) for line in output.splitlines())
    equal(head, {"alg": "HS256", "typ": "JWT"})
    equal(body, {"username": "alice", "iat": 1, "exp": 2})


@check
def keys_and_tokens_are_in_no_error():
    for arguments in (("verify", token(iat=1, exp=2)), ("verify", "abc.def.ghi"), ("sign", "{"), ("sign", "[]")):
        _, _, errors = command(*arguments)
        for secret in (KEY, arguments[1] if arguments[0] == "verify" else KEY):
            equal(secret in errors, False, f"a secret in {arguments[0]}'s error text")


@check
def the_server_accepts_pyjwt_and_the_command():
    for text in (*(token(algorithm=algorithm) for algorithm in ALGORITHMS), signed({"username": "alice"})):
        with Socket() as socket:
            equal(socket.handshake(text)["isAuthenticated"], True)


def arguments(parser):
    parser.add_argument("--binary", required=True, help="the built asyngular-server")


if __name__ == "__main__":
    main(arguments)
