#include <stdint.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/scenario.h"
#include "models/demand.h"

enum {
    OPTION_SET,
    OPTION_RESOLVED,
};

static const struct cli_option options[] = {
    [OPTION_SET] = CLI_OPTION_SET,
    [OPTION_RESOLVED] = {.name = "resolved",
                         .help = "print the scenario with every default written out"},
    {.name = NULL},
};

static void print_summary(const char *path, const struct net_spec *spec)
{
    uint64_t subtasks = 0;
    for (uint32_t i = 0; i < spec->vertex_count; i++) {
        subtasks += spec->vertices[i].parallelism;
    }
    printf("%s: fine (%u %s, %llu %s, %u %s, %u %s)\n", path, spec->vertex_count,
           spec->vertex_count == 1 ? "vertex" : "vertices", (unsigned long long)subtasks,
           subtasks == 1 ? "subtask" : "subtasks", spec->edge_count,
           spec->edge_count == 1 ? "edge" : "edges", spec->cluster.taskmanagers,
           spec->cluster.taskmanagers == 1 ? "task manager" : "task managers");
}

/* What Flink, and so `run`, refuses as a configuration before anything starts. */
static int check_configuration(const struct scn_scenario *scenario, const char *path)
{
    struct net_demand demand;
    struct sim_err err = {0};
    if (net_demand_make(&demand, &scenario->spec, scenario->arena, &err)) {
        return CLI_DONE;
    }
    fprintf(stderr, "%s: ", path); /* as there may be several files */
    return cli_fail(&err);
}

static int check_file(const struct cli_args *args, const char *path)
{
    struct scn_scenario scenario;
    const struct cli_value *set = &args->values[OPTION_SET];
    const struct scn_options given = {.overrides = set->texts, .override_count = set->count};
    int status = cli_scenario_read(&scenario, path, &given, false);
    if (status == CLI_DONE) {
        struct study_thresholds thresholds;
        status = cli_thresholds_read(&thresholds, &scenario.spec, scenario.arena);
    }
    if (status == CLI_DONE) {
        status = check_configuration(&scenario, path);
    }
    if (status == CLI_DONE && cli_args_has(args, OPTION_RESOLVED)) {
        struct sim_text text = {0};
        scn_scenario_write(&scenario.spec, &text);
        fputs(sim_text_get(&text), stdout);
        sim_text_finish(&text);
    } else if (status == CLI_DONE) {
        print_summary(path, &scenario.spec);
    }
    scn_scenario_finish(&scenario);
    return status;
}

static int run(const struct cli_args *args)
{
    int status = CLI_DONE;
    for (size_t i = 0; i < args->operand_count; i++) {
        int one = check_file(args, args->operands[i]);
        /* An invalid scenario says more than a file that could not be read. */
        status = one > status ? one : status;
    }
    return status;
}

const struct cli_verb cli_verb_check = {
    .name = "check",
    .summary = "read and validate scenarios only",
    .operands = "SCENARIO...",
    .least_operands = 1,
    .most_operands = SIZE_MAX,
    .about =
        "Reads scenario files and tells every mistake in them with file, line and column, what "
        "was expected and the nearest right spelling, or Flink's words where it refuses the "
        "configuration. Nothing is simulated. Exit status 3 when a scenario is invalid.",
    .examples = "  sluice check scenarios/*.yaml\n"
                "  sluice check --set flink.taskmanager.memory.segment-size=16kb job.yaml\n"
                "  sluice check --resolved job.yaml > whole.yaml\n",
    .options = options,
    .run = run,
};
