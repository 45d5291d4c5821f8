#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""libcedar from Python: the same as ../c/authorize.c, and it prints the same.

    python3 authorize.py [POLICY_FILE]
"""
import pathlib
import sys

import cedar

POLICIES = """\
@id("team")
permit(principal in Team::"writers", action == Action::"view", resource);
@id("owner")
permit(principal, action, resource) when { resource.owner == principal };
@id("hours")
forbid(principal, action == Action::"edit", resource)
unless { 8 <= context.hour && context.hour < 18 };
@id("share")
permit(principal == ?principal, action == Action::"view", resource == ?resource);
"""

ENTITIES = [
    {"uid": {"type": "User", "id": "alice"}, "attrs": {}, "parents": [{"type": "Team", "id": "writers"}]},
    {"uid": {"type": "Doc", "id": "plan"}, "parents": [],
     "attrs": {"owner": {"__entity": {"type": "User", "id": "bob"}}}},
]

QUESTIONS = [
    ("alice", "view", {"hour": 9}), ("bob", "edit", {"hour": 9}), ("bob", "edit", {"hour": 22}),
    ("carol", "view", {"hour": 9}), ("carol", "edit", {"hour": 9}), ("alice", "edit", {}),
]

PLAN = cedar.Uid("Doc", "plan")


def load(engine, path):
    with engine.builder(ids_from_annotation=True) as builder:
        if path is not None:
            return builder.add(pathlib.Path(path).read_text(), source=path).build()
        builder.add(POLICIES)
        builder.link("share", "share-carol", {"?principal": cedar.Uid("User", "carol"), "?resource": PLAN})
        return builder.build()


def main(path=None):
    with cedar.Engine() as engine, load(engine, path) as policies, \
            engine.entities(ENTITIES) as entities, engine.scratch() as scratch:
        for who, what, context in QUESTIONS:
            answer = scratch.authorize(policies, entities, cedar.Uid("User", who),
                                       cedar.Uid("Action", what), PLAN, context=context)
            scratch.reset()  # the answer is Python's
            reasons = " by " + ", ".join(answer.reasons) if answer.reasons else ""
            print(f"{who} {what}: {'Allow' if answer else 'Deny'}{reasons}")
            for error in answer.errors:
                print(f"  {error.policy_id} was skipped: {error.message}")
        expression = "resource.owner == principal && context.hour + 1 == 10"
        value = scratch.evaluate(expression, entities, 'User::"bob"', 'Action::"edit"', PLAN,
                                 context={"hour": 9})
        print(f"{expression} is {value}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:2])
    except (cedar.Error, OSError) as error:
        sys.exit(str(error))
