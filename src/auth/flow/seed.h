/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_FLOW_SEED_H
#define AUTH_FLOW_SEED_H
/*
 * What an empty installation needs before anybody can use it: an administrator, and for the
 * demonstration two clients. Safe to run at every start. Hashes a password only when it makes
 * one.
 */
#include "auth/flow/call.h"

/* The first account of an installation that has none. *ret_password is absent when accounts exist
 * already; otherwise it is random and marked temporary. */
err seed_admin(struct call *c, str email, str *ret_password) MUST_CHECK;

#define SEED_DEMO_WEB "demo-web" /* confidential */
#define SEED_DEMO_APP "demo-app" /* public */

/* Creates or refreshes both clients; the secret is the confidential one's. */
err seed_demo_clients(struct call *c, str web_secret) MUST_CHECK;

#endif
