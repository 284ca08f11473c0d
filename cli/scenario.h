#ifndef CLI_SCENARIO_H
#define CLI_SCENARIO_H
/*
 * Reading the scenario of a verb: its --set options, its warnings and mistakes on stderr.
 */
#include "cli/options.h"
#include "scenarios/reader/scenario.h"
#include "studies/threshold.h"

/* The entry of a verb's option table. */
#define CLI_OPTION_SET                                                                             \
    {                                                                                              \
        .name = "set", .argument = "PATH=VALUE", .may_repeat = true,                               \
        .help = "set a key before the scenario is read, as in flink.KEY=32 or "                    \
                "job.vertices.NAME.parallelism=4"                                                  \
    }

/*
 * Read a scenario, and print what the reader has to say: all mistakes, and all warnings or
 * (`is_brief`) the first of them. Returns CLI_DONE, or the exit status of the failure. Either way
 * the caller calls scn_scenario_finish().
 */
int cli_scenario_read(struct scn_scenario *scenario, const char *path,
                      const struct scn_options *options, bool is_brief);

/*
 * What a scenario is changed by on the command line: the values of its --set options, with room for
 * `more` that come by other options. Lives in the arena.
 */
struct cli_overrides {
    struct scn_options options;
    const char **texts; /* those of `options`, to be added to */
    const char **origins;
};

void cli_overrides_init(struct cli_overrides *overrides, const struct cli_value *set, size_t more,
                        struct sim_arena *arena);

/* Add "PATH=VALUE", which is borrowed, as one that came by `option`. */
void cli_overrides_add(struct cli_overrides *overrides, const char *option, const char *text);

/*
 * Read the thresholds of a scenario, and print all mistakes in them. Returns CLI_DONE or CLI_INPUT.
 * They live in the arena.
 */
int cli_thresholds_read(struct study_thresholds *thresholds, const struct net_spec *spec,
                        struct sim_arena *arena);

#endif
