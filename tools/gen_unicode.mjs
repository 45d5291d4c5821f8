// SPDX-License-Identifier: Apache-2.0
// Writes src/cedar/value/unicode_tables.h. Run by hand when the Unicode version changes:
//     node tools/gen_unicode.mjs > src/cedar/value/unicode_tables.h
// The data is the Unicode Character Database as the JavaScript engine carries it; the version
// must be the one of the Cedar reference that we conform to (maps and tests say 17.0).

const wanted = '17.0';
if (process.versions.unicode !== wanted) {
  console.error(`this node has Unicode ${process.versions.unicode}, wanted ${wanted}`);
  process.exit(1);
}

const last = 0x10ffff;

function ranges(regex) {
  const found = [];
  for (let c = 0; c <= last; c++) {
    if ((c >= 0xd800 && c <= 0xdfff) || !regex.test(String.fromCodePoint(c))) continue;
    const top = found[found.length - 1];
    if (top !== undefined && (top[1] === c - 1 || (top[1] === 0xd7ff && c === 0xe000))) {
      top[1] = c;
    } else {
      found.push([c, c]);
    }
  }
  return found;
}

function table(name, comment, list) {
  const items = list.map(([a, b]) => `{0x${a.toString(16)}, 0x${b.toString(16)}}`);
  const lines = [];
  let line = '   ';
  for (const item of items) {
    if (line.length + item.length + 2 > 100) {
      lines.push(line);
      line = '   ';
    }
    line += ` ${item},`;
  }
  lines.push(line);
  console.log(`/* ${comment} */\nstatic const struct range ${name}[] = {\n${lines.join('\n')}\n};\n`);
}

console.log(`/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_VALUE_UNICODE_TABLES_H
#define CEDAR_VALUE_UNICODE_TABLES_H
/*
 * Ranges of Unicode ${wanted} scalar values, sorted; only for unicode.c. Made by
 * tools/gen_unicode.mjs, not edited by hand.
 */
#include <stdint.h>

struct range {
    uint32_t first;
    uint32_t last;
};

/* clang-format off */
`);
table('unprintable', 'General_Category C*, Zl, Zp, Zs without U+0020; and Default_Ignorable_Code_Point.',
      ranges(/^(?! )[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Zs}\p{DI}]$/u));
table('grapheme_extend', 'Grapheme_Extend.', ranges(/^\p{Grapheme_Extend}$/u));
table('decimal_digits', 'General_Category Nd.', ranges(/^\p{Nd}$/u));
console.log('/* clang-format on */\n\n#endif');
