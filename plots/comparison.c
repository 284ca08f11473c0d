#include "plots/comparison.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plots/csv.h"
#include "sim/text.h"

static const char header[] = "config,label,vertex,metric,unit,reps,mean,half_width,difference,low,"
                             "high,pairs,verdict,variance_reduction";

enum { CONFIG, LABEL, VERTEX, METRIC, UNIT, REPS, MEAN, HALF_WIDTH, VERDICT = 12 };

/* The index of a measure, looked for from `from` on, where it stands in most cases. */
static uint32_t find(const struct plt_comparison *comparison, uint32_t from, const char *vertex,
                     const char *metric)
{
    for (uint32_t i = 0; i < comparison->measure_count; i++) {
        uint32_t at = (from + i) % comparison->measure_count;

        if (strcmp(comparison->measures[at].metric, metric) == 0 &&
            strcmp(comparison->measures[at].vertex, vertex) == 0) {
            return at;
        }
    }
    return comparison->measure_count;
}

const struct plt_measured *plt_comparison_find(const struct plt_comparison *comparison,
                                               const char *vertex, const char *metric)
{
    uint32_t found = find(comparison, 0, vertex, metric);

    return found < comparison->measure_count ? &comparison->measures[found] : NULL;
}

/* The measure of a row, which may be a new one; *last is that of the row before. */
static struct plt_measured *get_measure(struct plt_comparison *comparison,
                                        const struct sim_csv *csv, uint32_t *last,
                                        struct sim_err *err)
{
    uint32_t found = find(comparison, *last + 1, csv->fields[VERTEX], csv->fields[METRIC]);
    struct plt_measured *measure;

    *last = found;
    if (found < comparison->measure_count) {
        return &comparison->measures[found];
    }
    if (found == comparison->measure_capacity) {
        comparison->measure_capacity = found > 0 ? 2 * found : 64;
        comparison->measures = sim_realloc(comparison->measures, comparison->measure_capacity,
                                           sizeof *comparison->measures);
    }
    if (found == PLT_COMPARISON_MAX_MEASURES) {
        sim_err_set_at(err, SIM_ERR_LIMIT, csv->path, csv->line, 1, "more than %d measures",
                       PLT_COMPARISON_MAX_MEASURES);
        return NULL;
    }
    measure = &comparison->measures[comparison->measure_count++];
    measure->vertex = sim_arena_strdup(comparison->arena, csv->fields[VERTEX]);
    measure->metric = sim_arena_strdup(comparison->arena, csv->fields[METRIC]);
    measure->unit = sim_arena_strdup(comparison->arena, csv->fields[UNIT]);
    measure->means =
        sim_arena_alloc(comparison->arena, comparison->config_count, sizeof *measure->means);
    for (uint32_t i = 0; i < comparison->config_count; i++) {
        measure->means[i].mean = NAN;
    }
    return measure;
}

/* The configuration of a row; the rows of one stand together. */
static bool add_config(struct plt_comparison *comparison, const struct sim_csv *csv,
                       struct sim_err *err)
{
    struct plt_compared *configs = comparison->configs;
    uint32_t number;

    if (!sim_csv_index(csv, CONFIG, UINT32_MAX - 1, &number, err)) {
        return false;
    }
    if (comparison->config_count > 0 && configs[comparison->config_count - 1].number == number) {
        return true;
    }
    if (comparison->config_count == PLT_COMPARISON_MAX_CONFIGS) {
        return sim_err_set_at(err, SIM_ERR_LIMIT, csv->path, csv->line, 1,
                              "more than %d configurations", PLT_COMPARISON_MAX_CONFIGS);
    }
    if (strcmp(csv->fields[VERDICT], "baseline") == 0) {
        comparison->baseline = comparison->config_count;
    }
    configs[comparison->config_count++] =
        (struct plt_compared){.number = number,
                              .is_started = strcmp(csv->fields[VERDICT], "cannot start") != 0,
                              .is_settled = strcmp(csv->fields[VERDICT], "cannot start") != 0 &&
                                            strcmp(csv->fields[VERDICT], "never settles") != 0,
                              .label = sim_arena_strdup(comparison->arena, csv->fields[LABEL])};
    return true;
}

static bool add_value(struct plt_comparison *comparison, const struct sim_csv *csv,
                      uint32_t *config, uint32_t *last, struct sim_err *err)
{
    struct plt_measured *measure = get_measure(comparison, csv, last, err);
    struct plt_mean value = {NAN, 0};
    uint32_t replications;
    uint32_t number;

    if (measure == NULL || !sim_csv_index(csv, CONFIG, UINT32_MAX - 1, &number, err) ||
        !sim_csv_index(csv, REPS, UINT32_MAX - 1, &replications, err) ||
        (csv->fields[MEAN][0] != 0 &&
         !sim_csv_number(csv, MEAN, -1e300, 1e300, &value.mean, err)) ||
        (csv->fields[HALF_WIDTH][0] != 0 &&
         !sim_csv_number(csv, HALF_WIDTH, 0, 1e300, &value.half, err))) {
        return false;
    }
    if (comparison->configs[*config].number != number) {
        ++*config;
    }
    measure->means[*config] = value;
    if (replications > comparison->replications) {
        comparison->replications = replications;
    }
    return true;
}

/* ---- what the labels are made of ---- */

/* Where a part of a label ends: at ", " outside of brackets and quotes. */
static size_t part_length(const char *label)
{
    int depth = 0;
    char quote = 0;
    size_t i;

    for (i = 0; label[i] != 0; i++) {
        if (quote != 0) {
            quote = label[i] == quote ? 0 : quote;
        } else if (label[i] == '"' || label[i] == '\'') {
            quote = label[i];
        } else if (label[i] == '{' || label[i] == '[') {
            depth++;
        } else if (label[i] == '}' || label[i] == ']') {
            depth--;
        } else if (depth <= 0 && label[i] == ',' && label[i + 1] == ' ') {
            break;
        }
    }
    return i;
}

static uint32_t count_parts(const char *label)
{
    uint32_t parts = 1;

    for (const char *at = label + part_length(label); *at != 0; at += part_length(at)) {
        at += 2;
        parts++;
    }
    return parts;
}

/* Take the label of a configuration apart; false when its keys are not those of the first one. */
static bool split(struct plt_comparison *comparison, uint32_t config)
{
    const char *at = comparison->configs[config].label;

    for (uint32_t k = 0; k < comparison->key_count; k++) {
        size_t length = part_length(at);
        const char *equals = memchr(at, '=', length);

        if (equals == NULL || equals == at) {
            return false;
        }
        const char *key = sim_arena_strndup(comparison->arena, at, (size_t)(equals - at));
        if (config == 0) {
            comparison->keys[k] = key;
        } else if (strcmp(comparison->keys[k], key) != 0) {
            return false;
        }
        comparison->values[(size_t)config * comparison->key_count + k] =
            sim_arena_strndup(comparison->arena, equals + 1, length - (size_t)(equals + 1 - at));
        at += length + (at[length] != 0 ? 2 : 0);
        if (*at == 0 && k + 1 < comparison->key_count) {
            return false;
        }
    }
    return *at == 0;
}

static void split_labels(struct plt_comparison *comparison)
{
    uint32_t keys = count_parts(comparison->configs[0].label);
    bool is_split = true;

    comparison->key_count = keys;
    comparison->keys = (const char **)sim_arena_alloc(comparison->arena, keys, sizeof(char *));
    comparison->values = (const char **)sim_arena_alloc(
        comparison->arena, (size_t)keys * comparison->config_count, sizeof(char *));
    for (uint32_t c = 0; c < comparison->config_count && is_split; c++) {
        is_split = split(comparison, c);
    }
    if (!is_split) {
        comparison->key_count = 0;
    }
    for (uint32_t c = 0; c < comparison->config_count; c++) {
        struct plt_compared *config = &comparison->configs[c];
        struct sim_text text = {0};

        for (uint32_t k = 0; k < comparison->key_count; k++) {
            sim_text_add(&text, "%s%s", k > 0 ? ", " : "", comparison->values[c * keys + k]);
        }
        config->short_label =
            is_split ? sim_arena_strdup(comparison->arena, sim_text_get(&text)) : config->label;
        sim_text_finish(&text);
    }
}

/* Read the file once: its configurations first, then what was measured of each. */
static bool read_file(struct plt_comparison *comparison, const char *path, bool is_first,
                      struct sim_err *err)
{
    enum sim_csv_next next;
    struct sim_csv csv;
    uint32_t config = 0;
    uint32_t last = 0;

    if (!plt_csv_open(&csv, path, header, err)) {
        return false;
    }
    while ((next = sim_csv_next(&csv, err)) == SIM_CSV_ROW) {
        if (is_first ? !add_config(comparison, &csv, err)
                     : !add_value(comparison, &csv, &config, &last, err)) {
            next = SIM_CSV_ERROR;
            break;
        }
    }
    sim_csv_close(&csv);
    return next == SIM_CSV_END;
}

bool plt_comparison_read(struct plt_comparison *comparison, const char *path, struct sim_err *err)
{
    *comparison = (struct plt_comparison){.arena = sim_arena_create()};
    comparison->configs =
        sim_arena_alloc(comparison->arena, PLT_COMPARISON_MAX_CONFIGS, sizeof *comparison->configs);
    comparison->baseline = PLT_COMPARISON_MAX_CONFIGS;
    if (!read_file(comparison, path, true, err)) {
        return false;
    }
    if (comparison->config_count == 0) {
        return sim_err_set_at(err, SIM_ERR_INPUT, path, 1, 1, "the file holds no configurations");
    }
    if (comparison->baseline > comparison->config_count) {
        comparison->baseline = comparison->config_count;
    }
    split_labels(comparison);
    return read_file(comparison, path, false, err);
}

void plt_comparison_finish(struct plt_comparison *comparison)
{
    sim_arena_destroy(comparison->arena);
    free(comparison->measures);
}
