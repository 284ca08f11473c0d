#include "cli/study_options.h"

#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/memory.h"
#include "sim/arena.h"
#include "sim/number.h"
#include "studies/replicate.h"

#define MOST_REPLICATIONS 10000
#define MOST_JOBS 256

/* "METRIC=2%" or "2%"; the name stays empty in the second case. */
static bool read_target(struct study_target *target, const char *text, struct sim_err *err)
{
    const char *equals = strrchr(text, '=');
    const char *number = equals != NULL ? equals + 1 : text;
    size_t name = equals != NULL ? (size_t)(equals - text) : 0;
    size_t length = strlen(number);
    char digits[32];
    double percent;
    struct sim_err why = {0};

    if (name >= sizeof target->name || length < 2 || length > sizeof digits ||
        number[length - 1] != '%') {
        return sim_err_set(err, SIM_ERR_USAGE,
                           "option '--precision': '%.200s' is not a precision such as 2%% or "
                           "sink.latencyMs.p99=5%%",
                           text);
    }
    snprintf(digits, sizeof digits, "%.*s", (int)(length - 1), number);
    if (!sim_number_parse_double(digits, 0.001, 100, &percent, &why)) {
        return sim_err_set(err, SIM_ERR_USAGE, "option '--precision': %s", why.text);
    }
    snprintf(target->name, sizeof target->name, "%.*s", (int)name, text);
    target->relative = percent / 100;
    return true;
}

bool cli_study_read(struct cli_study *study, const struct cli_args *args,
                    const struct cli_study_options *where, uint32_t otherwise, struct sim_err *err)
{
    const struct cli_value *precision = &args->values[where->precision];

    int64_t replications = precision->count > 0 ? STUDY_BUDGET : otherwise;
    int64_t jobs = study_processors();

    *study = (struct cli_study){0};
    if (precision->count > CLI_MOST_TARGETS) {
        return sim_err_set(err, SIM_ERR_USAGE, "option '--precision': at most %d of them",
                           CLI_MOST_TARGETS);
    }
    for (; study->target_count < precision->count; study->target_count++) {
        if (!read_target(&study->targets[study->target_count],
                         precision->texts[study->target_count], err)) {
            return false;
        }
    }
    if (!cli_args_number(args, where->replications, 1, MOST_REPLICATIONS, &replications, err) ||
        !cli_args_number(args, where->jobs, 1, MOST_JOBS, &jobs, err)) {
        return false;
    }
    study->replications = (uint32_t)replications;
    study->jobs = (uint32_t)jobs;
    if (study->target_count > 0 && study->replications < STUDY_LEAST_REPLICATIONS) {
        return sim_err_set(err, SIM_ERR_USAGE,
                           "option '--replications': with --precision it takes at least %d",
                           STUDY_LEAST_REPLICATIONS);
    }
    return true;
}

/* Put a target without a name for every headline measure that has none yet. */
static bool add_headlines(struct cli_study *study, const struct study_measures *measures,
                          double relative, struct sim_err *err)
{
    for (uint32_t m = 0; m < measures->count; m++) {
        char name[sizeof study->targets[0].name];
        bool is_there = !measures->list[m].is_headline;

        study_measure_name(&measures->list[m], name, sizeof name);
        for (uint32_t t = 0; t < study->target_count && !is_there; t++) {
            is_there = strcmp(study->targets[t].name, name) == 0;
        }
        if (is_there) {
            continue;
        }
        if (study->target_count == CLI_MOST_TARGETS) {
            return sim_err_set(err, SIM_ERR_USAGE,
                               "option '--precision': the job has too many sinks, name metrics");
        }
        study->targets[study->target_count].relative = relative;
        memcpy(study->targets[study->target_count++].name, name, sizeof name);
    }
    return true;
}

static bool check_target(const struct study_target *target, const struct study_measures *measures,
                         uint32_t count, struct sim_err *err)
{
    struct sim_text hint = {0};

    for (uint32_t i = 0; i < count; i++) {
        if (study_measures_find(&measures[i], target->name) >= 0) {
            return true;
        }
    }
    study_measures_suggest(&measures[0], target->name, &hint);
    sim_err_set(err, SIM_ERR_USAGE, "option '--precision': there is no metric '%s'%s", target->name,
                sim_text_get(&hint));
    sim_text_finish(&hint);
    return false;
}

bool cli_study_resolve(struct cli_study *study, const struct net_spec *const *specs,
                       uint32_t spec_count, struct sim_err *err)
{
    struct sim_arena *arena = sim_arena_create();
    struct study_measures *measures = sim_arena_alloc(arena, spec_count, sizeof *measures);
    struct cli_study given = *study;
    bool is_good = true;

    for (uint32_t i = 0; i < spec_count; i++) {
        study_measures_make(&measures[i], specs[i], arena);
    }
    study->target_count = 0;
    for (uint32_t t = 0; t < given.target_count; t++) {
        if (given.targets[t].name[0] != 0) {
            study->targets[study->target_count++] = given.targets[t];
        }
    }
    for (uint32_t t = 0; t < study->target_count && is_good; t++) {
        is_good = check_target(&study->targets[t], measures, spec_count, err);
    }
    for (uint32_t t = 0; t < given.target_count; t++) {
        for (uint32_t i = 0; i < spec_count && is_good && given.targets[t].name[0] == 0; i++) {
            is_good = add_headlines(study, &measures[i], given.targets[t].relative, err);
        }
    }
    sim_arena_destroy(arena);
    return is_good;
}

/* The runs under way and those that wait for their turn (studies/replicate.h), and the first of
 * each configuration, which is kept. */
bool cli_study_fits(const struct cli_study *study, const struct net_spec *const *specs,
                    uint32_t spec_count, struct sim_err *err)
{
    uint64_t runs = (uint64_t)study->replications * spec_count;
    uint64_t at_once = (uint64_t)study->jobs * STUDY_AHEAD + spec_count;

    uint64_t threads = study->jobs < runs ? study->jobs : runs;

    return cli_memory_check(specs, spec_count, runs < at_once ? runs : at_once, threads - 1, err);
}

static bool has_text(const struct study_warnings *warnings, const char *text)
{
    for (uint32_t i = 0; warnings != NULL && i < warnings->count; i++) {
        if (strcmp(warnings->list[i].text, text) == 0) {
            return true;
        }
    }
    return false;
}

void cli_warnings_print(const struct study_warnings *warnings, const struct study_warnings *told,
                        const char *label)
{
    for (uint32_t i = 0; i < warnings->count; i++) {
        const struct study_warning *warning = &warnings->list[i];
        struct sim_text text = {0};

        if (has_text(told, warning->text)) {
            continue;
        }
        sim_text_add(&text, "sluice: warning: %s%s%s %s", label != NULL ? label : "",
                     label != NULL ? ": " : "", warning->text, warning->remedy);
        cli_wrap(stderr, sim_text_get(&text), 0, 4);
        sim_text_finish(&text);
    }
}
