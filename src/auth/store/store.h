/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_STORE_STORE_H
#define AUTH_STORE_STORE_H
/*
 * Everything auth-service keeps: one function per thing that happens to a record.
 *
 * The store knows SQL and no protocol: flows decide, it claims, links and revokes atomically. Any
 * thread may call; calls block (disk, locks) and so belong on a worker. Records returned live in
 * the caller's arena; records passed in are borrowed. Every `now_ms` and every time is Unix
 * milliseconds from the caller's clock, and expiry is judged at use, never by a sweep.
 *
 * Outcomes besides ERR_OK, for all: ERR_BUSY (no connection or lock in time), ERR_IO, ERR_CORRUPT,
 * ERR_NOMEM/ERR_LIMIT (arena), ERR_INTERNAL; ERR_RANGE, ERR_SYNTAX, ERR_MISSING when a record
 * breaks its own invariants (model `_check`). ERR_NOT_FOUND means that the database answered and
 * has no such record; no failure is ever turned into it.
 * Text of a struct error never holds a value of a record.
 */
#include "auth/model/client.h"
#include "auth/model/grant.h"
#include "auth/model/key.h"
#include "auth/model/session.h"
#include "auth/model/user.h"

struct db;
struct store;

/* Migrates the database to what this program needs, then serves from it. The pool is borrowed and
 * must outlive the store. */
err store_new(struct db *db, int64_t now_ms, struct store **ret, struct error *reterr) MUST_CHECK;
void store_free(struct store *store); /* accepts NULL */
DEFINE_FREEP(store)

/* Test aid: called at the start of every operation with its name ("code_redeem"); a result other
 * than ERR_OK becomes the result of the operation. */
typedef err store_fault_fn(void *ctx, const char *operation);
void store_set_fault(struct store *store, store_fault_fn *fault, void *ctx);

/* Can this process read, and write, right now? For health checks; bounded by wait_ms. */
err store_ping(struct store *store, uint32_t wait_ms, struct error *reterr) MUST_CHECK;

/* --- users --------------------------------------------------------------------------------- */

/* ERR_EXISTS when the id or the e-mail key is taken. Roles and groups come back sorted. */
err store_user_create(struct store *store, const struct user *user,
                      struct error *reterr) MUST_CHECK;
err store_user_by_id(struct store *store, str id, struct arena *a, struct user *ret,
                     struct error *reterr) MUST_CHECK;
/* `key` is struct email's. */
err store_user_by_email(struct store *store, str key, struct arena *a, struct user *ret,
                        struct error *reterr) MUST_CHECK;
/* Accounts whatever their status. */
err store_user_count(struct store *store, int64_t *ret, struct error *reterr) MUST_CHECK;

/* A new password chosen by the user or an administrator. In the same transaction the epoch grows,
 * all sessions except `keep_sid` (may be absent) end, and all grants except those of `keep_sid`
 * are revoked (those of `keep_sid` get the new epoch). *ret_epoch (may be NULL) is the new epoch.
 */
err store_user_update_password(struct store *store, str user_id, str password_hash,
                               bool is_temporary, str keep_sid, int64_t now_ms, int64_t *ret_epoch,
                               struct error *reterr) MUST_CHECK;
/* The same password hashed anew (stronger parameters): nothing is revoked. Only if the stored
 * hash is still `old_hash`, otherwise ERR_NOT_FOUND. */
err store_user_rehash_password(struct store *store, str user_id, str old_hash, str new_hash,
                               int64_t now_ms, struct error *reterr) MUST_CHECK;
/* Anything but USER_ACTIVE also does what store_user_revoke does. */
err store_user_set_status(struct store *store, str user_id, enum user_status status, int64_t now_ms,
                          struct error *reterr) MUST_CHECK;
err store_user_set_roles(struct store *store, str user_id, struct names roles, int64_t now_ms,
                         struct error *reterr) MUST_CHECK;
err store_user_set_groups(struct store *store, str user_id, struct names groups, int64_t now_ms,
                          struct error *reterr) MUST_CHECK;
/* Sign out everywhere: the epoch grows, all sessions end, all grants are revoked; atomic. */
err store_user_revoke(struct store *store, str user_id, int64_t now_ms,
                      struct error *reterr) MUST_CHECK;

/* --- clients ------------------------------------------------------------------------------- */

/* Creates or replaces; created_ms of an existing one stays. */
err store_client_put(struct store *store, const struct client *client,
                     struct error *reterr) MUST_CHECK;
err store_client_get(struct store *store, str id, struct arena *a, struct client *ret,
                     struct error *reterr) MUST_CHECK;

/* --- browser sessions ---------------------------------------------------------------------- */

/* ERR_DENIED when the user is not active or its epoch is no longer session->user_epoch: it was
 * disabled, or its password changed, while this sign-in was under way. ERR_MISSING: no such user.
 * An idle expiry behind the absolute one is cut to it. */
err store_session_create(struct store *store, const struct session *session,
                         struct error *reterr) MUST_CHECK;
/* The same user signed in again in the same browser: session `session->sid` gets a new cookie, new
 * times and a new amr; its name stays, and so do the grants that came from it. ERR_NOT_FOUND when
 * this user has no live session of that name; otherwise as store_session_create. */
err store_session_renew(struct store *store, const struct session *session, int64_t now_ms,
                        struct error *reterr) MUST_CHECK;
/* ERR_EXPIRED when it is there and no longer live. */
err store_session_get(struct store *store, const struct digest *cookie_hash, int64_t now_ms,
                      struct arena *a, struct session *ret, struct error *reterr) MUST_CHECK;
err store_session_get_by_sid(struct store *store, str sid, int64_t now_ms, struct arena *a,
                             struct session *ret, struct error *reterr) MUST_CHECK;
/* Records use; a session that is no longer live, or gone, is ERR_NOT_FOUND. The idle expiry moves
 * forward only. One write each: call it when last_seen_ms is minutes old, not on every request. */
err store_session_touch(struct store *store, const struct digest *cookie_hash,
                        int64_t idle_expires_ms, int64_t now_ms, struct error *reterr) MUST_CHECK;
/* Ends it and revokes the grants that came from it, atomically. Idempotent: gone is ERR_OK. */
err store_session_delete(struct store *store, str sid, int64_t now_ms,
                         struct error *reterr) MUST_CHECK;
err store_session_delete_by_user(struct store *store, str user_id, int64_t now_ms,
                                 struct error *reterr) MUST_CHECK;
/* Live ones, for the metric active_sessions. */
err store_session_count(struct store *store, int64_t now_ms, int64_t *ret,
                        struct error *reterr) MUST_CHECK;

/* --- authorization codes ------------------------------------------------------------------- */

/* Creates the grant (code->grant, its expires_ms at least the code's) and the code in one
 * transaction. ERR_MISSING when its user or client is not there, ERR_DENIED as for
 * store_session_create (grant.user_epoch). */
err store_code_create(struct store *store, const struct code *code,
                      struct error *reterr) MUST_CHECK;
/* Looks without claiming, in any state, so that client, redirect URI and PKCE can be checked
 * before the one claim. */
err store_code_get(struct store *store, const struct digest *hash, struct arena *a,
                   struct code *ret, struct error *reterr) MUST_CHECK;
/* Claims it: of all concurrent callers exactly one gets ERR_OK.
 *   ERR_REPLAY   claimed before; the grant has been revoked in the same transaction and *ret is
 *                filled, so that the event can name it
 *   ERR_EXPIRED  never claimed, too late
 *   ERR_DENIED   never claimed, its grant was revoked meanwhile */
err store_code_redeem(struct store *store, const struct digest *hash, int64_t now_ms,
                      struct arena *a, struct code *ret, struct error *reterr) MUST_CHECK;

/* --- grants and refresh tokens ------------------------------------------------------------- */

/* A grant with its first refresh token, for sign-ins without a code (our login API). `refresh`
 * gives hash, created_ms, expires_ms and grant; the generation is 1. ERR_MISSING and ERR_DENIED as
 * for store_code_create. */
err store_refresh_create(struct store *store, const struct refresh *refresh,
                         struct error *reterr) MUST_CHECK;
/* The first refresh token of a grant that exists (after store_code_redeem). ERR_DENIED when the
 * grant was revoked meanwhile, ERR_EXISTS when it has one already. */
err store_refresh_add(struct store *store, str grant_id, const struct digest *hash,
                      int64_t expires_ms, int64_t now_ms, struct error *reterr) MUST_CHECK;
/* Looks without claiming, in any state: for revocation, introspection and checks beforehand. */
err store_refresh_get(struct store *store, const struct digest *hash, struct arena *a,
                      struct refresh *ret, struct error *reterr) MUST_CHECK;

struct refresh_successor {
    struct digest hash;
    int64_t expires_ms;
};

/* Spends the presented token and stores its successor, in one transaction: of all concurrent
 * callers exactly one gets ERR_OK, and *ret is the successor with its grant.
 *   ERR_NOT_FOUND  no such token, or it belongs to another client (absent: our own login API)
 *   ERR_REPLAY     spent before; the whole family has been revoked in the same transaction and
 *                  *ret is the presented token, so that the event can name the family
 *   ERR_EXPIRED    unspent, too late
 *   ERR_DENIED     unspent, its family is revoked */
err store_refresh_rotate(struct store *store, const struct digest *presented, str client_id,
                         const struct refresh_successor *successor, int64_t now_ms, struct arena *a,
                         struct refresh *ret, struct error *reterr) MUST_CHECK;

/* In any state. */
err store_grant_get(struct store *store, str grant_id, struct arena *a, struct grant *ret,
                    struct error *reterr) MUST_CHECK;
/* Revokes the family. Idempotent: revoked before, or gone, is ERR_OK. */
err store_grant_revoke(struct store *store, str grant_id, int64_t now_ms,
                       struct error *reterr) MUST_CHECK;
err store_grant_revoke_by_session(struct store *store, str sid, int64_t now_ms,
                                  struct error *reterr) MUST_CHECK;
err store_grant_revoke_by_user(struct store *store, str user_id, int64_t now_ms,
                               struct error *reterr) MUST_CHECK;

/* --- one-time values ----------------------------------------------------------------------- */

/* Claims a value (a jti, a nonce, a TOTP step) within a kind ("client_assertion"): ERR_REPLAY when
 * it was claimed before. Kept until expires_ms, which must not be before the value itself stops
 * being acceptable. */
err store_jti_claim(struct store *store, str kind, const struct digest *value, int64_t expires_ms,
                    int64_t now_ms, struct error *reterr) MUST_CHECK;

/* --- signing keys -------------------------------------------------------------------------- */

/* Publishes it. The same key again is ERR_OK (every replica does it at start and now and then):
 * its end moves, and it is retired no longer. Another key under the same kid is ERR_EXISTS. */
err store_key_put(struct store *store, const struct key_record *key,
                  struct error *reterr) MUST_CHECK;

struct key_list {
    const struct key_record *items;
    size_t count;
};

/* Those with not_after_ms in the future, the newest first. */
err store_key_list(struct store *store, int64_t now_ms, struct arena *a, struct key_list *ret,
                   struct error *reterr) MUST_CHECK;
/* It stops signing now and verifies until not_after_ms. The first retirement stays. */
err store_key_retire(struct store *store, str kid, int64_t retired_ms, int64_t not_after_ms,
                     struct error *reterr) MUST_CHECK;

/* --- housekeeping -------------------------------------------------------------------------- */

enum { STORE_SWEEP_ROWS_DEFAULT = 500 };

/* Deletes what can no longer matter: expired sessions, one-time values, refresh tokens and grants,
 * codes whose grant is gone. At most max_rows of each kind, in short transactions, so that sign-ins
 * are not held up; *ret_deleted < max_rows means that it is done for now. Spent tokens and redeemed
 * codes stay until their grant expires, because their reuse must be noticed. */
err store_sweep(struct store *store, int64_t now_ms, uint32_t max_rows, int64_t *ret_deleted,
                struct error *reterr) MUST_CHECK;

#endif
