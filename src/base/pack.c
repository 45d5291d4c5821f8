/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pack.h"

enum { PIECE_FIRST = 64, PIECE_LARGEST = 4096 };

void packer_init(struct packer *p, struct arena *arena) {
    *p = (struct packer){.arena = arena};
}

err packer_copy(struct packer *p, str text, str *ret) {
    if (text.len == 0) {
        *ret = str_is_absent(text) ? text : STR("");
        return ERR_OK;
    }
    if (text.len > p->left) {
        if (text.len >= PIECE_LARGEST / 2) {
            return arena_copy(p->arena, text, ret); /* not worth leaving the rest of a piece */
        }
        size_t piece = p->piece == 0              ? PIECE_FIRST
                       : p->piece < PIECE_LARGEST ? p->piece * 2
                                                  : PIECE_LARGEST;
        piece = piece < text.len ? PIECE_LARGEST : piece;
        char *room = arena_alloc(p->arena, piece);
        if (room == NULL) {
            return arena_error(p->arena);
        }
        p->at = room;
        p->left = piece;
        p->piece = piece;
    }
    memcpy(p->at, text.ptr, text.len);
    *ret = str_make(p->at, text.len);
    p->at += text.len;
    p->left -= text.len;
    return ERR_OK;
}
