#ifndef CLI_STUDY_OPTIONS_H
#define CLI_STUDY_OPTIONS_H
/*
 * How often a verb runs its scenarios: --replications, --precision, --jobs; one definition for all
 * verbs that replicate.
 */
#include <stdint.h>

#include "cli/options.h"
#include "cli/progress.h"
#include "scenarios/reader/scenario.h"
#include "studies/compare.h"
#include "studies/warnings.h"

#define CLI_OPTION_REPLICATIONS                                                                    \
    {                                                                                              \
        .name = "replications", .argument = "N",                                                   \
        .help = "run N times with other random numbers, and print means with 95 % intervals; "     \
                "with --precision: at most N times, 100 without it"                                \
    }

#define CLI_OPTION_PRECISION                                                                       \
    {                                                                                              \
        .name = "precision", .argument = "[METRIC=]P%", .may_repeat = true,                        \
        .help = "replicate, at least 10 times, until the half-width of the interval is at most P " \
                "% of the mean, of METRIC (as in sink.latencyMs.p99) or of the sinks' records/s "  \
                "and p99"                                                                          \
    }

#define CLI_OPTION_JOBS                                                                            \
    {                                                                                              \
        .name = "jobs", .letter = 'j', .argument = "N",                                            \
        .help =                                                                                    \
            "threads that replications run on; all processors without it. The results are the "    \
            "same for any number"                                                                  \
    }

#define CLI_OPTION_WARMUP                                                                          \
    {                                                                                              \
        .name = "warmup", .argument = "TIME",                                                      \
        .help = "leave so much of the beginning out, instead of run.warmup; without either it is " \
                "found by MSER-5"                                                                  \
    }

#define CLI_MOST_TARGETS 64

struct cli_study {
    uint32_t replications; /* at most */
    uint32_t jobs;
    struct study_target targets[CLI_MOST_TARGETS];
    uint32_t target_count;
};

/* Which entries of the verb's table these options are. */
struct cli_study_options {
    size_t replications;
    size_t precision;
    size_t jobs;
};

/*
 * Read them, for the jobs of `specs`: metrics must be known to at least one. `otherwise` is the
 * number of replications when nothing is said. False with SIM_ERR_USAGE.
 */
bool cli_study_read(struct cli_study *study, const struct cli_args *args,
                    const struct cli_study_options *where, uint32_t otherwise, struct sim_err *err);

/* Fill in the targets' metrics from what was given, and check that they exist. */
bool cli_study_resolve(struct cli_study *study, const struct net_spec *const *specs,
                       uint32_t spec_count, struct sim_err *err);

/* Whether as many runs as are held at once fit into memory; false with SIM_ERR_SYSTEM. */
bool cli_study_fits(const struct cli_study *study, const struct net_spec *const *specs,
                    uint32_t spec_count, struct sim_err *err);

/* Print warnings to stderr, each with its remedy, except those that stand in `told` (or NULL) too;
 * `label` (or NULL) says of which configuration. */
void cli_warnings_print(const struct study_warnings *warnings, const struct study_warnings *told,
                        const char *label);

#endif
