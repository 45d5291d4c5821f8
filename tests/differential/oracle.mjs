// SPDX-License-Identifier: Apache-2.0
// Answers made-up cases with the reference, the WebAssembly build of the Cedar project:
//
//     node oracle.mjs < CASES > ANSWERS
//
// Calls run in a child process. One that traps ("memory access out of bounds", after which every
// later call traps as well) or hangs costs the child and is answered {"type":"trapped"}; more than
// TRAPS_MAX of them are a failure of the run.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const TRAPS_MAX = 200;
const WINDOW = 64; // cases on their way to the child
const HANG_MS = 60_000;
const TRAPPED = 3; // exit code

const INPUT = '"input":';
const HEAD = "permit(principal, action, resource) when { ";

// ---- in the child ----------------------------------------------------------------------------

const { parse, stringify } = JSON;

// Calls a function of the module with a document that stays as it is written, and gives its answer
// as it was written, so that numbers which JavaScript cannot hold reach the other side. The module
// takes values and gives values, and turns them into JSON and back with these two functions.
function ask(cedar, op, text) {
  let isRead = false;
  JSON.stringify = () => { isRead = true; return text; };
  JSON.parse = (answer) => answer;
  let answer;
  try {
    answer = cedar[op](WHOLE_TEXT.has(op) ? parse(text) : {});
  } finally {
    JSON.stringify = stringify;
    JSON.parse = parse;
  }
  if (typeof answer !== "string" || isRead === WHOLE_TEXT.has(op)) {
    throw new Error(`${op} does not hand over its documents as JSON`);
  }
  return answer;
}

// Functions of a string, which goes over as such.
const WHOLE_TEXT = new Set(["schemaToJsonWithResolvedTypes"]);

// Documents with their numbers as { [NUMBER]: "123" }.
const NUMBER = "\u0000number";
const NUMBERS = /"(?:\\.|[^"\\])*"|-?\d[\d.eE+-]*/g;
const NUMBER_OBJECTS = new RegExp(`\\{${stringify(NUMBER).replace("\\", "\\\\")}:"([^"]*)"\\}`, "g");

function parseExact(text) {
  return parse(text.replace(NUMBERS, (word) => word[0] === '"' ? word : stringify({ [NUMBER]: word })));
}

function stringifyExact(value) {
  return stringify(value).replace(NUMBER_OBJECTS, "$1");
}

// What an expression evaluates to. The module has no call for that: an error is that of a policy
// with the expression in its condition; a value is what stands in the residual of a comparison with
// an unknown.
function evaluate(cedar, text) {
  const { expression, ...call } = parseExact(text);
  const tell = (op, input) => parseExact(ask(cedar, op, stringifyExact(input)));
  const parsed = tell("policyToJson", `${HEAD}(${expression}\n) };`);
  if (parsed.type !== "success" || parsed.json.conditions.length !== 1) {
    // Its own parser words some errors in another way: the verdict is all that can be compared.
    return { type: "failure", errors: [{ message: "invalid value: expression" }] };
  }
  const asked = (condition) => ({ ...call, policies: { staticPolicies: { p: `${HEAD}${condition} };` } } });
  const decided = tell("isAuthorized", asked(`[${expression}\n].contains(0)`));
  if (decided.type !== "success") return decided;
  const { errors } = decided.response.diagnostics;
  if (errors.length > 0) return { type: "failure", errors: [{ ...errors[0].error, sourceLocations: [] }] };
  const partial = tell("isAuthorizedPartial", asked(`(${expression}\n) == unknown("x")`));
  const residual = partial.response?.residuals?.p;
  const value = residual && compared(residual.conditions[0].body);
  if (!value) return { type: "unsupported" };
  const body = [{ kind: "when", body: value }];
  const written = tell("policyToText", { ...residual, conditions: body }).text;
  const start = written.indexOf("when {") + "when {".length;
  return { type: "success", value: written.slice(start, written.lastIndexOf("}")).trim() };
}

// The other side of the comparison with the unknown, below any `true && …`.
function compared(body) {
  if (body["&&"]) return compared(body["&&"].right);
  return body["=="]?.left;
}

// The answer as JSON.
function call(cedar, op, text) {
  if (op === "evaluate") return stringifyExact(evaluate(cedar, text));
  return cedar[op] ? ask(cedar, op, text) : '{"type":"unsupported"}';
}

function isTrap(error) {
  return error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
}

async function child() {
  const { createRequire } = await import("node:module");
  const cedar = createRequire(import.meta.url)("@cedar-policy/cedar-wasm/nodejs");
  for await (const line of createInterface({ input: process.stdin })) {
    const { n, op } = JSON.parse(line);
    const text = line.slice(line.indexOf(INPUT) + INPUT.length, -1); // of {"n":…,"op":…,"input":…}
    let answer;
    let isTrapped = false;
    try {
      answer = call(cedar, op, text);
    } catch (error) {
      isTrapped = isTrap(error);
      answer = JSON.stringify(isTrapped ? { type: "trapped" } : { type: "throw", message: String(error) });
    }
    process.stdout.write(`{"n":${n},"answer":${answer}}\n`);
    if (isTrapped) process.exit(TRAPPED);
  }
}

// ---- in the parent ---------------------------------------------------------------------------

class Worker {
  constructor(onAnswer, onEnd) {
    this.process = spawn(process.execPath, [fileURLToPath(import.meta.url), "--child"],
      { stdio: ["pipe", "pipe", "inherit"] });
    this.process.stdin.on("error", () => {}); // it may be gone already
    createInterface({ input: this.process.stdout }).on("line", (line) => {
      this.watch();
      onAnswer(line);
    });
    this.process.on("close", onEnd);
    this.watch();
  }

  watch() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.process.kill("SIGKILL"), HANG_MS);
  }

  send(line) {
    this.process.stdin.write(`${line}\n`);
  }

  end() {
    clearTimeout(this.timer);
    this.process.stdin.end();
  }
}

async function parent() {
  const waiting = []; // sent, in order, not answered
  let traps = 0;
  let wake = () => {};
  let worker;
  const trapped = (line) => {
    const { n } = JSON.parse(line);
    process.stdout.write(`${JSON.stringify({ n, answer: { type: "trapped" } })}\n`);
  };
  const start = () => {
    worker = new Worker((line) => {
      waiting.shift();
      traps += line.includes('"type":"trapped"') ? 1 : 0;
      process.stdout.write(`${line}\n`);
      wake();
    }, (code) => {
      clearTimeout(worker.timer);
      if (code === 0) return wake();
      if (code !== TRAPPED && waiting.length > 0) {
        traps += 1;
        trapped(waiting.shift()); // it took the child with it
      }
      if (traps > TRAPS_MAX) {
        process.stderr.write(`oracle: ${traps} cases trapped the reference\n`);
        process.exit(1);
      }
      start();
      waiting.forEach((line) => worker.send(line));
      wake();
    });
  };
  start();
  for await (const line of createInterface({ input: process.stdin })) {
    while (waiting.length >= WINDOW) await new Promise((done) => { wake = done; });
    waiting.push(line);
    worker.send(line);
  }
  while (waiting.length > 0) await new Promise((done) => { wake = done; });
  worker.end();
}

await (process.argv[2] === "--child" ? child() : parent());
