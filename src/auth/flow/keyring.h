/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_FLOW_KEYRING_H
#define AUTH_FLOW_KEYRING_H
/*
 * The keys of this service, all from the root secret (JWT_SECRET), and the old public keys that
 * still verify.
 *
 *   root ── HKDF ──┬── ES256 key "access"    signs access and ID tokens; kid = RFC 7638 thumbprint
 *                  └── "ironwood auth ticket v1"   MAC key of form tickets
 *
 * keyring_publish records the current public key in the database and retires those of other root
 * secrets; keyring_reload reads what other replicas published. Both build a new snapshot and swap
 * it in. A snapshot is immutable and reference-counted, so readers hold a lock only to take one.
 * A recorded key ends by itself soon after the last replica that signs with it has stopped saying
 * so (keyring_renew), whoever retired it in between: an old replica that restarts in the middle of
 * a rotation, or a rotation that is taken back, leave nothing behind.
 * Changing the root secret and restarting replicas one by one therefore never makes a token
 * invalid: each verifies with every key in the database, its own always included.
 */
#include "auth/flow/call.h"
#include "crypto/secret.h"
#include "jose/jwt.h"

/* Key id and private key that sign, and everything that verifies. */
struct key_snapshot {
    str kid;
    const struct sign_key *signing;
    const struct keyset *verifying;
    str jwks; /* the document, encoded once */
};

struct keyring;

/* Derives the keys; the first snapshot knows only this root's own. */
err keyring_new(const struct secret *root, struct keyring **ret) MUST_CHECK;
void keyring_free(struct keyring *keyring); /* accepts NULL */
DEFINE_FREEP(keyring)

/* At start. *ret_rotated (may be NULL): keys of another root were retired just now. */
err keyring_publish(struct keyring *keyring, struct store *store,
                    const struct flow_settings *settings, int64_t now_ms, size_t *ret_rotated,
                    struct error *reterr) MUST_CHECK;

/* Says that this replica still signs with its key, and reads the keys of all replicas again. To be
 * called more often than every KEYRING_RENEW_S. */
enum { KEYRING_RENEW_S = 300 };
err keyring_renew(struct keyring *keyring, struct store *store,
                  const struct flow_settings *settings, int64_t now_ms,
                  struct error *reterr) MUST_CHECK;

/* Reads the keys of all replicas again. */
err keyring_reload(struct keyring *keyring, struct store *store, int64_t now_ms,
                   struct error *reterr) MUST_CHECK;

/* As above, but only when there are keys we do not know; otherwise it costs one short query: for
 * tokens with an unknown kid, which anybody can send, and which must not wait (contract C3). */
err keyring_catch_up(struct keyring *keyring, struct store *store, int64_t now_ms,
                     struct error *reterr) MUST_CHECK;

/* Whether the database was asked within the last `age_ms`: what the published document goes by, so
 * that a replica never hides the key of another for longer. */
bool keyring_is_fresh(const struct keyring *keyring, int64_t now_ms, int64_t age_ms);

const struct key_snapshot *keyring_take(struct keyring *keyring);
void key_snapshot_unref(const struct key_snapshot *snapshot);
static inline void key_snapshot_unrefp(const struct key_snapshot **snapshot) {
    key_snapshot_unref(*snapshot);
}

const struct secret *keyring_ticket_key(const struct keyring *keyring);

#endif
