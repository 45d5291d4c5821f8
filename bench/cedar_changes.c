/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A published set that changes: bench/cedar_changes [MOST [CHANGES]]
 *
 * A set of links of one template is built at once; then somebody is granted something, ten new
 * policies are merged in, or a link is taken away, each time making another set. What a change
 * costs is told beside loading the whole set again, and what a decision costs beside the set built
 * at once: after the changes a set is a list of segments.
 */
#include "cedar_bench.h"

enum { REQUESTS = 512, ROUNDS = 100 };

static const char template_text[] =
    "@id(\"grant\") permit(principal == ?principal, action in [Action::\"view\", "
    "Action::\"edit\"], resource == ?resource);\n";

static unsigned user_of(unsigned link, unsigned count) {
    return (link * 2654435761u) % (count / 3 + 1);
}
static unsigned document_of(unsigned link, unsigned count) {
    return (link * 40503u + 7) % (count / 2 + 1);
}

struct link {
    char id[24];
    struct numbered principal;
    struct numbered resource;
    cedar_slot_value values[2];
};

static void make_link(struct link *link, unsigned number, unsigned count) {
    snprintf(link->id, sizeof link->id, "link%u", number);
    numbered_set(&link->principal, "User", "u", user_of(number, count));
    numbered_set(&link->resource, "Document", "d", document_of(number, count));
    link->values[0] = (cedar_slot_value){cedar_str_from("?principal"), link->principal.uid};
    link->values[1] = (cedar_slot_value){cedar_str_from("?resource"), link->resource.uid};
}

static cedar_policies *load(cedar_engine *engine, unsigned count) {
    cedar_policies_builder *builder;
    cedar_policies *policies;
    struct link link;
    check(cedar_policies_builder_new(engine, CEDAR_IDS_FROM_ANNOTATION, &builder), "builder");
    check(cedar_policies_builder_add(builder, cedar_str_from(template_text), NULL, NULL),
          "template");
    for (unsigned i = 0; i < count; i++) {
        make_link(&link, i, count);
        check(cedar_policies_builder_link(builder, cedar_str_from("grant"), cedar_str_from(link.id),
                                          link.values, 2),
              "link");
    }
    check(cedar_policies_builder_build(builder, &policies, NULL), "build");
    cedar_policies_builder_free(builder);
    return policies;
}

/* ---- changes ---- */

static cedar_policies *small_set(cedar_engine *engine, unsigned number) {
    cedar_policies *policies;
    cedar_policies_builder *builder;
    struct text text = {0};
    char prefix[32];
    for (unsigned i = 0; i < 10; i++) {
        text_add(&text, "permit(principal in Group::\"n%u\", action, resource == Folder::\"%u\");",
                 number, i);
    }
    snprintf(prefix, sizeof prefix, "merged%u.", number);
    check(cedar_policies_builder_new(engine, 0, &builder), "builder");
    check(cedar_policies_builder_add(builder, text_str(&text), NULL, prefix), "text");
    check(cedar_policies_builder_build(builder, &policies, NULL), "build");
    cedar_policies_builder_free(builder);
    text_free(&text);
    return policies;
}

enum change { CHANGE_LINK, CHANGE_MERGE, CHANGE_REMOVE, CHANGES };
static const char *const change_names[] = {"link", "merge of ten", "remove"};

/* The n-th change of a kind; *set becomes the new one. Nanoseconds of CPU time. */
static double change(cedar_engine *engine, cedar_policies **set, enum change kind, unsigned n,
                     unsigned count) {
    cedar_policies *other = NULL;
    cedar_policies *added = NULL;
    struct link link;
    make_link(&link, kind == CHANGE_LINK ? count + n : n, count);
    if (kind == CHANGE_MERGE) {
        added = small_set(engine, n);
    }
    uint64_t start = cpu_ns();
    if (kind == CHANGE_LINK) {
        check(cedar_policies_link(*set, cedar_str_from("grant"), cedar_str_from(link.id),
                                  link.values, 2, &other, NULL),
              "link");
    } else if (kind == CHANGE_MERGE) {
        check(cedar_policies_merge(*set, added, &other, NULL), "merge");
    } else {
        check(cedar_policies_remove(*set, cedar_str_from(link.id), &other, NULL), "remove");
    }
    cedar_policies_unref(*set);
    double time = (double)(cpu_ns() - start);
    *set = other;
    cedar_policies_unref(added);
    return time;
}

/* ---- decisions ---- */

static double decision_time(cedar_engine *engine, const cedar_policies *policies, unsigned count) {
    cedar_scratch *scratch;
    cedar_entities *entities;
    static struct numbered users[REQUESTS];
    static struct numbered documents[REQUESTS];
    struct random r = {count};
    for (unsigned i = 0; i < REQUESTS; i++) {
        unsigned link = random_below(&r, count);
        numbered_set(&users[i], "User", "u", user_of(link, count));
        numbered_set(&documents[i], "Document", "d", document_of(link, count));
    }
    check(cedar_scratch_new(engine, 0, &scratch), "scratch");
    check(cedar_entities_empty(engine, &entities), "entities");
    double best = 1e18;
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint64_t start = now_ns();
        for (unsigned i = 0; i < REQUESTS; i++) {
            cedar_request request = {
                .principal = users[i].uid,
                .action = {cedar_str_from("Action"), cedar_str_from("view")},
                .resource = documents[i].uid,
            };
            cedar_response response;
            check(cedar_authorize(policies, entities, &request, scratch, &response), "authorize");
            cedar_scratch_reset(scratch);
        }
        double time = (double)(now_ns() - start) / REQUESTS;
        best = time < best ? time : best;
    }
    cedar_entities_unref(entities);
    cedar_scratch_free(scratch);
    return best;
}

static void run_size(unsigned count, unsigned changes) {
    struct memory memory = {0};
    cedar_engine *engine = counted_engine(&memory);
    double *times = must(calloc(changes, sizeof *times));
    uint64_t start = cpu_ns();
    cedar_policies *set = load(engine, count);
    double loading = (double)(cpu_ns() - start);
    double before = decision_time(engine, set, count);
    double bytes = (double)memory.bytes;
    for (unsigned kind = 0; kind < CHANGES; kind++) {
        unsigned some = kind == CHANGE_REMOVE && changes > count ? count : changes;
        double sum = 0;
        for (unsigned n = 0; n < some; n++) {
            times[n] = change(engine, &set, (enum change)kind, n, count);
            sum += times[n];
        }
        double after = decision_time(engine, set, count);
        double median = quantile(times, some, 0.5);
        printf("%7u links  %-12s  %7.1f us each, median %6.1f us, slowest %8.0f us; loading "
               "anew %8.0f us; a decision %4.0f ns, before %4.0f ns\n",
               count, change_names[kind], sum / some / 1e3, median / 1e3,
               quantile(times, some, 1) / 1e3, loading / 1e3, after, before);
    }
    printf("%7u links  memory: %.0f bytes each at first, %.0f after the changes (%zu policies)\n",
           count, bytes / count, (double)memory.bytes / (double)cedar_policies_count(set),
           cedar_policies_count(set));
    cedar_policies_unref(set);
    cedar_engine_unref(engine);
    free(times);
}

int main(int argc, char **argv) {
    unsigned most = argc > 1 ? (unsigned)atoi(argv[1]) : 100000;
    unsigned changes = argc > 2 ? (unsigned)atoi(argv[2]) : 2000;
    for (unsigned count = 100; count <= most; count *= 10) {
        run_size(count, changes);
    }
    return 0;
}
