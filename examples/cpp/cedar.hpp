/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcedar for C++17, in this header alone: objects that give themselves back, string views,
 * exceptions that say what a report says. cedar.h is the manual; this only dresses it.
 *
 * Objects move and do not copy. engine, policies, entities and schema are immutable and counted:
 * share() gives another handle to the same object, which any thread may use. A scratch belongs to
 * one thread at a time; what its methods return lives until reset(), and so do responses.
 *
 * Calls throw cedar::error; a std::string_view in an answer borrows as its cedar_str does.
 */
#ifndef CEDAR_HPP
#define CEDAR_HPP

#include <cedar.h>

#include <exception>
#include <forward_list>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cedar {

/* ---- strings, versions ------------------------------------------------------------------------
 */

namespace detail {

inline cedar_str str(std::string_view s) {
    return {s.data(), s.size()};
}
inline cedar_str str(const char *s) {
    return cedar_str_from(s);
}
inline std::string_view view(cedar_str s) {
    return s.ptr == nullptr ? std::string_view() : std::string_view(s.ptr, s.len);
}

} // namespace detail

inline std::string_view view(cedar_str s) {
    return detail::view(s);
}
inline std::string_view language_version() {
    return cedar_language_version();
}
inline std::string_view library_version() {
    return cedar_library_version();
}
inline bool is_type_name(std::string_view name) {
    return cedar_type_name_is_valid(detail::str(name));
}

/* ---- errors ------------------------------------------------------------------------------------
 */

struct finding {
    cedar_severity severity;
    std::string message, label, help, source, policy_id, kind, source_line;
    bool has_span;
    std::size_t start, end;
    unsigned line, column;

    explicit finding(const cedar_finding &f)
        : severity(f.severity), message(detail::view(f.message)), label(detail::view(f.label)),
          help(detail::view(f.help)), source(detail::view(f.source)),
          policy_id(detail::view(f.policy_id)), kind(detail::view(f.kind)),
          source_line(detail::view(f.source_line)), has_span(f.has_span), start(f.start),
          end(f.end), line(f.line), column(f.column) {
    }

    /* "p.cedar:3:7: error: …", the label and the help on lines of their own. */
    std::string text() const {
        std::string out =
            has_span ? source + ":" + std::to_string(line) + ":" + std::to_string(column) + ": "
                     : std::string();
        out += severity == CEDAR_ERROR     ? "error: "
               : severity == CEDAR_WARNING ? "warning: "
                                           : "advice: ";
        out += message;
        out += label.empty() ? "" : "\n  " + label;
        out += help.empty() ? "" : "\n  help: " + help;
        return out;
    }
};

/* What a report holds; findings of calls that succeed are warnings. */
using findings = std::vector<finding>;

class error : public std::runtime_error {
  public:
    error(cedar_status status, cedar::findings found)
        : std::runtime_error(render(status, found)), status_(status), findings_(std::move(found)) {
    }

    cedar_status status() const noexcept {
        return status_;
    }
    const cedar::findings &findings() const noexcept {
        return findings_;
    }

  private:
    static std::string render(cedar_status status, const cedar::findings &found) {
        std::string out;
        for (const auto &f : found) {
            out += f.text() + "\n";
        }
        return out + cedar_status_name(status);
    }

    cedar_status status_;
    cedar::findings findings_;
};

namespace detail {

inline void check(cedar_status status) {
    if (status != CEDAR_OK) {
        throw error(status, {});
    }
}

/* Takes a report that a call may have made. */
class report {
  public:
    report() = default;
    report(const report &) = delete;
    report &operator=(const report &) = delete;
    ~report() {
        cedar_report_free(report_);
    }

    cedar_report **out() {
        return &report_;
    }

    findings read() const {
        findings all;
        for (std::size_t i = 0; i < cedar_report_count(report_); i++) {
            all.emplace_back(cedar_report_get(report_, i));
        }
        return all;
    }

    /* Throws when the call has failed; otherwise its warnings go to *warnings, if that is asked. */
    void check(cedar_status status, findings *warnings = nullptr) const {
        if (status != CEDAR_OK) {
            throw error(status, read());
        }
        if (warnings != nullptr) {
            *warnings = read();
        }
    }

  private:
    cedar_report *report_ = nullptr;
};

/* Of a scratch that may be lent by C. */
struct scratch_giver {
    bool is_owner = true;
    void operator()(cedar_scratch *ptr) const noexcept {
        if (is_owner) {
            cedar_scratch_free(ptr);
        }
    }
};

template <typename T, void (*Free)(T *)>
struct deleter {
    void operator()(T *ptr) const noexcept {
        Free(ptr);
    }
};

template <typename T, void (*Free)(T *)>
using owner = std::unique_ptr<T, deleter<T, Free>>;

/* What immutable counted objects have in common. */
template <typename Self, typename T, T *(*Ref)(T *), void (*Unref)(T *)>
class counted {
  public:
    explicit counted(T *take_ptr) noexcept : ptr_(take_ptr) {
    }

    Self share() const {
        return Self(Ref(ptr_.get()));
    }
    T *get() const noexcept {
        return ptr_.get();
    }

  private:
    owner<T, Unref> ptr_;
};

} // namespace detail

/* ---- engine ----------------------------------------------------------------------------
 */

class engine : public detail::counted<engine, cedar_engine, cedar_engine_ref, cedar_engine_unref> {
  public:
    using counted::counted;
    explicit engine(const cedar_config *config = nullptr) : counted(make(config)) {
    }

  private:
    static cedar_engine *make(const cedar_config *config) {
        cedar_engine *made;
        detail::check(cedar_engine_new(config, &made));
        return made;
    }
};

/* ---- ids and values ----------------------------------------------------------------------------
 */

struct uid {
    std::string_view type; /* "Ns::User" */
    std::string_view id;

    uid() = default;
    uid(std::string_view t, std::string_view i) : type(t), id(i) {
    }
    uid(const cedar_uid &c) : type(detail::view(c.type)), id(detail::view(c.id)) {
    }
    cedar_uid c() const {
        return {detail::str(type), detail::str(id)};
    }
};

/* Lives in the scratch that made it; empty by default. */
class value {
  public:
    value() = default;
    explicit value(const cedar_value *ptr) : ptr_(ptr) {
    }
    const cedar_value *get() const noexcept {
        return ptr_;
    }

  private:
    const cedar_value *ptr_ = nullptr;
};

struct slot {
    std::string_view name; /* "?principal", "?resource" */
    cedar::uid uid;
};

namespace detail {

inline std::vector<cedar_slot_value> slots(const std::vector<slot> &values) {
    std::vector<cedar_slot_value> all;
    for (const auto &value : values) {
        all.push_back({str(value.name), value.uid.c()});
    }
    return all;
}

inline std::vector<cedar_uid> uids(const std::vector<uid> &values) {
    std::vector<cedar_uid> all;
    for (const auto &value : values) {
        all.push_back(value.c());
    }
    return all;
}

} // namespace detail

/* ---- schemas ------------------------------------------------------------------------------------
 */

/* name and value of each annotation of a declaration */
inline std::vector<std::pair<std::string_view, std::string_view>>
annotations(const cedar_annotations *of) {
    std::vector<std::pair<std::string_view, std::string_view>> all;
    for (std::size_t i = 0; i < cedar_annotations_count(of); i++) {
        cedar_annotation one = cedar_annotations_get(of, i);
        all.emplace_back(view(one.name), view(one.value));
    }
    return all;
}

/* What an attribute, tags or a context can be; borrowed from its schema. */
class type {
  public:
    type(const cedar_type *ptr) : ptr_(ptr) {
    }

    const cedar_type *get() const noexcept {
        return ptr_;
    }
    explicit operator bool() const noexcept {
        return ptr_ != nullptr;
    }
    cedar_type_kind kind() const {
        return cedar_type_get(ptr_).kind;
    }
    std::string_view entity_type() const {
        return view(cedar_type_get(ptr_).entity_type);
    }
    type element() const {
        return cedar_type_get(ptr_).element;
    }
    std::vector<cedar_attribute> attributes() const {
        std::vector<cedar_attribute> all;
        for (std::size_t i = 0; i < cedar_type_get(ptr_).attribute_count; i++) {
            all.push_back(cedar_type_attribute(ptr_, i));
        }
        return all;
    }
    std::optional<cedar_attribute> find(std::string_view name) const {
        std::size_t index = cedar_type_find_attribute(ptr_, detail::str(name));
        return index == SIZE_MAX ? std::nullopt : std::optional(cedar_type_attribute(ptr_, index));
    }

  private:
    const cedar_type *ptr_;
};

/* What it declares is told in the structures of cedar.h, which borrow from it. */
class schema : public detail::counted<schema, cedar_schema, cedar_schema_ref, cedar_schema_unref> {
  public:
    using counted::counted;

    static schema parse(const engine &e, std::string_view text,
                        cedar_format format = CEDAR_FORMAT_CEDAR, const char *source = "schema",
                        findings *warnings = nullptr) {
        cedar_schema *made;
        detail::report report;
        report.check(
            cedar_schema_parse(e.get(), detail::str(text), format, source, &made, report.out()),
            warnings);
        return schema(made);
    }

    std::vector<cedar_entity_type> entity_types() const {
        return all(cedar_schema_entity_type_count, cedar_schema_entity_type);
    }
    std::vector<cedar_action> actions() const {
        return all(cedar_schema_action_count, cedar_schema_action);
    }
    std::vector<cedar_common_type> common_types() const {
        return all(cedar_schema_common_type_count, cedar_schema_common_type);
    }
    std::vector<cedar_namespace> namespaces() const {
        return all(cedar_schema_namespace_count, cedar_schema_namespace);
    }
    std::vector<cedar_environment> environments() const {
        return all(cedar_schema_environment_count, cedar_schema_environment);
    }
    std::optional<cedar_entity_type> entity_type(std::string_view name) const {
        std::size_t index = cedar_schema_find_entity_type(get(), detail::str(name));
        return index == SIZE_MAX ? std::nullopt
                                 : std::optional(cedar_schema_entity_type(get(), index));
    }
    std::optional<cedar_action> action(const uid &u) const {
        std::size_t index = cedar_schema_find_action(get(), u.c());
        return index == SIZE_MAX ? std::nullopt : std::optional(cedar_schema_action(get(), index));
    }

  private:
    template <typename T>
    std::vector<T> all(std::size_t (*count)(const cedar_schema *),
                       T (*get_one)(const cedar_schema *, std::size_t)) const {
        std::vector<T> out;
        for (std::size_t i = 0; i < count(get()); i++) {
            out.push_back(get_one(get(), i));
        }
        return out;
    }
};

/* Several texts as one schema; build once. */
class schema_builder {
  public:
    explicit schema_builder(const engine &e) {
        cedar_schema_builder *made;
        detail::check(cedar_schema_builder_new(e.get(), &made));
        ptr_.reset(made);
    }

    schema_builder &add(std::string_view text, cedar_format format = CEDAR_FORMAT_CEDAR,
                        const char *source = "schema") {
        detail::check(cedar_schema_builder_add(ptr_.get(), detail::str(text), format, source));
        return *this;
    }
    schema build(findings *warnings = nullptr) {
        cedar_schema *made;
        detail::report report;
        report.check(cedar_schema_builder_build(ptr_.get(), &made, report.out()), warnings);
        return schema(made);
    }

  private:
    detail::owner<cedar_schema_builder, cedar_schema_builder_free> ptr_;
};

/* ---- policies ----------------------------------------------------------------------------------
 */

struct policy {
    std::string_view id;
    cedar_effect effect;
    bool is_template;
    std::string_view source;
    unsigned line, column;
    std::string_view text;
    std::vector<std::pair<std::string_view, std::string_view>> annotations;
    unsigned depth, nodes;
    std::string_view template_id; /* empty: not linked from a template */
    std::vector<slot> slots;

    explicit policy(const cedar_policy_info &info)
        : id(detail::view(info.id)), effect(info.effect), is_template(info.is_template),
          source(detail::view(info.source)), line(info.line), column(info.column),
          text(detail::view(info.text)), depth(info.depth), nodes(info.nodes) {
        for (std::size_t i = 0; i < info.annotation_count; i++) {
            annotations.emplace_back(detail::view(info.annotations[i].name),
                                     detail::view(info.annotations[i].value));
        }
        for (std::size_t i = 0; info.link != nullptr && i < info.link->value_count; i++) {
            slots.push_back({detail::view(info.link->values[i].slot), info.link->values[i].uid});
        }
        template_id = info.link == nullptr ? "" : detail::view(info.link->template_id);
    }
};

class policies
    : public detail::counted<policies, cedar_policies, cedar_policies_ref, cedar_policies_unref> {
  public:
    using counted::counted;

    static policies parse(const engine &e, std::string_view text, const char *source = "policies",
                          findings *warnings = nullptr) {
        cedar_policies *made;
        detail::report report;
        report.check(cedar_policies_parse(e.get(), detail::str(text), source, &made, report.out()),
                     warnings);
        return policies(made);
    }
    static policies parse_json(const engine &e, std::string_view json,
                               const char *source = "policies") {
        cedar_policies *made;
        detail::report report;
        report.check(
            cedar_policies_parse_json(e.get(), detail::str(json), source, &made, report.out()));
        return policies(made);
    }

    /* These make another set. */
    policies link(std::string_view template_id, std::string_view new_id,
                  const std::vector<slot> &values) const {
        cedar_policies *made;
        detail::report report;
        auto c = detail::slots(values);
        report.check(cedar_policies_link(get(), detail::str(template_id), detail::str(new_id),
                                         c.data(), c.size(), &made, report.out()));
        return policies(made);
    }
    policies merge(const policies &other) const {
        cedar_policies *made;
        detail::report report;
        report.check(cedar_policies_merge(get(), other.get(), &made, report.out()));
        return policies(made);
    }
    policies remove(std::string_view id) const {
        cedar_policies *made;
        detail::report report;
        report.check(cedar_policies_remove(get(), detail::str(id), &made, report.out()));
        return policies(made);
    }

    /* Warnings; throws when there are errors. */
    findings validate(const schema &by, const cedar_validate_options *options = nullptr) const {
        findings warnings;
        detail::report report;
        report.check(cedar_validate(get(), by.get(), options, report.out()), &warnings);
        return warnings;
    }

    /* Throws when a budget is not kept. */
    findings lint(const cedar_lint_options *options = nullptr,
                  cedar_lint_cost *ret_cost = nullptr) const {
        findings found;
        detail::report report;
        report.check(cedar_lint(get(), options, ret_cost, report.out()), &found);
        return found;
    }

    std::size_t size() const {
        return cedar_policies_count(get());
    }
    policy operator[](std::size_t index) const {
        return policy(cedar_policies_get(get(), index));
    }
    std::optional<std::size_t> find(std::string_view id) const {
        std::size_t index = cedar_policies_find(get(), detail::str(id));
        return index == SIZE_MAX ? std::nullopt : std::optional<std::size_t>(index);
    }
};

/* The rules of lint; a rule's place is its bit in cedar_lint_options.disabled. */
inline std::vector<cedar_lint_rule> lint_rules() {
    std::vector<cedar_lint_rule> all;
    for (std::size_t i = 0; i < cedar_lint_rule_count(); i++) {
        all.push_back(cedar_lint_rule_get(i));
    }
    return all;
}

class policies_builder {
  public:
    explicit policies_builder(const engine &e, unsigned flags = 0) {
        cedar_policies_builder *made;
        detail::check(cedar_policies_builder_new(e.get(), flags, &made));
        ptr_.reset(made);
    }

    /* Mistakes in what is added are told by build(), all at once. */
    policies_builder &add(std::string_view text, const char *source = "policies",
                          const char *id_prefix = "") {
        detail::check(cedar_policies_builder_add(ptr_.get(), detail::str(text), source, id_prefix));
        return *this;
    }
    policies_builder &add_json(std::string_view json, const char *source = "policies",
                               const char *id_prefix = "") {
        detail::check(
            cedar_policies_builder_add_json(ptr_.get(), detail::str(json), source, id_prefix));
        return *this;
    }
    policies_builder &add(const policies &set) {
        detail::check(cedar_policies_builder_add_policies(ptr_.get(), set.get()));
        return *this;
    }
    policies_builder &link(std::string_view template_id, std::string_view new_id,
                           const std::vector<slot> &values) {
        auto c = detail::slots(values);
        detail::check(cedar_policies_builder_link(ptr_.get(), detail::str(template_id),
                                                  detail::str(new_id), c.data(), c.size()));
        return *this;
    }
    policies_builder &add_links_json(std::string_view json, const char *source = "links") {
        detail::check(cedar_policies_builder_add_links_json(ptr_.get(), detail::str(json), source));
        return *this;
    }
    policies build(findings *warnings = nullptr) {
        cedar_policies *made;
        detail::report report;
        report.check(cedar_policies_builder_build(ptr_.get(), &made, report.out()), warnings);
        return policies(made);
    }

  private:
    detail::owner<cedar_policies_builder, cedar_policies_builder_free> ptr_;
};

/* ---- entities ----------------------------------------------------------------------------------
 */

/* Attributes and tags are records, or empty for none. */
struct entity {
    cedar::uid uid;
    std::vector<cedar::uid> parents;
    value attrs, tags;

    entity() = default;
    entity(const cedar::uid &u, std::vector<cedar::uid> p = {}, value a = {}, value t = {})
        : uid(u), parents(std::move(p)), attrs(a), tags(t) {
    }
    explicit entity(const cedar_entity &c)
        : uid(c.uid), parents(c.parents, c.parents + c.parent_count), attrs(c.attrs), tags(c.tags) {
    }
};

namespace detail {

/* A cedar_entity and what it points to. */
struct entity_c {
    std::vector<cedar_uid> parents;
    cedar_entity c;

    entity_c(const entity_c &) = delete; /* points into itself */
    explicit entity_c(const entity &e)
        : parents(uids(e.parents)), c{e.uid.c(), parents.data(), parents.size(), e.attrs.get(),
                                      e.tags.get()} {
    }
};

} // namespace detail

class entities
    : public detail::counted<entities, cedar_entities, cedar_entities_ref, cedar_entities_unref> {
  public:
    using counted::counted;

    static entities empty(const engine &e) {
        cedar_entities *made;
        detail::check(cedar_entities_empty(e.get(), &made));
        return entities(made);
    }
    static entities parse_json(const engine &e, std::string_view json, const schema *by = nullptr,
                               const char *source = "entities") {
        cedar_entities *made;
        detail::report report;
        report.check(cedar_entities_parse_json(e.get(), detail::str(json),
                                               by == nullptr ? nullptr : by->get(), source, &made,
                                               report.out()));
        return entities(made);
    }

    std::size_t size() const {
        return cedar_entities_count(get());
    }
    /* What `u in ancestor` is in a policy. */
    bool is_in(const uid &u, const uid &ancestor) const {
        bool is_in;
        detail::check(cedar_entities_is_in(get(), u.c(), ancestor.c(), &is_in));
        return is_in;
    }
};

/* A new version of a store: changes are collected, then published at once. */
class entities_update {
  public:
    explicit entities_update(const entities &base, const schema *by = nullptr) {
        cedar_entities_update *made;
        detail::check(
            cedar_entities_update_new(base.get(), by == nullptr ? nullptr : by->get(), &made));
        ptr_.reset(made);
    }

    entities_update &upsert(const entity &e) {
        detail::entity_c c(e);
        detail::report report;
        report.check(cedar_entities_update_upsert(ptr_.get(), &c.c, report.out()));
        return *this;
    }
    entities_update &upsert_json(std::string_view json, const char *source = "entities") {
        detail::report report;
        report.check(
            cedar_entities_update_upsert_json(ptr_.get(), detail::str(json), source, report.out()));
        return *this;
    }
    entities_update &remove(const uid &u) {
        detail::check(cedar_entities_update_delete(ptr_.get(), u.c()));
        return *this;
    }
    /* The update is used up. */
    entities publish() {
        cedar_entities *made;
        detail::report report;
        report.check(cedar_entities_update_publish(ptr_.get(), &made, report.out()));
        return entities(made);
    }

  private:
    detail::owner<cedar_entities_update, cedar_entities_update_free> ptr_;
};

/* ---- requests and responses --------------------------------------------------------------------
 */

class overlay;
class scratch;

struct request {
    uid principal, action, resource;
    value context;
    const cedar::overlay *overlay = nullptr;
    /* For those who hold entities elsewhere; values come from the scratch that it is given, and
     * what strings refer to must live until the reset of the scratch of the request. What these two
     * functions throw ends the call and is thrown by it. */
    std::function<std::optional<entity>(const uid &, scratch &)> find_entity;
    std::uint32_t max_entities = 0; /* that it may be asked for; 0: 1,000 */
    std::function<bool()> is_expired;
};

struct policy_error {
    std::string_view policy_id;
    cedar_effect effect;
    std::string_view message, help;
};

/* Borrows from the scratch. */
class response {
  public:
    explicit response(const cedar_response &c) : c_(c) {
    }

    bool allowed() const noexcept {
        return c_.decision == CEDAR_ALLOW;
    }
    explicit operator bool() const noexcept {
        return allowed();
    }
    bool is_timeout() const noexcept {
        return c_.is_timeout;
    }
    std::vector<std::string_view> reasons() const {
        std::vector<std::string_view> all;
        for (std::size_t i = 0; i < c_.reason_count; i++) {
            all.push_back(detail::view(c_.reasons[i]));
        }
        return all;
    }
    std::vector<policy_error> errors() const {
        std::vector<policy_error> all;
        for (std::size_t i = 0; i < c_.error_count; i++) {
            const cedar_policy_error &e = c_.errors[i];
            all.push_back({detail::view(e.policy_id), e.effect, detail::view(e.message),
                           detail::view(e.help)});
        }
        return all;
    }
    const cedar_response &c() const noexcept {
        return c_;
    }

  private:
    cedar_response c_;
};

/* ---- scratch: memory of calls -------------------------------------------------------------------
 */

class scratch {
  public:
    explicit scratch(const engine &e, std::size_t max_bytes = 0) {
        cedar_scratch *made;
        detail::check(cedar_scratch_new(e.get(), max_bytes, &made));
        ptr_.reset(made);
    }

    /* Ends the life of all that its methods have returned. */
    void reset() {
        cedar_scratch_reset(ptr_.get());
        found_.clear();
    }
    cedar_scratch *get() const noexcept {
        return ptr_.get();
    }

    uid parse_uid(std::string_view text) {
        cedar_uid c;
        detail::report report;
        report.check(cedar_uid_parse(get(), detail::str(text), &c, report.out()));
        return uid(c);
    }
    std::string_view format(const uid &u) {
        return text([&](cedar_str *ret) { return cedar_uid_format(get(), u.c(), ret); });
    }
    std::string_view format(value v) {
        return text([&](cedar_str *ret) { return cedar_value_format(get(), v.get(), ret); });
    }

    value string(std::string_view s) {
        return make([&](auto ret) { return cedar_value_string(get(), detail::str(s), ret); });
    }
    value integer(std::int64_t number) {
        return make([&](auto ret) { return cedar_value_long(get(), number, ret); });
    }
    value boolean(bool truth) {
        return make([&](auto ret) { return cedar_value_bool(get(), truth, ret); });
    }
    value entity(const uid &u) {
        return make([&](auto ret) { return cedar_value_entity(get(), u.c(), ret); });
    }
    value set(const std::vector<value> &items) {
        std::vector<const cedar_value *> c;
        for (const auto &item : items) {
            c.push_back(item.get());
        }
        return make([&](auto ret) { return cedar_value_set(get(), c.data(), c.size(), ret); });
    }
    value record(const std::vector<std::pair<std::string_view, value>> &fields) {
        std::vector<cedar_str> names;
        std::vector<const cedar_value *> values;
        for (const auto &field : fields) {
            names.push_back(detail::str(field.first));
            values.push_back(field.second.get());
        }
        return make([&](auto ret) {
            return cedar_value_record(get(), names.data(), values.data(), names.size(), ret);
        });
    }

    /* With a schema, the action says which type the context has. */
    value context(std::string_view json, const schema *by = nullptr, const uid *action = nullptr) {
        cedar_uid c = action == nullptr ? cedar_uid() : action->c();
        return read([&](auto ret, auto report) {
            return cedar_context_parse_json(get(), detail::str(json),
                                            by == nullptr ? nullptr : by->get(),
                                            action == nullptr ? nullptr : &c, ret, report);
        });
    }
    value evaluate(std::string_view expression, const entities &store, const request &r) {
        asked a(*this, r);
        const cedar_value *made;
        detail::report report;
        auto status =
            cedar_evaluate(get(), detail::str(expression), store.get(), &a.c, &made, report.out());
        a.done();
        report.check(status);
        return value(made);
    }
    /* For people and logs; it is told in the structures of cedar.h, whose texts cedar::view()
     * reads. Lives in the scratch and borrows from the policies. */
    const cedar_explanation &explain(const policies &set, const entities &store, const request &r,
                                     const cedar_explain_options *options = nullptr) {
        asked a(*this, r);
        const cedar_explanation *made;
        auto status = cedar_explain(set.get(), store.get(), &a.c, get(), options, &made);
        a.done();
        detail::check(status);
        return *made;
    }
    void check(std::string_view expression) {
        detail::report report;
        report.check(cedar_expression_check(get(), detail::str(expression), report.out()));
    }
    void validate(const schema &by, const request &r) {
        asked a(*this, r);
        detail::report report;
        report.check(cedar_request_validate(get(), by.get(), &a.c, report.out()));
    }

    /* Empty when it is not there. */
    std::optional<cedar::entity> get_entity(const entities &store, const uid &u) {
        cedar_entity c;
        return found(cedar_entities_get(get(), store.get(), u.c(), &c), c);
    }
    /* One after the other, with a cursor that is zero to begin with; empty behind the last. */
    std::optional<cedar::entity> next_entity(const entities &store, cedar_entities_cursor &cursor) {
        cedar_entity c;
        return found(cedar_entities_next(get(), store.get(), &cursor, &c), c);
    }
    std::vector<uid> ancestors(const entities &store, const uid &u) {
        const cedar_uid *made;
        std::size_t count;
        detail::check(cedar_entities_ancestors(get(), store.get(), u.c(), &made, &count));
        return std::vector<uid>(made, made + count);
    }
    std::string_view to_json(const entities &store) {
        cedar_str c;
        detail::report report;
        report.check(cedar_entities_to_json(get(), store.get(), &c, report.out()));
        return detail::view(c);
    }

    std::string_view to_text(const policies &set) {
        return text([&](cedar_str *ret) { return cedar_policies_to_text(get(), set.get(), ret); });
    }
    std::string_view to_json(const policies &set) {
        return text([&](cedar_str *ret) { return cedar_policies_to_json(get(), set.get(), ret); });
    }
    std::string_view to_text(const policies &set, std::size_t index) {
        return text(
            [&](cedar_str *ret) { return cedar_policy_to_text(get(), set.get(), index, ret); });
    }
    std::string_view to_json(const policies &set, std::size_t index) {
        return text(
            [&](cedar_str *ret) { return cedar_policy_to_json(get(), set.get(), index, ret); });
    }
    std::string_view to_text(const schema &s, findings *warnings = nullptr) {
        cedar_str c;
        detail::report report;
        report.check(cedar_schema_to_text(get(), s.get(), &c, report.out()), warnings);
        return detail::view(c);
    }
    std::string_view to_json(const schema &s, bool is_resolved = false) {
        auto call = is_resolved ? cedar_schema_to_json_resolved : cedar_schema_to_json;
        return text([&](cedar_str *ret) { return call(get(), s.get(), ret); });
    }
    std::string_view translate_schema(std::string_view schema, cedar_format from, cedar_format to,
                                      const char *source = "schema") {
        cedar_str c;
        detail::report report;
        report.check(
            cedar_schema_translate(get(), detail::str(schema), from, source, to, &c, report.out()));
        return detail::view(c);
    }
    std::string_view format(const type &t) {
        return text([&](cedar_str *ret) { return cedar_type_format(get(), t.get(), ret); });
    }
    std::string_view format_policies(std::string_view policies, const char *source = "policies",
                                     const cedar_format_options *options = nullptr) {
        cedar_str c;
        detail::report report;
        report.check(
            cedar_policies_format(get(), detail::str(policies), source, options, &c, report.out()));
        return detail::view(c);
    }

    response authorize(const policies &set, const entities &store, const request &r) {
        asked a(*this, r);
        cedar_response answer;
        auto status = cedar_authorize(set.get(), store.get(), &a.c, get(), &answer);
        a.done();
        detail::check(status);
        return response(answer);
    }

    /* Those that could not be answered are missing. */
    std::vector<std::optional<response>> authorize(const policies &set, const entities &store,
                                                   const std::vector<request> &all) {
        std::vector<std::unique_ptr<asked>> askers;
        std::vector<cedar_request> c;
        for (const request &r : all) {
            askers.push_back(std::make_unique<asked>(*this, r));
            c.push_back(askers.back()->c);
        }
        std::vector<cedar_response> answers(c.size());
        std::vector<cedar_status> statuses(c.size());
        detail::check(cedar_authorize_batch(set.get(), store.get(), c.data(), c.size(), get(),
                                            answers.data(), statuses.data()));
        std::vector<std::optional<response>> told(c.size());
        for (std::size_t i = 0; i < c.size(); i++) {
            askers[i]->done();
            if (statuses[i] == CEDAR_OK) {
                told[i].emplace(response(answers[i]));
            }
        }
        return told;
    }

    /* Policies of `b` whose ids are in use in `a` get others: pairs of old and new. */
    policies merge_renaming(const policies &a, const policies &b,
                            std::vector<std::pair<std::string, std::string>> *renamings = nullptr) {
        cedar_policies *made;
        const cedar_renaming *list;
        std::size_t count;
        detail::check(cedar_policies_merge_renaming(get(), a.get(), b.get(), &made, &list, &count));
        for (std::size_t i = 0; renamings != nullptr && i < count; i++) {
            renamings->emplace_back(detail::view(list[i].old_id), detail::view(list[i].new_id));
        }
        return policies(made);
    }

    /* The constraints of a policy's head; its lists live in the scratch. */
    cedar_scope scope(const policies &set, std::size_t index) {
        cedar_scope c;
        detail::check(cedar_policy_scope(get(), set.get(), index, &c));
        return c;
    }

  private:
    template <typename Call>
    std::string_view text(Call call) {
        cedar_str c;
        detail::check(call(&c));
        return detail::view(c);
    }
    static std::optional<cedar::entity> found(cedar_status status, const cedar_entity &c) {
        if (status == CEDAR_ERR_NOT_FOUND) {
            return std::nullopt;
        }
        detail::check(status);
        return cedar::entity(c);
    }
    template <typename Call>
    value make(Call call) {
        const cedar_value *made;
        detail::check(call(&made));
        return value(made);
    }
    template <typename Call>
    value read(Call call) {
        const cedar_value *made;
        detail::report report;
        report.check(call(&made, report.out()));
        return value(made);
    }
    /* A cedar_request, and what its functions need. */
    struct asked {
        const request &r;
        scratch &s;
        cedar_request c;
        cedar_entity_source source;
        std::exception_ptr thrown;

        asked(scratch &s_, const request &r_);
        void done() {
            if (thrown) {
                std::rethrow_exception(thrown);
            }
        }
        static bool has_expired(void *ctx) noexcept {
            auto *self = static_cast<asked *>(ctx);
            try {
                return self->r.is_expired();
            } catch (...) {
                self->thrown = std::current_exception();
                return true;
            }
        }
        static cedar_status find(void *ctx, const cedar_uid *u, cedar_scratch *lent,
                                 const cedar_entity **ret_entity) noexcept {
            auto *self = static_cast<asked *>(ctx);
            try {
                scratch values(lent, false);
                if (auto found = self->r.find_entity(uid(*u), values)) {
                    *ret_entity = &self->s.found_.emplace_front(*found).c;
                }
                return CEDAR_OK;
            } catch (...) {
                self->thrown = std::current_exception();
                return CEDAR_ERR_INTERNAL;
            }
        }
    };

    scratch(cedar_scratch *ptr, bool is_owner) : ptr_(ptr, detail::scratch_giver{is_owner}) {
    }

    std::forward_list<detail::entity_c> found_; /* answers of find_entity, until reset */
    std::unique_ptr<cedar_scratch, detail::scratch_giver> ptr_;
};

/* ---- entities of one request --------------------------------------------------------------------
 */

/* Lives in its scratch; `base` must outlive it. */
class overlay {
  public:
    overlay(scratch &s, const entities &base, const schema *by = nullptr) {
        detail::check(
            cedar_overlay_new(s.get(), base.get(), by == nullptr ? nullptr : by->get(), &ptr_));
    }

    overlay &add(const entity &e) {
        detail::entity_c c(e);
        detail::report report;
        report.check(cedar_overlay_add(ptr_, &c.c, report.out()));
        return *this;
    }
    overlay &add_parents(const uid &of, const std::vector<uid> &parents) {
        auto c = detail::uids(parents);
        detail::report report;
        report.check(cedar_overlay_add_parents(ptr_, of.c(), c.data(), c.size(), report.out()));
        return *this;
    }
    overlay &add_json(std::string_view json) {
        detail::report report;
        report.check(cedar_overlay_add_json(ptr_, detail::str(json), report.out()));
        return *this;
    }
    /* After it the overlay can be used in a request. */
    const overlay &finish() {
        detail::report report;
        report.check(cedar_overlay_finish(ptr_, report.out()));
        return *this;
    }
    const cedar_overlay *get() const noexcept {
        return ptr_;
    }

  private:
    cedar_overlay *ptr_ = nullptr;
};

inline scratch::asked::asked(scratch &s_, const request &r_) : r(r_), s(s_), c(), source() {
    c.principal = r.principal.c();
    c.action = r.action.c();
    c.resource = r.resource.c();
    c.context = r.context.get();
    c.overlay = r.overlay == nullptr ? nullptr : r.overlay->get();
    if (r.find_entity) {
        source.find = find;
        source.ctx = this;
        source.max_entities = r.max_entities;
        c.source = &source;
    }
    if (r.is_expired) {
        c.is_expired = has_expired;
        c.expired_ctx = this;
    }
}

} // namespace cedar

#endif
