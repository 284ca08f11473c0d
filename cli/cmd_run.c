#include "cli/cli.h"

#include <stdio.h>

static const struct cli_option options[] = {
    {.name = NULL},
};

static int run(const struct cli_args *args)
{
    fprintf(stderr, "sluice run: %s cannot be run yet\n", args->operands[0]);
    return CLI_SYSTEM;
}

const struct cli_verb cli_verb_run = {
    .name = "run",
    .summary = "run a scenario, print a table per vertex, write a result folder",
    .operands = "SCENARIO",
    .least_operands = 1,
    .most_operands = 1,
    .about = "Runs a scenario.",
    .examples = "  sluice run scenarios/log-analytics.yaml\n",
    .options = options,
    .run = run,
};
