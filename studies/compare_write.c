#include "studies/compare_write.h"

#include <inttypes.h>
#include <math.h>

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
