"""Tokens of every algorithm between this package, PyJWT and jwcrypto, with keys that the `openssl` command makes.

`signatures.py make DIR` makes the keys, in the containers they come in, and tokens signed by both peers, and describes
them in DIR/made.json. `signatures.py check DIR` verifies with both peers what the other side wrote to DIR/signed.json.
"""

import json
import os
import subprocess
import sys

import jwt
from jwcrypto import jwk, jws

PASSPHRASE = "open sesame"
CLAIMS = {"username": "é\U0001f600", "channels": ["room/7"], "nested": {"n": [1, 2.5, None]}, "iat": 1700000000,
          "exp": 4102444800}
RSA = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]
KINDS = {
    "rsa": (RSA, ["genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
    "rsa3072": (RSA, ["genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"]),
    "p256": (["ES256"], ["genpkey", "-quiet", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
    "p384": (["ES384"], ["genpkey", "-quiet", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"]),
    "p521": (["ES512"], ["genpkey", "-quiet", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"]),
    "ed25519": (["EdDSA"], ["genpkey", "-quiet", "-algorithm", "ED25519"]),
}
HMAC = {"HS256": 32, "HS384": 48, "HS512": 64}


def openssl(*arguments):
    arguments = list(arguments)
    process = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False, timeout=120)
    if process.returncode and "-quiet" in arguments:  # OpenSSL before 3.1 does not know it
        arguments.remove("-quiet")
        process = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False, timeout=120)
    if process.returncode:
        raise RuntimeError(f"openssl {arguments[0]}: {process.stderr}")
    return process.stdout


def containers(path, kind):
    """The private and the public key in every container that fits the kind."""
    private = {"PKCS#8": (openssl("pkey", "-in", path), None)}
    private["PKCS#8 encrypted"] = (openssl("pkcs8", "-topk8", "-in", path, "-passout", "pass:" + PASSPHRASE), PASSPHRASE)
    public = {"SubjectPublicKeyInfo": openssl("pkey", "-in", path, "-pubout")}
    if kind != "ed25519":
        private["traditional"] = (openssl("pkey", "-in", path, "-traditional"), None)
        private["traditional encrypted"] = (
            openssl("pkey", "-in", path, "-traditional", "-aes256", "-passout", "pass:" + PASSPHRASE), PASSPHRASE)
    if kind.startswith("rsa"):
        public["PKCS#1"] = openssl("rsa", "-in", path, "-RSAPublicKey_out")
    public["certificate"] = openssl("req", "-x509", "-new", "-key", path, "-subj", "/CN=test", "-days", "2")
    return private, public


def signed_by_pyjwt(secret, algorithm, kid):
    return jwt.encode(CLAIMS, secret, algorithm=algorithm, headers={"kid": kid})


def signed_by_jwcrypto(key, algorithm, kid):
    token = jws.JWS(json.dumps(CLAIMS).encode())
    token.allowed_algs = [algorithm]
    token.add_signature(key, alg=algorithm, protected=json.dumps({"kid": kid, "alg": algorithm, "typ": "JWT"}))
    return token.serialize(compact=True)


def make(folder):
    made = []
    for kind, (algorithms, command) in KINDS.items():
        path = os.path.join(folder, kind + ".pem")
        openssl(*command, "-out", path)
        private, public = containers(path, kind)
        pem = private["PKCS#8"][0]
        key = jwk.JWK.from_pem(pem.encode())
        made.append({
            "kind": kind,
            "private": [{"name": name, "pem": text, "passphrase": word} for name, (text, word) in private.items()],
            "public": [{"name": name, "pem": text} for name, text in public.items()],
            "privateJWK": key.export_private(), "publicJWK": key.export_public(),
            "tokens": [{"algorithm": algorithm, "by": by, "token": token} for algorithm in algorithms for by, token in (
                ("PyJWT", signed_by_pyjwt(pem, algorithm, key["kid"])),
                ("jwcrypto", signed_by_jwcrypto(key, algorithm, key["kid"])))],
        })
    for algorithm, length in HMAC.items():
        key = jwk.JWK.generate(kty="oct", size=length * 8, kid=algorithm)
        secret = key.get_op_key("sign")
        secret = jwt.utils.base64url_decode(secret if isinstance(secret, str) else secret.decode())
        made.append({
            "kind": algorithm, "private": [], "public": [], "privateJWK": key.export(), "publicJWK": key.export(),
            "tokens": [{"algorithm": algorithm, "by": by, "token": token} for by, token in (
                ("PyJWT", signed_by_pyjwt(secret, algorithm, algorithm)),
                ("jwcrypto", signed_by_jwcrypto(key, algorithm, algorithm)))],
        })
    with open(os.path.join(folder, "made.json"), "w", encoding="utf-8") as file:
        json.dump({"claims": CLAIMS, "keys": made}, file)


def check(folder):
    """Each entry of signed.json: `algorithm`, `token`, and the key to verify with as `jwk` (text)."""
    with open(os.path.join(folder, "signed.json"), encoding="utf-8") as file:
        entries = json.load(file)
    for entry in entries:
        algorithm, token, what = entry["algorithm"], entry["token"], f"{entry['algorithm']} ({entry['by']})"
        try:
            decoded = jwt.decode(token, jwt.PyJWK.from_json(entry["jwk"], algorithm=algorithm), algorithms=[algorithm])
            verified = jws.JWS()
            verified.allowed_algs = [algorithm]
            verified.deserialize(token, jwk.JWK.from_json(entry["jwk"]))
        except Exception as error:  # whatever went wrong is to be reported with the rest
            print(f"FAIL {what} - {type(error).__name__}: {error}")
            continue
        same = decoded == CLAIMS and json.loads(verified.payload) == CLAIMS
        print(f"PASS {what}" if same else f"FAIL {what} - other claims: {decoded!r}")


if __name__ == "__main__":
    {"make": make, "check": check}[sys.argv[1]](sys.argv[2])
