/* SPDX-License-Identifier: Apache-2.0 */
/* `cedar lint`: what validation does not ask, and what policies cost. */
#include "cli/decision.h"
#include "cli/render.h"
#include "cli/verdict.h"
#include "cli/watch.h"

enum { RULES_MAX = 32 };

static void report_unknown(struct cli *cli, const char *name, str nearest) {
    struct buf text;
    str cause;
    const char *words = NULL;
    buf_init_arena(&text, &cli->arena, 4096);
    buf_format(&text, "`%s` is not the name of a rule", name);
    if (nearest.ptr != NULL) {
        buf_format(&text, "; did you mean `%.*s`?", STR_FMT(nearest));
    }
    if (buf_finish(&text, &cause) != ERR_OK ||
        arena_c_string(&cli->arena, cause, &words) != ERR_OK) {
        words = NULL;
    }
    render_error(cli, "failed to read --disable", words, "`cedar lint --help` lists the rules");
}

/* The bits of the rules of --disable. */
static bool read_disabled(struct cli *cli, uint32_t *ret) {
    const struct option_list *list = &cli->options->lists[OPTION_DISABLE];
    str known[RULES_MAX];
    size_t count = cedar_lint_rule_count();
    for (size_t i = 0; i < count && i < RULES_MAX; i++) {
        known[i] = cli_str(cedar_lint_rule_get(i).name);
    }
    for (size_t k = 0; k < list->count; k++) {
        size_t rule = 0;
        while (rule < count && !str_equal(known[rule], str_c(list->items[k]))) {
            rule++;
        }
        if (rule == count) {
            report_unknown(cli, list->items[k], str_nearest(str_c(list->items[k]), known, count));
            return false;
        }
        *ret |= 1u << rule;
    }
    return true;
}

/* "the dearest request costs up to 12 steps, the dearest policy, `p`, 7" */
static void print_cost(struct cli *cli, const cedar_policies *policies,
                       const cedar_lint_cost *cost) {
    if (cli->has_json) {
        struct json_writer *w = &cli->json;
        json_key(w, STR("cost"));
        json_open_object(w);
        json_name_int(w, STR("request"), (int64_t)cost->request);
        json_name_int(w, STR("policy"), (int64_t)cost->policy);
        if (cedar_policies_count(policies) > 0) {
            json_name_string(w, STR("policy_id"),
                             cli_str(cedar_policies_get(policies, cost->index).id));
        }
        json_close_object(w);
        return;
    }
    if (cli->format == OUTPUT_TEXT && !options_has(cli->options, OPTION_QUIET) &&
        cedar_policies_count(policies) > 0) {
        buf_format(&cli->err, "note: a request costs up to %llu steps; the dearest policy, `",
                   (unsigned long long)cost->request);
        decision_add_id(cli, &cli->err, cli_str(cedar_policies_get(policies, cost->index).id));
        buf_format(&cli->err, "`, up to %llu\n", (unsigned long long)cost->policy);
    }
}

static int judge(struct cli *cli, const cedar_policies *policies, const cedar_schema *schema,
                 const struct schema_files *files) {
    const struct options *options = cli->options;
    cedar_lint_options how = {
        .schema = schema,
        .max_policy_cost = options->numbers[OPTION_MAX_POLICY_COST],
        .max_set_cost = options->numbers[OPTION_MAX_SET_COST],
    };
    cedar_report *report = NULL;
    cedar_lint_cost cost = {0};
    if (!read_disabled(cli, &how.disabled)) {
        return CLI_FAILURE;
    }
    cedar_status status = cedar_lint(policies, &how, &cost, &report);
    bool is_over_budget = status == CEDAR_ERR_LIMIT && cedar_report_count(report) > 0 &&
                          cedar_report_get(report, 0).kind.len > 0;
    if (status != CEDAR_OK && !is_over_budget) {
        render_report(cli, "failed to lint", report, cedar_status_name(status));
        cedar_report_free(report);
        return CLI_FAILURE;
    }
    struct verdict verdict = {
        .passed = "policy set lint passed",
        .failed = "policy set lint failed",
        .policies = policies,
        .files = files,
        .report = report,
        .status = verdict_status(cli, is_over_budget, report),
    };
    verdict_print(cli, &verdict);
    print_cost(cli, policies, &cost);
    cedar_report_free(report);
    return verdict.status;
}

static int run_once(struct cli *cli) {
    return verdict_run(cli, judge);
}

int cmd_lint(struct cli *cli) {
    return options_has(cli->options, OPTION_WATCH) ? watch_run(cli, run_once) : run_once(cli);
}
