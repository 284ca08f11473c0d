#include <stdio.h>

#include "cli/cli.h"
#include "sim/text.h"
#include "studies/replay.h"

static const struct cli_option options[] = {
    {.name = NULL},
};

static int replay_one(const char *path)
{
    struct study_replay_report report = {0};
    struct sim_text text = {0};
    struct sim_err err = {0};
    int status;

    if (study_replay_file(path, &report, &err)) {
        study_replay_format(&report, &text);
        fputs(sim_text_get(&text), stdout);
        status = report.agrees ? CLI_DONE : CLI_ANSWER;
    } else {
        status = cli_fail(&err);
    }
    sim_text_finish(&text);
    study_replay_report_finish(&report);
    return status;
}

/* What keeps a file from being followed weighs more than a difference in another one. */
static int worse(int left, int right)
{
    static const int order[] = {CLI_SYSTEM, CLI_INPUT, CLI_ANSWER};

    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        if (left == order[i] || right == order[i]) {
            return order[i];
        }
    }
    return CLI_DONE;
}

static int run(const struct cli_args *args)
{
    int status = CLI_DONE;

    for (size_t i = 0; i < args->operand_count; i++) {
        status = worse(status, replay_one(args->operands[i]));
    }
    return status;
}

const struct cli_verb cli_verb_replay = {
    .name = "replay",
    .summary = "follow recorded traces of Flink's classes and compare",
    .operands = "FILE...",
    .least_operands = 1,
    .most_operands = SIZE_MAX,
    .about = "Lets the model do what Flink's own classes did when the traces were recorded, "
             "operation by operation, and compares what it says: the result, the events in their "
             "order and every changed line of state. Stops at the first difference of each file "
             "and prints what both sides say.\n"
             "The status is 4 when a trace differs and 3 when a file is no trace.",
    .examples = "  sluice replay tests/reference/pool/pool_*.trace\n",
    .options = options,
    .run = run,
};
