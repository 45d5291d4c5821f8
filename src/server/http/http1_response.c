/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http/http1_response.h"

const char *http_status_reason(int status) {
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {411, "Length Required"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {421, "Misdirected Request"},
        {422, "Unprocessable Content"},
        {428, "Precondition Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
        if (reasons[i].status == status) {
            return reasons[i].reason;
        }
    }
    return "";
}

bool http1_response_has_body(const struct http_request *req, const struct http_response *resp) {
    return req->method != HTTP_HEAD && resp->status != 204 && resp->status != 304;
}

static void add_status_line(struct buf *out, int status) {
    if (status == 200) {
        buf_add(out, STR("HTTP/1.1 200 OK\r\nDate: "));
        return;
    }
    buf_add(out, STR("HTTP/1.1 "));
    buf_add_u64(out, (uint64_t)status);
    buf_add_byte(out, ' ');
    buf_add_c(out, http_status_reason(status));
    buf_add(out, STR("\r\nDate: "));
}

void http1_response_head(struct buf *out, const struct http_request *req,
                         const struct http_response *resp,
                         const struct http1_response_context *context) {
    add_status_line(out, resp->status);
    buf_add(out, context->date);
    buf_add(out, STR("\r\nX-Content-Type-Options: nosniff"));
    /* A header of the handler takes the place of our default. */
    if (!http_response_has(resp, STR("Referrer-Policy"))) {
        buf_add(out, STR("\r\nReferrer-Policy: no-referrer"));
    }
    if (!http_response_has(resp, STR("Cache-Control"))) {
        buf_add(out, STR("\r\nCache-Control: no-store"));
    }
    buf_add(out, STR("\r\nX-Request-ID: "));
    buf_add(out, req->request_id);
    if (resp->status != 204 && resp->status != 304) {
        buf_add(out, STR("\r\nContent-Length: "));
        buf_add_u64(out, resp->body.len);
    }
    for (size_t i = 0; i < resp->header_count; i++) {
        buf_add(out, STR("\r\n"));
        buf_add(out, resp->headers[i].name);
        buf_add(out, STR(": "));
        buf_add(out, resp->headers[i].value);
    }
    if (context->is_closing) {
        buf_add(out, STR("\r\nConnection: close"));
    } else if (context->is_http10) {
        buf_add(out, STR("\r\nConnection: keep-alive"));
    }
    buf_add(out, STR("\r\n\r\n"));
}

static char *two_digits(char *at, int value) {
    at[0] = (char)('0' + value / 10 % 10);
    at[1] = (char)('0' + value % 10);
    return at + 2;
}

/* Days since 1970-01-01 into a civil date (proleptic Gregorian; years start in March, so that
 * the leap day is the last of its year). */
static void civil_date(int64_t days, int *ret_year, int *ret_month, int *ret_day) {
    int64_t shifted = days + 719468;
    int64_t era = shifted / 146097;
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153; /* 0 = March */
    *ret_day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    *ret_month = (int)(month < 10 ? month + 3 : month - 9);
    *ret_year = (int)(year_of_era + era * 400 + (*ret_month <= 2));
}

void http_date_format(int64_t unix_s, char out[HTTP_DATE_LEN + 1]) {
    static const char days[] = "ThuFriSatSunMonTueWed"; /* 1970-01-01 was a Thursday */
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int64_t now = unix_s < 0 ? 0 : unix_s;
    int second_of_day = (int)(now % 86400);
    int year;
    int month;
    int day;
    civil_date(now / 86400, &year, &month, &day);
    char *at = out;
    memcpy(at, days + now / 86400 % 7 * 3, 3);
    memcpy(at + 3, ", ", 2);
    at = two_digits(at + 5, day);
    *at++ = ' ';
    memcpy(at, months + (month - 1) * 3, 3);
    at[3] = ' ';
    at = two_digits(at + 4, year / 100);
    at = two_digits(at, year);
    *at++ = ' ';
    at = two_digits(at, second_of_day / 3600);
    *at++ = ':';
    at = two_digits(at, second_of_day / 60 % 60);
    *at++ = ':';
    at = two_digits(at, second_of_day % 60);
    memcpy(at, " GMT", 5);
}
