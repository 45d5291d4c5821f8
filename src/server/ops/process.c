/* SPDX-License-Identifier: Apache-2.0 */
#include "server/ops/process.h"

#include "server/ops/metrics_int.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

/* Field 0 (total) or 1 (resident) of /proc/self/statm, in bytes. */
static uint64_t read_statm(int field) {
    char text[256];
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return 0;
    }
    ssize_t n = read(file, text, sizeof text);
    close(file);
    str rest = str_make(text, n < 0 ? 0 : (size_t)n);
    str number = {NULL, 0};
    for (int i = 0; i <= field; i++) {
        str_cut(rest, ' ', &number, &rest);
    }
    uint64_t pages = 0;
    return str_to_u64(number, &pages) ? pages * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

uint64_t process_virtual_bytes(void) {
    return read_statm(0);
}

uint64_t process_resident_bytes(void) {
    return read_statm(1);
}

uint64_t process_open_fds(void) {
    DIR *dir = opendir("/proc/self/fd");
    if (dir == NULL) {
        return 0;
    }
    uint64_t count = 0;
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        count += entry->d_name[0] != '.';
    }
    closedir(dir);
    return count > 0 ? count - 1 : 0; /* not the one that reads the directory */
}

static double get_cpu(void *ctx) {
    IGNORE(ctx); /* the process */
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0) {
        return 0;
    }
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static double get_resident(void *ctx) {
    IGNORE(ctx); /* the process */
    return (double)process_resident_bytes();
}

static double get_virtual(void *ctx) {
    IGNORE(ctx); /* the process */
    return (double)process_virtual_bytes();
}

static double get_open_fds(void *ctx) {
    IGNORE(ctx); /* the process */
    return (double)process_open_fds();
}

static double get_max_fds(void *ctx) {
    IGNORE(ctx); /* the process */
    struct rlimit limit;
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? (double)limit.rlim_cur : 0;
}

static double get_start_time(void *ctx) {
    const struct metrics *metrics = ctx;
    return (double)metrics->start_wall_ms / 1000;
}

void metrics_add_process(struct metrics *metrics) {
    const char *none[] = {NULL};
    metrics_callback(metrics, METRIC_PROCESS_CPU, none, get_cpu, NULL);
    metrics_callback(metrics, METRIC_PROCESS_OPEN_FDS, none, get_open_fds, NULL);
    metrics_callback(metrics, METRIC_PROCESS_MAX_FDS, none, get_max_fds, NULL);
    metrics_callback(metrics, METRIC_PROCESS_RESIDENT_MEMORY, none, get_resident, NULL);
    metrics_callback(metrics, METRIC_PROCESS_VIRTUAL_MEMORY, none, get_virtual, NULL);
    metrics_callback(metrics, METRIC_PROCESS_START_TIME, none, get_start_time, metrics);
}
