/*
 * sluice calibrate: a scenario from a recording.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "sim/arena.h"
#include "sim/number.h"
#include "studies/calibrate.h"

enum {
    OPTION_EDGE,
    OPTION_FLINK,
    OPTION_VERSION,
    OPTION_WARMUP,
    OPTION_OUTPUT,
};

static const struct cli_option options[] = {
    [OPTION_EDGE] = {.name = "edge",
                     .letter = 'e',
                     .argument = "FROM:TO[:HOW]",
                     .may_repeat = true,
                     .help =
                         "vertices that are connected, and how: forward, rebalance, rescale, "
                         "broadcast, or weights, which a keyed exchange becomes. Without it the "
                         "vertices are one chain, in the order of latency"},
    [OPTION_FLINK] = {.name = "flink",
                      .argument = "KEY=VALUE",
                      .may_repeat = true,
                      .help = "a key of Flink's configuration, as the job had it"},
    [OPTION_VERSION] = {.name = "flink-version",
                        .argument = "VERSION",
                        .choices = "1.20|2.2",
                        .help = "which Flink ran the job (1.20)"},
    [OPTION_WARMUP] = {.name = "warmup",
                       .argument = "TIME",
                       .help = "the beginning of the recording is not looked at (a fifth of it)"},
    [OPTION_OUTPUT] = {.name = "output",
                       .letter = 'o',
                       .argument = "FILE",
                       .help = "write the scenario there instead of to standard output"},
    {.name = NULL},
};

static int refuse(const char *option, const char *why)
{
    fprintf(stderr, "sluice calibrate: option '--%s': %s\n", option, why);
    return CLI_USAGE;
}

/* "FROM:TO" or "FROM:TO:HOW"; the parts point into `text`, which is changed. */
static bool split_edge(char *text, struct study_calibrate_edge *edge)
{
    static const char *const kinds[] = {"forward", "rebalance", "rescale", "broadcast", "weights"};
    char *first = strchr(text, ':');
    char *second = first != NULL ? strchr(first + 1, ':') : NULL;

    if (first == NULL || first == text || first[1] == '\0' || second == first + 1) {
        return false;
    }
    *first = '\0';
    *edge = (struct study_calibrate_edge){.from = text, .to = first + 1};
    if (second == NULL) {
        return true;
    }
    *second = '\0';
    edge->partition = second + 1;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i], edge->partition) == 0) {
            return true;
        }
    }
    return false;
}

static int read_edges(const struct cli_args *args, struct sim_arena *arena,
                      struct study_calibrate_params *params)
{
    const struct cli_value *given = &args->values[OPTION_EDGE];
    struct study_calibrate_edge *edges = sim_arena_alloc(arena, given->count, sizeof *edges);

    for (size_t i = 0; i < given->count; i++) {
        if (!split_edge(sim_arena_strdup(arena, given->texts[i]), &edges[i])) {
            return refuse("edge", "expected FROM:TO or FROM:TO:HOW, where HOW is forward, "
                                  "rebalance, rescale, broadcast or weights");
        }
    }
    params->edges = edges;
    params->edge_count = given->count;
    return CLI_DONE;
}

static int read_options(const struct cli_args *args, struct sim_arena *arena,
                        struct study_calibrate_params *params)
{
    const struct cli_value *flink = &args->values[OPTION_FLINK];
    const char *warmup = cli_args_text(args, OPTION_WARMUP);
    const char *version = cli_args_text(args, OPTION_VERSION);

    for (size_t i = 0; i < flink->count; i++) {
        const char *equals = strchr(flink->texts[i], '=');

        if (equals == NULL || equals == flink->texts[i] || equals[1] == '\0') {
            return refuse("flink", "expected KEY=VALUE");
        }
    }
    params->settings = flink->texts;
    params->setting_count = flink->count;
    params->flink_version = version != NULL ? version : "1.20";
    if (warmup != NULL) {
        struct sim_err err = {0};
        sim_time time;

        if (!sim_number_parse_duration(warmup, &time, &err)) {
            return refuse("warmup", err.text);
        }
        params->warmup_s = (double)time / 1e9;
    }
    return read_edges(args, arena, params);
}

/* The name of a recording's folder. */
static const char *name_of(const char *path, struct sim_arena *arena)
{
    struct sim_text text = {0};
    const char *name;

    cli_add_name(&text, path);
    name = sim_arena_strdup(arena, text.length > 0 ? sim_text_get(&text) : "recording");
    sim_text_finish(&text);
    return name;
}

static int write_scenario(const char *path, const struct sim_text *scenario)
{
    struct sim_err err = {0};
    FILE *file;
    bool is_good;

    if (path == NULL) {
        fputs(sim_text_get(scenario), stdout);
        return CLI_DONE;
    }
    file = fopen(path, "w");
    if (file == NULL) {
        sim_err_set_errno(&err, errno, "cannot create %s", path);
        return cli_fail(&err);
    }
    is_good = fputs(sim_text_get(scenario), file) >= 0;
    is_good = fclose(file) == 0 && is_good;
    if (!is_good) {
        sim_err_set_errno(&err, errno, "cannot write %s", path);
        return cli_fail(&err);
    }
    return CLI_DONE;
}

static int run(const struct cli_args *args)
{
    struct sim_arena *arena = sim_arena_create();
    struct study_calibrate_params params = {.warmup_s = -1,
                                            .name = name_of(args->operands[0], arena)};
    struct study_recording recording = {0};
    struct sim_text scenario = {0};
    struct sim_err err = {0};
    int status = read_options(args, arena, &params);

    if (status == CLI_DONE) {
        if (study_recording_read(&recording, args->operands[0], &err)) {
            params.recording = &recording;
            status = study_calibrate(&params, &scenario, &err)
                         ? write_scenario(cli_args_text(args, OPTION_OUTPUT), &scenario)
                         : cli_fail(&err);
            study_recording_finish(&recording);
        } else {
            status = cli_fail(&err);
        }
    }
    sim_text_finish(&scenario);
    sim_arena_destroy(arena);
    return status;
}

const struct cli_verb cli_verb_calibrate = {
    .name = "calibrate",
    .summary = "estimate a scenario from the recording of a real job",
    .operands = "RECORDING",
    .least_operands = 1,
    .most_operands = 1,
    .about =
        "Reads the series of a recorded job (docs/validation.md has the layout) and estimates what "
        "the job is like: service times and their spread, selectivities, record sizes, rates of "
        "sources, skew, segments and buffers. Writes a scenario with the evidence of each number "
        "beside it, to be run, changed and held against the recording.\n"
        "A series does not tell who is connected to whom, unless the job is one chain; nor keys, "
        "timers, loads that change, or the rest of Flink's configuration. Give what matters with "
        "--edge and --flink, and check the rest in the file.",
    .examples = "  sluice calibrate recordings/orders -o orders.yaml\n"
                "  sluice calibrate tests/reference/jobs/linear-p1 --flink-version 2.2 \\\n"
                "      --warmup 15s --edge source:sink:rebalance\n",
    .options = options,
    .run = run,
};
