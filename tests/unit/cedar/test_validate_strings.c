/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that may deceive a reader. */
#include "validate_unit.h"

static const struct validate_case cases[] = {
    {
        .name = "scripts are mixed",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.name == \"say_\xd2\xbb"
                    "ello\" };",
        .findings =
            {
                {"mixed-script-string",
                 "for policy `policy0`, string `\"say_\xd2\xbb"
                 "ello\"` contains mixed scripts",
                 "",
                 "\"say_\xd2\xbb"
                 "ello\""},
            },
    },
    {
        .name = "direction changes",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.name == \"user\xe2\x80\xae \xe2\x81\xa6&& admin\xe2\x81\xa9\" };",
        .findings =
            {
                {"bidi-string",
                 "for policy `policy0`, string `\"user\xe2\x80\xae \xe2\x81\xa6&& "
                 "admin\xe2\x81\xa9\"` contains BIDI control characters",
                 "", "\"user\xe2\x80\xae \xe2\x81\xa6&& admin\xe2\x81\xa9\""},
            },
    },
    {
        .name = "a pattern of mixed scripts",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.name like \"*_\xd2\xbb"
                    "ello\" };",
        .findings =
            {
                {"mixed-script-string",
                 "for policy `policy0`, string `\"*_\xd2\xbb"
                 "ello\"` contains mixed scripts",
                 "",
                 "principal.name like \"*_\xd2\xbb"
                 "ello\""},
            },
    },
    {
        .name = "a star in a pattern",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.name like \"\\\\*\xd0\xb0\" || principal.name like \"\xd0\xb0*\" };",
    },
    {
        .name = "an id with a character that is not seen",
        .policies = "permit(principal == User::\"is\xe2\x80\x8b"
                    "Admin\", action, resource);",
        .findings =
            {
                {"confusable-identifier",
                 "for policy `policy0`, identifier `is\\u{200b}Admin` contains the character "
                 "`\\u{200b}` which is not a printable ASCII character and falls outside of the "
                 "General Security Profile for Identifiers",
                 "",
                 "User::\"is\xe2\x80\x8b"
                 "Admin\""},
            },
    },
    {
        .name = "an id with a control character",
        .policies =
            "permit(principal == User::\"new\\nline\", action == Action::\"view\", resource);",
        .findings =
            {
                {"confusable-identifier",
                 "for policy `policy0`, identifier `new\\nline` contains the character `\\n` which "
                 "is not a printable ASCII character and falls outside of the General Security "
                 "Profile for Identifiers",
                 "", "User::\"new\\nline\""},
            },
    },
    {
        .name = "an id of mixed scripts",
        .policies = "permit(principal == User::\"say_\xd2\xbb"
                    "ello\", action == Action::\"view\", resource);",
        .findings =
            {
                {"mixed-script-identifier",
                 "for policy `policy0`, identifier `say_\xd2\xbb"
                 "ello` contains mixed scripts",
                 "",
                 "User::\"say_\xd2\xbb"
                 "ello\""},
            },
    },
    {
        .name = "an id that changes direction",
        .policies = "permit(principal in Group::\"a\xe2\x80\xae"
                    "b\", action == Action::\"view\", resource);",
        .findings =
            {
                {"bidi-identifier",
                 "for policy `policy0`, identifier `a\xe2\x80\xae"
                 "b` contains BIDI control characters",
                 "",
                 "Group::\"a\xe2\x80\xae"
                 "b\""},
            },
    },
    {
        .name = "an attribute",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal has \"\xd0\xb0"
                    "b\" || {\"\xe2\x80\xae\": 1} has x };",
        .findings =
            {
                {"impossible-policy",
                 "for policy `policy0`, policy is impossible: the policy expression evaluates to "
                 "false for all valid requests",
                 "",
                 "permit(principal, action == Action::\"view\", resource is Photo) when { "
                 "principal has \"\xd0\xb0"
                 "b\" || {\"\xe2\x80\xae\": 1} has x };"},
                {"mixed-script-identifier",
                 "for policy `policy0`, identifier `\xd0\xb0"
                 "b` contains mixed scripts",
                 "",
                 "principal has \"\xd0\xb0"
                 "b\""},
                {"bidi-identifier",
                 "for policy `policy0`, identifier `\xe2\x80\xae` contains BIDI control characters",
                 "", "{\"\xe2\x80\xae\": 1}"},
            },
    },
    {
        .name = "a banana",
        .policies = "permit(principal == User::\"\xf0\x9f\x8d\x8c\", action == Action::\"view\", "
                    "resource);",
        .findings =
            {
                {"confusable-identifier",
                 "for policy `policy0`, identifier `\xf0\x9f\x8d\x8c` contains the character "
                 "`\xf0\x9f\x8d\x8c` which is not a printable ASCII character and falls outside of "
                 "the General Security Profile for Identifiers",
                 "", "User::\"\xf0\x9f\x8d\x8c\""},
            },
    },
    {
        .name = "Japanese is one system",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.name == "
                    "\"\xe6\xbc\xa2\xe5\xad\x97\xe3\x81\x8b\xe3\x81\xaa\xe3\x82\xab\xe3\x83\x8a\" "
                    "|| principal.name == \"\xe6\xbc\xa2\xe3\x84\x85\" || principal.name == "
                    "\"\xed\x95\x9c\xe6\xbc\xa2\" };",
    },
    {
        .name = "kana and Hangul are not",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.name == \"\xe3\x81\x8b\xed\x95\x9c\" };",
        .findings =
            {
                {"mixed-script-string",
                 "for policy `policy0`, string `\"\xe3\x81\x8b\xed\x95\x9c\"` contains mixed "
                 "scripts",
                 "", "\"\xe3\x81\x8b\xed\x95\x9c\""},
            },
    },
    {
        .name = "private use belongs to no script",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.name == \"\xee\x80\x80\" };",
        .findings =
            {
                {"mixed-script-string",
                 "for policy `policy0`, string `\"\xee\x80\x80\"` contains mixed scripts", "",
                 "\"\xee\x80\x80\""},
            },
    },
    {
        .name = "nothing wrong",
        .policies = "permit(principal, action == Action::\"view\", resource is Photo) when { "
                    "principal.name == \"caf\xc3\xa9 \xc5\x81\xc3\xb3"
                    "d\xc5\xba 123\" };",
    },
};

static void deceptive_texts_are_named(void **state) {
    check_cases(*state, cases, LENGTH(cases), NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        API_TEST(deceptive_texts_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
