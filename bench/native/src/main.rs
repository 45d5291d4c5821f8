// SPDX-License-Identifier: Apache-2.0
//! Times requests with the reference implementation, the way bench/cedar_cases.c does with
//! libcedar: the same input, the same output, everything parsed before, the best of ROUNDS means
//! of BLOCK calls of one request. Large sets take a fixed share of time instead (BUDGET_NS).
//!
//! Input is a row of strings, each as its length in decimal, a line feed, and its bytes. A case
//! is: policies, schema (empty: none), entities, number of requests, and for each request the
//! types and ids of principal, action and resource, and the context.

use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityId, EntityTypeName, EntityUid, PolicySet,
    Request, Schema,
};
use std::hint::black_box;
use std::io::{self, BufRead, Write};
use std::str::FromStr;
use std::time::Instant;

const BLOCK: u32 = 64;
const ROUNDS: u32 = 5;
const BUDGET_NS: u128 = 20_000_000; // per round of one request

fn read_string(input: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    if input.read_line(&mut line).expect("input") == 0 {
        return None;
    }
    let len: usize = line.trim_end().parse().expect("a length");
    let mut bytes = vec![0; len];
    input.read_exact(&mut bytes).expect("a string");
    Some(String::from_utf8(bytes).expect("UTF-8"))
}

fn need(input: &mut impl BufRead) -> String {
    read_string(input).expect("the input ends too early")
}

fn read_uid(input: &mut impl BufRead) -> EntityUid {
    let name = EntityTypeName::from_str(&need(input)).expect("a type");
    EntityUid::from_type_name_and_id(name, EntityId::new(need(input)))
}

/// Calls for one mean: BLOCK, or as many as fit into the budget.
fn block_for(first_ns: u128) -> u32 {
    (BUDGET_NS / first_ns.max(1)).clamp(1, u128::from(BLOCK)) as u32
}

fn time_request(request: &Request, policies: &PolicySet, entities: &Entities) -> (Decision, f64) {
    let authorizer = Authorizer::new();
    let start = Instant::now();
    let decision = authorizer.is_authorized(request, policies, entities).decision();
    let block = block_for(start.elapsed().as_nanos());
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for _ in 0..block {
            black_box(authorizer.is_authorized(black_box(request), policies, entities));
        }
        best = best.min(start.elapsed().as_nanos() as f64 / f64::from(block));
    }
    (decision, best)
}

fn main() {
    let mut input = io::stdin().lock();
    let mut output = io::BufWriter::new(io::stdout().lock());
    while let Some(text) = read_string(&mut input) {
        let policies = PolicySet::from_str(&text).expect("policies");
        let schema_text = need(&mut input);
        let schema = (!schema_text.is_empty())
            .then(|| Schema::from_cedarschema_str(&schema_text).expect("a schema").0);
        let entities =
            Entities::from_json_str(&need(&mut input), schema.as_ref()).expect("entities");
        let count: usize = need(&mut input).parse().expect("a number");
        for _ in 0..count {
            let principal = read_uid(&mut input);
            let action = read_uid(&mut input);
            let resource = read_uid(&mut input);
            let context = Context::from_json_str(
                &need(&mut input),
                schema.as_ref().map(|schema| (schema, &action)),
            )
            .expect("a context");
            let request =
                Request::new(principal, action, resource, context, None).expect("a request");
            let (decision, ns) = time_request(&request, &policies, &entities);
            let word = if decision == Decision::Allow { "allow" } else { "deny" };
            writeln!(output, "{word} {ns:.0}").expect("output");
        }
    }
}
