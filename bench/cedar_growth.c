/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Growing sets of policies, and two threads: bench/cedar_growth [MOST]
 * One of them as a case for other programs: bench/cedar_growth write COUNT
 *
 * Nine of ten policies are grants of the form "this principal, this resource": written out, as
 * links of a template that are added one by one, or as links in JSON. The others are scoped to a
 * group, a type or an action, with a condition. Loading is parsing and compiling; memory is what
 * the set keeps, texts included, and the most that was in use while loading it. A decision is
 * asked of a principal and a resource that some grant names; few policies match, whatever the
 * size.
 */
#include "cedar_bench.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REQUESTS = 512, ROUNDS = 7, USERS_PER_POLICY_SET = 3, GROUPS = 20 };

/* How the grants come. */
enum form { FORM_POLICIES, FORM_LINKS, FORM_LINKS_JSON, FORMS };

static const char *const form_names[] = {"policies", "links", "links in JSON"};

struct input {
    unsigned count;
    enum form form;
    struct text policies;
    struct text links;          /* FORM_LINKS_JSON */
    struct numbered (*uids)[2]; /* FORM_LINKS: of each grant */
    unsigned link_count;
};

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

static const char template_text[] =
    "@id(\"grant\") permit(principal == ?principal, action in [Action::\"view\", "
    "Action::\"edit\"], resource == ?resource);\n";

static void add_grant(struct input *in, unsigned i) {
    unsigned user = user_of(i, in->count);
    unsigned document = document_of(i, in->count);
    switch (in->form) {
    case FORM_LINKS:
        numbered_set(&in->uids[in->link_count][0], "User", "u", user);
        numbered_set(&in->uids[in->link_count][1], "Document", "d", document);
        break;
    case FORM_LINKS_JSON:
        text_add(&in->links,
                 "%s{\"template_id\":\"grant\",\"link_id\":\"link%u\",\"args\":{\"?principal\":"
                 "\"User::\\\"u%u\\\"\",\"?resource\":\"Document::\\\"d%u\\\"\"}}",
                 in->link_count == 0 ? "[" : ",", i, user, document);
        break;
    default:
        text_add(&in->policies,
                 "permit(principal == User::\"u%u\", action in [Action::\"view\","
                 " Action::\"edit\"], resource == Document::\"d%u\");\n",
                 user, document);
        return;
    }
    in->link_count++;
}

static void add_policy(struct input *in, unsigned i) {
    static const char *const actions[] = {"view", "edit", "share"};
    struct text *t = &in->policies;
    unsigned count = in->count;
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
        add_grant(in, i);
        return;
    }
}

static void make_input(struct input *in, unsigned count, enum form form) {
    *in = (struct input){.count = count, .form = form};
    if (form == FORM_LINKS) {
        in->uids = must(calloc(count, sizeof *in->uids));
    }
    if (form != FORM_POLICIES) {
        text_add(&in->policies, "%s", template_text);
    }
    for (unsigned i = 0; i < count; i++) {
        add_policy(in, i);
    }
    if (form == FORM_LINKS_JSON) {
        text_add(&in->links, in->link_count == 0 ? "[]" : "]");
    }
}

static void free_input(struct input *in) {
    text_free(&in->policies);
    text_free(&in->links);
    free(in->uids);
}

static cedar_policies *load(cedar_engine *engine, const struct input *in) {
    cedar_policies_builder *builder;
    cedar_policies *policies;
    check(cedar_policies_builder_new(engine, CEDAR_IDS_FROM_ANNOTATION, &builder), "builder");
    check(cedar_policies_builder_add(builder, text_str(&in->policies), NULL, NULL), "policies");
    if (in->form == FORM_LINKS_JSON) {
        check(cedar_policies_builder_add_links_json(builder, text_str(&in->links), NULL), "links");
    }
    for (unsigned i = 0; in->form == FORM_LINKS && i < in->link_count; i++) {
        char id[32];
        snprintf(id, sizeof id, "link%u", i);
        cedar_slot_value values[] = {
            {cedar_str_from("?principal"), in->uids[i][0].uid},
            {cedar_str_from("?resource"), in->uids[i][1].uid},
        };
        check(cedar_policies_builder_link(builder, cedar_str_from("grant"), cedar_str_from(id),
                                          values, 2),
              "link");
    }
    check(cedar_policies_builder_build(builder, &policies, NULL), "build");
    cedar_policies_builder_free(builder);
    return policies;
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
    double best = 1e18;
    for (unsigned round = 0; round < s->rounds; round++) {
        size_t matched = 0; /* not in *s, which may be in one cache line with another thread's */
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
            matched += response.reason_count;
            cedar_scratch_reset(scratch);
        }
        double time = (double)(now_ns() - start) / REQUESTS;
        best = time < best ? time : best;
        s->matched = matched;
    }
    s->best = best;
    cedar_scratch_free(contexts);
    cedar_scratch_free(scratch);
    return NULL;
}

struct throughput {
    double per_second; /* decisions, of all threads together */
    double cpu_ns;     /* for each, whatever else the machine does */
};

enum { THREADS = 8, THREAD_ROUNDS = 2000 };

static struct throughput throughput(const struct setting *setting, unsigned count) {
    pthread_t threads[THREADS];
    struct setting each[THREADS];
    clock_t cpu = clock();
    uint64_t start = now_ns();
    for (unsigned i = 0; i < count; i++) {
        each[i] = *setting;
        each[i].rounds = THREAD_ROUNDS;
        if (pthread_create(&threads[i], NULL, ask, &each[i]) != 0) {
            fprintf(stderr, "no thread\n");
            exit(1);
        }
    }
    for (unsigned i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
    }
    double decisions = (double)count * THREAD_ROUNDS * REQUESTS;
    return (struct throughput){
        decisions / ((double)(now_ns() - start) / 1e9),
        (double)(clock() - cpu) * 1e9 / CLOCKS_PER_SEC / decisions,
    };
}

/* What this machine gives to the same work where nothing that is written is shared: processes
 * instead of threads. Two virtual cores are often less than two cores. */
static double throughput_of_processes(const struct setting *setting, unsigned count) {
    pid_t children[THREADS];
    uint64_t start = now_ns();
    for (unsigned i = 0; i < count; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            struct setting own = *setting;
            own.rounds = THREAD_ROUNDS;
            ask(&own);
            _exit(0);
        }
        if (children[i] < 0) {
            fprintf(stderr, "no process\n");
            exit(1);
        }
    }
    for (unsigned i = 0; i < count; i++) {
        waitpid(children[i], NULL, 0);
    }
    return (double)count * THREAD_ROUNDS * REQUESTS / ((double)(now_ns() - start) / 1e9);
}

struct loading {
    double per_second; /* best of some */
    double per_cpu_second;
    double bytes; /* for each policy */
    double peak;
};

static struct loading measure_loading(cedar_engine *engine, struct memory *memory,
                                      const struct input *in, cedar_policies **ret) {
    struct loading best = {0};
    unsigned loads = in->count > 20000 ? 5 : 2000000 / (in->count + 10000);
    cedar_policies *policies = NULL;
    for (unsigned i = 0; i < loads; i++) {
        cedar_policies_unref(policies);
        size_t before = memory->bytes;
        memory->peak = before;
        uint64_t start = now_ns();
        uint64_t cpu = cpu_ns();
        policies = load(engine, in);
        double per_cpu_second = in->count / ((double)(cpu_ns() - cpu) / 1e9);
        double per_second = in->count / ((double)(now_ns() - start) / 1e9);
        best.per_second = per_second > best.per_second ? per_second : best.per_second;
        best.per_cpu_second =
            per_cpu_second > best.per_cpu_second ? per_cpu_second : best.per_cpu_second;
        best.bytes = (double)(memory->bytes - before) / in->count;
        best.peak = (double)(memory->peak - before) / in->count;
    }
    *ret = policies;
    return best;
}

static void print_threads(const struct setting *setting, unsigned count) {
    struct throughput one = {0}, two = {0};
    double processes[2] = {0};
    for (int i = 0; i < 5; i++) { /* the best of some: other work of the machine only slows */
        struct throughput once = throughput(setting, 1), twice = throughput(setting, 2);
        one = once.per_second > one.per_second ? once : one;
        two = twice.per_second > two.per_second ? twice : two;
        for (unsigned n = 0; n < 2; n++) {
            double rate = throughput_of_processes(setting, n + 1);
            processes[n] = rate > processes[n] ? rate : processes[n];
        }
    }
    printf("%7u policies  one thread %.2f M decisions/s, two %.2f M: %.2f times; CPU %.0f ns "
           "and %.0f ns each; two processes instead of one: %.2f times\n",
           count, one.per_second / 1e6, two.per_second / 1e6, two.per_second / one.per_second,
           one.cpu_ns, two.cpu_ns, processes[1] / processes[0]);
}

static void run_size(unsigned count, enum form form) {
    static struct numbered uids[REQUESTS][3];
    struct memory memory = {0};
    cedar_engine *engine = counted_engine(&memory);
    struct input in;
    make_input(&in, count, form);
    cedar_policies *policies;
    struct loading loading = measure_loading(engine, &memory, &in, &policies);
    cedar_entities *entities = load_entities(engine, count, uids);
    struct setting s = {.policies = policies,
                        .entities = entities,
                        .engine = engine,
                        .uids = uids,
                        .rounds = ROUNDS * 20};
    ask(&s);
    printf("%7u %-13s  %4.0f ns per decision  %4.2f reasons each  loaded %7.0f/s (%7.0f by CPU "
           "time)  %4.0f bytes each, %4.0f at most, text %.0f\n",
           count, form_names[form], s.best, (double)s.matched / REQUESTS, loading.per_second,
           loading.per_cpu_second, loading.bytes, loading.peak,
           (double)(in.policies.len + in.links.len) / count);
    if (count == 1000 && form == FORM_POLICIES) {
        print_threads(&s, count);
    }
    cedar_entities_unref(entities);
    cedar_policies_unref(policies);
    cedar_engine_unref(engine);
    free_input(&in);
}

/* One case for bench/native. */
static void write_case(unsigned count) {
    enum { WRITTEN = 64 };
    static struct numbered uids[REQUESTS][3];
    struct input in = {0};
    make_input(&in, count, FORM_POLICIES);
    struct text json = make_entities(count, uids);
    case_put_head(text_str(&in.policies), text_str(&json), WRITTEN);
    for (int i = 0; i < WRITTEN; i++) {
        case_put_request((const cedar_uid *[]){&uids[i][0].uid, &uids[i][1].uid, &uids[i][2].uid},
                         context_json);
    }
    text_free(&json);
    free_input(&in);
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "write") == 0) {
        write_case((unsigned)atoi(argv[2]));
        return 0;
    }
    unsigned most = argc > 1 ? (unsigned)atoi(argv[1]) : 100000;
    for (unsigned form = 0; form < FORMS; form++) {
        for (unsigned count = 10; count <= most; count *= 10) {
            run_size(count, (enum form)form);
        }
    }
    return 0;
}
