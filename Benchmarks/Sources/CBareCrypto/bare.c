#include "CBareCrypto.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>

struct bare_hmac {
    EVP_MAC_CTX *context;
};

struct bare_key {
    EVP_PKEY *key;
    EVP_PKEY_CTX *context;
    EVP_MD *digest;
    EVP_MD_CTX *digest_context;
    char kind;
};

bare_hmac *bare_hmac_create(const void *key, size_t length) {
    bare_hmac *hmac = malloc(sizeof(*hmac));
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    if (hmac == NULL || mac == NULL) return NULL;
    hmac->context = EVP_MAC_CTX_new(mac);
    EVP_MAC_free(mac);
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, "SHA256", 0), OSSL_PARAM_construct_end()};
    return EVP_MAC_init(hmac->context, key, length, parameters) == 1 ? hmac : NULL;
}

bool bare_hmac_compute(bare_hmac *hmac, const void *bytes, size_t length, unsigned char digest[32]) {
    size_t written = 0;
    return EVP_MAC_init(hmac->context, NULL, 0, NULL) == 1 && EVP_MAC_update(hmac->context, bytes, length) == 1
        && EVP_MAC_final(hmac->context, digest, &written, 32) == 1;
}

bare_key *bare_key_read(const char *path, char kind) {
    bare_key *result = calloc(1, sizeof(*result));
    FILE *file = fopen(path, "r");
    if (result == NULL || file == NULL) return NULL;
    result->kind = kind;
    result->key = PEM_read_PUBKEY(file, NULL, NULL, NULL);
    fclose(file);
    result->digest = EVP_MD_fetch(NULL, "SHA256", NULL);
    result->digest_context = EVP_MD_CTX_new();
    if (result->key == NULL || result->digest == NULL || result->digest_context == NULL) return NULL;
    if (kind == 'D') return result;
    result->context = EVP_PKEY_CTX_new_from_pkey(NULL, result->key, NULL);
    if (result->context == NULL || EVP_PKEY_verify_init(result->context) != 1) return NULL;
    if (kind == 'R' && EVP_PKEY_CTX_set_rsa_padding(result->context, RSA_PKCS1_PADDING) != 1) return NULL;
    return EVP_PKEY_CTX_set_signature_md(result->context, result->digest) == 1 ? result : NULL;
}

bool bare_key_verify(
    bare_key *key, const void *bytes, size_t length, const unsigned char *signature, size_t signature_length) {
    if (key->kind == 'D') {
        return EVP_DigestVerifyInit(key->digest_context, NULL, NULL, NULL, key->key) == 1
            && EVP_DigestVerify(key->digest_context, signature, signature_length, bytes, length) == 1;
    }
    unsigned char digest[32];
    unsigned written = 0;
    return EVP_DigestInit_ex2(key->digest_context, key->digest, NULL) == 1
        && EVP_DigestUpdate(key->digest_context, bytes, length) == 1
        && EVP_DigestFinal_ex(key->digest_context, digest, &written) == 1
        && EVP_PKEY_verify(key->context, signature, signature_length, digest, written) == 1;
}

size_t bare_ecdsa_to_der(const unsigned char *joined, size_t length, unsigned char *der) {
    ECDSA_SIG *signature = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(joined, (int)(length / 2), NULL), *s = BN_bin2bn(joined + length / 2, (int)(length / 2), NULL);
    ECDSA_SIG_set0(signature, r, s);
    unsigned char *end = der;
    int count = i2d_ECDSA_SIG(signature, &end);
    ECDSA_SIG_free(signature);
    return count > 0 ? (size_t)count : 0;
}
