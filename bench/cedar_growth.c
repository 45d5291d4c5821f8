/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Growing sets of policies, and two threads: bench/cedar_growth [MOST]
 * One of them as a case for other programs: bench/cedar_growth write COUNT
 *
 * Nine of ten policies are grants of the form "this principal, this resource" (as links of a
 * template), the others are scoped to a group, a type or an action, with a condition. Loading is
 * parsing and compiling one text; memory is what the set keeps, text included. A decision is asked
 * of a principal and a resource that some grant names; few policies match, whatever the size.
 */
#include "cedar_bench.h"

#include <pthread.h>

enum { REQUESTS = 512, ROUNDS = 7, USERS_PER_POLICY_SET = 3, GROUPS = 20 };

struct setting {
    const cedar_policies *policies;
    const cedar_entities *entities;
    cedar_engine *engine;
    struct numbered (*uids)[3];
    unsigned rounds;
    double best; /* ns per decision */
    size_t matched;
};

/* Deterministic: policy i is about this user and this document. */
static unsigned user_of(unsigned policy, unsigned count) {
    return (policy * 2654435761u) % (count / USERS_PER_POLICY_SET + 1);
}
static unsigned document_of(unsigned policy, unsigned count) {
    return (policy * 40503u + 7) % (count / 2 + 1);
}

static void add_policy(struct text *t, unsigned i, unsigned count) {
    static const char *const actions[] = {"view", "edit", "share"};
    switch (i % 30) {
    case 3:
        text_add(t,
                 "permit(principal in Group::\"g%u\", action == Action::\"%s\", resource in"
                 " Folder::\"f%u\") when { context.mfa };\n",
                 i % (count / 10 + 1), actions[i % 3], i % (count / 5 + 1));
        return;
    case 13:
        text_add(t,
                 "permit(principal is User in Group::\"g%u\", action in [Action::\"view\","
                 " Action::\"edit\"], resource is Document in Folder::\"f%u\")"
                 " when { resource.owner == principal };\n",
                 i % (count / 10 + 1), i % (count / 5 + 1));
        return;
    case 23:
        text_add(t,
                 "forbid(principal == User::\"u%u\", action, resource) unless"
                 " { context has ip && context.ip.isInRange(ip(\"10.0.0.0/8\")) };\n",
                 user_of(i, count) + count);
        return;
    default:
        text_add(t,
                 "permit(principal == User::\"u%u\", action in [Action::\"view\","
                 " Action::\"edit\"], resource == Document::\"d%u\");\n",
                 user_of(i, count), document_of(i, count));
        return;
    }
}

static void add_entity(struct text *json, const char *type, const char *prefix, unsigned number,
                       const char *parent_type, const char *parent_prefix, unsigned first,
                       unsigned second) {
    text_add(json,
             "%s{\"uid\":{\"type\":\"%s\",\"id\":\"%s%u\"},\"attrs\":{\"owner\":{\"__entity\":"
             "{\"type\":\"User\",\"id\":\"u%u\"}}},\"parents\":[{\"type\":\"%s\",\"id\":\"%s%u\"},"
             "{\"type\":\"%s\",\"id\":\"%s%u\"}]}",
             json->len == 1 ? "" : ",", type, prefix, number, number, parent_type, parent_prefix,
             first, parent_type, parent_prefix, second);
}

/* Users and documents of REQUESTS requests, and the requests. */
static struct text make_entities(unsigned count, struct numbered (*uids)[3]) {
    static const char *const actions[] = {"view", "edit", "share"};
    struct text json = {0};
    text_add(&json, "[");
    struct random r = {count};
    for (unsigned i = 0; i < REQUESTS; i++) {
        unsigned policy = random_below(&r, count);
        unsigned user = user_of(policy, count);
        unsigned document = document_of(policy, count);
        numbered_set(&uids[i][0], "User", "u", user);
        uids[i][1].uid =
            (cedar_uid){cedar_str_from("Action"), cedar_str_from(actions[random_below(&r, 3)])};
        numbered_set(&uids[i][2], "Document", "d", document);
        add_entity(&json, "User", "u", user, "Group", "g", user % (count / 10 + 1),
                   (user + 1) % (count / 10 + 1));
        add_entity(&json, "Document", "d", document, "Folder", "f", document % (count / 5 + 1),
                   (document + 1) % (count / 5 + 1));
    }
    text_add(&json, "]");
    return json;
}

static cedar_entities *load_entities(cedar_engine *engine, unsigned count,
                                     struct numbered (*uids)[3]) {
    struct text json = make_entities(count, uids);
    cedar_entities *entities;
    check(cedar_entities_parse_json(engine, text_str(&json), NULL, NULL, &entities, NULL),
          "entities");
    text_free(&json);
    return entities;
}

static const char context_json[] =
    "{\"mfa\":true,\"ip\":{\"__extn\":{\"fn\":\"ip\",\"arg\":\"10.1.2.3\"}}}";

static void *ask(void *ctx) {
    struct setting *s = ctx;
    cedar_scratch *scratch;
    cedar_scratch *contexts;
    const cedar_value *context;
    check(cedar_scratch_new(s->engine, 0, &scratch), "scratch");
    check(cedar_scratch_new(s->engine, 0, &contexts), "scratch");
    check(cedar_context_parse_json(contexts, cedar_str_from(context_json), NULL, NULL, &context,
                                   NULL),
          "context");
    s->best = 1e18;
    for (unsigned round = 0; round < s->rounds; round++) {
        s->matched = 0;
        uint64_t start = now_ns();
        for (unsigned i = 0; i < REQUESTS; i++) {
            cedar_request request = {
                .principal = s->uids[i][0].uid,
                .action = s->uids[i][1].uid,
                .resource = s->uids[i][2].uid,
                .context = context,
            };
            cedar_response response;
            check(cedar_authorize(s->policies, s->entities, &request, scratch, &response),
                  "authorize");
            s->matched += response.reason_count;
            cedar_scratch_reset(scratch);
        }
        double time = (double)(now_ns() - start) / REQUESTS;
        s->best = time < s->best ? time : s->best;
    }
    cedar_scratch_free(contexts);
    cedar_scratch_free(scratch);
    return NULL;
}

struct throughput {
    double per_second; /* decisions, of all threads together */
    double cpu_ns;     /* for each, whatever else the machine does */
};

static struct throughput throughput(const struct setting *setting, unsigned count) {
    enum { THREADS = 8 };
    pthread_t threads[THREADS];
    struct setting each[THREADS];
    clock_t cpu = clock();
    uint64_t start = now_ns();
    for (unsigned i = 0; i < count; i++) {
        each[i] = *setting;
        each[i].rounds = 2000;
        if (pthread_create(&threads[i], NULL, ask, &each[i]) != 0) {
            fprintf(stderr, "no thread\n");
            exit(1);
        }
    }
    for (unsigned i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
    }
    double decisions = (double)count * 2000 * REQUESTS;
    return (struct throughput){
        decisions / ((double)(now_ns() - start) / 1e9),
        (double)(clock() - cpu) * 1e9 / CLOCKS_PER_SEC / decisions,
    };
}

static void run_size(unsigned count, bool with_threads) {
    static struct numbered uids[REQUESTS][3];
    struct memory memory = {0};
    cedar_engine *engine = counted_engine(&memory);
    struct text text = {0};
    for (unsigned i = 0; i < count; i++) {
        add_policy(&text, i, count);
    }
    cedar_policies *policies = NULL;
    double best = 1e18;
    size_t bytes = 0;
    int loads = count > 20000 ? 3 : 7;
    for (int i = 0; i < loads; i++) {
        cedar_policies_unref(policies);
        size_t before = memory.bytes;
        uint64_t start = now_ns();
        check(cedar_policies_parse(engine, text_str(&text), NULL, &policies, NULL), "policies");
        double time = (double)(now_ns() - start);
        best = time < best ? time : best;
        bytes = memory.bytes - before;
    }
    cedar_entities *entities = load_entities(engine, count, uids);
    struct setting s = {.policies = policies,
                        .entities = entities,
                        .engine = engine,
                        .uids = uids,
                        .rounds = ROUNDS * 20};
    ask(&s);
    printf("%7u policies  %5.0f ns per decision  %4.2f reasons each  %8.0f policies/s loaded  "
           "%5.0f bytes per policy, text %.0f\n",
           count, s.best, (double)s.matched / REQUESTS, count / (best / 1e9), (double)bytes / count,
           (double)text.len / count);
    if (with_threads) {
        struct throughput one = throughput(&s, 1);
        struct throughput two = throughput(&s, 2);
        printf("%7u policies  one thread %.2f M decisions/s, two %.2f M: %.2f times; CPU %.0f ns "
               "and %.0f ns each\n",
               count, one.per_second / 1e6, two.per_second / 1e6, two.per_second / one.per_second,
               one.cpu_ns, two.cpu_ns);
    }
    cedar_entities_unref(entities);
    cedar_policies_unref(policies);
    cedar_engine_unref(engine);
    text_free(&text);
}

/* One case for bench/native; an entity that two requests name is written twice alike. */
static void write_case(unsigned count) {
    enum { WRITTEN = 64 };
    static struct numbered uids[REQUESTS][3];
    struct text text = {0};
    for (unsigned i = 0; i < count; i++) {
        add_policy(&text, i, count);
    }
    struct text json = make_entities(count, uids);
    case_put_head(text_str(&text), text_str(&json), WRITTEN);
    for (int i = 0; i < WRITTEN; i++) {
        case_put_request((const cedar_uid *[]){&uids[i][0].uid, &uids[i][1].uid, &uids[i][2].uid},
                         context_json);
    }
    text_free(&json);
    text_free(&text);
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "write") == 0) {
        write_case((unsigned)atoi(argv[2]));
        return 0;
    }
    unsigned most = argc > 1 ? (unsigned)atoi(argv[1]) : 100000;
    for (unsigned count = 10; count <= most; count *= 10) {
        run_size(count, count == 1000);
    }
    return 0;
}
