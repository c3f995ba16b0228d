#ifndef C_OPENSSL_TLS_SHIM_H
#define C_OPENSSL_TLS_SHIM_H

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <openssl/x509_vfy.h>

// What OpenSSL offers as macros with casts, which Swift does not see.

static const uint64_t TLS_OPTION_NO_RENEGOTIATION = SSL_OP_NO_RENEGOTIATION;
static const uint64_t TLS_OPTION_NO_COMPRESSION = SSL_OP_NO_COMPRESSION;
static const uint64_t TLS_OPTION_NO_TICKET = SSL_OP_NO_TICKET;
static const uint64_t TLS_OPTION_SERVER_PREFERENCE = SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA;

static inline long tls_set_versions(SSL_CTX *context, int minimum, int maximum) {
    return SSL_CTX_set_min_proto_version(context, minimum) & SSL_CTX_set_max_proto_version(context, maximum);
}

static inline void tls_set_mode(SSL_CTX *context, long mode) { SSL_CTX_set_mode(context, mode); }

static inline void tls_set_read_ahead(SSL_CTX *context) { SSL_CTX_set_read_ahead(context, 1); }

static inline void tls_set_session_cache(SSL_CTX *context, long mode) {
    SSL_CTX_set_session_cache_mode(context, mode);
}

static inline int tls_add_chain_certificate(SSL_CTX *context, X509 *certificate) {
    return (int)SSL_CTX_add1_chain_cert(context, certificate);
}

static inline int tls_set_server_name(SSL *ssl, const char *name) {
    return (int)SSL_set_tlsext_host_name(ssl, name);
}

static inline X509 *tls_peer_certificate(const SSL *ssl) { return SSL_get1_peer_certificate(ssl); }

#endif
