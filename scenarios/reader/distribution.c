#include "scenarios/reader/distribution.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scenarios/reader/file.h"
#include "sim/number.h"

/* How each distribution is written. */
struct form {
    const char *key;
    enum sim_dist_kind kind;
    enum scn_group group; /* of its parameters; SCN_GROUPS: one quantity or two */
};

static const struct form forms[] = {
    {"constant", SIM_DIST_CONSTANT, SCN_GROUPS},
    {"exponential", SIM_DIST_EXPONENTIAL, SCN_GROUPS},
    {"uniform", SIM_DIST_UNIFORM, SCN_GROUPS},
    {"gamma", SIM_DIST_GAMMA, SCN_MEAN_CV},
    {"lognormal", SIM_DIST_LOGNORMAL, SCN_MEAN_CV},
    {"weibull", SIM_DIST_WEIBULL, SCN_SCALE_SHAPE},
    {"pareto", SIM_DIST_PARETO, SCN_MIN_TAIL},
    {"discrete", SIM_DIST_DISCRETE, SCN_DISCRETE},
    {"empirical", SIM_DIST_EMPIRICAL, SCN_EMPIRICAL},
};

#define FORMS (sizeof(forms) / sizeof(forms[0]))

static bool count_values(struct scn_reading *reading, const struct scn_node *node, size_t count)
{
    reading->listed_values += count;
    if (reading->listed_values > SCN_MAX_VALUES) {
        scn_error(reading->list, node->place,
                  "with this the scenario lists %zu values, the limit is %d; take a part of them",
                  reading->listed_values, SCN_MAX_VALUES);
        return false;
    }
    return true;
}

/* A list of durations or sizes. */
static bool read_quantities(struct scn_reading *reading, const struct scn_key *key,
                            const struct scn_node *node, int64_t **values, size_t *count)
{
    if (node->kind != SCN_SEQUENCE || node->count == 0) {
        scn_error(reading->list, node->place, "'%s' must be a list of %s, found %s", key->name,
                  reading->is_size ? "sizes" : "durations",
                  scn_node_describe(reading->arena, node));
        return false;
    }
    if (!count_values(reading, node, node->count)) {
        return false;
    }
    bool is_good = true;
    *values = sim_arena_alloc(reading->arena, node->count, sizeof(**values));
    *count = 0;
    for (const struct scn_entry *entry = node->first; entry; entry = entry->next) {
        is_good &= scn_read_quantity(reading, key, entry->value, &(*values)[(*count)++]);
    }
    return is_good;
}

static bool read_uniform(struct scn_reading *reading, const struct scn_key *key,
                         const struct scn_node *node, struct sim_dist *dist)
{
    int64_t *bounds = NULL;
    size_t count = 0;
    if (!read_quantities(reading, key, node, &bounds, &count)) {
        return false;
    }
    if (count != 2) {
        scn_error(reading->list, node->place, "'uniform' must be [low, high], found %zu values",
                  count);
        return false;
    }
    dist->a = (double)bounds[0];
    dist->b = (double)bounds[1];
    return true;
}

static bool read_discrete(struct scn_reading *reading, const struct scn_node *node,
                          struct sim_dist *dist)
{
    const struct scn_node *values = scn_node_get(node, "values");
    const struct scn_node *weights = scn_node_get(node, "weights");
    int64_t *numbers = NULL;
    double *doubles = NULL;
    uint32_t weight_count = 0;
    bool is_good = read_quantities(reading, scn_schema_find(SCN_DISCRETE, "values"), values,
                                   &numbers, &dist->count);
    is_good &= scn_read_numbers(reading, scn_schema_find(SCN_DISCRETE, "weights"), weights,
                                &doubles, &weight_count);
    if (is_good && dist->count != weight_count) {
        scn_error(reading->list, weights->place, "%u weights for %zu values", weight_count,
                  dist->count);
        return false;
    }
    dist->values = numbers;
    dist->weights = doubles;
    return is_good;
}

/* The unit of the numbers in a file, or 0 after a mistake was reported. */
static double read_unit(struct scn_reading *reading, const struct scn_node *node)
{
    static const double factors[] = {1, 1e3, 1e6, 1e9, 1};
    const struct scn_key *key = scn_schema_find(SCN_EMPIRICAL, "unit");
    const struct scn_node *unit = scn_node_get(node, "unit");
    if (!unit) {
        return reading->is_size ? 1 : 1e6;
    }
    if (!scn_read_value(reading, key, unit, NULL)) {
        return 0;
    }
    int index = scn_choice_find(key->choices, unit->text);
    if ((index == 4) != reading->is_size) {
        scn_error(reading->list, unit->place, "'unit' must be %s here, found '%s'",
                  reading->is_size ? "B" : "ns, us, ms or s", unit->text);
        return 0;
    }
    return factors[index];
}

static bool read_values_file(struct scn_reading *reading, const struct scn_node *node,
                             const struct scn_node *file, struct sim_dist *dist)
{
    struct sim_err err = {0};
    double unit = read_unit(reading, node);
    if (unit == 0 || !scn_read_value(reading, scn_schema_find(SCN_EMPIRICAL, "file"), file, NULL)) {
        return false;
    }
    char *text = scn_file_read_beside(reading->arena, reading->directory, file->text, &err);
    if (!text || !sim_dist_read_csv(dist, file->text, text, unit, reading->arena, &err)) {
        struct sim_text where = {0};
        if (err.line > 0) {
            sim_text_add(&where, "%s:%u: ", file->text, err.line);
        }
        scn_error(reading->list, file->place, "%s%s", sim_text_get(&where), err.text);
        sim_text_finish(&where);
        return false;
    }
    return count_values(reading, file, dist->count);
}

static bool read_empirical(struct scn_reading *reading, const struct scn_node *node,
                           struct sim_dist *dist)
{
    const struct scn_node *file = scn_node_get(node, "file");
    const struct scn_node *values = scn_node_get(node, "values");
    if (!file == !values) {
        scn_error(reading->list, node->place, "'empirical' needs either 'file' or 'values'");
        return false;
    }
    if (file) {
        return read_values_file(reading, node, file, dist);
    }
    const struct scn_entry *unit = scn_node_find(node, "unit");
    if (unit) {
        scn_error(reading->list, unit->key->place,
                  "'unit' goes with 'file'; 'values' have units of their own");
        return false;
    }
    int64_t *numbers = NULL;
    bool is_good = read_quantities(reading, scn_schema_find(SCN_EMPIRICAL, "values"), values,
                                   &numbers, &dist->count);
    dist->values = numbers;
    return is_good;
}

static bool read_form(struct scn_reading *reading, const struct form *form,
                      const struct scn_key *key, const struct scn_node *node, struct sim_dist *dist)
{
    int64_t quantity = 0;
    dist->kind = form->kind;
    if (form->kind == SIM_DIST_UNIFORM) {
        return read_uniform(reading, key, node, dist);
    }
    if (form->group == SCN_GROUPS) {
        bool is_good = scn_read_quantity(reading, key, node, &quantity);
        dist->a = (double)quantity;
        return is_good;
    }
    if (!scn_read_fields(reading, node, form->group, dist)) {
        return false;
    }
    if (form->kind == SIM_DIST_DISCRETE) {
        return read_discrete(reading, node, dist);
    }
    return form->kind != SIM_DIST_EMPIRICAL || read_empirical(reading, node, dist);
}

bool scn_read_distribution(struct scn_reading *reading, const struct scn_node *node,
                           enum scn_group group, struct sim_dist *dist)
{
    const struct form *found = NULL;
    for (size_t i = 0; i < FORMS; i++) {
        const struct scn_entry *entry = scn_node_find(node, forms[i].key);
        if (entry && found) {
            scn_error(reading->list, entry->key->place,
                      "'%s' and '%s' exclude each other: one distribution is needed", found->key,
                      forms[i].key);
            return false;
        }
        if (entry) {
            found = &forms[i];
        }
    }
    if (!found) {
        scn_error(reading->list, node->place,
                  "a distribution is missing here: constant, exponential, uniform, gamma, "
                  "lognormal, weibull, pareto, discrete or empirical");
        return false;
    }
    struct sim_dist result = {0};
    struct sim_err err = {0};
    const struct scn_node *value = scn_node_get(node, found->key);
    if (!read_form(reading, found, scn_schema_find(group, found->key), value, &result)) {
        return false;
    }
    if (!sim_dist_prepare(&result, &err)) {
        scn_error(reading->list, value->place, "%s", err.text);
        return false;
    }
    *dist = result;
    return true;
}

/* Sizes that are written out are held to the limits of the key; those that are drawn stay within.
 */
static bool limit_sizes(struct scn_reading *reading, const struct scn_key *key,
                        const struct scn_node *node, struct sim_dist *dist)
{
    bool is_constant = dist->kind == SIM_DIST_CONSTANT;
    dist->least = (int64_t)key->low;
    dist->most = (int64_t)key->high;
    for (size_t i = 0; i < (is_constant ? 1 : dist->count); i++) {
        int64_t bytes = is_constant ? (int64_t)dist->a : dist->values[i];
        if (bytes < dist->least || bytes > dist->most) {
            scn_error(reading->list, node->place, "'%s' must be from %lldB to %lldB, found %lldB",
                      key->name, (long long)dist->least, (long long)dist->most, (long long)bytes);
            return false;
        }
    }
    return true;
}

bool scn_read_record_size(struct scn_reading *reading, const struct scn_key *key,
                          const struct scn_node *node, struct sim_dist *dist)
{
    bool is_good;
    reading->is_size = true;
    if (node->kind == SCN_MAPPING) {
        is_good = scn_check_keys(reading, node, SCN_DISTRIBUTION) &&
                  scn_read_distribution(reading, node, SCN_DISTRIBUTION, dist) &&
                  limit_sizes(reading, key, node, dist);
    } else {
        int64_t bytes = 0;
        is_good = scn_read_quantity(reading, key, node, &bytes);
        *dist = (struct sim_dist){.kind = SIM_DIST_CONSTANT, .a = (double)bytes};
    }
    reading->is_size = false;
    return is_good;
}
