#ifndef SIM_NUMBER_H
#define SIM_NUMBER_H
/*
 * Numbers and units from users, read strictly: the whole text, in range, with a unit that exists;
 * and printed back.
 *
 * - Durations: ns us ms s min h d, as in 250ms, 1.5 s, 30s.
 * - Sizes: B kB MB GB (by 1000), KiB MiB GiB (by 1024), as in 120B, 4.5kB. Flink's own spelling has
 *   another function.
 * - Rates: N/s with k or M, as in 350/s, 10k/s, 237.5/s.
 * - Counts: N with k or M, or with nothing, as in 100000, 20k, 1.5M.
 * - Bandwidths: bit/s kbit/s Mbit/s Gbit/s, B/s kB/s MB/s GB/s.
 *
 * But for a count's, a unit is never left out, and one blank between number and unit is allowed;
 * nothing else is. Digits are decimal, the point is '.', an exponent is allowed. Results are exact
 * integers where the type is one (rounded to the nearest, halves up; too large is an error).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/error.h"
#include "sim/time.h"

/*
 * All of these write *result only on success; the error text names what was found and what was
 * expected. The code is SIM_ERR_INPUT. An integer is digits with an optional '-'.
 */
bool sim_number_parse_int(const char *text, int64_t low, int64_t high, int64_t *result,
                          struct sim_err *err);
bool sim_number_parse_double(const char *text, double low, double high, double *result,
                             struct sim_err *err);
bool sim_number_parse_duration(const char *text, sim_time *result, struct sim_err *err);
bool sim_number_parse_size(const char *text, int64_t *bytes, struct sim_err *err);

/* Things that are counted: what is no whole number of them is refused. */
bool sim_number_parse_count(const char *text, int64_t *count, struct sim_err *err);

/*
 * Flink's spelling of memory sizes (MemorySize.parse): b, k/kb/kibibytes, m/mb, g/gb, t/tb, upper
 * or lower case, all by 1024; digits only; a bare number is bytes.
 */
bool sim_number_parse_flink_size(const char *text, int64_t *bytes, struct sim_err *err);

/*
 * Flink's spelling of durations (TimeUtils.parseDuration): ns nano, the micro sign with s, micro,
 * ms milli, s sec, m min, h, d and their long forms, singular or plural, upper or lower case; whole
 * numbers only; a bare number is milliseconds.
 */
bool sim_number_parse_flink_duration(const char *text, sim_time *result, struct sim_err *err);

/* Records per second; must be greater than 0. Infinity is not accepted (the reader knows
 * "unlimited"). */
bool sim_number_parse_rate(const char *text, double *per_second, struct sim_err *err);

/* Bandwidth in bytes per second, at least 1. */
bool sim_number_parse_bandwidth(const char *text, double *bytes_per_second, struct sim_err *err);

/* Short forms for people: "1.50 ms", "32.0 KiB", "12.3k". They write at most `size` bytes, zero
 * included. */
void sim_number_format_duration(char *buffer, size_t size, sim_time value);
void sim_number_format_bytes(char *buffer, size_t size, int64_t bytes);
void sim_number_format_count(char *buffer, size_t size, double value);

/* A decimal of 15 to 17 digits, as few as read back as the same double, for files ("0.1", "1e+22").
 * Locale independent. */
void sim_number_format_double(char *buffer, size_t size, double value);

#endif
