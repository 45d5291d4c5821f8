/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three small applications: bench/cedar_oopsla [HIERARCHIES [REQUESTS]]
 * The same as cases for other programs: bench/cedar_oopsla write APPLICATION (0, 1, 2)
 *
 * They have the shape of the applications that the paper on Cedar (OOPSLA 2024) measured:
 * document sharing, repository hosting, to-do lists. Policies and generators are our own; sizes
 * are the paper's, 5 to 50 entities of each type, with random hierarchies and random requests.
 *
 * Policies and entities are loaded beforehand. A figure is the time of one cedar_authorize with
 * cedar_scratch_reset, as the mean of BLOCK calls of the same request in a row; median and p99 are
 * over all requests of all hierarchies of a size. Allocations are counted in the measured calls.
 */
#include "cedar_bench.h"

enum { BLOCK = 16, ROUNDS = 5, PERCENT_LINKED = 20 };

struct app {
    const char *name;
    const char *policies;
    void (*make_entities)(struct random *r, unsigned size, struct text *json);
    void (*make_request)(struct random *r, unsigned size, struct numbered *uids);
};

static bool chance(struct random *r, unsigned percent) {
    return random_below(r, 100) < percent;
}

static void open_entity(struct text *json, const char *type, const char *prefix, unsigned number) {
    text_add(json, "%s{\"uid\":{\"type\":\"%s\",\"id\":\"%s%u\"},\"attrs\":{",
             json->len == 1 ? "" : ",", type, prefix, number);
}

static void add_reference(struct text *json, const char *name, const char *type, const char *prefix,
                          unsigned number, bool is_first) {
    text_add(json, "%s\"%s\":{\"__entity\":{\"type\":\"%s\",\"id\":\"%s%u\"}}", is_first ? "" : ",",
             name, type, prefix, number);
}

/* Some of the things numbered from `first` are parents. */
static void add_parents(struct random *r, struct text *json, const char *type, const char *prefix,
                        unsigned first, unsigned end, unsigned percent) {
    bool is_first = json->ptr[json->len - 1] == '[';
    for (unsigned i = first; i < end; i++) {
        if (chance(r, percent)) {
            text_add(json, "%s{\"type\":\"%s\",\"id\":\"%s%u\"}", is_first ? "" : ",", type, prefix,
                     i);
            is_first = false;
        }
    }
}

static void open_parents(struct text *json) {
    text_add(json, "},\"parents\":[");
}

static void close_entity(struct text *json) {
    text_add(json, "]}");
}

/* ---- document sharing ---- */

static const char share_policies[] =
    "permit(principal, action in [Action::\"read\", Action::\"comment\", Action::\"write\","
    " Action::\"share\"], resource) when { resource.owner == principal };\n"
    "permit(principal, action == Action::\"read\", resource)"
    " when { principal in resource.readers };\n"
    "permit(principal, action in [Action::\"read\", Action::\"comment\", Action::\"write\"],"
    " resource) when { principal in resource.writers };\n"
    "permit(principal, action == Action::\"read\", resource is Document)"
    " when { resource.isPublic };\n"
    "forbid(principal, action, resource) when { principal has isSuspended &&"
    " principal.isSuspended };\n";

static void add_shared(struct random *r, struct text *json, unsigned size) {
    add_reference(json, "owner", "User", "u", random_below(r, size), true);
    add_reference(json, "readers", "Group", "g", random_below(r, size), false);
    add_reference(json, "writers", "Group", "g", random_below(r, size), false);
    text_add(json, ",\"isPublic\":%s", chance(r, 10) ? "true" : "false");
}

static void share_entities(struct random *r, unsigned size, struct text *json) {
    for (unsigned i = 0; i < size; i++) {
        open_entity(json, "User", "u", i);
        text_add(json, "\"isSuspended\":%s", chance(r, 5) ? "true" : "false");
        open_parents(json);
        add_parents(r, json, "Group", "g", 0, size, PERCENT_LINKED / 2);
        close_entity(json);
        open_entity(json, "Group", "g", i);
        open_parents(json);
        add_parents(r, json, "Group", "g", i + 1, size, PERCENT_LINKED / 2);
        close_entity(json);
        open_entity(json, "Folder", "f", i);
        add_shared(r, json, size);
        open_parents(json);
        add_parents(r, json, "Folder", "f", i + 1, size, PERCENT_LINKED / 2);
        close_entity(json);
        open_entity(json, "Document", "d", i);
        add_shared(r, json, size);
        open_parents(json);
        add_parents(r, json, "Folder", "f", 0, size, PERCENT_LINKED / 2);
        close_entity(json);
    }
}

static void share_request(struct random *r, unsigned size, struct numbered *uids) {
    static const char *const actions[] = {"read", "comment", "write", "share"};
    numbered_set(&uids[0], "User", "u", random_below(r, size));
    uids[1].uid =
        (cedar_uid){cedar_str_from("Action"), cedar_str_from(actions[random_below(r, 4)])};
    if (chance(r, 70)) {
        numbered_set(&uids[2], "Document", "d", random_below(r, size));
    } else {
        numbered_set(&uids[2], "Folder", "f", random_below(r, size));
    }
}

/* ---- repository hosting ---- */

static const char host_policies[] =
    "permit(principal, action in [Action::\"pull\", Action::\"fork\"], resource)"
    " when { principal in resource.readers };\n"
    "permit(principal, action in [Action::\"assign\", Action::\"label\"], resource is Issue)"
    " when { principal in resource.repo.triagers };\n"
    "permit(principal, action == Action::\"push\", resource)"
    " when { principal in resource.writers };\n"
    "permit(principal, action == Action::\"editIssue\", resource is Issue)"
    " when { principal in resource.repo.writers };\n"
    "permit(principal, action in [Action::\"addReader\", Action::\"addWriter\"], resource)"
    " when { principal in resource.admins };\n"
    "permit(principal, action == Action::\"delete\", resource)"
    " when { principal in resource.admins && !resource.isArchived };\n"
    "permit(principal, action == Action::\"deleteIssue\", resource is Issue)"
    " when { principal in resource.repo.readers && principal == resource.reporter };\n"
    "permit(principal, action == Action::\"editIssue\", resource is Issue)"
    " when { principal in resource.repo.readers && principal == resource.reporter };\n";

/* Each repository has five teams of its own, each above the one before; users and other teams
 * are in them. */
static const char *const roles[] = {"readers", "triagers", "writers", "maintainers", "admins"};
enum { ROLES = 5 };

static void host_repo(struct random *r, struct text *json, unsigned i, unsigned size) {
    open_entity(json, "Repository", "r", i);
    for (unsigned k = 0; k < ROLES; k++) {
        add_reference(json, roles[k], "Role", "r", i * ROLES + k, k == 0);
    }
    text_add(json, ",\"isArchived\":%s", chance(r, 10) ? "true" : "false");
    open_parents(json);
    close_entity(json);
    for (unsigned k = 0; k < ROLES; k++) {
        open_entity(json, "Role", "r", i * ROLES + k);
        open_parents(json);
        add_parents(r, json, "Role", "r", i * ROLES + k - (k > 0), i * ROLES + k, 100);
        close_entity(json);
    }
    open_entity(json, "Issue", "i", i);
    add_reference(json, "repo", "Repository", "r", random_below(r, size), true);
    add_reference(json, "reporter", "User", "u", random_below(r, size), false);
    open_parents(json);
    close_entity(json);
}

static void host_entities(struct random *r, unsigned size, struct text *json) {
    for (unsigned i = 0; i < size; i++) {
        open_entity(json, "User", "u", i);
        open_parents(json);
        add_parents(r, json, "Team", "t", 0, size, PERCENT_LINKED / 2);
        add_parents(r, json, "Role", "r", 0, size * ROLES, PERCENT_LINKED / ROLES);
        close_entity(json);
        open_entity(json, "Team", "t", i);
        open_parents(json);
        add_parents(r, json, "Team", "t", i + 1, size, PERCENT_LINKED / 2);
        add_parents(r, json, "Role", "r", 0, size * ROLES, PERCENT_LINKED / ROLES);
        close_entity(json);
        host_repo(r, json, i, size);
    }
}

static void host_request(struct random *r, unsigned size, struct numbered *uids) {
    static const char *const on_repo[] = {"pull",      "fork",      "push",
                                          "addReader", "addWriter", "delete"};
    static const char *const on_issue[] = {"assign", "label", "editIssue", "deleteIssue"};
    numbered_set(&uids[0], "User", "u", random_below(r, size));
    bool is_issue = chance(r, 40);
    const char *action = is_issue ? on_issue[random_below(r, 4)] : on_repo[random_below(r, 6)];
    uids[1].uid = (cedar_uid){cedar_str_from("Action"), cedar_str_from(action)};
    numbered_set(&uids[2], is_issue ? "Issue" : "Repository", is_issue ? "i" : "r",
                 random_below(r, size));
}

/* ---- to-do lists ---- */

static const char todo_policies[] =
    "permit(principal, action in [Action::\"createList\", Action::\"getLists\"],"
    " resource == Application::\"todo\");\n"
    "permit(principal, action, resource is List) when { resource.owner == principal };\n"
    "permit(principal, action == Action::\"getList\", resource is List)"
    " when { principal in resource.readers || principal in resource.editors };\n"
    "permit(principal, action in [Action::\"createTask\", Action::\"updateTask\","
    " Action::\"deleteTask\"], resource is List) when { principal in resource.editors };\n";

static void todo_entities(struct random *r, unsigned size, struct text *json) {
    open_entity(json, "Application", "todo", 0);
    open_parents(json);
    close_entity(json);
    for (unsigned i = 0; i < size; i++) {
        open_entity(json, "User", "u", i);
        text_add(json, "\"joined\":%u", random_below(r, 100));
        open_parents(json);
        add_parents(r, json, "Team", "t", 0, size, PERCENT_LINKED);
        close_entity(json);
        open_entity(json, "Team", "t", i);
        open_parents(json);
        add_parents(r, json, "Team", "t", i + 1, size, PERCENT_LINKED / 2);
        close_entity(json);
        open_entity(json, "List", "l", i);
        add_reference(json, "owner", "User", "u", random_below(r, size), true);
        add_reference(json, "readers", "Team", "t", random_below(r, size), false);
        add_reference(json, "editors", "Team", "t", random_below(r, size), false);
        text_add(json, ",\"name\":\"list %u\",\"tasks\":[]", i);
        open_parents(json);
        close_entity(json);
    }
}

static void todo_request(struct random *r, unsigned size, struct numbered *uids) {
    static const char *const actions[] = {"getList", "createTask", "updateTask", "deleteTask",
                                          "deleteList"};
    numbered_set(&uids[0], "User", "u", random_below(r, size));
    if (chance(r, 10)) {
        uids[1].uid = (cedar_uid){cedar_str_from("Action"), cedar_str_from("createList")};
        uids[2].uid = (cedar_uid){cedar_str_from("Application"), cedar_str_from("todo")};
        return;
    }
    uids[1].uid =
        (cedar_uid){cedar_str_from("Action"), cedar_str_from(actions[random_below(r, 5)])};
    numbered_set(&uids[2], "List", "l", random_below(r, size));
}

/* ---- measuring ---- */

struct setting {
    cedar_engine *engine;
    struct memory *memory;
    cedar_policies *policies;
    cedar_entities *entities;
    cedar_scratch *scratch;
    cedar_scratch *contexts;
    const cedar_value *context;
};

struct result {
    double *times;
    size_t count;
    size_t allowed;
    size_t allocations;
};

static void ask(const struct setting *s, const struct numbered *uids, struct result *result) {
    cedar_request request = {
        .principal = uids[0].uid,
        .action = uids[1].uid,
        .resource = uids[2].uid,
        .context = s->context,
    };
    cedar_response response;
    check(cedar_authorize(s->policies, s->entities, &request, s->scratch, &response), "warm up");
    result->allowed += response.decision == CEDAR_ALLOW;
    cedar_scratch_reset(s->scratch);
    double best = 1e18;
    size_t before = s->memory->calls;
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t start = now_ns();
        for (int i = 0; i < BLOCK; i++) {
            check(cedar_authorize(s->policies, s->entities, &request, s->scratch, &response),
                  "authorize");
            cedar_scratch_reset(s->scratch);
        }
        double time = (double)(now_ns() - start) / BLOCK;
        best = time < best ? time : best;
    }
    result->allocations += s->memory->calls - before;
    result->times[result->count++] = best;
}

static void run_hierarchy(const struct app *app, struct setting *s, struct random *r, unsigned size,
                          unsigned requests, struct result *result) {
    struct text json = {0};
    text_add(&json, "[");
    app->make_entities(r, size, &json);
    text_add(&json, "]");
    check(cedar_entities_parse_json(s->engine, text_str(&json), NULL, NULL, &s->entities, NULL),
          "entities");
    for (unsigned i = 0; i < requests; i++) {
        struct numbered uids[3];
        app->make_request(r, size, uids);
        ask(s, uids, result);
    }
    cedar_entities_unref(s->entities);
    text_free(&json);
}

static void run_app(const struct app *app, struct setting *s, unsigned hierarchies,
                    unsigned requests) {
    static const unsigned sizes[] = {5, 10, 15, 20, 30, 40, 50};
    check(cedar_policies_parse(s->engine, cedar_str_from(app->policies), app->name, &s->policies,
                               NULL),
          app->name);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct random r = {sizes[i]};
        struct result result = {.times =
                                    must(calloc((size_t)hierarchies * requests, sizeof(double)))};
        for (unsigned h = 0; h < hierarchies; h++) {
            run_hierarchy(app, s, &r, sizes[i], requests, &result);
        }
        double median = quantile(result.times, result.count, 0.5);
        double p99 = quantile(result.times, result.count, 0.99);
        printf("%-20s %2u of each  median %4.0f ns  p99 %4.0f ns  allowed %2.0f %%  "
               "allocations %zu\n",
               app->name, sizes[i], median, p99,
               100.0 * (double)result.allowed / (double)result.count, result.allocations);
        free(result.times);
    }
    cedar_policies_unref(s->policies);
}

/* ---- cases ---- */

static void write_app(const struct app *app) {
    static const unsigned sizes[] = {5, 20, 50};
    enum { HIERARCHIES = 5, REQUESTS = 100 };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct random r = {sizes[i]};
        for (int h = 0; h < HIERARCHIES; h++) {
            struct text json = {0};
            text_add(&json, "[");
            app->make_entities(&r, sizes[i], &json);
            text_add(&json, "]");
            case_put_head(cedar_str_from(app->policies), text_str(&json), REQUESTS);
            for (int k = 0; k < REQUESTS; k++) {
                struct numbered uids[3];
                app->make_request(&r, sizes[i], uids);
                case_put_request((const cedar_uid *[]){&uids[0].uid, &uids[1].uid, &uids[2].uid},
                                 "{}");
            }
            text_free(&json);
        }
    }
}

static const struct app apps[] = {
    {"document sharing", share_policies, share_entities, share_request},
    {"repository hosting", host_policies, host_entities, host_request},
    {"to-do lists", todo_policies, todo_entities, todo_request},
};

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "write") == 0) {
        write_app(&apps[(unsigned)atoi(argv[2]) % (sizeof apps / sizeof *apps)]);
        return 0;
    }
    unsigned hierarchies = argc > 1 ? (unsigned)atoi(argv[1]) : 20;
    unsigned requests = argc > 2 ? (unsigned)atoi(argv[2]) : 500;
    if (hierarchies == 0 || requests == 0) {
        fprintf(stderr, "usage: %s [HIERARCHIES [REQUESTS]]\n       %s write APPLICATION\n",
                argv[0], argv[0]);
        return 2;
    }
    struct memory memory = {0};
    struct setting s = {.engine = counted_engine(&memory), .memory = &memory};
    check(cedar_scratch_new(s.engine, 0, &s.scratch), "scratch");
    check(cedar_scratch_new(s.engine, 0, &s.contexts), "scratch");
    check(cedar_context_parse_json(s.contexts, cedar_str_from("{}"), NULL, NULL, &s.context, NULL),
          "context");
    for (size_t i = 0; i < sizeof apps / sizeof *apps; i++) {
        run_app(&apps[i], &s, hierarchies, requests);
    }
    cedar_scratch_free(s.contexts);
    cedar_scratch_free(s.scratch);
    cedar_engine_unref(s.engine);
    return 0;
}
