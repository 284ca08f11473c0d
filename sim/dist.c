#include "sim/dist.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/arena.h"
#include "sim/assert.h"
#include "sim/compiler.h"
#include "sim/number.h"

#define CSV_LINES_LIMIT 1000000u
#define CSV_CELL_LIMIT 64u

/* What GSL takes for a value of a discrete distribution: two arrays that stay and two that do not.
 */
#define TABLE_BYTES (4 * sizeof(double))

/* 2^62; a tail beyond it is cut off, some 146 years. */
#define DRAW_LIMIT 0x1p62

static bool check_tables(const struct sim_dist *dist, struct sim_err *err)
{
    double total = 0;
    if (dist->count == 0 || dist->values == NULL) {
        return sim_err_set(err, SIM_ERR_INPUT,
                           "a distribution of listed values needs at least one");
    }
    for (size_t i = 0; i < dist->count; i++) {
        if (dist->values[i] < 0) {
            return sim_err_set(err, SIM_ERR_INPUT, "value %zu of the distribution is negative",
                               i + 1);
        }
        if (dist->kind == SIM_DIST_DISCRETE) {
            if (dist->weights == NULL || !isfinite(dist->weights[i]) || dist->weights[i] < 0) {
                return sim_err_set(err, SIM_ERR_INPUT,
                                   "weight %zu of the distribution is not a number from 0", i + 1);
            }
            total += dist->weights[i];
        }
    }
    if (dist->kind == SIM_DIST_DISCRETE && !(total > 0 && isfinite(total))) {
        return sim_err_set(err, SIM_ERR_INPUT, "the weights of the distribution must not all be 0");
    }
    return true;
}

static bool check_parameters(const struct sim_dist *dist, struct sim_err *err)
{
    if (!(dist->a >= 0 && dist->a <= DRAW_LIMIT)) {
        return sim_err_set(err, SIM_ERR_INPUT, "%s of the distribution must be from 0 to 2^62",
                           dist->kind == SIM_DIST_UNIFORM || dist->kind == SIM_DIST_PARETO
                               ? "the minimum"
                           : dist->kind == SIM_DIST_WEIBULL ? "the scale"
                                                            : "the mean");
    }
    switch (dist->kind) {
    case SIM_DIST_UNIFORM:
        if (!(dist->b >= dist->a && dist->b <= DRAW_LIMIT)) {
            return sim_err_set(err, SIM_ERR_INPUT,
                               "the maximum of the distribution must not be below its minimum");
        }
        return true;
    case SIM_DIST_GAMMA:
    case SIM_DIST_LOGNORMAL:
        if (!(dist->b >= 0 && dist->b <= 1000)) {
            return sim_err_set(err, SIM_ERR_INPUT,
                               "the coefficient of variation must be from 0 to 1000");
        }
        return true;
    case SIM_DIST_WEIBULL:
    case SIM_DIST_PARETO:
        if (!(dist->b > 0 && dist->b <= 1e6)) {
            return sim_err_set(err, SIM_ERR_INPUT, "the %s must be greater than 0, at most 1e6",
                               dist->kind == SIM_DIST_WEIBULL ? "shape" : "tail index");
        }
        return true;
    default:
        return true;
    }
}

bool sim_dist_prepare(struct sim_dist *dist, struct sim_err *err)
{
    bool is_listed = dist->kind == SIM_DIST_DISCRETE || dist->kind == SIM_DIST_EMPIRICAL;
    if (is_listed ? !check_tables(dist, err) : !check_parameters(dist, err)) {
        return false;
    }
    sim_dist_finish(dist);
    if (dist->kind == SIM_DIST_DISCRETE) {
        /* GSL looks at the first of its blocks only before it writes to them all. That as much is
         * to be had now does not say that it is a moment later, but mostly. */
        free(sim_alloc(dist->count, TABLE_BYTES));
        dist->table = gsl_ran_discrete_preproc(dist->count, dist->weights);
        if (dist->table == NULL) {
            return sim_err_set(err, SIM_ERR_SYSTEM, "no memory for the table of a distribution");
        }
    }
    if (dist->kind == SIM_DIST_LOGNORMAL) {
        double variance = log1p(dist->b * dist->b);
        dist->log_offset = -variance / 2;
        dist->log_sd = sqrt(variance);
    }
    return true;
}

void sim_dist_finish(struct sim_dist *dist)
{
    if (dist->table != NULL) {
        gsl_ran_discrete_free(dist->table);
        dist->table = NULL;
    }
}

/* Rounded to the nearest integer, a half upwards; of a value that is not negative. */
static inline int64_t to_nearest(double value)
{
    return SIM_LIKELY(value < DRAW_LIMIT) ? (int64_t)(value + 0.5) : SIM_DIST_MAX;
}

static int64_t to_draw(double value)
{
    return value > 0 ? to_nearest(value) : 0;
}

static double draw_lognormal(const struct sim_dist *dist, const gsl_rng *rng)
{
    sim_assert(NULL, dist->log_sd > 0 || dist->b == 0);
    return dist->a * gsl_ran_lognormal(rng, dist->log_offset, dist->log_sd);
}

/* Those whose variates come from GSL or a table. */
SIM_NOINLINE static int64_t draw_other(const struct sim_dist *dist, struct sim_stream *stream)
{
    const gsl_rng *rng = &stream->rng;
    switch (dist->kind) {
    case SIM_DIST_CONSTANT:
    case SIM_DIST_EXPONENTIAL:
        break;
    case SIM_DIST_UNIFORM:
        return to_draw(gsl_ran_flat(rng, dist->a, dist->b));
    case SIM_DIST_GAMMA:
        if (dist->b == 0) {
            return to_draw(dist->a);
        }
        return to_draw(gsl_ran_gamma(rng, 1 / (dist->b * dist->b), dist->a * dist->b * dist->b));
    case SIM_DIST_LOGNORMAL:
        return to_draw(draw_lognormal(dist, rng));
    case SIM_DIST_WEIBULL:
        return to_draw(gsl_ran_weibull(rng, dist->a, dist->b));
    case SIM_DIST_PARETO:
        return to_draw(gsl_ran_pareto(rng, dist->b, dist->a));
    case SIM_DIST_DISCRETE:
        sim_assert(NULL, dist->table != NULL);
        return dist->values[gsl_ran_discrete(rng, dist->table)];
    case SIM_DIST_EMPIRICAL:
        return dist->values[sim_stream_below(stream, dist->count)];
    }
    sim_assert(NULL, !"a kind of distribution that exists");
    return 0;
}

static inline int64_t draw_any(const struct sim_dist *dist, struct sim_stream *stream)
{
    if (dist->kind == SIM_DIST_EXPONENTIAL) {
        return to_nearest(dist->a * sim_stream_exponential(stream));
    }
    return dist->kind == SIM_DIST_CONSTANT ? to_draw(dist->a) : draw_other(dist, stream);
}

int64_t sim_dist_draw(const struct sim_dist *dist, struct sim_stream *stream)
{
    int64_t value = draw_any(dist, stream);
    if (SIM_LIKELY(dist->most == 0)) {
        return value;
    }
    value = value < dist->least ? dist->least : value;
    return value > dist->most ? dist->most : value;
}

/* Exponential variates are at most this many times their mean. */
#define EXPONENTIAL_MOST 37.0
#define TWO_52_BITS 0x4330000000000000u /* of 2^52; whole numbers from there on count up */

/* Round as to_nearest() does, `count` values below 2^51, without the conversion to an integer,
 * which most processors do not have for vectors: a number added to 2^52 is a whole one, and may
 * have been rounded upwards. */
SIM_NOINLINE static void round_small(int64_t *rounded, const double *values, double factor,
                                     size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double value = factor * values[i] + 0.5;
        double whole = value + 0x1p52;
        uint64_t bits;
        memcpy(&bits, &whole, sizeof bits);
        rounded[i] = (int64_t)(bits - TWO_52_BITS) - (whole - 0x1p52 > value ? 1 : 0);
    }
}

#define BATCH 64u

void sim_dist_draw_many(const struct sim_dist *dist, struct sim_stream *stream, int64_t *values,
                        size_t count)
{
    bool is_small = dist->a * EXPONENTIAL_MOST < 0x1p51;
    if (dist->kind != SIM_DIST_EXPONENTIAL || dist->most != 0 || !is_small) {
        for (size_t i = 0; i < count; i++) {
            values[i] = sim_dist_draw(dist, stream);
        }
        return;
    }
    while (count > 0) {
        double variates[BATCH];
        size_t part = count < BATCH ? count : BATCH;
        sim_stream_exponentials(stream, variates, part);
        round_small(values, variates, dist->a, part);
        values += part;
        count -= part;
    }
}

static double listed_mean(const struct sim_dist *dist)
{
    double sum = 0;
    double total = 0;
    for (size_t i = 0; i < dist->count; i++) {
        double weight = dist->kind == SIM_DIST_DISCRETE ? dist->weights[i] : 1.0;
        sum += weight * (double)dist->values[i];
        total += weight;
    }
    return sum / total;
}

double sim_dist_mean(const struct sim_dist *dist)
{
    switch (dist->kind) {
    case SIM_DIST_CONSTANT:
    case SIM_DIST_EXPONENTIAL:
    case SIM_DIST_GAMMA:
    case SIM_DIST_LOGNORMAL:
        return dist->a;
    case SIM_DIST_UNIFORM:
        return (dist->a + dist->b) / 2;
    case SIM_DIST_WEIBULL:
        return dist->a * tgamma(1 + 1 / dist->b);
    case SIM_DIST_PARETO:
        return dist->b > 1 ? dist->a * dist->b / (dist->b - 1) : (double)INFINITY;
    case SIM_DIST_DISCRETE:
    case SIM_DIST_EMPIRICAL:
        return listed_mean(dist);
    }
    return 0;
}

static int64_t largest_listed(const struct sim_dist *dist)
{
    int64_t largest = 0;
    for (size_t i = 0; i < dist->count; i++) {
        bool is_drawn = dist->kind == SIM_DIST_EMPIRICAL || dist->weights[i] > 0;
        largest = is_drawn && dist->values[i] > largest ? dist->values[i] : largest;
    }
    return largest;
}

int64_t sim_dist_upper(const struct sim_dist *dist)
{
    int64_t upper = SIM_DIST_MAX;
    switch (dist->kind) {
    case SIM_DIST_CONSTANT:
        upper = to_draw(dist->a);
        break;
    case SIM_DIST_UNIFORM:
        upper = to_draw(fmax(dist->a, dist->b));
        break;
    case SIM_DIST_DISCRETE:
    case SIM_DIST_EMPIRICAL:
        upper = largest_listed(dist);
        break;
    case SIM_DIST_EXPONENTIAL:
        upper = to_draw(dist->a * EXPONENTIAL_MOST);
        break;
    case SIM_DIST_GAMMA:
    case SIM_DIST_LOGNORMAL:
    case SIM_DIST_WEIBULL:
    case SIM_DIST_PARETO:
        break;
    }
    upper = upper < dist->least ? dist->least : upper;
    return dist->most > 0 && upper > dist->most ? dist->most : upper;
}

#define TRIAL 256u
#define TRIMMED 4u

static int compare_values(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

double sim_dist_trimmed_mean(const struct sim_dist *dist)
{
    int64_t values[TRIAL];
    struct sim_stream stream;
    double sum = 0;
    if (dist->kind == SIM_DIST_CONSTANT) {
        return (double)sim_dist_upper(dist);
    }
    sim_stream_init_seed(&stream, 1);
    sim_dist_draw_many(dist, &stream, values, TRIAL);
    qsort(values, TRIAL, sizeof values[0], compare_values);
    for (size_t i = 0; i < TRIAL - TRIMMED; i++) {
        sum += (double)values[i];
    }
    return fmin(sum / (TRIAL - TRIMMED), sim_dist_mean(dist));
}

/* One line of a CSV text, cut at its comment; *at moves behind it. */
struct csv_line {
    const char *text;
    size_t length;
};

static struct csv_line next_line(const char **at)
{
    struct csv_line line = {.text = *at, .length = strcspn(*at, "\n")};
    *at += line.length + ((*at)[line.length] == '\n');
    size_t kept = 0;
    while (kept < line.length && line.text[kept] != '#') {
        kept++;
    }
    line.length = kept;
    return line;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The first column without blanks around; false when the line has nothing in it. A cell that is too
 * long for a number is cut, and no number then either. */
static bool first_cell(struct csv_line line, char cell[CSV_CELL_LIMIT])
{
    size_t start = 0;
    while (start < line.length && is_space(line.text[start])) {
        start++;
    }
    size_t end = start;
    while (end < line.length && line.text[end] != ',' && line.text[end] != ';') {
        end++;
    }
    bool is_empty = start == line.length;
    while (end > start && is_space(line.text[end - 1])) {
        end--;
    }
    size_t length = end - start < CSV_CELL_LIMIT ? end - start : CSV_CELL_LIMIT - 1;
    memcpy(cell, line.text + start, length);
    cell[length] = '\0';
    return !is_empty;
}

/* Whether a line could be a heading: its first cell does not begin like a number. */
static bool is_heading(const char *cell)
{
    return strchr("0123456789+-.", cell[0]) == NULL;
}

bool sim_dist_read_csv(struct sim_dist *dist, const char *name, const char *text, double unit,
                       struct sim_arena *arena, struct sim_err *err)
{
    char cell[CSV_CELL_LIMIT];
    uint32_t lines = 0;
    for (const char *at = text; *at != '\0'; at += *at == '\n') {
        at += strcspn(at, "\n");
        if (++lines > CSV_LINES_LIMIT) {
            return sim_err_set_at(err, SIM_ERR_LIMIT, name, lines, 0, "more than %u lines",
                                  CSV_LINES_LIMIT);
        }
    }
    int64_t *values = sim_arena_alloc(arena, lines, sizeof *values);
    size_t count = 0;
    bool heading_allowed = true;
    const char *at = text;
    for (uint32_t line = 1; line <= lines; line++) {
        double value;
        struct sim_err reason;
        if (!first_cell(next_line(&at), cell)) {
            continue;
        }
        if (heading_allowed && is_heading(cell)) {
            heading_allowed = false;
            continue;
        }
        heading_allowed = false;
        if (!sim_number_parse_double(cell, 0, DRAW_LIMIT / unit, &value, &reason)) {
            return sim_err_set_at(err, SIM_ERR_INPUT, name, line, 1, "%s", reason.text);
        }
        values[count++] = to_draw(value * unit);
    }
    if (count == 0) {
        return sim_err_set_at(err, SIM_ERR_INPUT, name, 0, 0,
                              "no values; expected one number a line in the first column");
    }
    *dist = (struct sim_dist){.kind = SIM_DIST_EMPIRICAL, .values = values, .count = count};
    return true;
}
