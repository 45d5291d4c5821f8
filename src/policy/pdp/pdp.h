/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_PDP_PDP_H
#define POLICY_PDP_PDP_H
/*
 * The policy decision point: the current snapshot, the keys of auth-service, and the thread that
 * keeps both fresh.
 *
 *   files ──watch──> snapshot_build ──swap──> current ──> each thread's own reference
 *   JWKS  ──fetch──> keys ───────────────────────────────> each thread's own reference
 *
 * A decision takes no lock: a thread compares two generation numbers with the ones it holds and
 * fetches new references only when they differ. An old snapshot is freed when the last thread
 * has moved on. A reload that fails leaves the running snapshot as it is.
 */
#include "policy/pdp/keys.h"
#include "policy/pdp/snapshot.h"
#include "policy/pdp/tokens.h"
#include "server/ops/clock.h"

struct pdp_config {
    str policy_dir;
    str jwks_url;
    struct token_rules tokens;
    unsigned reload_interval_ms; /* how often the directory is looked at; 0: only when told */
    unsigned jwks_refresh_s;     /* how often the keys are fetched without need */
    unsigned fetch_timeout_s;
    unsigned eval_timeout_ms; /* 0: none; pdp_set_eval_timeout changes it */
    bool validate_requests;   /* against the schema, where there is one */
    const struct clock *clock;
};

/* What the last reload came to, for /admin and the health body. Copied out under a lock. */
struct pdp_status {
    uint64_t generation;
    int64_t loaded_ms;
    uint64_t reloads_ok;
    uint64_t reloads_failed;
    bool is_failing; /* the newest files were refused; the last good set is running */
    struct error last_error;
    int64_t checked_ms; /* when the directory was last looked at */
};

/* Told about every reload that was tried, from the thread that did it. */
typedef void pdp_reload_hook(void *ctx, const struct snapshot *now, err code,
                             const struct error *error, uint64_t duration_ns);

struct pdp;

/* Loads the first snapshot: a directory that does not load fails the call, with the file, line
 * and column in *reterr. The config's strings must outlive the pdp. */
err pdp_new(const struct pdp_config *config, pdp_reload_hook *hook, void *hook_ctx,
            struct pdp **ret, struct error *reterr) MUST_CHECK;
/* The watcher thread: reloads and key fetches in the background. */
err pdp_start(struct pdp *pdp) MUST_CHECK;
void pdp_free(struct pdp *pdp); /* stops the watcher; all worker threads must have ended */

const struct pdp_config *pdp_config_get(const struct pdp *pdp);
struct keys *pdp_keys(struct pdp *pdp);
/* In force from the next decision on. */
void pdp_set_eval_timeout(struct pdp *pdp, unsigned timeout_ms);
unsigned pdp_eval_timeout(const struct pdp *pdp);
void pdp_status_get(struct pdp *pdp, struct pdp_status *ret);

/* Builds a new snapshot aside and swaps it in. Blocks. */
err pdp_reload(struct pdp *pdp, struct error *reterr) MUST_CHECK;
/* Asks the watcher for a reload; any thread may call. */
void pdp_reload_soon(struct pdp *pdp);

/* The calling thread's own view, made on first use and freed when the thread ends. */
struct pdp_thread {
    struct snapshot *snapshot;
    uint64_t generation;
    struct keyset *keyset;
    uint64_t keys_generation;
    struct token_cache *tokens;
    cedar_scratch *scratch;
};

/* Up to date when it returns; NULL without memory. */
struct pdp_thread *pdp_thread_get(struct pdp *pdp);

#endif
