/*
 * Any text as a number with a unit, and as a CSV file of numbers: it is refused with a message, or
 * the value is in range and, where it can be written, reads back the same.
 */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/arena.h"
#include "sim/assert.h"
#include "sim/dist.h"
#include "sim/number.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A refusal says why, on one line that ends. */
static void check_refusal(const struct sim_err *err)
{
    size_t length = strnlen(err->text, sizeof(err->text));
    sim_assert(NULL, err->code != SIM_ERR_NONE);
    sim_assert(NULL, length > 0 && length < sizeof(err->text));
}

static void parse_integers(const char *text)
{
    static bool (*const parsers[])(const char *, int64_t *, struct sim_err *) = {
        sim_number_parse_duration, sim_number_parse_size, sim_number_parse_flink_size,
        sim_number_parse_flink_duration, sim_number_parse_count};
    static const char *const units[] = {"ns", "B", "b", "ns", ""};
    for (size_t i = 0; i < sizeof(parsers) / sizeof(parsers[0]); i++) {
        struct sim_err err = {0};
        char written[64];
        int64_t value = -1;
        int64_t again = -1;
        if (!parsers[i](text, &value, &err)) {
            sim_assert(NULL, value == -1);
            check_refusal(&err);
            continue;
        }
        sim_assert(NULL, value >= 0);
        snprintf(written, sizeof(written), "%lld%s", (long long)value, units[i]);
        sim_assert(NULL, parsers[i](written, &again, &err) && again == value);
    }
}

static void parse_doubles(const char *text)
{
    static bool (*const parsers[])(const char *, double *, struct sim_err *) = {
        sim_number_parse_rate, sim_number_parse_bandwidth};
    static const char *const units[] = {"/s", "B/s"};
    struct sim_err err = {0};
    char digits[64];
    char written[96];
    double value = 0;
    double again = 0;
    for (size_t i = 0; i < 2; i++) {
        if (!parsers[i](text, &value, &err)) {
            check_refusal(&err);
            continue;
        }
        sim_assert(NULL, value > 0 && isfinite(value));
        sim_number_format_double(digits, sizeof(digits), value);
        snprintf(written, sizeof(written), "%s%s", digits, units[i]);
        /* Bits are eight times as many and may be too many to write. */
        if (value < 1e300) {
            sim_assert(NULL, parsers[i](written, &again, &err) && again == value);
        }
    }
    if (sim_number_parse_double(text, -1e300, 1e300, &value, &err)) {
        sim_number_format_double(digits, sizeof(digits), value);
        sim_assert(NULL, sim_number_parse_double(digits, -1e300, 1e300, &again, &err));
        sim_assert(NULL, again == value);
    } else {
        check_refusal(&err);
    }
}

static void parse_whole(const char *text)
{
    struct sim_err err = {0};
    int64_t value = 0;
    if (sim_number_parse_int(text, -1000, 1000, &value, &err)) {
        sim_assert(NULL, value >= -1000 && value <= 1000);
    } else {
        check_refusal(&err);
    }
}

static void read_csv(const char *text)
{
    struct sim_arena *arena = sim_arena_create();
    struct sim_dist dist = {0};
    struct sim_err err = {0};
    if (sim_dist_read_csv(&dist, "values.csv", text, 1e6, arena, &err)) {
        sim_assert(NULL, dist.count > 0);
        for (size_t i = 0; i < dist.count; i++) {
            sim_assert(NULL, dist.values[i] >= 0);
        }
        sim_assert(NULL, sim_dist_prepare(&dist, &err));
        sim_dist_finish(&dist);
    } else {
        check_refusal(&err);
    }
    sim_arena_destroy(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (!text) {
        return 0;
    }
    if (size > 0) {
        memcpy(text, data, size);
    }
    text[size] = '\0';
    parse_integers(text);
    parse_doubles(text);
    parse_whole(text);
    read_csv(text);
    free(text);
    return 0;
}
