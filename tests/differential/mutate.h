/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DIFFERENTIAL_MUTATE_H
#define DIFFERENTIAL_MUTATE_H
/* Text and JSON that was right, with a few things changed. Results live in the maker's arena. */
#include "maker.h"

/* One or two tokens or characters are other ones, in policies or schemas. */
str mutate_text(struct maker *m, str text);
/* The same tokens with other space between them, and comments. */
str mutate_space(struct maker *m, str text);
/* One value, name or member of the document is another one. */
str mutate_json(struct maker *m, str json);

#endif
