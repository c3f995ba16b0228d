"""Keys of the `openssl` command, PyJWT and jwcrypto with `asyngular-server token` (--binary), and the rotation of the
server's key file (--keys) while clients are connected.

`keys.py --prepare FILE` writes the first key file, before the server is started with it.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time

import jwt
from jwcrypto import jwk, jws

from peer import Socket, check, equal, main, opened
import peer

KINDS = {
    "RS256": ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    "PS384": ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    "ES256": ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "ES384": ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
    "ES512": ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
    "EdDSA": ["genpkey", "-algorithm", "ED25519"],
}
PASSPHRASE = "open sesame"
SCRATCH = tempfile.TemporaryDirectory()


def path(name):
    return os.path.join(SCRATCH.name, name)


def openssl(*arguments):
    return subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=True, timeout=120).stdout


def command(*arguments, status=0, **environment):
    """Runs `asyngular-server token …` without a key in the environment; gives what it prints."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ASYNGULAR_")}
    process = subprocess.run([peer.options.binary, "token", *arguments], capture_output=True, text=True, input="",
                             env={**clean, **environment}, timeout=60, check=False)
    equal(process.returncode, status, process.stderr)
    return process.stderr.strip() if status else process.stdout.strip()


def written(name, text):
    with open(path(name), "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path(name), 0o600)
    return path(name)


def pair(algorithm):
    """Files with a private and a public key that openssl made."""
    private, public = path(algorithm + ".pem"), path(algorithm + ".pub")
    if not os.path.exists(private):
        openssl(*KINDS[algorithm], "-out", private)
        openssl("pkey", "-in", private, "-pubout", "-out", public)
    return private, public


def text(file):
    with open(file, encoding="utf-8") as opened_file:
        return opened_file.read()


# Keys of openssl at the shell

@check
def signed_here_verified_by_pyjwt():
    for algorithm in KINDS:
        private, public = pair(algorithm)
        options = [] if algorithm != "PS384" else ["--algorithm", algorithm]
        token = command("sign", '{"username":"alice"}', "--private-key-file", private, "--kid", "k", *options)
        equal(jwt.get_unverified_header(token), {"alg": algorithm, "typ": "JWT", "kid": "k"})
        equal(jwt.decode(token, text(public), algorithms=[algorithm])["username"], "alice")


@check
def signed_by_pyjwt_verified_here():
    for algorithm in KINDS:
        private, public = pair(algorithm)
        token = jwt.encode({"username": "alice"}, text(private), algorithm=algorithm)
        certificate = written("certificate", openssl("req", "-x509", "-new", "-key", private, "-subj", "/CN=test"))
        for file in ("--public-key-file", public), ("--private-key-file", private), ("--public-key-file", certificate):
            equal(json.loads(command("verify", token, *file)), {"username": "alice"})
        other = "EdDSA" if algorithm != "EdDSA" else "RS256"
        equal(command("verify", token, "--public-key-file", pair(other)[1], status=1),
              "JsonWebTokenError: invalid algorithm")
        equal(command("verify", token, "--public-key-file", public, "--algorithm", "HS256", status=1),
              "JsonWebTokenError: invalid algorithm")


@check
def encrypted_private_key():
    private, public = pair("ES256")
    encrypted = written("encrypted", openssl("pkcs8", "-topk8", "-in", private, "-passout", "pass:" + PASSPHRASE))
    word = {"ASYNGULAR_AUTH_PRIVATE_KEY_PASSPHRASE": PASSPHRASE}
    token = command("sign", "{}", "--private-key-file", encrypted, **word)
    jwt.decode(token, text(public), algorithms=["ES256"])
    errors = command("sign", "{}", "--private-key-file", encrypted, status=64)
    if PASSPHRASE in errors or "passphrase" not in errors:
        raise AssertionError(errors)


@check
def jwk_sets():
    keys = [jwk.JWK.from_pem(text(pair(algorithm)[0]).encode()) for algorithm in ("ES256", "EdDSA")]
    keys = [jwk.JWK(**{**key.export(as_dict=True), "kid": kid}) for key, kid in zip(keys, "ab")]
    file = written("set", json.dumps({"keys": [key.export(as_dict=True) for key in keys]}))
    published = written("public", command("public-keys", file))
    for key in json.loads(text(published))["keys"]:
        equal("d" in key, False, "a private part is published")
    for arguments, key in ((), keys[0]), (("--kid", "b"), keys[1]):
        token = command("sign", '{"a":1}', "--jwks-file", file, *arguments)
        equal(jwt.get_unverified_header(token)["kid"], key["kid"])
        verified = jws.JWS()
        verified.allowed_algs = ["ES256", "EdDSA"]
        verified.deserialize(token, jwk.JWK(**key.export_public(as_dict=True)))
        equal(json.loads(command("verify", token, "--jwks-file", published))["a"], 1)
    token = jwt.encode({}, text(pair("ES256")[0]), algorithm="ES256", headers={"kid": "c"})
    equal(command("verify", token, "--jwks-file", published, status=1), "JsonWebTokenError: jwt kid is unknown")
    for name in file, published:
        errors = command("sign", "{}", "--key-file", name, status=64)
        if "no shared secret" not in errors:
            raise AssertionError(errors)


@check
def generated_keys():
    for algorithm in ("HS256", "HS512", "RS256", "PS512", "ES256", "ES384", "ES512", "EdDSA"):
        file = written("generated", command("generate-key", "--algorithm", algorithm, "--kid", "g", "--bits", "2048"))
        key = json.loads(text(file))["keys"][0]
        jwk.JWK(**key)
        token = command("sign", '{"a":1}', "--jwks-file", file)
        claims = jwt.decode(token, jwt.PyJWK(key if key["kty"] == "oct" else public(key)), algorithms=[algorithm])
        equal(claims["a"], 1)
        equal(json.loads(command("verify", jwt.encode({"b": 2}, jwt.PyJWK(key).key, algorithm=algorithm,
                                                      headers={"kid": "g"}), "--jwks-file", file)), {"b": 2})


# The server's key file

def made(kid, algorithm):
    key = jwk.JWK.generate(kty="EC", crv="P-256") if algorithm == "ES256" else jwk.JWK.generate(kty="OKP", crv="Ed25519")
    return {**key.export(as_dict=True), "kid": kid, "alg": algorithm, "use": "sig"}


def public(key):
    return jwk.JWK(**key).export_public(as_dict=True)


def replace(file, *keys):
    """As a careful program does it: a new file beside it, then a rename."""
    descriptor = os.open(file + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as output:
        json.dump({"keys": list(keys)}, output)
    os.rename(file + ".new", file)


def token_of(key):
    return jwt.encode({"username": "alice", "exp": int(time.time()) + 600}, jwt.PyJWK(key).key,
                      algorithm=key["alg"], headers={"kid": key["kid"]})


def judged(token):
    with Socket() as socket:
        return socket.handshake(token)


def until(token, accepted):
    """Waits, 15 seconds at most, until the server judges the token so."""
    deadline = time.monotonic() + 15
    while True:
        data = judged(token)
        if data["isAuthenticated"] == accepted:
            return data
        if time.monotonic() > deadline:
            raise AssertionError(f"still {data!r}")
        time.sleep(0.05)


@check
def rotation():
    file = peer.options.keys
    with open(file, encoding="utf-8") as prepared:
        old = json.load(prepared)["keys"][0]
    new = made("new", "EdDSA")
    first = opened(token_of(old))
    signed_by_old = first.login()
    equal(jwt.get_unverified_header(signed_by_old), {"alg": "ES256", "typ": "JWT", "kid": "old"})
    equal(judged(token_of(new))["authError"]["message"], "jwt kid is unknown")

    replace(file, public(old), new)
    until(token_of(new), True)
    second = opened(token_of(old))
    signed_by_new = second.login()
    equal(jwt.get_unverified_header(signed_by_new), {"alg": "EdDSA", "typ": "JWT", "kid": "new"})
    jwt.decode(signed_by_new, jwt.PyJWK(public(new)), algorithms=["EdDSA"])
    for token in signed_by_old, signed_by_new:
        equal(judged(token)["isAuthenticated"], True)

    # Half a file is none.
    with open(file, "w", encoding="utf-8") as output:
        output.write('{"keys":[')
    os.kill(peer.options.pid, signal.SIGHUP)
    time.sleep(0.2)
    equal(judged(signed_by_old)["isAuthenticated"], True)

    replace(file, new)
    os.kill(peer.options.pid, signal.SIGHUP)
    refused = until(signed_by_old, False)
    equal(refused["authError"], {"name": "AuthTokenInvalidError", "message": "jwt kid is unknown", "isBadToken": True})
    equal(judged(signed_by_new)["isAuthenticated"], True)
    # Nobody was dropped, or lost their identity.
    for socket in first, second:
        equal(socket.invoke("echo", "there")["data"], "there")
        socket.connection.close()


if __name__ == "__main__":
    if sys.argv[1] == "--prepare":
        replace(sys.argv[2], made("old", "ES256"))
    else:
        def arguments(parser):
            parser.add_argument("--binary", required=True)
            parser.add_argument("--keys", required=True)
        main(arguments)
