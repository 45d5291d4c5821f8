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

const HEAD = "permit(principal, action, resource) when { ";

// ---- in the child ----------------------------------------------------------------------------

// What an expression evaluates to. The module has no call for that: an error is that of a policy
// with the expression in its condition; a value is what stands in the residual of a comparison with
// an unknown.
function evaluate(cedar, input) {
  const parsed = cedar.policyToJson(`${HEAD}(${input.expression}\n) };`);
  const conditions = parsed.json?.conditions;
  if (parsed.type !== "success" || conditions.length !== 1) {
    // Its own parser words some errors in another way: the verdict is all that can be compared.
    return { type: "failure", errors: [{ message: "invalid value: expression" }] };
  }
  const { expression, ...call } = input;
  const asked = (condition) => ({ ...call, policies: { staticPolicies: { p: `${HEAD}${condition} };` } } });
  const decided = cedar.isAuthorized(asked(`[${expression}\n].contains(0)`));
  if (decided.type !== "success") return decided;
  const { errors } = decided.response.diagnostics;
  if (errors.length > 0) return { type: "failure", errors: [{ ...errors[0].error, sourceLocations: [] }] };
  const partial = cedar.isAuthorizedPartial(asked(`(${expression}\n) == unknown("x")`));
  const residual = partial.response?.residuals?.p;
  const value = residual && compared(residual.conditions[0].body);
  if (!value || !isSafe(value)) return { type: "unsupported" };
  const text = cedar.policyToText({ ...residual, conditions: [{ kind: "when", body: value }] }).text;
  const start = text.indexOf("when {") + "when {".length;
  return { type: "success", value: text.slice(start, text.lastIndexOf("}")).trim() };
}

// The other side of the comparison with the unknown, below any `true && …`.
function compared(body) {
  if (body["&&"]) return compared(body["&&"].right);
  return body["=="]?.left;
}

// Numbers that do not survive JavaScript make a case useless here.
function isSafe(value) {
  return typeof value === "number" ? Number.isSafeInteger(value)
    : typeof value !== "object" || value === null || Object.values(value).every(isSafe);
}

function call(cedar, { op, input, exact }) {
  if (exact || (op !== "evaluate" && !cedar[op])) return { type: "unsupported" };
  const answer = op === "evaluate" ? evaluate(cedar, input) : cedar[op](input);
  return isSafe(answer.json) ? answer : { type: "unsupported" };
}

function isTrap(error) {
  return error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
}

async function child() {
  const { createRequire } = await import("node:module");
  const cedar = createRequire(import.meta.url)("@cedar-policy/cedar-wasm/nodejs");
  for await (const line of createInterface({ input: process.stdin })) {
    const asked = JSON.parse(line);
    let answer;
    try {
      answer = call(cedar, asked);
    } catch (error) {
      answer = isTrap(error) ? { type: "trapped" } : { type: "throw", message: String(error) };
    }
    process.stdout.write(`${JSON.stringify({ n: asked.n, answer })}\n`);
    if (answer.type === "trapped") process.exit(TRAPPED);
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
