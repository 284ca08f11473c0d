#include "studies/compare_write.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "sim/number.h"
#include "studies/csv.h"

/* mean_ms, half_width_ms and the like. */
static void write_value(struct study_json *json, const char *what, enum study_unit unit,
                        double value)
{
    char key[64];

    snprintf(key, sizeof key, "%s_%s", what, study_unit_key(unit));
    study_json_number(json, key, value);
}

static void write_measures(struct study_json *json, const struct study_compare *compare,
                           uint32_t config)
{
    const struct study_measures *measures = &compare->configs[config].measures;

    study_json_list(json, "measures");
    for (uint32_t m = 0; m < measures->count; m++) {
        const struct study_measure *measure = &measures->list[m];
        struct sim_interval interval = study_compare_interval(compare, config, m, SIM_CONFIDENCE);

        study_json_inline(json, NULL);
        if (measure->vertex != NULL) {
            study_json_text(json, "vertex", measure->vertex);
        } else {
            study_json_null(json, "vertex");
        }
        study_json_text(json, "metric", measure->metric);
        study_json_uint(json, "reps", interval.n);
        write_value(json, "mean", measure->unit, interval.n > 0 ? interval.mean : NAN);
        write_value(json, "half_width", measure->unit, interval.half_width);
        study_json_close(json, '}');
    }
    study_json_close(json, ']');
}

void study_compare_write_config(struct study_json *json, const struct study_compare *compare,
                                uint32_t config)
{
    study_json_object(json, "replications");
    study_json_uint(json, "count", compare->done);
    study_json_text(json, "stopped_because", study_enough_name(compare->enough));
    study_json_number(json, "confidence", SIM_CONFIDENCE);
    write_measures(json, compare, config);
    study_json_close(json, '}');
}

static void write_number(FILE *out, double value)
{
    char text[64] = "";

    if (isfinite(value)) {
        sim_number_format_double(text, sizeof text, value);
    }
    fprintf(out, ",%s", text);
}

void study_compare_write_config_csv(const struct study_compare *compare, uint32_t config, FILE *out)
{
    const struct study_measures *measures = &compare->configs[config].measures;

    fputs("vertex,metric,unit,reps,mean,half_width\n", out);
    for (uint32_t m = 0; m < measures->count; m++) {
        const struct study_measure *measure = &measures->list[m];
        struct sim_interval interval = study_compare_interval(compare, config, m, SIM_CONFIDENCE);
        char vertex[600];

        study_csv_quote(vertex, sizeof vertex, measure->vertex != NULL ? measure->vertex : "");
        fprintf(out, "%s,%s,%s,%" PRIu64, vertex, measure->metric, study_unit_name(measure->unit),
                interval.n);
        write_number(out, interval.n > 0 ? interval.mean : NAN);
        write_number(out, interval.half_width);
        fputc('\n', out);
    }
}

void study_warnings_write(struct study_json *json, const struct study_warnings *warnings)
{
    study_json_list(json, "warnings");
    for (uint32_t i = 0; i < warnings->count; i++) {
        study_json_object(json, NULL);
        study_json_text(json, "code", warnings->list[i].code);
        study_json_text(json, "text", warnings->list[i].text);
        study_json_text(json, "remedy", warnings->list[i].remedy);
        study_json_close(json, '}');
    }
    study_json_close(json, ']');
}

void study_thresholds_write(struct study_json *json, const struct study_thresholds *thresholds)
{
    study_json_list(json, "thresholds");
    for (uint32_t i = 0; i < thresholds->count; i++) {
        const struct study_threshold *threshold = &thresholds->list[i];

        study_json_inline(json, NULL);
        study_json_text(json, "metric", threshold->metric);
        write_value(json, threshold->is_least ? "at_least" : "at_most", threshold->unit,
                    threshold->limit);
        study_json_text(json, "verdict", study_threshold_verdict_name(threshold->verdict));
        study_json_uint(json, "reps", threshold->interval.n);
        write_value(json, "mean", threshold->unit,
                    threshold->interval.n > 0 ? threshold->interval.mean : NAN);
        write_value(json, "half_width", threshold->unit, threshold->interval.half_width);
        study_json_close(json, '}');
    }
    study_json_close(json, ']');
}

/* ---- comparisons ---- */

/* An object with the keys that were varied. */
static void write_settings(struct study_json *json, const struct study_config *config)
{
    study_json_inline(json, "settings");
    for (size_t i = 0; i < config->setting_count; i++) {
        const char *equals = strchr(config->settings[i], '=');
        struct sim_text key = {0};

        sim_text_add_bytes(&key, config->settings[i], (size_t)(equals - config->settings[i]));
        study_json_text(json, sim_text_get(&key), equals + 1);
        sim_text_finish(&key);
    }
    study_json_close(json, '}');
}

static void write_config(struct study_json *json, const struct study_comparison *comparison,
                         uint32_t config)
{
    const struct study_compare *compare = comparison->compare;
    const struct study_config *of = &compare->configs[config];
    const struct study_outcome *outcome = study_run_outcome(of->first);

    study_json_object(json, NULL);
    study_json_text(json, "label", of->label);
    study_json_text(json, "scenario", of->spec->name);
    write_settings(json, of);
    study_json_text(json, "flink_version",
                    of->spec->config.version == NET_FLINK_2_2 ? "2.2" : "1.20");
    study_json_number(json, "duration_s", (double)of->spec->run.duration / 1e9);
    study_json_number(json, "warmup_s", (double)outcome->window_from / 1e9);
    study_json_bool(json, "started", outcome->stop != STUDY_STOP_REFUSED);
    if (outcome->stop == STUDY_STOP_REFUSED) {
        study_json_text(json, "error", outcome->refusal);
    } else if (of->warmup.has_growth) {
        study_json_number(json, "lag_growth_per_s", of->warmup.growth_per_s);
    } else {
        write_measures(json, compare, config);
    }
    if (comparison->thresholds != NULL && comparison->thresholds[config].count > 0) {
        study_thresholds_write(json, &comparison->thresholds[config]);
    }
    if (comparison->warnings != NULL) {
        study_warnings_write(json, &comparison->warnings[config]);
    }
    study_json_close(json, '}');
}

static void write_difference(struct study_json *json, const struct study_measure *measure,
                             uint32_t config, const struct study_difference *difference)
{
    const struct sim_interval *interval = &difference->interval;
    struct sim_text words = {0};

    study_difference_tell(difference, &words);
    study_json_inline(json, NULL);
    study_json_uint(json, "configuration", config);
    if (measure->vertex != NULL) {
        study_json_text(json, "vertex", measure->vertex);
    } else {
        study_json_null(json, "vertex");
    }
    study_json_text(json, "metric", measure->metric);
    study_json_uint(json, "pairs", interval->n);
    study_json_text(json, "verdict", study_difference_name(difference->kind));
    study_json_text(json, "words", sim_text_get(&words));
    write_value(json, "difference", measure->unit, interval->n > 0 ? interval->mean : NAN);
    write_value(json, "low", measure->unit, interval->mean - interval->half_width);
    write_value(json, "high", measure->unit, interval->mean + interval->half_width);
    study_json_number(json, "variance_reduction_factor", difference->gain);
    study_json_close(json, '}');
    sim_text_finish(&words);
}

/* Call for every measure of every configuration that has averages; the baseline included. */
typedef void (*each_fn)(void *arg, uint32_t config, uint32_t measure);

static void each_measure(const struct study_compare *compare, each_fn fn, void *arg)
{
    for (uint32_t c = 0; c < compare->config_count; c++) {
        for (uint32_t m = 0; m < compare->configs[c].measures.count; m++) {
            if (study_compare_is_measured(compare, c)) {
                fn(arg, c, m);
            }
        }
    }
}

struct writer {
    const struct study_comparison *comparison;
    struct study_json json;
};

static void write_json_difference(void *arg, uint32_t config, uint32_t measure)
{
    struct writer *writer = arg;
    const struct study_compare *compare = writer->comparison->compare;

    if (config != writer->comparison->baseline) {
        struct study_difference difference = study_compare_difference(
            compare, writer->comparison->baseline, config, measure, study_compare_level(compare));

        write_difference(&writer->json, &compare->configs[config].measures.list[measure], config,
                         &difference);
    }
}

void study_comparison_write_json(const struct study_comparison *comparison, FILE *out)
{
    const struct study_compare *compare = comparison->compare;
    struct writer writer = {.comparison = comparison};
    struct study_json *json = &writer.json;

    study_json_begin(json, out);
    study_json_object(json, NULL);
    study_json_text(json, "sluice_version", comparison->version);
    study_json_uint(json, "seed", compare->seed);
    study_json_uint(json, "replications", compare->done);
    study_json_text(json, "stopped_because", study_enough_name(compare->enough));
    study_json_number(json, "confidence", SIM_CONFIDENCE);
    study_json_number(json, "confidence_of_each_difference", study_compare_level(compare));
    study_json_uint(json, "baseline", comparison->baseline);
    study_json_list(json, "configurations");
    for (uint32_t c = 0; c < compare->config_count; c++) {
        write_config(json, comparison, c);
    }
    study_json_close(json, ']');
    study_json_list(json, "differences");
    each_measure(compare, write_json_difference, &writer);
    study_json_close(json, ']');
    study_json_close(json, '}');
}

static void write_csv_difference(const struct study_comparison *comparison, uint32_t config,
                                 uint32_t measure, FILE *out)
{
    const struct study_compare *compare = comparison->compare;
    struct study_difference difference = study_compare_difference(
        compare, comparison->baseline, config, measure, study_compare_level(compare));

    write_number(out, difference.interval.n > 0 ? difference.interval.mean : NAN);
    write_number(out, difference.interval.mean - difference.interval.half_width);
    write_number(out, difference.interval.mean + difference.interval.half_width);
    fprintf(out, ",%" PRIu64 ",%s", difference.interval.n, study_difference_name(difference.kind));
    write_number(out, difference.gain);
    fputc('\n', out);
}

/* A configuration without averages has its rows too, with nothing in them but the reason. */
static void write_csv_row(const struct study_comparison *comparison, uint32_t config,
                          uint32_t measure, FILE *out)
{
    const struct study_compare *compare = comparison->compare;
    const struct study_measure *of = &compare->configs[config].measures.list[measure];
    struct sim_interval interval = {.half_width = NAN};
    char label[600];
    char vertex[600];

    if (study_compare_is_measured(compare, config)) {
        interval = study_compare_interval(compare, config, measure, SIM_CONFIDENCE);
    }
    study_csv_quote(label, sizeof label, compare->configs[config].label);
    study_csv_quote(vertex, sizeof vertex, of->vertex != NULL ? of->vertex : "");
    fprintf(out, "%" PRIu32 ",%s,%s,%s,%s,%" PRIu64, config + 1, label, vertex, of->metric,
            study_unit_name(of->unit), interval.n);
    write_number(out, interval.n > 0 ? interval.mean : NAN);
    write_number(out, interval.half_width);
    if (study_compare_is_refused(compare, config)) {
        fputs(",,,,,cannot start,\n", out);
    } else if (study_compare_is_unsettled(compare, config)) {
        fputs(",,,,,never settles,\n", out);
    } else if (config == comparison->baseline) {
        fputs(",,,,,baseline,\n", out);
    } else {
        write_csv_difference(comparison, config, measure, out);
    }
}

void study_comparison_write_csv(const struct study_comparison *comparison, FILE *out)
{
    const struct study_compare *compare = comparison->compare;

    fputs("config,label,vertex,metric,unit,reps,mean,half_width,difference,low,high,pairs,verdict,"
          "variance_reduction\n",
          out);
    for (uint32_t c = 0; c < compare->config_count; c++) {
        for (uint32_t m = 0; m < compare->configs[c].measures.count; m++) {
            write_csv_row(comparison, c, m, out);
        }
    }
}
