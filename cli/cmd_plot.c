#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "plots/draw.h"
#include "sim/text.h"

enum {
    TERMINAL,
    OUTPUT,
};

static const struct cli_option options[] = {
    {.name = "terminal",
     .argument = "KIND",
     .choices = "svg|png|dumb|none",
     .may_repeat = true,
     .help = "svg and png (both without this option) write pictures; dumb draws in the terminal; "
             "none prepares the chart data only, for gnuplot by hand"},
    {.name = "output",
     .letter = 'o',
     .argument = "DIR",
     .help = "put the charts there instead of the folder charts in the result; with several "
             "results, into a folder of each one's name"},
    {.name = NULL},
};

static unsigned get_terminals(const struct cli_args *args)
{
    const struct cli_value *value = &args->values[TERMINAL];
    unsigned terminals = value->count == 0 ? (unsigned)(PLT_SVG | PLT_PNG) : 0;
    for (size_t i = 0; i < value->count; i++) {
        const char *name = value->texts[i];
        terminals |= strcmp(name, "svg") == 0    ? (unsigned)PLT_SVG
                     : strcmp(name, "png") == 0  ? (unsigned)PLT_PNG
                     : strcmp(name, "dumb") == 0 ? (unsigned)PLT_DUMB
                                                 : 0;
    }
    return terminals;
}

/* Lines about what is not drawn. */
static void print_notes(const char *notes)
{
    while (*notes != '\0') {
        size_t length = strcspn(notes, "\n");
        struct sim_text line = {0};

        sim_text_add_bytes(&line, notes, length);
        cli_wrap(stderr, sim_text_get(&line), 0, 4);
        sim_text_finish(&line);
        notes += length + (notes[length] == '\n');
    }
}

int cli_plot(const char *result, const char *directory, unsigned terminals)
{
    struct plt_order order = {.result = result, .directory = directory, .terminals = terminals};
    struct sim_text drawing = {0};
    struct sim_text notes = {0};
    struct sim_err err = {0};
    bool is_drawn = plt_draw(&order, &drawing, &notes, &err);
    fputs(sim_text_get(&drawing), stdout);
    sim_text_finish(&drawing);
    print_notes(sim_text_get(&notes));
    sim_text_finish(&notes);
    if (!is_drawn) {
        return cli_fail(&err);
    }
    unsigned pictures = terminals & (unsigned)(PLT_SVG | PLT_PNG);
    if (pictures != 0) {
        fprintf(stderr, "charts in %s%s\n", directory ? directory : result,
                directory ? "" : "/charts");
    }
    return CLI_DONE;
}

static int run(const struct cli_args *args)
{
    const char *output = cli_args_text(args, OUTPUT);
    int status = CLI_DONE;
    for (size_t i = 0; i < args->operand_count; i++) {
        struct sim_text directory = {0};
        if (output) {
            sim_text_add(&directory, "%s", output);
            if (args->operand_count > 1) {
                sim_text_add(&directory, "/");
                cli_add_name(&directory, args->operands[i]);
            }
        }
        int one = cli_plot(args->operands[i], output ? sim_text_get(&directory) : NULL,
                           get_terminals(args));
        sim_text_finish(&directory);
        status = status != CLI_DONE ? status : one;
    }
    return status;
}

const struct cli_verb cli_verb_plot = {
    .name = "plot",
    .summary = "draw the charts of result folders with gnuplot",
    .operands = "RESULT...",
    .least_operands = 1,
    .most_operands = SIZE_MAX,
    .about =
        "Draws five charts of each result folder that 'sluice run' wrote: the overview (rates, "
        "pool usages, busy, idle and back-pressured time), the usages under Flink's names, the "
        "buffers in use against their quotas, the channel map, and the latency distribution. A "
        "chart is left out when the folder has no data for it. Of a folder that 'sluice compare' "
        "wrote: means with intervals and latencies, the configurations over time, and, of two "
        "varied keys, maps of what came out.\n"
        "Chart data are kept in charts/data, and the gnuplot scripts run on them by hand too.",
    .examples = "  sluice plot results/log-analytics\n"
                "  sluice plot --terminal dumb results/burst\n"
                "  gnuplot -e \"dir='results/burst'\" plots/overview.gp\n",
    .options = options,
    .run = run,
};
