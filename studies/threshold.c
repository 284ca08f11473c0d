#include "studies/threshold.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "sim/compiler.h"
#include "sim/number.h"
#include "sim/text.h"

#define MOST_LIMIT 1e18

/* "95%" or 0.95. */
static bool parse_share(const char *text, double *value, struct sim_err *err)
{
    size_t length = strlen(text);
    char digits[32];

    if (length > 1 && length < sizeof digits && text[length - 1] == '%') {
        memcpy(digits, text, length - 1);
        digits[length - 1] = 0;
        if (!sim_number_parse_double(digits, 0, 100, value, err)) {
            return false;
        }
        *value /= 100;
        return true;
    }
    return sim_number_parse_double(text, 0, 1, value, err);
}

static bool parse_limit(enum study_unit unit, const char *text, double *value, struct sim_err *err)
{
    sim_time time;
    int64_t bytes;

    switch (unit) {
    case STUDY_UNIT_RATE:
    case STUDY_UNIT_MESSAGES:
        return sim_number_parse_rate(text, value, err);
    case STUDY_UNIT_SHARE:
        return parse_share(text, value, err);
    case STUDY_UNIT_MS:
        if (!sim_number_parse_duration(text, &time, err)) {
            return false;
        }
        *value = (double)time / 1e6;
        return true;
    case STUDY_UNIT_BUFFERS:
        return sim_number_parse_double(text, 0, MOST_LIMIT, value, err);
    case STUDY_UNIT_BYTES:
        if (!sim_number_parse_size(text, &bytes, err)) {
            return false;
        }
        *value = (double)bytes;
        return true;
    }
    return false;
}

SIM_PRINTF(3, 4)
static void add_mistake(struct study_thresholds *thresholds, const struct net_threshold_spec *spec,
                        const char *format, ...)
{
    struct sim_err *mistake = &thresholds->mistakes[thresholds->mistake_count++];
    struct sim_text text = {0};
    va_list args;

    va_start(args, format);
    sim_text_addv(&text, format, args);
    va_end(args);
    sim_err_set_at(mistake, SIM_ERR_INPUT, spec->file, spec->line, spec->column, "%s",
                   sim_text_get(&text));
    sim_text_finish(&text);
}

static void add_limit(struct study_thresholds *thresholds, const struct net_threshold_spec *spec,
                      const struct study_measures *measures, int64_t measure, bool is_least)
{
    const char *text = is_least ? spec->at_least : spec->at_most;
    struct study_threshold *threshold = &thresholds->list[thresholds->count];
    struct sim_err why = {0};

    if (text == NULL) {
        return;
    }
    *threshold = (struct study_threshold){.metric = spec->metric,
                                          .measure = (uint32_t)measure,
                                          .unit = measures->list[measure].unit,
                                          .is_least = is_least,
                                          .text = text};
    if (parse_limit(threshold->unit, text, &threshold->limit, &why)) {
        thresholds->count++;
    } else {
        add_mistake(thresholds, spec, "threshold of '%s': %s", spec->metric, why.text);
    }
}

static void add(struct study_thresholds *thresholds, const struct net_threshold_spec *spec,
                const struct study_measures *measures)
{
    int64_t measure = study_measures_find(measures, spec->metric);

    if (measure < 0) {
        struct sim_text hint = {0};

        study_measures_suggest(measures, spec->metric, &hint);
        add_mistake(thresholds, spec, "threshold: there is no metric '%s'%s", spec->metric,
                    sim_text_get(&hint));
        sim_text_finish(&hint);
        return;
    }
    add_limit(thresholds, spec, measures, measure, true);
    add_limit(thresholds, spec, measures, measure, false);
}

bool study_thresholds_read(struct study_thresholds *thresholds, const struct net_spec *spec,
                           struct sim_arena *arena)
{
    size_t most = 2 * (size_t)spec->threshold_count;
    struct study_measures measures;

    study_measures_make(&measures, spec, arena);
    *thresholds = (struct study_thresholds){
        .list = sim_arena_alloc(arena, most, sizeof(struct study_threshold)),
        .mistakes = sim_arena_alloc(arena, most, sizeof(struct sim_err)),
    };
    for (uint32_t i = 0; i < spec->threshold_count; i++) {
        add(thresholds, &spec->thresholds[i], &measures);
    }
    return thresholds->mistake_count == 0;
}

static enum study_threshold_verdict judge(const struct study_threshold *threshold)
{
    const struct sim_interval *interval = &threshold->interval;
    /* One run has no interval: its value is all there is. */
    double half_width = interval->n > 1 ? interval->half_width : 0;
    double room =
        threshold->is_least ? interval->mean - threshold->limit : threshold->limit - interval->mean;

    if (interval->n == 0) {
        return STUDY_THRESHOLD_NOT_DECIDED;
    }
    if (room >= half_width) {
        return STUDY_THRESHOLD_KEPT;
    }
    return room < -half_width ? STUDY_THRESHOLD_BROKEN : STUDY_THRESHOLD_NOT_DECIDED;
}

void study_thresholds_judge(struct study_thresholds *thresholds,
                            const struct study_compare *compare, uint32_t config)
{
    for (uint32_t i = 0; i < thresholds->count; i++) {
        struct study_threshold *threshold = &thresholds->list[i];

        threshold->interval =
            study_compare_interval(compare, config, threshold->measure, SIM_CONFIDENCE);
        threshold->verdict = study_compare_is_unsettled(compare, config) ? STUDY_THRESHOLD_UNSETTLED
                                                                         : judge(threshold);
    }
}

bool study_thresholds_are_broken(const struct study_thresholds *thresholds)
{
    for (uint32_t i = 0; i < thresholds->count; i++) {
        if (thresholds->list[i].verdict == STUDY_THRESHOLD_BROKEN ||
            thresholds->list[i].verdict == STUDY_THRESHOLD_UNSETTLED) {
            return true;
        }
    }
    return false;
}

const char *study_threshold_verdict_name(enum study_threshold_verdict verdict)
{
    static const char *const names[] = {
        [STUDY_THRESHOLD_KEPT] = "kept",
        [STUDY_THRESHOLD_BROKEN] = "broken",
        [STUDY_THRESHOLD_NOT_DECIDED] = "not decided",
        [STUDY_THRESHOLD_UNSETTLED] = "never settles",
    };

    return names[verdict];
}
