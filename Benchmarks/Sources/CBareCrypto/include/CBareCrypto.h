// OpenSSL and nothing else: what a verification costs at least. Keys are parsed and contexts made once.
#ifndef C_BARE_CRYPTO_H
#define C_BARE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>

typedef struct bare_hmac bare_hmac;
typedef struct bare_key bare_key;

// HMAC-SHA256 over a kept context.
bare_hmac *bare_hmac_create(const void *key, size_t length);
bool bare_hmac_compute(bare_hmac *hmac, const void *bytes, size_t length, unsigned char digest[32]);

// kind: 'R' RSASSA-PKCS1-v1_5 with SHA-256, 'E' ECDSA with SHA-256 (a DER signature), 'D' Ed25519.
bare_key *bare_key_read(const char *public_pem_file, char kind);
bool bare_key_verify(
    bare_key *key, const void *bytes, size_t length, const unsigned char *signature, size_t signature_length);
// r‖s as DER; the length, 0 on failure. Room for 80 bytes.
size_t bare_ecdsa_to_der(const unsigned char *joined, size_t length, unsigned char *der);

#endif
