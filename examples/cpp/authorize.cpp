// SPDX-License-Identifier: Apache-2.0
//
// libcedar from C++17: the same as ../c/authorize.c, and it prints the same.
//
//     c++ -std=c++17 authorize.cpp $(pkg-config --cflags --libs cedar) -o authorize
//     ./authorize [POLICY_FILE]
#include "cedar.hpp"

#include <fstream>
#include <iostream>
#include <sstream>

namespace {

const char *const policy_text = R"(@id("team")
permit(principal in Team::"writers", action == Action::"view", resource);
@id("owner")
permit(principal, action, resource) when { resource.owner == principal };
@id("hours")
forbid(principal, action == Action::"edit", resource)
unless { 8 <= context.hour && context.hour < 18 };
@id("share")
permit(principal == ?principal, action == Action::"view", resource == ?resource);
)";

const char *const entity_text = R"(
[{"uid": {"type": "User", "id": "alice"}, "attrs": {},
  "parents": [{"type": "Team", "id": "writers"}]},
 {"uid": {"type": "Doc", "id": "plan"}, "parents": [],
  "attrs": {"owner": {"__entity": {"type": "User", "id": "bob"}}}}])";

struct question {
    const char *who;
    const char *what;
    const char *context;
};

constexpr question questions[] = {
    {"alice", "view", R"({"hour": 9})"}, {"bob", "edit", R"({"hour": 9})"},
    {"bob", "edit", R"({"hour": 22})"},  {"carol", "view", R"({"hour": 9})"},
    {"carol", "edit", R"({"hour": 9})"}, {"alice", "edit", "{}"},
};

std::string read_file(const char *path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw std::runtime_error(std::string(path) + ": cannot be read");
    }
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

cedar::policies load(const cedar::engine &engine, const char *path) {
    cedar::policies_builder builder(engine, CEDAR_IDS_FROM_ANNOTATION);
    if (path != nullptr) {
        return builder.add(read_file(path), path).build();
    }
    return builder.add(policy_text)
        .link("share", "share-carol",
              {{"?principal", {"User", "carol"}}, {"?resource", {"Doc", "plan"}}})
        .build();
}

cedar::request make_request(cedar::scratch &scratch, const question &q) {
    cedar::request request;
    request.principal = {"User", q.who};
    request.action = {"Action", q.what};
    request.resource = {"Doc", "plan"};
    request.context = scratch.context(q.context);
    return request;
}

void print(const question &q, const cedar::response &response) {
    std::cout << q.who << ' ' << q.what << ": " << (response ? "Allow" : "Deny");
    const char *before = " by ";
    for (auto reason : response.reasons()) {
        std::cout << before << reason;
        before = ", ";
    }
    std::cout << '\n';
    for (const auto &error : response.errors()) {
        std::cout << "  " << error.policy_id << " was skipped: " << error.message << '\n';
    }
}

void run(const char *path) {
    cedar::engine engine;
    auto policies = load(engine, path);
    auto entities = cedar::entities::parse_json(engine, entity_text);
    cedar::scratch scratch(engine);
    for (const auto &q : questions) {
        print(q, scratch.authorize(policies, entities, make_request(scratch, q)));
        scratch.reset(); // the answer is gone now
    }
    auto expression = "resource.owner == principal && context.hour + 1 == 10";
    auto value = scratch.evaluate(expression, entities, make_request(scratch, questions[1]));
    std::cout << expression << " is " << scratch.format(value) << '\n';
}

} // namespace

int main(int argc, char **argv) {
    try {
        run(argc > 1 ? argv[1] : nullptr);
    } catch (const std::exception &e) {
        std::cerr << e.what() << '\n';
        return 1;
    }
}
