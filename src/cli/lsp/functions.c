/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lsp/functions.h"

const struct function functions[] = {
    {"contains", RECEIVER_SET, "Set<T>.contains(T): Bool", "Is the value in the set?"},
    {"containsAll", RECEIVER_SET, "Set<T>.containsAll(Set<T>): Bool",
     "Are all values of the other set in this one?"},
    {"containsAny", RECEIVER_SET, "Set<T>.containsAny(Set<T>): Bool",
     "Is any value of the other set in this one?"},
    {"isEmpty", RECEIVER_SET, "Set<T>.isEmpty(): Bool", "Has the set no values?"},
    {"hasTag", RECEIVER_ENTITY, "entity.hasTag(String): Bool", "Does the entity have the tag?"},
    {"getTag", RECEIVER_ENTITY, "entity.getTag(String): T",
     "The value of a tag; an error when there is none, so ask hasTag first."},
    {"decimal", RECEIVER_NONE, "decimal(String): decimal",
     "A number with up to four decimals, such as decimal(\"12.34\")."},
    {"ip", RECEIVER_NONE, "ip(String): ipaddr",
     "An address or a range, such as ip(\"10.0.0.0/8\") or ip(\"::1\")."},
    {"datetime", RECEIVER_NONE, "datetime(String): datetime",
     "A moment, such as datetime(\"2024-10-15T11:35:00Z\")."},
    {"duration", RECEIVER_NONE, "duration(String): duration",
     "A span of time, such as duration(\"1d12h\")."},
    {"lessThan", RECEIVER_DECIMAL, "decimal.lessThan(decimal): Bool", "Smaller?"},
    {"lessThanOrEqual", RECEIVER_DECIMAL, "decimal.lessThanOrEqual(decimal): Bool",
     "Smaller or equal?"},
    {"greaterThan", RECEIVER_DECIMAL, "decimal.greaterThan(decimal): Bool", "Greater?"},
    {"greaterThanOrEqual", RECEIVER_DECIMAL, "decimal.greaterThanOrEqual(decimal): Bool",
     "Greater or equal?"},
    {"isIpv4", RECEIVER_IPADDR, "ipaddr.isIpv4(): Bool", "Is it an IPv4 address or range?"},
    {"isIpv6", RECEIVER_IPADDR, "ipaddr.isIpv6(): Bool", "Is it an IPv6 address or range?"},
    {"isLoopback", RECEIVER_IPADDR, "ipaddr.isLoopback(): Bool", "Is all of it loopback?"},
    {"isMulticast", RECEIVER_IPADDR, "ipaddr.isMulticast(): Bool", "Is all of it multicast?"},
    {"isInRange", RECEIVER_IPADDR, "ipaddr.isInRange(ipaddr): Bool",
     "Is all of it inside the range?"},
    {"offset", RECEIVER_DATETIME, "datetime.offset(duration): datetime", "So much later."},
    {"durationSince", RECEIVER_DATETIME, "datetime.durationSince(datetime): duration",
     "The time from the other moment to this one."},
    {"toDate", RECEIVER_DATETIME, "datetime.toDate(): datetime", "The beginning of its day."},
    {"toTime", RECEIVER_DATETIME, "datetime.toTime(): duration", "The time since then."},
    {"toMilliseconds", RECEIVER_DURATION, "duration.toMilliseconds(): Long", "In milliseconds."},
    {"toSeconds", RECEIVER_DURATION, "duration.toSeconds(): Long", "In whole seconds."},
    {"toMinutes", RECEIVER_DURATION, "duration.toMinutes(): Long", "In whole minutes."},
    {"toHours", RECEIVER_DURATION, "duration.toHours(): Long", "In whole hours."},
    {"toDays", RECEIVER_DURATION, "duration.toDays(): Long", "In whole days."},
    {"permit", RECEIVER_KEYWORD, "permit(principal, action, resource) …;",
     "Allows what it matches, unless a forbid matches, too."},
    {"forbid", RECEIVER_KEYWORD, "forbid(principal, action, resource) …;",
     "Denies what it matches, whatever is permitted. A forbid that fails is skipped."},
    {"when", RECEIVER_KEYWORD, "when { condition }", "The policy applies if it is true."},
    {"unless", RECEIVER_KEYWORD, "unless { condition }", "The policy applies if it is false."},
    {"has", RECEIVER_KEYWORD, "value has attribute", "Is there such an attribute?"},
    {"like", RECEIVER_KEYWORD, "string like \"pattern\"", "`*` stands for any text."},
    {"is", RECEIVER_KEYWORD, "entity is Type", "Is it of this entity type?"},
    {"in", RECEIVER_KEYWORD, "entity in entity", "Is it the same or below it in the hierarchy?"},
    {"if", RECEIVER_KEYWORD, "if test then value else value", "Only one branch is evaluated."},
};

const size_t function_count = ARRAY_LEN(functions);

const struct function *function_find(str name) {
    for (size_t i = 0; i < function_count; i++) {
        if (str_equal_c(name, functions[i].name)) {
            return &functions[i];
        }
    }
    return NULL;
}
