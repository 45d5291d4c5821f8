/* SPDX-License-Identifier: Apache-2.0 */
#include "cedar/json/names.h"

err name_explain(struct arena *a, const struct parse_limits *limits, str text,
                 struct diag_list *diags, str *ret_why, str *ret_help) {
    struct diag_list found;
    struct ast_name name = {.text = {NULL, 0}};
    struct arena *memory = diags == NULL ? a : diags->arena;
    diag_list_init(&found, memory);
    err error = parse_type_name(a, text, limits, &name, &found);
    if (error == ERR_NOMEM || arena_has_failed(a)) {
        return arena_has_failed(a) ? arena_error(a) : error;
    }
    if (error == ERR_OK) {
        TRY(arena_format(memory, ret_why,
                         "`Name` needs to be normalized (e.g., whitespace removed): %.*s",
                         STR_FMT(text)));
        return arena_format(memory, ret_help, "the normalized form is `%.*s`", STR_FMT(name.text));
    }
    bool is_told = found.items.count > 0;
    *ret_why = is_told ? found.items.items[0].message : str_c(err_text(error));
    *ret_help = is_told ? found.items.items[0].help : str_make(NULL, 0);
    return ERR_OK;
}
