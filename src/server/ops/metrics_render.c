/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text forms: Prometheus 0.0.4 and OpenMetrics 1.0. They differ in the name of a counter's
 * family (without _total), in how whole bounds are written (1.0) and in the final # EOF.
 */
#include "server/ops/metrics_int.h"

#include "base/assert.h"

enum { NS_PER_S = 1000000000 };

static void add_escaped(struct buf *out, str value) {
    for (size_t i = 0; i < value.len; i++) {
        switch (value.ptr[i]) {
        case '\\':
            buf_add(out, STR("\\\\"));
            break;
        case '"':
            buf_add(out, STR("\\\""));
            break;
        case '\n':
            buf_add(out, STR("\\n"));
            break;
        default:
            buf_add_byte(out, value.ptr[i]);
        }
    }
}

/* Exact seconds: 250000 ns is 0.00025. */
static void add_seconds(struct buf *out, uint64_t ns, bool has_point) {
    buf_add_u64(out, ns / NS_PER_S);
    uint64_t fraction = ns % NS_PER_S;
    if (fraction == 0) {
        buf_add(out, has_point ? STR(".0") : STR(""));
        return;
    }
    buf_add_byte(out, '.');
    for (uint64_t unit = NS_PER_S / 10; fraction > 0; unit /= 10) {
        buf_add_byte(out, (char)('0' + fraction / unit));
        fraction %= unit;
    }
}

/* name_suffix{labels,le="…"} and a space; bound_ns NULL: no le, UINT64_MAX: +Inf. */
static void add_sample_name(struct buf *out, const struct metric_info *info, str suffix,
                            const struct series *series, const uint64_t *bound_ns, bool has_point) {
    buf_add(out, info->name);
    buf_add(out, suffix);
    str rest = info->labels;
    char separator = '{';
    for (size_t i = 0; rest.len > 0; i++) {
        str name;
        str_cut(rest, ',', &name, &rest);
        buf_add_byte(out, separator);
        separator = ',';
        buf_add(out, name);
        buf_add(out, STR("=\""));
        add_escaped(out, series->values[i]);
        buf_add_byte(out, '"');
    }
    if (bound_ns != NULL) {
        buf_add_byte(out, separator);
        separator = ',';
        buf_add(out, STR("le=\""));
        if (*bound_ns == UINT64_MAX) {
            buf_add(out, STR("+Inf"));
        } else {
            add_seconds(out, *bound_ns, has_point);
        }
        buf_add_byte(out, '"');
    }
    buf_add(out, separator == ',' ? STR("} ") : STR(" "));
}

static void add_histogram(struct buf *out, const struct metric_info *info,
                          const struct series *series, bool has_point) {
    const struct histogram *histogram = &series->histogram;
    uint64_t count = 0;
    for (size_t i = 0; i <= histogram->bound_count; i++) {
        uint64_t bound = i < histogram->bound_count ? histogram->bounds_ns[i] : UINT64_MAX;
        count += atomic_load_explicit(&histogram->buckets[i], memory_order_relaxed);
        add_sample_name(out, info, STR("_bucket"), series, &bound, has_point);
        buf_add_u64(out, count);
        buf_add_byte(out, '\n');
    }
    add_sample_name(out, info, STR("_sum"), series, NULL, false);
    add_seconds(out, atomic_load_explicit(&histogram->sum_ns, memory_order_relaxed), false);
    buf_add_byte(out, '\n');
    add_sample_name(out, info, STR("_count"), series, NULL, false);
    buf_add_u64(out, count);
    buf_add_byte(out, '\n');
}

static void add_value(struct buf *out, const struct metric_info *info,
                      const struct series *series) {
    add_sample_name(out, info, STR(""), series, NULL, false);
    double (*callback)(void *) = atomic_load_explicit(&series->callback, memory_order_acquire);
    if (callback != NULL) {
        buf_format(out, "%.15g", callback(series->callback_ctx));
    } else if (info->kind == METRIC_KIND_COUNTER) {
        buf_add_u64(out, atomic_load_explicit(&series->counter.value, memory_order_relaxed));
    } else {
        buf_add_i64(out, atomic_load_explicit(&series->gauge.value, memory_order_relaxed));
    }
    buf_add_byte(out, '\n');
}

static void add_family(struct buf *out, const struct metric_info *info,
                       enum metrics_format format) {
    static const str kinds[] = {
        [METRIC_KIND_COUNTER] = STR_INIT("counter"),
        [METRIC_KIND_GAUGE] = STR_INIT("gauge"),
        [METRIC_KIND_HISTOGRAM_HTTP] = STR_INIT("histogram"),
        [METRIC_KIND_HISTOGRAM_MICRO] = STR_INIT("histogram"),
    };
    str family = info->name;
    if (format == METRICS_OPENMETRICS && info->kind == METRIC_KIND_COUNTER) {
        ASSERT(str_has_suffix(family, STR("_total")));
        family = str_slice(family, 0, family.len - STR("_total").len);
    }
    buf_add(out, STR("# HELP "));
    buf_add(out, family);
    buf_add_byte(out, ' ');
    buf_add(out, info->help);
    buf_add(out, STR("\n# TYPE "));
    buf_add(out, family);
    buf_add_byte(out, ' ');
    buf_add(out, kinds[info->kind]);
    buf_add_byte(out, '\n');
}

void metrics_render(struct metrics *metrics, enum metrics_format format, struct buf *out) {
    for (size_t id = 0; id < METRIC_COUNT; id++) {
        const struct metric_info *info = &metric_infos[id];
        const struct series *series =
            atomic_load_explicit(&metrics->first[id], memory_order_acquire);
        if (series == NULL) {
            continue; /* a metric of the other service */
        }
        add_family(out, info, format);
        for (; series != NULL; series = atomic_load_explicit(&series->next, memory_order_acquire)) {
            if (metric_is_histogram(info->kind)) {
                add_histogram(out, info, series, format == METRICS_OPENMETRICS);
            } else {
                add_value(out, info, series);
            }
        }
    }
    if (format == METRICS_OPENMETRICS) {
        buf_add(out, STR("# EOF\n"));
    }
}

str metrics_content_type(enum metrics_format format) {
    switch (format) {
    case METRICS_PROMETHEUS:
        return STR("text/plain; version=0.0.4; charset=utf-8");
    case METRICS_OPENMETRICS:
        return STR("application/openmetrics-text; version=1.0.0; charset=utf-8");
    }
    UNREACHABLE();
}

/* A qvalue (RFC 9110 §12.4.2) in thousandths; what is malformed counts as 0. */
static unsigned parse_quality(str text) {
    if (text.len == 0 || text.len > 5 || (text.ptr[0] != '0' && text.ptr[0] != '1') ||
        (text.len > 1 && text.ptr[1] != '.')) {
        return 0;
    }
    unsigned value = text.ptr[0] == '1' ? 1000 : 0;
    unsigned unit = 100;
    for (size_t i = 2; i < text.len; i++, unit /= 10) {
        if (!byte_is_digit(text.ptr[i])) {
            return 0;
        }
        value += (unsigned)(text.ptr[i] - '0') * unit;
    }
    return value > 1000 ? 0 : value;
}

enum metrics_format metrics_negotiate(str accept) {
    unsigned open = 0;
    unsigned plain = 0;
    while (accept.len > 0) {
        str item;
        str type;
        unsigned quality = 1000;
        str_cut(accept, ',', &item, &accept);
        str_cut(item, ';', &type, &item);
        type = str_trim(type);
        while (item.len > 0) {
            str parameter;
            str_cut(item, ';', &parameter, &item);
            parameter = str_trim(parameter);
            if (parameter.len > 2 && byte_lower(parameter.ptr[0]) == 'q' &&
                parameter.ptr[1] == '=') {
                quality = parse_quality(str_slice(parameter, 2, parameter.len));
            }
        }
        if (str_equal_nocase(type, STR("application/openmetrics-text"))) {
            open = quality > open ? quality : open;
        } else if (str_equal_nocase(type, STR("text/plain"))) {
            plain = quality > plain ? quality : plain;
        }
    }
    return open > 0 && open >= plain ? METRICS_OPENMETRICS : METRICS_PROMETHEUS;
}
