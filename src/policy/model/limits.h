/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_MODEL_LIMITS_H
#define POLICY_MODEL_LIMITS_H
/*
 * Every cap of policy-service that is not a configuration key, in one place. Sizes in bytes.
 */

enum {
    LIMIT_POLICY_FILES = 10000,             /* files of one policy directory */
    LIMIT_POLICY_DEPTH = 8,                 /* folders below the policy directory */
    LIMIT_POLICY_FILE = 16 * 1024 * 1024,   /* one file */
    LIMIT_POLICY_TOTAL = 256 * 1024 * 1024, /* all files together */
    LIMIT_QUESTION_BODY = 1024 * 1024,      /* POST /v1/authorize */
    LIMIT_QUESTION_INLINE = 8 * 1024,       /* larger ones are decided by a worker */
    LIMIT_QUESTION_SCRATCH = 32 * 1024 * 1024,
    LIMIT_UID_TEXT = 4096,
    LIMIT_TOKEN_CACHE = 1024, /* verified tokens remembered per thread */
    LIMIT_CALLER_PARENTS = 256,
    LIMIT_JWKS_BODY = 256 * 1024,
    LIMIT_ERRORS_IN_ANSWER = 100,
};

#endif
