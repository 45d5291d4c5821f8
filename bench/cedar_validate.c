/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Validation of many policies against a large schema: bench/cedar_validate [POLICIES [ROUNDS]]
 * The same as files for other programs: bench/cedar_validate write DIR [POLICIES]
 *
 * The schema has 20 namespaces of 10 entity types and 15 actions each, an action applies to two
 * types of principals and three of resources: 200 types, 300 actions, 1,800 request types. Of a
 * hundred policies 98 name an action or a group of actions, one is about all actions of all
 * namespaces, one has an error. Loading is not measured; validation reads the policies again from
 * their text, and does not know the schema from the round before.
 */
#include "cedar_bench.h"

enum { NAMESPACES = 20, ACTIONS = 12 };

static void add_namespace(struct text *t, unsigned n) {
    text_add(t,
             "namespace Team%u {\n"
             "  entity Group in [Group] = { name: String };\n"
             "  entity User in [Group] = { name: String, level: Long, manager?: User,\n"
             "    address: { city: String, zip?: Long }, last: datetime } tags Set<String>;\n"
             "  entity Robot in [Group] = { owner: User, quota?: Long };\n"
             "  entity Folder in [Folder] = { owner: User };\n"
             "  entity Document in [Folder] = { owner: User, state: String, size: Long,\n"
             "    editors: Set<User>, secret?: Bool, created: datetime };\n"
             "  entity Picture in [Folder] = { owner: User, place?: ipaddr };\n"
             "  entity Comment in [Document] = { author: User, text: String };\n"
             "  entity Project in [Project] = { budget: decimal };\n"
             "  entity Device = { address: ipaddr };\n"
             "  entity Color enum [\"red\", \"green\"];\n"
             "  type Request = { ip: ipaddr, mfa: Bool, time: datetime, reason?: String };\n"
             "  action read, write, all;\n",
             n);
    for (unsigned i = 0; i < ACTIONS; i++) {
        text_add(t,
                 "  action \"do%u\" in [%s, all] appliesTo { principal: [User, Robot],\n"
                 "    resource: [Document, Picture, Folder], context: Request };\n",
                 i, i % 2 == 0 ? "read" : "write");
    }
    text_add(t, "}\n");
}

static void add_policy(struct text *t, struct random *r, unsigned i) {
    unsigned n = random_below(r, NAMESPACES);
    unsigned a = random_below(r, ACTIONS);
    unsigned shape = i % 100;
    if (shape < 40) {
        text_add(t,
                 "permit(principal in Team%u::Group::\"g%u\", action == Team%u::Action::\"do%u\","
                 " resource in Team%u::Folder::\"f%u\")\n"
                 "when { context.mfa && context.ip.isInRange(ip(\"10.0.0.0/8\")) };\n",
                 n, i, n, a, n, i);
    } else if (shape < 60) {
        text_add(t,
                 "permit(principal is Team%u::User, action in [Team%u::Action::\"do%u\","
                 " Team%u::Action::\"do%u\"], resource is Team%u::Document)\n"
                 "when { resource.owner == principal || (resource.editors.contains(principal) &&"
                 " principal.level > %u) }\n"
                 "unless { resource has secret && resource.secret && !context.mfa };\n",
                 n, n, a, n, (a + 1) % ACTIONS, n, i % 9);
    } else if (shape < 80) {
        text_add(t,
                 "permit(principal == Team%u::User::\"u%u\", action in Team%u::Action::\"read\","
                 " resource)\n"
                 "when { resource.owner.address.city == \"%u\" && principal.hasTag(\"team\") &&"
                 " principal.getTag(\"team\").contains(\"%u\") };\n",
                 n, i, n, i, i % 50);
    } else if (shape < 98) {
        text_add(t,
                 "forbid(principal, action in Team%u::Action::\"%s\", resource)\n"
                 "unless { context.time < datetime(\"2030-01-01\") && (if principal has manager"
                 " then principal.manager.level > %u else context has reason &&"
                 " context.reason like \"ticket-*\") };\n",
                 n, i % 2 == 0 ? "write" : "all", i % 7);
    } else if (shape == 98) {
        text_add(t,
                 "forbid(principal, action, resource)\n"
                 "when { context has mfa && !context.mfa && resource.owner.level > %u };\n",
                 i % 5);
    } else {
        text_add(t,
                 "permit(principal is Team%u::User, action == Team%u::Action::\"do%u\", resource)\n"
                 "when { principal.manager.name == \"m%u\" };\n",
                 n, n, a, i);
    }
}

static struct text make_schema(void) {
    struct text t = {0};
    for (unsigned n = 0; n < NAMESPACES; n++) {
        add_namespace(&t, n);
    }
    return t;
}

static struct text make_policies(unsigned count) {
    struct random r = {42};
    struct text t = {0};
    for (unsigned i = 0; i < count; i++) {
        add_policy(&t, &r, i);
    }
    return t;
}

static void write_file(const char *dir, const char *name, const struct text *text) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(text->ptr, 1, text->len, file) != text->len || fclose(file) != 0) {
        fprintf(stderr, "%s: cannot be written\n", path);
        exit(1);
    }
}

static size_t count_errors(const cedar_report *report) {
    size_t errors = 0;
    for (size_t i = 0; i < cedar_report_count(report); i++) {
        errors += cedar_report_get(report, i).severity == CEDAR_ERROR;
    }
    return errors;
}

static void measure(unsigned count, unsigned rounds) {
    struct text schema_text = make_schema();
    struct text policy_text = make_policies(count);
    struct memory memory = {0};
    cedar_engine *engine = counted_engine(&memory);
    cedar_schema *schema;
    cedar_policies *policies;
    uint64_t start = now_ns();
    check(cedar_schema_parse(engine, text_str(&schema_text), CEDAR_FORMAT_CEDAR, "schema", &schema,
                             NULL),
          "schema");
    double schema_ms = (double)(now_ns() - start) / 1e6;
    start = now_ns();
    check(cedar_policies_parse(engine, text_str(&policy_text), "policies", &policies, NULL),
          "policies");
    double load_ms = (double)(now_ns() - start) / 1e6;
    printf("schema %.1f ms (%zu bytes), policies %.1f ms (%u of them, %zu bytes)\n", schema_ms,
           schema_text.len, load_ms, count, policy_text.len);
    double best = 0;
    for (unsigned round = 0; round < rounds; round++) {
        cedar_report *report = NULL;
        start = now_ns();
        cedar_status status = cedar_validate(policies, schema, NULL, &report);
        double ms = (double)(now_ns() - start) / 1e6;
        best = round == 0 || ms < best ? ms : best;
        if (round == 0) {
            printf("%s, %zu findings, %zu of them errors\n", cedar_status_name(status),
                   cedar_report_count(report), count_errors(report));
        }
        cedar_report_free(report);
    }
    printf("validation %.1f ms, %.1f us per policy (best of %u)\n", best, best * 1000 / count,
           rounds);
    cedar_policies_unref(policies);
    cedar_schema_unref(schema);
    cedar_engine_unref(engine);
    text_free(&schema_text);
    text_free(&policy_text);
}

int main(int argc, char **argv) {
    if (argc >= 3 && strcmp(argv[1], "write") == 0) {
        struct text schema = make_schema();
        struct text policies =
            make_policies(argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 10000);
        write_file(argv[2], "schema.cedarschema", &schema);
        write_file(argv[2], "policies.cedar", &policies);
        text_free(&schema);
        text_free(&policies);
        return 0;
    }
    unsigned count = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 10000;
    unsigned rounds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 5;
    measure(count == 0 ? 1 : count, rounds == 0 ? 1 : rounds);
    return 0;
}
