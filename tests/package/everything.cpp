// SPDX-License-Identifier: Apache-2.0
//
// Every call of examples/cpp/cedar.hpp once, with what it must answer. Exit status 1 and a line
// per check that failed.
#include "cedar.hpp"

#include <atomic>
#include <iostream>
#include <type_traits>

namespace {

int failures = 0;

void expect(bool is_good, const char *what, int line) {
    if (!is_good) {
        std::cerr << "everything.cpp:" << line << ": " << what << '\n';
        failures++;
    }
}
#define EXPECT(what) expect((what), #what, __LINE__)

// The error that a call must throw, or one with CEDAR_OK.
template <typename Call>
cedar::error error_of(Call call) {
    try {
        call();
    } catch (const cedar::error &e) {
        return e;
    }
    return cedar::error(CEDAR_OK, {});
}

const char *const templates = R"(@id("open") permit(principal, action, resource);
@id("t") forbid(principal == ?principal, action, resource);)";

static_assert(!std::is_copy_constructible_v<cedar::engine> &&
              !std::is_copy_constructible_v<cedar::policies> &&
              !std::is_copy_constructible_v<cedar::entities> &&
              !std::is_copy_constructible_v<cedar::schema> &&
              !std::is_copy_constructible_v<cedar::scratch>);
static_assert(std::is_nothrow_move_constructible_v<cedar::engine> &&
              std::is_nothrow_move_constructible_v<cedar::policies> &&
              std::is_nothrow_move_constructible_v<cedar::scratch> &&
              std::is_nothrow_move_assignable_v<cedar::entities>);

void policies(const cedar::engine &engine, cedar::scratch &scratch) {
    auto set = cedar::policies_builder(engine, CEDAR_IDS_FROM_ANNOTATION)
                   .add(templates, "t.cedar")
                   .add_json(R"({"effect": "permit", "principal": {"op": "All"},
                       "action": {"op": "All"}, "resource": {"op": "All"}, "conditions": []})",
                             "j.json", "j#")
                   .add_links_json(R"([{"template_id": "t", "link_id": "l2",
                       "args": {"?principal": "User::\"b\""}}])")
                   .link("t", "l1", {{"?principal", {"User", "a"}}})
                   .build();
    EXPECT(set.size() == 5);
    auto linked = set[set.find("l1").value()];
    EXPECT(linked.effect == CEDAR_FORBID && linked.template_id == "t");
    EXPECT(linked.slots.size() == 1 && linked.slots[0].uid.id == "a");
    auto open = set[set.find("open").value()];
    EXPECT(open.source == "t.cedar" && open.line == 1 && !open.is_template);
    EXPECT(open.annotations.size() == 1 && open.annotations[0].second == "open");
    EXPECT(!set.find("nobody"));

    auto more = set.link("t", "l3", {{"?principal", {"User", "c"}}});
    EXPECT(more.size() == 6 && set.size() == 5);
    EXPECT(more.remove("l3").size() == 5);
    EXPECT(error_of([&] {
               (void)set.link("t", "l1", {{"?principal", {"User", "c"}}});
           }).status() == CEDAR_ERR_EXISTS);
    auto single = cedar::policies::parse(engine, "permit(principal, action, resource);");
    EXPECT(single.merge(set).size() == 6);
    std::vector<std::pair<std::string, std::string>> renamed;
    EXPECT(scratch
               .merge_renaming(
                   single, cedar::policies::parse(engine, "forbid(principal, action, resource);"),
                   &renamed)
               .size() == 2);
    EXPECT(renamed.size() == 1 && renamed[0].first == "policy0" && renamed[0].second != "policy0");
    cedar::request first;
    first.principal = {"User", "a"};
    first.action = {"Action", "x"};
    first.resource = {"D", "d"};
    auto batch = scratch.authorize(single, cedar::entities::empty(engine), {first, first});
    EXPECT(batch.size() == 2 && batch[0] && batch[1]);
    EXPECT(scratch.scope(single, 0).action.kind == CEDAR_CONSTRAINT_ANY);
    EXPECT(cedar::policies_builder(engine).add(single).build().size() == 1);
    EXPECT(scratch.to_text(single) == "permit(principal, action, resource);");
    EXPECT(scratch.to_text(single, 0) == scratch.to_text(single));
    EXPECT(scratch.to_json(single, 0).find("\"permit\"") != std::string_view::npos);
    EXPECT(cedar::policies::parse_json(engine, scratch.to_json(set)).size() == 5);
    EXPECT(scratch.format_policies("permit( principal,action,resource );") ==
           "permit (principal, action, resource);\n");
    auto shared = set.share();
    { auto gone = std::move(set); }
    EXPECT(shared.size() == 5);
}

void mistakes(const cedar::engine &engine, cedar::scratch &scratch) {
    auto e =
        error_of([&] { (void)cedar::policies::parse(engine, "permit(\nprincipl", "p.cedar"); });
    EXPECT(e.status() == CEDAR_ERR_SYNTAX && !e.findings().empty());
    EXPECT(e.findings()[0].line == 2 && e.findings()[0].source == "p.cedar");
    EXPECT(std::string(e.what()).find("p.cedar:2:") == 0);
    EXPECT(error_of([&] { scratch.check("1 +"); }).status() == CEDAR_ERR_SYNTAX);
    scratch.check("1 + 1");
    EXPECT(error_of([&] { (void)scratch.parse_uid("User"); }).status() == CEDAR_ERR_SYNTAX);
}

void values(const cedar::engine &engine, cedar::scratch &scratch) {
    auto uid = scratch.parse_uid(R"(Ns::User::"al\"ice")");
    EXPECT(uid.type == "Ns::User" && uid.id == "al\"ice");
    EXPECT(scratch.format(uid) == R"(Ns::User::"al\"ice")");
    auto record = scratch.record({{"s", scratch.string("x")},
                                  {"n", scratch.integer(-5)},
                                  {"t", scratch.boolean(true)},
                                  {"e", scratch.entity(uid)},
                                  {"l", scratch.set({scratch.integer(1), scratch.integer(2)})}});
    cedar::request request;
    request.principal = request.resource = uid;
    request.action = {"Action", "view"};
    request.context = record;
    auto store = cedar::entities::empty(engine);
    EXPECT(store.size() == 0);
    auto value = scratch.evaluate("[context.s, context.n + 1, context.t, context.e == principal, "
                                  "context.l.contains(2)]",
                                  store, request);
    auto text = std::string(scratch.format(value));
    EXPECT(text.find("\"x\"") != text.npos && text.find("-4") != text.npos);
    EXPECT(text.find("true") != text.npos && text.find("false") == text.npos);
    EXPECT(error_of([&] { (void)scratch.evaluate("context.no", store, request); }).status() ==
           CEDAR_ERR_EVALUATION);
    EXPECT(cedar::is_type_name("Ns::User") && !cedar::is_type_name("if"));
    EXPECT(!cedar::language_version().empty() && !cedar::library_version().empty());
}

void schemas(const cedar::engine &engine, cedar::scratch &scratch) {
    auto schema = cedar::schema::parse(
        engine, "entity User; entity Doc; action view appliesTo "
                "{ principal: User, resource: Doc, context: { from: ipaddr } };");
    auto store = cedar::entities::parse_json(
        engine, R"([{"uid": {"type": "User", "id": "a"}, "attrs": {}, "parents": []}])", &schema);
    EXPECT(store.size() == 2); // and the action
    cedar::request request;
    request.principal = {"User", "a"};
    request.action = {"Action", "view"};
    request.resource = {"Doc", "d"};
    request.context = scratch.context(R"({"from": "10.0.0.1"})", &schema, &request.action);
    scratch.validate(schema, request);
    request.resource = {"User", "a"};
    EXPECT(error_of([&] { scratch.validate(schema, request); }).status() == CEDAR_ERR_SCHEMA);
    EXPECT(schema.share().get() == schema.get());
}

void overlays(const cedar::engine &engine, cedar::scratch &scratch) {
    auto set = cedar::policies::parse(
        engine, "permit(principal in Group::\"g\", action, resource) "
                "when { principal.age == 7 && resource.getTag(\"k\") == \"v\" };");
    auto store = cedar::entities::empty(engine);
    cedar::overlay overlay(scratch, store);
    overlay.add({{"User", "a"}, {}, scratch.record({{"age", scratch.integer(7)}})})
        .add_parents({"User", "a"}, {{"Group", "g"}})
        .add_json(R"([{"uid": {"type": "Doc", "id": "d"}, "attrs": {}, "parents": [],
                       "tags": {"k": "v"}}])")
        .finish();
    cedar::request request;
    request.principal = {"User", "a"};
    request.action = {"Action", "view"};
    request.resource = {"Doc", "d"};
    auto without = scratch.authorize(set, store, request);
    EXPECT(!without && without.reasons().empty() && without.errors().empty());
    request.overlay = &overlay;
    auto with = scratch.authorize(set, store, request);
    EXPECT(with.allowed() && with.reasons().size() == 1 && with.reasons()[0] == "policy0");
}

void versions(const cedar::engine &engine, cedar::scratch &scratch) {
    auto first = cedar::entities::parse_json(
        engine, R"([{"uid": {"type": "User", "id": "a"}, "attrs": {"age": 7}, "tags": {"k": "v"},
                     "parents": [{"type": "Group", "id": "g"}]}])");
    auto second = cedar::entities_update(first)
                      .upsert({{"User", "b"}, {{"User", "a"}}})
                      .upsert_json(R"([{"uid": {"type": "Group", "id": "g"}, "attrs": {},
                                        "parents": [{"type": "Group", "id": "all"}]}])")
                      .remove({"User", "none"})
                      .publish();
    EXPECT(first.size() == 1 && second.size() == 3);
    EXPECT(second.is_in({"User", "b"}, {"Group", "all"}));
    EXPECT(!first.is_in({"User", "b"}, {"Group", "all"}));
    auto a = scratch.get_entity(second, {"User", "a"}).value();
    EXPECT(a.parents.size() == 1 && a.parents[0].id == "g");
    EXPECT(scratch.format(a.attrs) == R"({"age": 7})" && scratch.format(a.tags) == R"({"k": "v"})");
    EXPECT(!scratch.get_entity(second, {"User", "none"}));
    EXPECT(scratch.ancestors(second, {"User", "b"}).size() == 3);
    cedar_entities_cursor cursor = {};
    std::size_t count = 0;
    while (scratch.next_entity(second, cursor)) {
        count++;
    }
    EXPECT(count == 3);
    EXPECT(cedar::entities::parse_json(engine, scratch.to_json(second)).size() == 3);
}

void entities_from_elsewhere(const cedar::engine &engine, cedar::scratch &scratch) {
    auto set = cedar::policies::parse(engine, "permit(principal in Group::\"g\", action, resource) "
                                              "when { principal.age == 7 };");
    auto store = cedar::entities::empty(engine);
    int asked = 0;
    cedar::request request;
    request.principal = request.resource = {"User", "a"};
    request.action = {"Action", "view"};
    request.find_entity = [&](const cedar::uid &u,
                              cedar::scratch &values) -> std::optional<cedar::entity> {
        asked++;
        if (u.type != "User") {
            return std::nullopt;
        }
        return cedar::entity(u, {{"Group", "g"}}, values.record({{"age", values.integer(7)}}));
    };
    EXPECT(scratch.authorize(set, store, request).allowed() && asked > 0);
    EXPECT(scratch.format(scratch.evaluate("principal.age + 1", store, request)) == "8");
    request.max_entities = 1;
    EXPECT(error_of([&] { (void)scratch.authorize(set, store, request); }).status() ==
           CEDAR_ERR_LIMIT);
    request.find_entity = [](const cedar::uid &, cedar::scratch &) -> std::optional<cedar::entity> {
        throw cedar::error(CEDAR_ERR_NOT_FOUND, {});
    };
    EXPECT(error_of([&] { (void)scratch.authorize(set, store, request); }).status() ==
           CEDAR_ERR_NOT_FOUND);
}

void errors_and_time(const cedar::engine &engine, cedar::scratch &scratch) {
    auto set = cedar::policies::parse(engine, "permit(principal, action, resource) "
                                              "when { context.absent };");
    auto store = cedar::entities::empty(engine);
    cedar::request request;
    request.principal = request.resource = {"User", "a"};
    request.action = {"Action", "view"};
    auto response = scratch.authorize(set, store, request);
    EXPECT(!response && response.errors().size() == 1);
    EXPECT(response.errors()[0].policy_id == "policy0");
    EXPECT(response.errors()[0].effect == CEDAR_PERMIT && !response.is_timeout());

    std::string text; // long enough to be asked about the time
    for (int i = 0; i < 20000; i++) {
        text += "permit(principal, action, resource) when { principal == resource };\n";
    }
    auto many = cedar::policies::parse(engine, text);
    request.is_expired = [] { return true; };
    EXPECT(scratch.authorize(many, store, request).is_timeout());
    request.is_expired = []() -> bool { throw std::runtime_error("passes through"); };
    try {
        (void)scratch.authorize(many, store, request);
        EXPECT(!"thrown");
    } catch (const std::runtime_error &e) {
        EXPECT(std::string_view(e.what()) == "passes through");
    }
}

void validation(const cedar::engine &engine) {
    auto schema =
        cedar::schema::parse(engine, "entity User = { age: Long }; entity Doc; action view "
                                     "appliesTo { principal: User, resource: Doc };");
    auto set = [&](const char *scope, const char *condition) {
        return cedar::policies::parse(
            engine, std::string("permit(") + scope +
                        ", action == Action::\"view\", resource) when { " + condition + " };");
    };
    EXPECT(set("principal", "principal.age > 1").validate(schema).empty());
    auto e = error_of([&] { (void)set("principal", "principal.ag > 1").validate(schema); });
    EXPECT(e.status() == CEDAR_ERR_SCHEMA && !e.findings().empty() &&
           !e.findings()[0].kind.empty());
    auto warned = set("principal == Doc::\"d\"", "true");
    EXPECT(!warned.validate(schema).empty());
    cedar_validate_options options = {};
    options.compat = CEDAR_COMPAT_4_12;
    EXPECT(error_of([&] { (void)warned.validate(schema, &options); }).status() == CEDAR_ERR_SCHEMA);
}

void declarations(const cedar::engine &engine, cedar::scratch &scratch) {
    auto schema =
        cedar::schema_builder(engine)
            .add("@doc(\"who\") entity User in Group = { age: Long, boss?: User }; "
                 "type T = Set<Long>; action view appliesTo { principal: User, "
                 "resource: Group, context: { t: T } };")
            .add(R"({"": {"entityTypes": {"Group": {}}, "actions": {}}})", CEDAR_FORMAT_JSON)
            .build();
    auto user = schema.entity_type("User").value();
    EXPECT(user.parent_count == 1 && cedar::view(user.parents[0]) == "Group");
    EXPECT(cedar::annotations(user.annotations).at(0).second == "who");
    cedar::type attributes = user.attributes;
    EXPECT(attributes.kind() == CEDAR_TYPE_RECORD && attributes.attributes().size() == 2);
    cedar::type boss = attributes.find("boss").value().type;
    EXPECT(boss.entity_type() == "User" && scratch.format(boss) == "User");
    EXPECT(!attributes.find("none") && !cedar::type(user.tags) && !schema.entity_type("None"));
    auto view = schema.action({"Action", "view"}).value();
    EXPECT(cedar::type(cedar::type(view.context).find("t").value().type).element().kind() ==
           CEDAR_TYPE_LONG);
    EXPECT(schema.entity_types().size() >= 2 && schema.actions().size() == 1);
    EXPECT(schema.common_types().size() == 1 && schema.namespaces().size() == 1);
    EXPECT(schema.environments().size() == 1);
    EXPECT(scratch.to_text(schema).find("entity Group;") != std::string_view::npos);
    EXPECT(scratch.to_json(schema) != scratch.to_json(schema, true));
    EXPECT(scratch.translate_schema("entity A;", CEDAR_FORMAT_CEDAR, CEDAR_FORMAT_JSON)
               .find("\"A\"") != std::string_view::npos);
}

void lint(const cedar::engine &engine) {
    auto set =
        cedar::policies::parse(engine, "permit(principal, action, resource); "
                                       "permit(principal == User::\"a\", action, resource);");
    cedar_lint_cost cost = {};
    cedar_lint_options options = {};
    EXPECT(!set.lint(&options, &cost).empty() && cost.policy > 0 && !cedar::lint_rules().empty());
    options.disabled = UINT32_MAX;
    EXPECT(set.lint(&options).empty());
    options = {};
    options.max_set_cost = 1;
    EXPECT(error_of([&] { (void)set.lint(&options); }).status() == CEDAR_ERR_LIMIT);
}

void explanations(const cedar::engine &engine, cedar::scratch &scratch) {
    auto set = cedar::policies::parse(engine, "permit(principal, action, resource) "
                                              "when { context.n > 5 };");
    auto store = cedar::entities::empty(engine);
    cedar::request request;
    request.principal = request.resource = {"User", "a"};
    request.action = {"Action", "view"};
    request.context = scratch.context(R"({"n": 3})");
    const auto &told = scratch.explain(set, store, request);
    EXPECT(told.cause == CEDAR_CAUSE_NOT_PERMITTED && told.policy_count == 1);
    EXPECT(told.policies[0].outcome == CEDAR_OUTCOME_CLAUSE);
    EXPECT(cedar::view(told.policies[0].clauses[0].text) == "context.n > 5");
    EXPECT(cedar::response(told.response).reasons().empty());
    cedar_explain_options options = {};
    options.policy_id = cedar_str_from("nobody");
    EXPECT(error_of([&] { (void)scratch.explain(set, store, request, &options); }).status() ==
           CEDAR_ERR_NOT_FOUND);
}

} // namespace

int main() {
    try {
        cedar::engine engine;
        cedar::scratch scratch(engine.share());
        policies(engine, scratch);
        mistakes(engine, scratch);
        values(engine, scratch);
        scratch.reset();
        schemas(engine, scratch);
        overlays(engine, scratch);
        versions(engine, scratch);
        entities_from_elsewhere(engine, scratch);
        errors_and_time(engine, scratch);
        validation(engine);
        declarations(engine, scratch);
        lint(engine);
        explanations(engine, scratch);
    } catch (const std::exception &e) {
        std::cerr << "unexpected: " << e.what() << '\n';
        failures++;
    }
    return failures == 0 ? 0 : 1;
}
