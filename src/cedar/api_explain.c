/* SPDX-License-Identifier: Apache-2.0 */
/* Why a request is decided as it is: the call, and the choice of policies to tell about. */
#include "cedar/api_explain_int.h"

#include "cedar/authz/reach.h"

enum {
    LIMIT_DEFAULT = 100,
    SEEN_DEFAULT = 50,
    TEXT_DEFAULT = 200,
    TEXT_MIN = 16,
    TEXT_MAX = 1 << 20,
    WALK_STEPS = 20000000, /* a step costs more here: pieces are compiled first */
};

/* Order of the policies in an explanation; INDIFFERENT ones, which would not have changed the
 * decision had they been satisfied, come behind the others. */
enum rank {
    RANK_REASON,
    RANK_SATISFIED,
    RANK_ERROR,
    RANK_ERROR_INDIFFERENT,
    RANK_CLAUSE,
    RANK_CLAUSE_INDIFFERENT,
    RANK_NEAR,
    RANK_NEAR_INDIFFERENT,
    RANK_FAR,
    RANK_FARTHER,
    RANK_COUNT,
    RANK_TEMPLATE = RANK_COUNT, /* has no outcome */
};

/* What is known of each policy, by its index. */
struct standing {
    uint8_t rank;
    uint8_t outcome; /* cedar_outcome */
    uint8_t failed;  /* constraints, 1 << enum scope_part */
};

struct explaining {
    struct explainer x;
    const cedar_explain_options *options;
    size_t only; /* the one policy or template that is asked for, or SIZE_MAX */
    struct decision decision;
    struct standing *standings;
    cedar_explanation *explanation;
};

/* ---- outcomes ---- */

/* Lists of decide() are in the order of the program: each is gone through once. */
struct cursor {
    size_t permit;
    size_t reason;
    size_t error;
};

static bool takes(const struct program_policy *const *list, size_t count,
                  const struct program_policy *policy, size_t *at) {
    bool is_next = *at < count && list[*at] == policy;
    *at += is_next;
    return is_next;
}

static cedar_outcome outcome_of(const struct decision *decision,
                                const struct program_policy *policy, struct cursor *cursor) {
    bool is_permit = takes(decision->permits, decision->permit_count, policy, &cursor->permit);
    bool is_reason = takes(decision->reasons, decision->reason_count, policy, &cursor->reason);
    if (is_permit || is_reason) {
        return CEDAR_OUTCOME_SATISFIED;
    }
    if (cursor->error < decision->error_count && decision->errors[cursor->error].policy == policy) {
        cursor->error++;
        return CEDAR_OUTCOME_ERROR;
    }
    return CEDAR_OUTCOME_CLAUSE;
}

/* One constraint, looked at alone. The index is no help: it only knows what can be reached. */
static bool is_in(const struct entities *entities, const struct uid *self,
                  const struct program *program, uint32_t number) {
    struct uid uid = symbols_uid(&program->symbols, number);
    return entities_is_in(entities, self, &uid);
}

static bool is_equal(const struct uid *self, const struct program *program, uint32_t number) {
    struct uid uid = symbols_uid(&program->symbols, number);
    return uid_equal(self, &uid);
}

static bool is_matched(const struct explaining *g, const struct program *program,
                       const struct scope *scope, const struct uid *self) {
    const struct symbols *symbols = &program->symbols;
    const struct entities *entities = g->x.eval.entities;
    bool is_type = false;
    switch ((enum scope_kind)scope->kind) {
    case SCOPE_ANY:
        return true;
    case SCOPE_EQ:
        return is_equal(self, program, scope->uid);
    case SCOPE_IN:
        return is_in(entities, self, program, scope->uid);
    case SCOPE_IS:
    case SCOPE_IS_IN:
        is_type = str_equal(uid_type(self), symbols->types.items[scope->type]);
        return is_type && (scope->kind == SCOPE_IS || is_in(entities, self, program, scope->uid));
    case SCOPE_IN_LIST:
        break;
    }
    const uint32_t *list = program->lists + scope->uid;
    bool is_found = false;
    for (size_t i = 0; i < scope->type && !is_found; i++) {
        is_found = is_in(entities, self, program, list[i]);
    }
    return is_found;
}

static uint8_t failed_parts(const struct explaining *g, const struct program *program,
                            const struct program_policy *policy) {
    static const enum program_var vars[SCOPE_PARTS] = {VAR_PRINCIPAL, VAR_ACTION, VAR_RESOURCE};
    unsigned failed = 0;
    for (unsigned part = 0; part < SCOPE_PARTS; part++) {
        if (!is_matched(g, program, &policy->scopes[part], g->x.eval.vars[vars[part]].uid)) {
            failed |= 1u << part;
        }
    }
    return (uint8_t)failed;
}

static size_t count_bits(unsigned bits) {
    size_t count = 0;
    for (; bits != 0; bits &= bits - 1) {
        count++;
    }
    return count;
}

static enum rank rank_of(const struct decision *decision, const struct program_policy *policy,
                         const struct standing *standing) {
    /* What is allowed another permit does not change, nor a forbid what is denied. */
    bool is_forbidden = !decision->is_allow && decision->reason_count > 0;
    bool is_indifferent = is_forbidden || policy->is_forbid != decision->is_allow;
    switch ((cedar_outcome)standing->outcome) {
    case CEDAR_OUTCOME_SATISFIED:
        return policy->is_forbid || decision->is_allow ? RANK_REASON : RANK_SATISFIED;
    case CEDAR_OUTCOME_ERROR:
        return is_indifferent ? RANK_ERROR_INDIFFERENT : RANK_ERROR;
    case CEDAR_OUTCOME_CLAUSE:
        return is_indifferent ? RANK_CLAUSE_INDIFFERENT : RANK_CLAUSE;
    case CEDAR_OUTCOME_SCOPE:
        break;
    }
    size_t failed = count_bits(standing->failed);
    return failed > 1       ? (failed > 2 ? RANK_FARTHER : RANK_FAR)
           : is_indifferent ? RANK_NEAR_INDIFFERENT
                            : RANK_NEAR;
}

static void count_outcome(cedar_explanation *explanation, const struct program_policy *policy,
                          const struct standing *standing) {
    explanation->totals[standing->outcome]++;
    if (standing->outcome == CEDAR_OUTCOME_ERROR) {
        explanation->forbid_errors += policy->is_forbid;
        explanation->permit_errors += !policy->is_forbid;
    }
}

static void find_outcome(struct explaining *g, const struct program *program,
                         const struct program_policy *policy, bool is_reached,
                         struct cursor *cursor, struct standing *standing) {
    if (policy->is_template) {
        standing->rank = RANK_TEMPLATE;
        return;
    }
    if (is_reached) {
        standing->outcome = (uint8_t)outcome_of(&g->decision, policy, cursor);
    } else {
        standing->outcome = CEDAR_OUTCOME_SCOPE;
        standing->failed = failed_parts(g, program, policy);
    }
    standing->rank = (uint8_t)rank_of(&g->decision, policy, standing);
    count_outcome(g->explanation, policy, standing);
}

/* Of the policies of one segment that are not hidden. */
static err find_outcomes_of(struct explaining *g, const struct decide_piece *piece,
                            struct cursor *cursor, struct standing *standing) {
    const struct program *program = piece->program;
    struct reach reach;
    size_t reached = 0;
    TRY(reach_find(&reach, &g->x.eval, program));
    for (uint32_t i = 0; i < program->count; i++) {
        bool is_reached = reached < reach.policies.count && reach.policies.items[reached] == i;
        reached += is_reached;
        if (!decide_is_hidden(piece, i)) {
            find_outcome(g, program, &program->policies[i], is_reached, cursor, standing++);
        }
    }
    return ERR_OK;
}

static err find_outcomes(struct explaining *g) {
    const cedar_policies *policies = g->x.policies;
    struct cursor cursor = {0};
    g->standings = ARENA_ARRAY(g->x.temp, struct standing, policies->count);
    if (g->standings == NULL) {
        return arena_error(g->x.temp);
    }
    for (size_t i = 0; i < policies->part_count; i++) {
        TRY(find_outcomes_of(g, &policies->pieces[i], &cursor,
                             g->standings + policies->parts[i].first));
    }
    return ERR_OK;
}

static cedar_cause cause_of(const struct decision *decision, const cedar_explanation *explanation) {
    if (decision->is_allow) {
        return CEDAR_CAUSE_PERMITTED;
    }
    return decision->reason_count > 0       ? CEDAR_CAUSE_FORBIDDEN
           : decision->is_timeout           ? CEDAR_CAUSE_TIMEOUT
           : explanation->permit_errors > 0 ? CEDAR_CAUSE_PERMIT_FAILED
                                            : CEDAR_CAUSE_NOT_PERMITTED;
}

/* ---- which policies ---- */

static bool is_asked_for(const struct explaining *g, size_t index) {
    const struct standing *standing = &g->standings[index];
    if (standing->rank == RANK_TEMPLATE) {
        return false;
    }
    if (g->only != SIZE_MAX) {
        cedar_policy_info info = cedar_policies_get(g->x.policies, index);
        cedar_policy_info only = cedar_policies_get(g->x.policies, g->only);
        return index == g->only ||
               (only.is_template && info.link != NULL &&
                str_equal(api_str_of(info.link->template_id), api_str_of(only.id)));
    }
    switch (g->options->filter) {
    case CEDAR_EXPLAIN_NEAR:
        return standing->rank <= RANK_NEAR;
    case CEDAR_EXPLAIN_REACHED:
        return standing->outcome != CEDAR_OUTCOME_SCOPE;
    case CEDAR_EXPLAIN_ALL:
        return true;
    }
    return false;
}

/* The numbers of the first `limit` policies by rank, and how many more there are. */
static err choose(const struct explaining *g, size_t limit, const size_t **ret, size_t *ret_count) {
    size_t counts[RANK_COUNT + 1] = {0}; /* where the rank starts, once added up */
    size_t total = 0;
    for (size_t i = 0; i < g->x.policies->count; i++) {
        if (is_asked_for(g, i)) {
            counts[g->standings[i].rank + 1]++;
            total++;
        }
    }
    size_t count = total < limit ? total : limit;
    size_t *chosen = ARENA_ARRAY(g->x.temp, size_t, count);
    if (chosen == NULL) {
        return arena_error(g->x.temp);
    }
    for (size_t rank = 1; rank <= RANK_COUNT; rank++) {
        counts[rank] += counts[rank - 1];
    }
    for (size_t i = 0; i < g->x.policies->count; i++) {
        if (is_asked_for(g, i)) {
            size_t place = counts[g->standings[i].rank]++;
            if (place < count) {
                chosen[place] = i;
            }
        }
    }
    *ret = chosen;
    *ret_count = count;
    g->explanation->omitted = total - count;
    return ERR_OK;
}

static const struct decide_error *find_error(const struct explaining *g, size_t index) {
    uint32_t number;
    const struct segment *segment = policies_locate(g->x.policies, index, &number);
    for (size_t i = 0; i < g->decision.error_count; i++) {
        if (g->decision.errors[i].policy == &segment->program.policies[number]) {
            return &g->decision.errors[i];
        }
    }
    return NULL;
}

static err explain_chosen(struct explaining *g, size_t index, cedar_explained_policy *ret) {
    const struct standing *standing = &g->standings[index];
    const struct decide_error *error =
        standing->outcome == CEDAR_OUTCOME_ERROR ? find_error(g, index) : NULL;
    struct explain_verdict verdict = {
        .index = index,
        .outcome = (cedar_outcome)standing->outcome,
        .failed = standing->failed,
        .is_reason = standing->rank == RANK_REASON,
        .error = error,
        .is_timeout =
            error != NULL && g->decision.is_timeout && str_equal_c(error->error.message, "timeout"),
    };
    return explain_policy(&g->x, &verdict, ret);
}

static err explain_policies(struct explaining *g, size_t limit) {
    const size_t *chosen = NULL;
    size_t count = 0;
    TRY(choose(g, limit, &chosen, &count));
    cedar_explained_policy *policies = ARENA_ARRAY(g->x.arena, cedar_explained_policy, count);
    if (policies == NULL) {
        return arena_error(g->x.arena);
    }
    for (size_t i = 0; i < count; i++) {
        TRY(explain_chosen(g, chosen[i], &policies[i]));
    }
    g->explanation->policies = policies;
    g->explanation->policy_count = count;
    return ERR_OK;
}

/* ---- the request ---- */

static err explain_entity(struct explaining *g, enum program_var var, cedar_explained_entity *ret) {
    struct explainer *x = &g->x;
    const struct entity *entity = eval_self(&x->eval, var);
    struct uid_list ancestors = {.list.count = 0};
    TRY(explain_uid_text(x, x->eval.vars[var].uid, &ret->text));
    if (entity != NULL) {
        TRY(explain_ancestors(x, entity, &ancestors));
    }
    size_t count = ancestors.list.count;
    size_t shown = count < x->max_seen ? count : x->max_seen;
    cedar_str *texts = ARENA_ARRAY(x->arena, cedar_str, shown);
    if (texts == NULL) {
        return arena_error(x->arena);
    }
    for (size_t i = 0; i < shown; i++) {
        TRY(explain_uid_text(x, ancestors.list.items[i], &texts[i]));
    }
    ret->is_known = entity != NULL;
    ret->ancestor_count = count;
    ret->shown_count = shown;
    ret->ancestors = texts;
    return ERR_OK;
}

/* ---- the call ---- */

static size_t or_default(size_t given, size_t otherwise) {
    return given == 0 ? otherwise : given;
}

static void init(struct explaining *g, const cedar_policies *policies, cedar_scratch *scratch,
                 const cedar_explain_options *options) {
    size_t text = or_default(options->max_text, TEXT_DEFAULT);
    g->options = options;
    g->x = (struct explainer){
        .policies = policies,
        .arena = &scratch->arena,
        .temp = &scratch->temp,
        .lower = api_lower_options(policies->engine),
        .max_seen = or_default(options->max_seen, SEEN_DEFAULT),
        .max_text = text < TEXT_MIN   ? TEXT_MIN
                    : text > TEXT_MAX ? TEXT_MAX
                                      : text,
    };
    arena_init(&g->x.code, &scratch->engine->allocator, scratch->temp.max);
}

static err explain(struct explaining *g, const cedar_request *request, struct asked *asked,
                   const cedar_explanation **ret) {
    struct explainer *x = &g->x;
    struct eval deciding;
    g->explanation = ARENA_NEW(x->arena, cedar_explanation);
    if (g->explanation == NULL) {
        return arena_error(x->arena);
    }
    api_request_start(&deciding, x->arena, request, asked);
    TRY(decide_pieces(&deciding, g->x.policies->pieces, g->x.policies->part_count, &g->decision));
    TRY(api_response_make(x->arena, &g->decision, asked, &g->explanation->response));
    api_request_start(&x->eval, &x->code, request, asked);
    x->eval.steps_left = WALK_STEPS; /* looking at it again has a budget of its own */
    TRY(explain_text_init(x));
    TRY(find_outcomes(g));
    g->explanation->cause = cause_of(&g->decision, g->explanation);
    for (unsigned var = VAR_PRINCIPAL; var <= VAR_RESOURCE; var++) {
        TRY(explain_entity(g, (enum program_var)var, &g->explanation->entities[var]));
    }
    TRY(explain_policies(g, or_default(g->options->limit, LIMIT_DEFAULT)));
    g->explanation->is_cut = x->is_cut;
    *ret = g->explanation;
    return ERR_OK;
}

cedar_status cedar_explain(const cedar_policies *policies, const cedar_entities *entities,
                           const cedar_request *request, cedar_scratch *scratch,
                           const cedar_explain_options *options,
                           const cedar_explanation **ret_explanation) {
    static const cedar_explain_options defaults;
    struct explaining g = {.only = SIZE_MAX};
    struct asked asked;
    if (policies == NULL || entities == NULL || request == NULL || scratch == NULL ||
        ret_explanation == NULL || !api_same_key(policies->engine, scratch->engine)) {
        return CEDAR_ERR_MISUSE;
    }
    init(&g, policies, scratch, options == NULL ? &defaults : options);
    if (api_is_bad(g.options->policy_id) || g.options->filter > CEDAR_EXPLAIN_ALL) {
        return CEDAR_ERR_MISUSE;
    }
    if (g.options->policy_id.ptr != NULL) {
        g.only = cedar_policies_find(policies, g.options->policy_id);
        if (g.only == SIZE_MAX) {
            return CEDAR_ERR_NOT_FOUND;
        }
    }
    cedar_status status = api_request_resolve(scratch, entities, request, &asked);
    if (status == CEDAR_OK) {
        const cedar_explanation *made = NULL;
        err error = explain(&g, request, &asked, &made);
        status = api_request_status(&asked);
        status = status == CEDAR_OK ? api_status(error) : status;
        *ret_explanation = status == CEDAR_OK ? made : *ret_explanation;
    }
    arena_done(&g.x.code);
    arena_clear(&scratch->temp);
    return status;
}
