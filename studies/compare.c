#include "studies/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "studies/replicate.h"

/* Differences below this part of the values are those of adding up in another order. */
#define EQUAL 1e-12

/* A difference is told in percent up to this many times the value. */
#define MANY_TIMES 10

static void describe(void *arg, uint64_t item, struct study_run_params *params)
{
    const struct study_compare *compare = arg;
    const struct study_config *config = &compare->configs[item % compare->config_count];

    params->spec = config->spec;
    params->seed = compare->seed;
    params->replication = item / compare->config_count;
    params->has_audits = compare->has_audits;
    params->per_record = compare->per_record;
    params->seeks_warmup = true;
    if (params->replication == 0) {
        params->folder = config->folder;
        params->wants_channels = compare->wants_channels;
    }
}

static double *value_of(const struct study_config *config, uint32_t replication, uint32_t measure)
{
    return &config->values[(size_t)replication * config->measures.count + measure];
}

static bool is_refused(const struct study_config *config)
{
    return study_run_outcome(config->first)->stop == STUDY_STOP_REFUSED;
}

bool study_compare_is_measured(const struct study_compare *compare, uint32_t config)
{
    const struct study_config *of = &compare->configs[config];

    return !is_refused(of) && !of->warmup.has_growth;
}

/* Whether a target is reached by every configuration that has the measure, and averages. */
static bool is_reached(const struct study_compare *compare, const struct study_target *target)
{
    for (uint32_t c = 0; c < compare->config_count; c++) {
        const struct study_config *config = &compare->configs[c];
        int64_t measure = study_measures_find(&config->measures, target->name);

        if (measure >= 0 && study_compare_is_measured(compare, c)) {
            struct sim_interval interval =
                study_compare_interval(compare, c, (uint32_t)measure, SIM_CONFIDENCE);

            if (interval.n < compare->done ||
                !(sim_interval_relative(&interval) <= target->relative)) {
                return false;
            }
        }
    }
    return true;
}

/* All configurations have one more replication: whether to go on. */
static bool goes_on(struct study_compare *compare)
{
    bool has_started = false;
    bool is_measured = false;
    bool is_precise = compare->target_count > 0;

    for (uint32_t c = 0; c < compare->config_count; c++) {
        has_started = has_started || !is_refused(&compare->configs[c]);
        is_measured = is_measured || study_compare_is_measured(compare, c);
    }
    if (!is_measured) {
        compare->enough = has_started ? STUDY_ENOUGH_UNSETTLED : STUDY_ENOUGH_REFUSED;
        return false;
    }
    if (compare->target_count == 0) {
        return true;
    }
    compare->enough = STUDY_ENOUGH_BUDGET;
    if (compare->done < STUDY_LEAST_REPLICATIONS) {
        return true;
    }
    for (uint32_t t = 0; t < compare->target_count && is_precise; t++) {
        is_precise = is_reached(compare, &compare->targets[t]);
    }
    if (is_precise) {
        compare->enough = STUDY_ENOUGH_PRECISION;
    }
    return !is_precise;
}

/* What a run gave, once it is known from where on it counts. */
static void read_run(struct study_config *config, uint32_t replication, struct study_run *run)
{
    study_run_cut(run, config->cut);
    if (study_run_outcome(run)->stop == STUDY_STOP_REFUSED) {
        for (uint32_t m = 0; m < config->measures.count; m++) {
            *value_of(config, replication, m) = NAN;
        }
    } else {
        study_measures_read(&config->measures, run, value_of(config, replication, 0));
        study_replicated_add(config->all, run);
    }
}

/* Replication 0 of every configuration is over: find where they count from, and read them. */
static void settle(struct study_compare *compare)
{
    sim_time longest = 0;

    for (uint32_t c = 0; c < compare->config_count; c++) {
        struct study_config *config = &compare->configs[c];

        config->warmup = *study_run_warmup(config->first);
        longest = config->warmup.cut > longest ? config->warmup.cut : longest;
    }
    for (uint32_t c = 0; c < compare->config_count; c++) {
        struct study_config *config = &compare->configs[c];
        bool is_within = longest <= config->spec->run.duration / 2;

        config->cut = is_within ? longest : config->warmup.cut;
        read_run(config, 0, config->first);
    }
}

static bool take(void *arg, uint64_t item, struct study_run *run)
{
    struct study_compare *compare = arg;
    uint32_t index = (uint32_t)(item % compare->config_count);
    uint32_t replication = (uint32_t)(item / compare->config_count);
    struct study_config *config = &compare->configs[index];

    compare->record_hops += study_run_outcome(run)->record_hops;
    if (replication == 0) {
        config->first = run;
    } else {
        read_run(config, replication, run);
        study_run_destroy(run);
    }
    if (index + 1 < compare->config_count) {
        return true;
    }
    if (replication == 0) {
        settle(compare);
    }
    compare->done = replication + 1;
    return goes_on(compare);
}

bool study_compare_run(struct study_compare *compare, struct sim_err *err)
{
    struct study_replicate_params params = {
        .items = (uint64_t)compare->replications * compare->config_count,
        .jobs = compare->jobs,
        .describe = describe,
        .take = take,
        .arg = compare,
        .progress = compare->progress,
        .progress_arg = compare->progress_arg,
    };
    bool was_interrupted = false;
    bool is_done;

    compare->arena = sim_arena_create();
    compare->enough = STUDY_ENOUGH_COUNT;
    for (uint32_t c = 0; c < compare->config_count; c++) {
        struct study_config *config = &compare->configs[c];

        study_measures_make(&config->measures, config->spec, compare->arena);
        config->values = sim_arena_alloc(
            compare->arena, (size_t)compare->replications * config->measures.count, sizeof(double));
        config->all = study_replicated_create();
    }
    is_done = study_replicate(&params, &was_interrupted, err);
    if (was_interrupted) {
        compare->enough = STUDY_ENOUGH_INTERRUPTED;
    }
    return is_done;
}

void study_compare_finish(struct study_compare *compare)
{
    for (uint32_t c = 0; c < compare->config_count && compare->arena != NULL; c++) {
        study_run_destroy(compare->configs[c].first);
        study_replicated_destroy(compare->configs[c].all);
    }
    sim_arena_destroy(compare->arena);
}

struct sim_interval study_compare_interval(const struct study_compare *compare, uint32_t config,
                                           uint32_t measure, double level)
{
    struct sim_tally tally = {0};
    uint32_t count = study_compare_is_measured(compare, config) ? compare->done : 0;

    for (uint32_t r = 0; r < count; r++) {
        double value = *value_of(&compare->configs[config], r, measure);

        if (!isnan(value)) {
            sim_tally_add(&tally, value);
        }
    }
    return sim_interval_of(&tally, level);
}

double study_compare_level(const struct study_compare *compare)
{
    return sim_interval_level(SIM_CONFIDENCE,
                              compare->config_count > 1 ? compare->config_count - 1 : 1);
}

static enum study_difference_kind judge(const double *a, const double *b, size_t count,
                                        const struct sim_interval *interval)
{
    bool is_same = true;

    if (count < 2) {
        return STUDY_DIFFERENCE_NONE;
    }
    for (size_t i = 0; i < count && is_same; i++) {
        is_same = fabs(b[i] - a[i]) <= EQUAL * (fabs(a[i]) + fabs(b[i]));
    }
    if (is_same) {
        return STUDY_DIFFERENCE_SAME;
    }
    if (fabs(interval->mean) <= interval->half_width) {
        return STUDY_DIFFERENCE_OPEN;
    }
    return interval->mean < 0 ? STUDY_DIFFERENCE_LOWER : STUDY_DIFFERENCE_HIGHER;
}

struct study_difference study_compare_difference(const struct study_compare *compare,
                                                 uint32_t baseline, uint32_t config,
                                                 uint32_t measure, double level)
{
    const struct study_config *of = &compare->configs[config];
    const struct study_config *to = &compare->configs[baseline];
    struct study_difference difference = {.unit = of->measures.list[measure].unit, .gain = 1};
    double *a = sim_alloc(compare->done + 1, sizeof *a);
    double *b = sim_alloc(compare->done + 1, sizeof *b);
    struct sim_tally base = {0};
    char name[256];
    bool is_measured =
        study_compare_is_measured(compare, config) && study_compare_is_measured(compare, baseline);
    size_t pairs = 0;
    int64_t other;

    study_measure_name(&of->measures.list[measure], name, sizeof name);
    other = study_measures_find(&to->measures, name);
    for (uint32_t r = 0; is_measured && other >= 0 && r < compare->done; r++) {
        a[pairs] = *value_of(to, r, (uint32_t)other);
        b[pairs] = *value_of(of, r, measure);
        if (!isnan(a[pairs]) && !isnan(b[pairs])) {
            sim_tally_add(&base, a[pairs]);
            pairs++;
        }
    }
    difference.interval = sim_interval_paired(a, b, pairs, level);
    difference.kind = judge(a, b, pairs, &difference.interval);
    difference.base = base.mean;
    if (pairs > 1) {
        difference.gain = sim_interval_gain(a, b, pairs);
    }
    free(a);
    free(b);
    return difference;
}

sim_time study_compare_cut(const struct study_compare *compare, uint32_t config)
{
    return study_run_outcome(compare->configs[config].first)->window_from;
}

bool study_compare_is_unsettled(const struct study_compare *compare, uint32_t config)
{
    return compare->configs[config].warmup.has_growth;
}

bool study_compare_is_refused(const struct study_compare *compare, uint32_t config)
{
    return is_refused(&compare->configs[config]);
}

const char *study_difference_name(enum study_difference_kind kind)
{
    static const char *const names[] = {
        [STUDY_DIFFERENCE_NONE] = "nothing to compare",
        [STUDY_DIFFERENCE_SAME] = "same",
        [STUDY_DIFFERENCE_OPEN] = "no difference shown",
        [STUDY_DIFFERENCE_LOWER] = "lower",
        [STUDY_DIFFERENCE_HIGHER] = "higher",
    };

    return names[kind];
}

/* In what a difference is told, and by what it is divided. */
static const char *scale_of(const struct study_difference *difference, double *scale)
{
    if (difference->unit == STUDY_UNIT_SHARE) {
        *scale = 0.01;
        return "points";
    }
    if (difference->base != 0) {
        *scale = fabs(difference->base) / 100;
        return "%";
    }
    *scale = 1;
    return study_unit_name(difference->unit);
}

double study_difference_factor(const struct study_difference *difference)
{
    bool is_share = difference->unit == STUDY_UNIT_SHARE;
    double factor =
        is_share || difference->base <= 0 ? 0 : 1 + difference->interval.mean / difference->base;

    return factor >= MANY_TIMES ? factor : 0;
}

void study_difference_tell(const struct study_difference *difference, struct sim_text *text)
{
    const struct sim_interval *interval = &difference->interval;
    unsigned long long pairs = interval->n;
    bool is_lower = difference->kind == STUDY_DIFFERENCE_LOWER;
    const char *word = is_lower ? "lower" : "higher";
    double scale;
    const char *unit = scale_of(difference, &scale);
    double mean = interval->mean / scale;
    double half = interval->half_width / scale;

    if (difference->unit == STUDY_UNIT_RATE) {
        word = is_lower ? "slower" : "faster";
    }
    if (difference->kind == STUDY_DIFFERENCE_HIGHER && study_difference_factor(difference) > 0) {
        int digits = study_difference_factor(difference) < 100;

        sim_text_add(text, "%.*f times as %s (%.*f to %.*f, %llu pairs)", digits,
                     study_difference_factor(difference),
                     difference->unit == STUDY_UNIT_RATE ? "fast" : "high", digits,
                     1 + (mean - half) / 100, digits, 1 + (mean + half) / 100, pairs);
        return;
    }
    switch (difference->kind) {
    case STUDY_DIFFERENCE_NONE:
        sim_text_add(text, pairs == 1 ? "one pair only" : "nothing to compare");
        break;
    case STUDY_DIFFERENCE_SAME:
        sim_text_add(text, "the same in all %llu pairs", pairs);
        break;
    case STUDY_DIFFERENCE_OPEN:
        sim_text_add(text, "no difference shown (%+.1f to %+.1f %s)", mean - half, mean + half,
                     unit);
        break;
    case STUDY_DIFFERENCE_LOWER:
    case STUDY_DIFFERENCE_HIGHER:
        sim_text_add(text, "%s by %.1f %s (%.1f to %.1f, %llu pairs)", word, fabs(mean), unit,
                     fabs(mean) - half, fabs(mean) + half, pairs);
        break;
    }
}

const char *study_enough_name(enum study_enough enough)
{
    switch (enough) {
    case STUDY_ENOUGH_COUNT:
        return "as many as asked for";
    case STUDY_ENOUGH_PRECISION:
        return "every half-width asked for is reached";
    case STUDY_ENOUGH_BUDGET:
        return "the budget is used up before every half-width was reached";
    case STUDY_ENOUGH_REFUSED:
        return "the job cannot start";
    case STUDY_ENOUGH_UNSETTLED:
        return "the load never settles";
    case STUDY_ENOUGH_INTERRUPTED:
        return "interrupted";
    }
    return "unknown";
}
