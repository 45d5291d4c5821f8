/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_FLOW_SEED_H
#define AUTH_FLOW_SEED_H
/*
 * What an empty installation needs before anybody can use it: an administrator, and for the
 * demonstration two clients. Safe to run at every start. Hashes a password only when it makes
 * one.
 */
#include "auth/flow/call.h"

/* True while there is no account at all. */
err seed_admin_is_needed(struct call *c, bool *ret) MUST_CHECK;

/* A password for the first administrator, random, fit to be typed. The caller keeps it somewhere
 * safe before it makes the account with seed_admin, so that it is never lost in between. */
err seed_admin_password(struct call *c, str *ret) MUST_CHECK;

/* The account, its password marked temporary. ERR_EXISTS when the address has one. */
err seed_admin(struct call *c, str email, str password) MUST_CHECK;

#define SEED_DEMO_WEB "demo-web" /* confidential */
#define SEED_DEMO_APP "demo-app" /* public */

/* Creates or refreshes both clients; the secret is the confidential one's. */
err seed_demo_clients(struct call *c, str web_secret) MUST_CHECK;

#endif
