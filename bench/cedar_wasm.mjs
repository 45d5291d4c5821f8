// SPDX-License-Identifier: Apache-2.0
// libcedar beside the official WebAssembly build, on a sample of the conformance corpus:
//
//     node bench/cedar_wasm.mjs CASES_DIR [SAMPLE] [BUILD_DIR]
//
// Needs the npm package @cedar-policy/cedar-wasm, found from this file, in tests/differential
// (`npm ci` there) or from the working directory, and a release build of bench/cedar_cases. Policies and schemas are parsed beforehand
// on both sides. libcedar keeps entities, too; the WebAssembly build takes them with each call, so
// it is measured twice: with them, and without (then it answers another question, but this shows
// what its evaluation alone costs at least). Decisions with entities must agree.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const [dir, sample = '300', build = 'build'] = process.argv.slice(2);

function load() {
    const tests = new URL('../tests/differential/', import.meta.url);
    for (const base of [import.meta.url, tests, join(process.cwd(), 'x.js')]) {
        try {
            return createRequire(base)('@cedar-policy/cedar-wasm/nodejs');
        } catch {
            // the next place
        }
    }
    console.log('skipped: npm package @cedar-policy/cedar-wasm is not installed');
    process.exit(0);
}

if (dir === undefined || !existsSync(dir)) {
    console.log('skipped: no corpus (the argument is its directory of cases)');
    process.exit(0);
}
const wasm = load();
const program = resolve(build, 'bench/cedar_cases');
if (!existsSync(program)) {
    console.log(`skipped: ${program} is not built`);
    process.exit(0);
}

// JavaScript rounds integers of more than 15 digits; such cases are left out.
const isExact = (text) => !/\d{16,}/.test(text);

function readCase(name) {
    const text = readFileSync(join(dir, name), 'utf8');
    const json = JSON.parse(text);
    const file = (path) => readFileSync(join(dir, path), 'utf8');
    const found = { json, policies: file(json.policies), schema: file(json.schema),
        entities: file(json.entities) };
    return isExact(text) && isExact(found.entities) ? found : null;
}

const names = readdirSync(dir).filter((n) => n.endsWith('.json') && !n.endsWith('.entities.json')).sort();
const step = Math.max(1, Math.floor(names.length / Number(sample)));
const cases = names.filter((_, i) => i % step === 0).map(readCase).filter((c) => c !== null);

const wasmNs = { withEntities: [], without: [] };
const decisions = [];
const input = [];
const put = (text) => input.push(`${Buffer.byteLength(text)}\n`, text);

function time(call) {
    let best = Infinity;
    let answer;
    for (let round = 0; round < 5; round++) {
        const start = process.hrtime.bigint();
        answer = wasm.statefulIsAuthorized(call);
        best = Math.min(best, Number(process.hrtime.bigint() - start));
    }
    return { best, answer };
}

for (const { json, policies, schema, entities } of cases) {
    const parsed = JSON.parse(entities);
    wasm.preparsePolicySet('p', { staticPolicies: policies });
    wasm.preparseSchema('s', schema);
    put(policies);
    put(schema);
    put(entities);
    put(String(json.requests.length));
    for (const request of json.requests) {
        const { principal, action, resource, context } = request;
        const call = { principal, action, resource, context, entities: parsed, preparsedPolicySetId: 'p',
            preparsedSchemaName: 's', validateRequest: false };
        const full = time(call);
        decisions.push(full.answer.type === 'success' ? full.answer.response.decision : 'failure');
        wasmNs.withEntities.push(full.best);
        wasmNs.without.push(time({ ...call, entities: [], preparsedSchemaName: undefined, context: {} }).best);
        for (const uid of [principal, action, resource]) {
            put(uid.type);
            put(uid.id);
        }
        put(JSON.stringify(context));
    }
}

const run = spawnSync(program, { input: input.join(''), maxBuffer: 1 << 28 });
if (run.status !== 0) {
    console.error(run.stderr.toString());
    process.exit(1);
}
const lines = run.stdout.toString().trim().split('\n').map((line) => line.split(' '));
const ours = lines.map(([, ns]) => Number(ns));
const differ = lines.filter(([decision], i) => decision !== decisions[i]).length;

const quantile = (list, part) => list.slice().sort((a, b) => a - b)[Math.round((list.length - 1) * part)];
const show = (name, list) => console.log(`${name.padEnd(28)} median ${String(quantile(list, 0.5)).padStart(8)} ns   p99 ${String(quantile(list, 0.99)).padStart(9)} ns`);
console.log(`${cases.length} cases, ${ours.length} requests, ${differ} decisions differ`);
show('libcedar', ours);
show('cedar-wasm', wasmNs.withEntities);
show('cedar-wasm, no entities', wasmNs.without);
const ratio = (list) => (quantile(list, 0.5) / quantile(ours, 0.5)).toFixed(0);
console.log(`libcedar is ${ratio(wasmNs.withEntities)} times as fast at the median, ${ratio(wasmNs.without)} times when the other side gets no entities`);
process.exit(differ === 0 ? 0 : 1);
