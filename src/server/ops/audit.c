/* SPDX-License-Identifier: Apache-2.0 */
#include "server/ops/audit.h"

#include "base/assert.h"
#include "base/json.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

enum { RECORD_MAX = 8192, PART_MAX = 512 };

struct audit {
    const char *service;
    const struct clock *clock;
    int file;
    pthread_mutex_t lock; /* guards sequence, and keeps its order in the file */
    uint64_t sequence;
};

err audit_open(const char *service, const char *path, const struct clock *clock, struct audit **ret,
               struct error *reterr) {
    int file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        return error_set(reterr, ERR_IO, "audit log %s: %s", path, strerrordesc_np(errno));
    }
    struct audit *audit = calloc(1, sizeof *audit);
    if (audit == NULL) {
        close(file);
        return error_set(reterr, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    }
    audit->service = service;
    audit->clock = clock;
    audit->file = file;
    pthread_mutex_init(&audit->lock, NULL);
    *ret = audit;
    return ERR_OK;
}

void audit_close(struct audit *audit) {
    if (audit == NULL) {
        return;
    }
    close(audit->file);
    pthread_mutex_destroy(&audit->lock);
    free(audit);
}

static str action_name(enum audit_action action) {
    switch (action) {
#define X(suffix, name)  \
    case AUDIT_##suffix: \
        return STR(name);
        AUDIT_ACTION_TABLE(X)
#undef X
    }
    UNREACHABLE();
}

static str outcome_name(enum audit_outcome outcome) {
    switch (outcome) {
    case AUDIT_SUCCESS:
        return STR("success");
    case AUDIT_DENIED:
        return STR("denied");
    case AUDIT_FAILURE:
        return STR("failure");
    }
    UNREACHABLE();
}

static void write_part(struct json_writer *w, str name, str value) {
    if (!str_is_absent(value)) {
        json_name_string(w, name, value.len > PART_MAX ? str_slice(value, 0, PART_MAX) : value);
    }
}

static void format_record(const struct audit *audit, const struct audit_record *record,
                          struct buf *buf) {
    struct json_writer w;
    char timestamp[CLOCK_RFC3339_LEN];
    clock_format_rfc3339(clock_wall_ms(audit->clock), timestamp);
    json_writer_init(&w, buf);
    json_open_object(&w);
    json_name_string(&w, STR("timestamp"), str_make(timestamp, sizeof timestamp));
    json_name_string(&w, STR("service"), str_c(audit->service));
    json_name_int(&w, STR("process"), getpid());
    json_name_int(&w, STR("sequence"), (int64_t)audit->sequence + 1);
    json_name_string(&w, STR("action"), action_name(record->action));
    json_name_string(&w, STR("outcome"), outcome_name(record->outcome));
    write_part(&w, STR("actor"), record->actor);
    write_part(&w, STR("target"), record->target);
    write_part(&w, STR("reason"), record->reason);
    write_part(&w, STR("request_id"), record->request_id);
    write_part(&w, STR("address"), record->address);
    json_close_object(&w);
    buf_add_byte(buf, '\n');
}

err audit_write(struct audit *audit, const struct audit_record *record) {
    char storage[RECORD_MAX];
    struct buf buf;
    str line;
    buf_init_fixed(&buf, storage, sizeof storage);
    pthread_mutex_lock(&audit->lock);
    format_record(audit, record, &buf);
    err code = buf_finish(&buf, &line);
    if (code == ERR_OK) {
        ssize_t n;
        do {
            n = write(audit->file, line.ptr, line.len);
        } while (n < 0 && errno == EINTR);
        code = n == (ssize_t)line.len ? ERR_OK : ERR_IO;
        audit->sequence++; /* also of a record that failed: the gap shows it */
    }
    pthread_mutex_unlock(&audit->lock);
    return code;
}
