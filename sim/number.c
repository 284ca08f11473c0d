#include "sim/number.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How much of a text from a user is repeated in a message. */
#define SHOWN 60

/* A number that is written in decimal: digits x 10^exponent. */
struct decimal {
    sim_uint128 digits; /* below 10^24: more of them cannot change a 64-bit result */
    int exponent;
};

struct unit {
    const char *name;
    int64_t factor;
};

struct unit_table {
    const char *noun;     /* "a duration" */
    const char *expected; /* "ns, us, ... or d, as in 250ms" */
    const struct unit *units;
};

static const struct unit duration_units[] = {
    {"ns", 1},
    {"us", 1000},
    {"ms", 1000000},
    {"s", 1000000000},
    {"min", 60 * (int64_t)1000000000},
    {"h", 3600 * (int64_t)1000000000},
    {"d", 86400 * (int64_t)1000000000},
    {NULL, 0},
};

static const struct unit size_units[] = {
    {"B", 1},      {"kB", 1000},        {"MB", 1000000},     {"GB", 1000000000},
    {"KiB", 1024}, {"MiB", 1024 << 10}, {"GiB", 1024 << 20}, {NULL, 0},
};

static const struct unit rate_units[] = {
    {"/s", 1},
    {"k/s", 1000},
    {"M/s", 1000000},
    {NULL, 0},
};

static const struct unit count_units[] = {
    {"", 1},
    {"k", 1000},
    {"M", 1000000},
    {NULL, 0},
};

/* In bits per second, so that all factors are whole. */
static const struct unit bandwidth_units[] = {
    {"bit/s", 1},           {"kbit/s", 1000},     {"Mbit/s", 1000000},
    {"Gbit/s", 1000000000}, {"B/s", 8},           {"kB/s", 8000},
    {"MB/s", 8000000},      {"GB/s", 8000000000}, {NULL, 0},
};

static const struct unit flink_size_units[] = {
    {"", 1},
    {"b", 1},
    {"bytes", 1},
    {"k", 1024},
    {"kb", 1024},
    {"kibibytes", 1024},
    {"m", 1024 << 10},
    {"mb", 1024 << 10},
    {"mebibytes", 1024 << 10},
    {"g", 1024 << 20},
    {"gb", 1024 << 20},
    {"gibibytes", 1024 << 20},
    {"t", (int64_t)1024 << 30},
    {"tb", (int64_t)1024 << 30},
    {"tebibytes", (int64_t)1024 << 30},
    {NULL, 0},
};

static const struct unit flink_duration_units[] = {
    {"", 1000000},
    {"ns", 1},
    {"nano", 1},
    {"nanos", 1},
    {"nanosecond", 1},
    {"nanoseconds", 1},
    {"\xc2\xb5s", 1000},
    {"micro", 1000},
    {"micros", 1000},
    {"microsecond", 1000},
    {"microseconds", 1000},
    {"ms", 1000000},
    {"milli", 1000000},
    {"millis", 1000000},
    {"millisecond", 1000000},
    {"milliseconds", 1000000},
    {"s", 1000000000},
    {"sec", 1000000000},
    {"secs", 1000000000},
    {"second", 1000000000},
    {"seconds", 1000000000},
    {"m", 60 * (int64_t)1000000000},
    {"min", 60 * (int64_t)1000000000},
    {"minute", 60 * (int64_t)1000000000},
    {"minutes", 60 * (int64_t)1000000000},
    {"h", 3600 * (int64_t)1000000000},
    {"hour", 3600 * (int64_t)1000000000},
    {"hours", 3600 * (int64_t)1000000000},
    {"d", 86400 * (int64_t)1000000000},
    {"day", 86400 * (int64_t)1000000000},
    {"days", 86400 * (int64_t)1000000000},
    {NULL, 0},
};

static const struct unit_table durations = {
    "a duration", "a number with ns, us, ms, s, min, h or d, as in 250ms", duration_units};
static const struct unit_table sizes = {
    "a size", "a number with B, kB, MB, GB, KiB, MiB or GiB, as in 120B", size_units};
static const struct unit_table rates = {"a rate", "a number with /s, k/s or M/s, as in 350/s",
                                        rate_units};
static const struct unit_table counts = {
    "a count", "a whole number, also with k or M, as in 100000 or 20k", count_units};
static const struct unit_table bandwidths = {
    "a bandwidth",
    "a number with bit/s, kbit/s, Mbit/s, Gbit/s, B/s, kB/s, MB/s or GB/s, as in 10Gbit/s",
    bandwidth_units};
static const struct unit_table flink_sizes = {
    "a memory size as Flink reads it",
    "a whole number with b, k, kb, m, mb, g, gb, t or tb (each by 1024), as in 32kb",
    flink_size_units};
static const struct unit_table flink_durations = {
    "a duration as Flink reads it", "a whole number with ns, ms, s, min, h or d, as in 100 ms",
    flink_duration_units};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Take one digit; says whether it was kept, which it is not where it can no longer matter. */
static bool take_digit(struct decimal *number, char digit)
{
    const sim_uint128 enough = (sim_uint128)1000000000000 * 100000000000;
    if (number->digits >= enough) {
        return false;
    }
    number->digits = number->digits * 10 + (unsigned)(digit - '0');
    return true;
}

/* Read "[eE][+-]digits" if it stands there; what does not is left alone (it may be a unit). */
static const char *scan_exponent(const char *at, int *exponent)
{
    const char *start = at;
    if (*at != 'e' && *at != 'E') {
        return at;
    }
    at++;
    bool is_negative = *at == '-';
    at += *at == '-' || *at == '+';
    if (!is_digit(*at)) {
        return start;
    }
    int value = 0;
    for (; is_digit(*at); at++) {
        value = value < 10000 ? value * 10 + (*at - '0') : value;
    }
    *exponent += is_negative ? -value : value;
    return at;
}

/* Read digits[.digits][exponent]; returns where it ends, or NULL when no such number stands there.
 */
static const char *scan_decimal(const char *at, struct decimal *number)
{
    *number = (struct decimal){0};
    if (!is_digit(*at)) {
        return NULL;
    }
    for (; is_digit(*at); at++) {
        if (!take_digit(number, *at) && number->exponent < 100000) {
            number->exponent++;
        }
    }
    if (*at == '.') {
        at++;
        if (!is_digit(*at)) {
            return NULL;
        }
        for (; is_digit(*at); at++) {
            number->exponent -= take_digit(number, *at);
        }
    }
    return scan_exponent(at, &number->exponent);
}

/* number x factor as an integer, rounded to the nearest; false when above INT64_MAX. */
static bool scale_to_int(struct decimal number, int64_t factor, int64_t *result)
{
    /* digits < 10^24 and factor < 10^14 leave the product below 2^128. */
    sim_uint128 value = number.digits * (sim_uint128)factor;
    int exponent = number.exponent;
    for (; exponent > 0 && value != 0; exponent--) {
        if (value > (sim_uint128)INT64_MAX) {
            return false;
        }
        value *= 10;
    }
    if (exponent < 0) {
        /* Only the last digit dropped decides on rounding: 0.4999 is not 0.5. */
        unsigned dropped = 0;
        for (; exponent < 0 && (value != 0 || dropped != 0); exponent++) {
            dropped = (unsigned)(value % 10);
            value /= 10;
        }
        value += dropped >= 5;
    }
    if (value > (sim_uint128)INT64_MAX) {
        return false;
    }
    *result = (int64_t)value;
    return true;
}

static bool fail_unit(const char *text, const struct unit_table *table, struct sim_err *err)
{
    return sim_err_set(err, SIM_ERR_INPUT, "'%.*s' is not %s; expected %s", SHOWN, text,
                       table->noun, table->expected);
}

static bool fail_large(const char *text, const struct unit_table *table, struct sim_err *err)
{
    return sim_err_set(err, SIM_ERR_INPUT, "'%.*s' is too large for %s", SHOWN, text, table->noun);
}

static const struct unit *find_unit(const char *name, const struct unit_table *table)
{
    for (const struct unit *unit = table->units; unit->name != NULL; unit++) {
        if (strcmp(unit->name, name) == 0) {
            return unit;
        }
    }
    return NULL;
}

/* Read "number unit"; returns the unit, NULL after filling *err. */
static const struct unit *scan_quantity(const char *text, const struct unit_table *table,
                                        struct decimal *number, struct sim_err *err)
{
    const char *end = scan_decimal(text, number);
    if (end == NULL) {
        fail_unit(text, table, err);
        return NULL;
    }
    end += *end == ' ' && end[1] != '\0';
    const struct unit *unit = find_unit(end, table);
    if (unit == NULL) {
        fail_unit(text, table, err);
    }
    return unit;
}

static bool parse_int_quantity(const char *text, const struct unit_table *table, int64_t *result,
                               struct sim_err *err)
{
    struct decimal number;
    int64_t value;
    const struct unit *unit = scan_quantity(text, table, &number, err);
    if (unit == NULL) {
        return false;
    }
    if (!scale_to_int(number, unit->factor, &value)) {
        return fail_large(text, table, err);
    }
    *result = value;
    return true;
}

bool sim_number_parse_duration(const char *text, sim_time *result, struct sim_err *err)
{
    return parse_int_quantity(text, &durations, result, err);
}

bool sim_number_parse_size(const char *text, int64_t *bytes, struct sim_err *err)
{
    return parse_int_quantity(text, &sizes, bytes, err);
}

/* Whether number x factor is whole. */
static bool is_whole(struct decimal number, int64_t factor)
{
    sim_uint128 value = number.digits * (sim_uint128)factor;
    for (int exponent = number.exponent; exponent < 0 && value != 0; exponent++) {
        if (value % 10 != 0) {
            return false;
        }
        value /= 10;
    }
    return true;
}

bool sim_number_parse_count(const char *text, int64_t *count, struct sim_err *err)
{
    struct decimal number;
    const struct unit *unit = scan_quantity(text, &counts, &number, err);
    if (unit == NULL) {
        return false;
    }
    if (!is_whole(number, unit->factor)) {
        return fail_unit(text, &counts, err);
    }
    return parse_int_quantity(text, &counts, count, err);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* As Flink's parsers: blanks around and between, whole digits, a unit in any case or none. */
static bool parse_flink(const char *text, const struct unit_table *table, int64_t *result,
                        struct sim_err *err)
{
    struct decimal number = {0};
    char name[16];
    size_t length = 0;
    const char *at = text;
    while (is_blank(*at)) {
        at++;
    }
    if (!is_digit(*at)) {
        return fail_unit(text, table, err);
    }
    for (; is_digit(*at); at++) {
        number.exponent += !take_digit(&number, *at);
    }
    while (is_blank(*at)) {
        at++;
    }
    for (; *at != '\0' && !is_blank(*at) && length < sizeof name - 1; at++) {
        name[length++] = *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
    }
    name[length] = '\0';
    while (is_blank(*at)) {
        at++;
    }
    const struct unit *unit = *at == '\0' ? find_unit(name, table) : NULL;
    if (unit == NULL) {
        return fail_unit(text, table, err);
    }
    int64_t value;
    if (!scale_to_int(number, unit->factor, &value)) {
        return fail_large(text, table, err);
    }
    *result = value;
    return true;
}

bool sim_number_parse_flink_size(const char *text, int64_t *bytes, struct sim_err *err)
{
    return parse_flink(text, &flink_sizes, bytes, err);
}

bool sim_number_parse_flink_duration(const char *text, sim_time *result, struct sim_err *err)
{
    return parse_flink(text, &flink_durations, result, err);
}

bool sim_number_parse_int(const char *text, int64_t low, int64_t high, int64_t *result,
                          struct sim_err *err)
{
    const char *at = text + (*text == '-');
    sim_int128 value = 0;
    bool is_number = is_digit(*at);
    for (; is_digit(*at); at++) {
        /* Far beyond 64 bits already; what follows only has to be digits. */
        value = value > INT64_MAX ? value : value * 10 + (*at - '0');
    }
    if (!is_number || *at != '\0') {
        return sim_err_set(err, SIM_ERR_INPUT, "'%.*s' is not a whole number", SHOWN, text);
    }
    value = *text == '-' ? -value : value;
    if (value < low || value > high) {
        return sim_err_set(err, SIM_ERR_INPUT, "%.*s is out of range; expected %lld to %lld", SHOWN,
                           text, (long long)low, (long long)high);
    }
    *result = (int64_t)value;
    return true;
}

/* strtod() of a text that scan_decimal() has found well-formed, whatever the locale's point is. */
static double to_double(const char *text, size_t length)
{
    char digits[512];
    if (length >= sizeof digits) {
        length = sizeof digits - 1;
    }
    memcpy(digits, text, length);
    digits[length] = '\0';
    char *point = strchr(digits, '.');
    if (point != NULL) {
        *point = localeconv()->decimal_point[0];
    }
    return strtod(digits, NULL);
}

bool sim_number_parse_double(const char *text, double low, double high, double *result,
                             struct sim_err *err)
{
    struct decimal number;
    const char *end = scan_decimal(text + (*text == '-'), &number);
    if (end == NULL || *end != '\0' || end - text > 400) {
        return sim_err_set(err, SIM_ERR_INPUT, "'%.*s' is not a number", SHOWN, text);
    }
    double value = to_double(text, (size_t)(end - text));
    if (!(value >= low && value <= high) || !isfinite(value)) {
        return sim_err_set(err, SIM_ERR_INPUT, "%.*s is out of range; expected %g to %g", SHOWN,
                           text, low, high);
    }
    *result = value;
    return true;
}

/* A quantity that need not be whole. */
static bool parse_double_quantity(const char *text, const struct unit_table *table, double *result,
                                  struct sim_err *err)
{
    struct decimal number;
    const struct unit *unit = scan_quantity(text, table, &number, err);
    if (unit == NULL) {
        return false;
    }
    const char *end = scan_decimal(text, &number);
    if (end - text > 400) {
        return fail_unit(text, table, err);
    }
    double value = to_double(text, (size_t)(end - text)) * (double)unit->factor;
    if (!isfinite(value)) {
        return fail_large(text, table, err);
    }
    *result = value;
    return true;
}

bool sim_number_parse_rate(const char *text, double *per_second, struct sim_err *err)
{
    double value = 0;
    if (!parse_double_quantity(text, &rates, &value, err)) {
        return false;
    }
    if (!(value > 0)) {
        return sim_err_set(err, SIM_ERR_INPUT, "'%.*s' is not a rate; it must be greater than 0",
                           SHOWN, text);
    }
    *per_second = value;
    return true;
}

bool sim_number_parse_bandwidth(const char *text, double *bytes_per_second, struct sim_err *err)
{
    double bits = 0;
    if (!parse_double_quantity(text, &bandwidths, &bits, err)) {
        return false;
    }
    if (!(bits >= 8)) {
        return sim_err_set(err, SIM_ERR_INPUT, "'%.*s' is not a bandwidth; the least is 1B/s",
                           SHOWN, text);
    }
    *bytes_per_second = bits / 8;
    return true;
}

/* snprintf() of a double, with '.' in every locale. */
static void print_double(char *buffer, size_t size, int digits, bool is_fixed, double value)
{
    char point = localeconv()->decimal_point[0];
    snprintf(buffer, size, is_fixed ? "%.*f" : "%.*g", digits, value);
    char *at = point != '.' && size > 0 ? strchr(buffer, point) : NULL;
    if (at != NULL) {
        *at = '.';
    }
}

/* Three significant digits: 1.50, 12.3, 250; larger numbers keep all before the point. */
static void print_three(char *buffer, size_t size, double value)
{
    double magnitude = fabs(value);
    int decimals = magnitude < 9.995 ? 2 : magnitude < 99.95 ? 1 : 0;
    print_double(buffer, size, decimals, true, value);
}

struct scale {
    double above; /* used for magnitudes from here */
    double factor;
    const char *suffix;
};

/* Print with the first scale that fits; scales go down and end with above = 0. */
static void print_scaled(char *buffer, size_t size, double value, const struct scale *scale)
{
    char digits[64];
    while (fabs(value) < scale->above) {
        scale++;
    }
    print_three(digits, sizeof digits, value / scale->factor);
    snprintf(buffer, size, "%s%s", digits, scale->suffix);
}

void sim_number_format_duration(char *buffer, size_t size, sim_time value)
{
    static const struct scale scales[] = {
        {7200e9, 3600e9, " h"}, {120e9, 60e9, " min"},  {0.9995e9, 1e9, " s"},
        {0.9995e6, 1e6, " ms"}, {0.9995e3, 1e3, " us"}, {0, 1, " ns"},
    };
    if (value == 0) { /* which has no unit of its own, and no small one */
        snprintf(buffer, size, "0 s");
        return;
    }
    if (value > -1000 && value < 1000) {
        snprintf(buffer, size, "%d ns", (int)value);
        return;
    }
    print_scaled(buffer, size, (double)value, scales);
}

void sim_number_format_bytes(char *buffer, size_t size, int64_t bytes)
{
    static const struct scale scales[] = {
        {0x1p40, 0x1p40, " TiB"},
        {0x1p30, 0x1p30, " GiB"},
        {0x1p20, 0x1p20, " MiB"},
        {0, 0x1p10, " KiB"},
    };
    if (bytes > -1024 && bytes < 1024) {
        snprintf(buffer, size, "%d B", (int)bytes);
        return;
    }
    print_scaled(buffer, size, (double)bytes, scales);
}

void sim_number_format_count(char *buffer, size_t size, double value)
{
    static const struct scale scales[] = {
        {0.9995e9, 1e9, "G"},
        {0.9995e6, 1e6, "M"},
        {0.9995e3, 1e3, "k"},
        {0, 1, ""},
    };
    if (fabs(value) < 1000 && value == floor(value)) {
        snprintf(buffer, size, "%d", (int)value);
        return;
    }
    print_scaled(buffer, size, value, scales);
}

void sim_number_format_double(char *buffer, size_t size, double value)
{
    char digits[40];
    if (!isfinite(value)) {
        snprintf(buffer, size, "%s", isnan(value) ? "nan" : value > 0 ? "inf" : "-inf");
        return;
    }
    for (int precision = 15; precision <= 17; precision++) {
        print_double(digits, sizeof digits, precision, false, value);
        if (to_double(digits, strlen(digits)) == value) {
            break;
        }
    }
    snprintf(buffer, size, "%s", digits);
}
