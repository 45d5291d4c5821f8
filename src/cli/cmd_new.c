/* SPDX-License-Identifier: Apache-2.0 */
/* `cedar new`: a small project that works, to be changed into one's own. */
#include <errno.h>
#include <sys/stat.h>

#include "cli/files.h"
#include "cli/load.h"
#include "cli/render.h"

static const char schema[] =
    "{\n"
    "  \"\": {\n"
    "    \"entityTypes\": {\n"
    "      \"User\": { \"memberOfTypes\": [\"Group\"] },\n"
    "      \"Group\": {},\n"
    "      \"Document\": {\n"
    "        \"shape\": {\n"
    "          \"type\": \"Record\",\n"
    "          \"attributes\": {\n"
    "            \"owner\": { \"type\": \"Entity\", \"name\": \"User\" },\n"
    "            \"public\": { \"type\": \"Boolean\" }\n"
    "          }\n"
    "        }\n"
    "      }\n"
    "    },\n"
    "    \"actions\": {\n"
    "      \"view\": {\n"
    "        \"appliesTo\": { \"principalTypes\": [\"User\"], "
    "\"resourceTypes\": [\"Document\"] }\n"
    "      },\n"
    "      \"edit\": {\n"
    "        \"appliesTo\": { \"principalTypes\": [\"User\"], "
    "\"resourceTypes\": [\"Document\"] }\n"
    "      }\n"
    "    }\n"
    "  }\n"
    "}\n";

static const char policy[] = "// Who owns a document may do everything with it.\n"
                             "@id(\"owner\")\n"
                             "permit (principal, action, resource)\n"
                             "when { resource.owner == principal };\n"
                             "\n"
                             "// Editors may view and edit what is public.\n"
                             "@id(\"editors\")\n"
                             "permit (\n"
                             "  principal in Group::\"editors\",\n"
                             "  action in [Action::\"view\", Action::\"edit\"],\n"
                             "  resource\n"
                             ")\n"
                             "when { resource.public };\n";

static const char entities[] =
    "[\n"
    "  {\n"
    "    \"uid\": { \"type\": \"User\", \"id\": \"alice\" },\n"
    "    \"attrs\": {},\n"
    "    \"parents\": [{ \"type\": \"Group\", \"id\": \"editors\" }]\n"
    "  },\n"
    "  { \"uid\": { \"type\": \"Group\", \"id\": \"editors\" }, \"attrs\": {}, \"parents\": [] },\n"
    "  {\n"
    "    \"uid\": { \"type\": \"Document\", \"id\": \"plan\" },\n"
    "    \"attrs\": {\n"
    "      \"owner\": { \"__entity\": { \"type\": \"User\", \"id\": \"bob\" } },\n"
    "      \"public\": true\n"
    "    },\n"
    "    \"parents\": []\n"
    "  }\n"
    "]\n";

static const struct {
    const char *name;
    const char *text;
} project[] = {
    {"schema.cedarschema.json", schema},
    {"policy.cedar", policy},
    {"entities.json", entities},
};

int cmd_new(struct cli *cli) {
    const char *directory = cli->options->texts[OPTION_NAME];
    const char *headline = load_phrase(cli, "failed to make the project %s", directory);
    struct error error = {.text = ""};
    if (mkdir(directory, 0777) != 0) {
        bool is_there = errno == EEXIST;
        IGNORE(files_fail(&error, errno)); /* for its words */
        render_error(cli, headline, error.text,
                     is_there ? "choose a name that is not in use" : NULL);
        return CLI_FAILURE;
    }
    for (size_t i = 0; i < ARRAY_LEN(project); i++) {
        const char *path = load_phrase(cli, "%s/%s", directory, project[i].name);
        if (files_replace(&cli->arena, path, str_c(project[i].text), &error) != ERR_OK) {
            error_prefix(&error, "%s", path);
            render_error(cli, headline, error.text, NULL);
            return CLI_FAILURE;
        }
    }
    return CLI_OK;
}
