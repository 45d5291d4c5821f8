/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A text that is being edited, with the cursor at the place that the first two bytes choose: hover,
 * completion, definition, outline and formatting answer with one JSON value each, whatever the text
 * is. Places go to positions and back, in both units.
 */
#include "fuzz.h"

#include "base/utf8.h"
#include "cli/lsp/lsp.h"

static const char schema[] =
    "entity User in [Team] = { name: String, boss?: User, r: { x: Long }, s: Set<Team> } tags Long;"
    "entity Team; entity Color enum [\"red\"]; action view appliesTo { principal: User, resource: "
    "Color, context: { ip?: ipaddr } };";

typedef void answer_fn(struct lsp *lsp, const struct document *document, size_t offset,
                       struct json_writer *w);

static void ask(struct lsp *lsp, const struct document *document, size_t offset,
                answer_fn *answer) {
    struct buf buf;
    struct json_writer w;
    str text;
    const struct json *json;
    static const struct json_limits limits = {64 << 20, 64, 1000000};
    buf_init_arena(&buf, &lsp->arena, 64 << 20);
    json_writer_init(&w, &buf);
    answer(lsp, document, offset, &w);
    FUZZ_CHECK(buf_finish(&buf, &text) == ERR_OK);
    FUZZ_CHECK(json_parse(&lsp->arena, text, &limits, &json, NULL) == ERR_OK);
    FUZZ_CHECK(w.depth == 0);
}

static void outline_at(struct lsp *lsp, const struct document *document, size_t offset,
                       struct json_writer *w) {
    (void)offset;
    outline(lsp, document, w);
}

static void format_at(struct lsp *lsp, const struct document *document, size_t offset,
                      struct json_writer *w) {
    format_document(lsp, document, (uint32_t)offset % 9, w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) {
        return 0;
    }
    str text = fuzz_input(data + 2, size - 2);
    if (!utf8_is_valid(text, NULL)) { /* messages are JSON, which is */
        return 0;
    }
    size_t offset = ((size_t)data[0] << 8 | data[1]) % (text.len + 1);
    while (offset < text.len && ((unsigned char)text.ptr[offset] & 0xC0) == 0x80) {
        offset++; /* findings and words begin with a character */
    }
    struct lsp lsp = {.has_utf8_positions = data[0] % 2 == 0};
    arena_init(&lsp.arena, allocator_libc(), 256 << 20);
    FUZZ_CHECK(cedar_engine_new(NULL, &lsp.engine) == CEDAR_OK);
    FUZZ_CHECK(cedar_scratch_new(lsp.engine, 0, &lsp.scratch) == CEDAR_OK);
    FUZZ_CHECK(documents_open(&lsp, STR("file:///none/x/s.cedarschema"), 1, str_c(schema)) != NULL);
    const struct document *document = documents_open(&lsp, STR("file:///none/x/p.cedar"), 1, text);
    FUZZ_CHECK(document != NULL);
    struct text_mark mark = {0};
    struct position position = position_of(&lsp, &mark, text, offset);
    size_t back = position_offset(&lsp, text, position);
    FUZZ_CHECK(position_of(&lsp, &mark, text, back).character == position.character);
    ask(&lsp, document, offset, hover);
    ask(&lsp, document, offset, complete);
    ask(&lsp, document, offset, define);
    ask(&lsp, document, offset, outline_at);
    ask(&lsp, document, offset, format_at);
    documents_close_all(&lsp);
    cedar_scratch_free(lsp.scratch);
    cedar_engine_unref(lsp.engine);
    arena_done(&lsp.arena);
    return 0;
}
