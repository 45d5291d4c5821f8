/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/flow/audience.h"

#include "jose/limits.h"

bool audience_is_allowed(const struct call *c, const struct client *client, str resource) {
    if (resource.len == 0) {
        return str_is_absent(resource);
    }
    return client->audience.count == 0 ? str_equal(resource, c->flow->settings.audience)
                                       : names_has(client->audience, resource);
}

err audience_choose(struct call *c, const struct client *client, str resource, bool has_openid,
                    struct names *ret, struct fault *ret_fault) {
    const struct flow_settings *settings = &c->flow->settings;
    if (!audience_is_allowed(c, client, resource)) {
        return fault_set(ret_fault, FAULT_INVALID_TARGET,
                         STR("the client may not ask for tokens for this resource"));
    }
    size_t room = client->audience.count + 2;
    str *items = ARENA_ARRAY(c->arena, str, room);
    if (items == NULL) {
        return arena_error(c->arena);
    }
    size_t count = 0;
    if (resource.len > 0) {
        items[count++] = resource;
    } else if (client->audience.count == 0) {
        items[count++] = settings->audience;
    } else {
        for (size_t i = 0; i < client->audience.count && count < JOSE_AUDIENCES_MAX - 1; i++) {
            items[count++] = client->audience.items[i];
        }
    }
    if (has_openid && !names_has((struct names){items, count}, settings->issuer)) {
        items[count++] = settings->issuer;
    }
    *ret = (struct names){items, count};
    return ERR_OK;
}
