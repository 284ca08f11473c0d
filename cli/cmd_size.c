/*
 * sluice size: buffers per gate, partition and task manager, and whether the job starts.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/scenario.h"
#include "sim/arena.h"
#include "sim/number.h"
#include "studies/size.h"
#include "studies/size_table.h"

enum option {
    OPTION_SET,
    OPTION_FORMAT,
    OPTION_TABLES,
    OPTION_PARALLELISM,
    OPTION_CONSUMERS,
    OPTION_EDGE,
    OPTION_BUFFERS,
    OPTION_FLOATING,
    OPTION_PROCESS,
    OPTION_NETWORK,
    OPTION_SEGMENT,
    OPTION_SLOTS,
    OPTION_ALONE,
    OPTION_VERSION,
};

static const struct cli_option options[] = {
    [OPTION_SET] = CLI_OPTION_SET,
    [OPTION_FORMAT] = {.name = "format",
                       .argument = "FORMAT",
                       .choices = "table|json|csv|md",
                       .help = "how the result is printed: table|json|csv|md"},
    [OPTION_TABLES] = {.name = "tables",
                       .help = "the files are tables that Flink's own classes computed: recompute "
                               "every row and compare"},
    [OPTION_PARALLELISM] = {.name = "parallelism",
                            .letter = 'p',
                            .argument = "N",
                            .help = "quick look: subtasks of the producing vertex (4)"},
    [OPTION_CONSUMERS] = {.name = "consumers",
                          .argument = "N",
                          .help =
                              "quick look: subtasks of the consuming vertex (as --parallelism)"},
    [OPTION_EDGE] = {.name = "edge",
                     .argument = "KIND",
                     .choices = "hash|rebalance|broadcast|forward|rescale",
                     .help = "quick look: how they are connected (hash)"},
    [OPTION_BUFFERS] = {.name = "buffers-per-channel",
                        .letter = 'B',
                        .argument = "N",
                        .help = "quick look: exclusive buffers of a channel (2)"},
    [OPTION_FLOATING] = {.name = "floating-buffers",
                         .letter = 'F',
                         .argument = "N",
                         .help = "quick look: floating buffers of a gate (8)"},
    [OPTION_PROCESS] = {.name = "process-memory",
                        .letter = 'm',
                        .argument = "SIZE",
                        .help = "quick look: process size of a task manager (1728m)"},
    [OPTION_NETWORK] = {.name = "network-memory",
                        .argument = "SIZE",
                        .help = "quick look: network memory, instead of a share of the process"},
    [OPTION_SEGMENT] = {.name = "segment-size",
                        .argument = "SIZE",
                        .help = "quick look: size of a segment (32k)"},
    [OPTION_SLOTS] = {.name = "slots",
                      .argument = "N",
                      .help = "quick look: slots of a task manager (1)"},
    [OPTION_ALONE] = {.name = "no-slot-sharing",
                      .help = "quick look: every subtask has a slot of its own"},
    [OPTION_VERSION] = {.name = "flink-version",
                        .argument = "VERSION",
                        .choices = "1.20|2.2",
                        .help = "whose rules and defaults hold: in a quick look (1.20), in tables "
                                "(2.2)"},
    {.name = NULL},
};

#define FIRST_QUICK_OPTION OPTION_PARALLELISM

static enum net_version version_of(const struct cli_args *args, enum net_version otherwise)
{
    const char *version = cli_args_text(args, OPTION_VERSION);
    if (version == NULL) {
        return otherwise;
    }
    return strcmp(version, "2.2") == 0 ? NET_FLINK_2_2 : NET_FLINK_1_20;
}

/* An option that was given is read; else the value stays as it is. */
static bool read_size(const struct cli_args *args, enum option option, int64_t *value,
                      struct sim_err *err)
{
    const char *text = cli_args_text(args, option);
    struct sim_err why = {0};
    return text == NULL || sim_number_parse_flink_size(text, value, &why) ||
           sim_err_set(err, SIM_ERR_USAGE, "option '--%s': %s", options[option].name, why.text);
}

static enum net_partition_kind kind_of(const char *name)
{
    static const struct {
        const char *name;
        enum net_partition_kind kind;
    } kinds[] = {
        {"rebalance", NET_PARTITION_REBALANCE},
        {"broadcast", NET_PARTITION_BROADCAST},
        {"forward", NET_PARTITION_FORWARD},
        {"rescale", NET_PARTITION_RESCALE},
    };
    for (size_t i = 0; name != NULL && i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            return kinds[i].kind;
        }
    }
    return NET_PARTITION_HASH;
}

static bool read_memory(const struct cli_args *args, struct net_memory_config *memory,
                        struct sim_err *err)
{
    if (!read_size(args, OPTION_PROCESS, &memory->process_size, err) ||
        !read_size(args, OPTION_SEGMENT, &memory->segment_size, err) ||
        !read_size(args, OPTION_NETWORK, &memory->network_min, err)) {
        return false;
    }
    if (cli_args_has(args, OPTION_NETWORK)) {
        memory->network_max = memory->network_min;
        memory->network_min_is_set = memory->network_max_is_set = true;
    }
    return true;
}

static bool read_quick(const struct cli_args *args, struct study_size_quick *quick,
                       struct sim_err *err)
{
    int64_t producers = 4;
    int64_t slots = 1;
    net_config_init(&quick->config, version_of(args, NET_FLINK_1_20));
    if (!cli_args_number(args, OPTION_PARALLELISM, 1, NET_MAX_SUBTASKS, &producers, err)) {
        return false;
    }
    int64_t consumers = producers;
    if (!cli_args_number(args, OPTION_CONSUMERS, 1, NET_MAX_SUBTASKS, &consumers, err) ||
        !cli_args_number(args, OPTION_SLOTS, 1, NET_MAX_SUBTASKS, &slots, err) ||
        !cli_args_number(args, OPTION_BUFFERS, 0, INT32_MAX, &quick->config.buffers_per_channel,
                         err) ||
        !cli_args_number(args, OPTION_FLOATING, 1, INT32_MAX,
                         &quick->config.floating_buffers_per_gate, err) ||
        !read_memory(args, &quick->config.memory, err)) {
        return false;
    }
    quick->producers = (uint32_t)producers;
    quick->consumers = (uint32_t)consumers;
    quick->slots = (uint32_t)slots;
    quick->partition = kind_of(cli_args_text(args, OPTION_EDGE));
    quick->has_slot_sharing = !cli_args_has(args, OPTION_ALONE);
    return quick->partition != NET_PARTITION_FORWARD || producers == consumers ||
           sim_err_set(err, SIM_ERR_USAGE,
                       "a forward edge joins equally many producers and consumers; take rescale");
}

static enum study_size_format format_of(const struct cli_args *args)
{
    const char *name = cli_args_text(args, OPTION_FORMAT);
    if (name == NULL || strcmp(name, "table") == 0) {
        return STUDY_SIZE_TABLE;
    }
    if (strcmp(name, "json") == 0) {
        return STUDY_SIZE_JSON;
    }
    return strcmp(name, "csv") == 0 ? STUDY_SIZE_CSV : STUDY_SIZE_MD;
}

/* Flink's refusal goes to standard error too: the table may be long, or read by a program. */
static int print_size(const struct cli_args *args, const struct net_spec *spec, const char *path,
                      struct sim_arena *arena)
{
    struct study_size size;
    struct sim_err err = {0};
    if (!study_size_make(&size, spec, arena, &err)) {
        if (err.file[0] == '\0' && path != NULL) {
            snprintf(err.file, sizeof err.file, "%s", path);
        }
        return cli_fail(&err);
    }
    study_size_print(&size, format_of(args), stdout);
    if (size.demand.starts) {
        return CLI_DONE;
    }
    if (format_of(args) != STUDY_SIZE_TABLE) {
        cli_fail(&size.refusal);
    }
    return CLI_ANSWER;
}

static int wrong_usage(const char *text)
{
    fprintf(stderr, "sluice size: %s\nTry 'sluice size --help'.\n", text);
    return CLI_USAGE;
}

static int run_quick(const struct cli_args *args)
{
    struct study_size_quick quick;
    struct sim_err err = {0};
    if (!read_quick(args, &quick, &err)) {
        return wrong_usage(err.text);
    }
    if (quick.config.version == NET_FLINK_2_2 &&
        (cli_args_has(args, OPTION_BUFFERS) || cli_args_has(args, OPTION_FLOATING))) {
        fputs("sluice: warning: in Flink 2.2 buffers per channel and floating buffers are "
              "constants (2 and 8); this is a what-if\n",
              stderr);
    }
    struct sim_arena *arena = sim_arena_create();
    int status = print_size(args, study_size_quick_spec(&quick, arena), NULL, arena);
    sim_arena_destroy(arena);
    return status;
}

static int run_file(const struct cli_args *args, const char *path)
{
    struct scn_scenario scenario;
    const struct cli_value *set = &args->values[OPTION_SET];
    const struct scn_options given = {.overrides = set->texts, .override_count = set->count};
    int status = cli_scenario_read(&scenario, path, &given, true);
    if (status == CLI_DONE) {
        status = print_size(args, &scenario.spec, path, scenario.arena);
    }
    scn_scenario_finish(&scenario);
    return status;
}

static int check_table(const char *path, enum net_version version)
{
    struct study_size_table table;
    struct sim_err err = {0};
    if (!study_size_table_check(path, version, &table, &err)) {
        return cli_fail(&err);
    }
    if (table.agrees) {
        printf("%s: %s: %llu rows agree\n", path, table.kind, (unsigned long long)table.rows);
        return CLI_DONE;
    }
    printf("%s:%u: %s: '%s' differs\n  Flink   %s\n  sluice  %s\n", path, table.line, table.kind,
           table.column, table.expected, table.got);
    return CLI_ANSWER;
}

static int check_tables(const struct cli_args *args)
{
    int status = CLI_DONE;
    for (size_t i = 0; i < args->operand_count; i++) {
        int one = check_table(args->operands[i], version_of(args, NET_FLINK_2_2));
        /* What keeps a table from being read weighs more than a difference in another one. */
        status = one == CLI_DONE || (one == CLI_ANSWER && status != CLI_DONE) ? status : one;
    }
    return status;
}

/* What the options ask for together must make sense: NULL, or what is wrong. */
static const char *find_conflict(const struct cli_args *args)
{
    bool is_quick = false;
    for (int option = FIRST_QUICK_OPTION; option < OPTION_VERSION; option++) {
        is_quick = is_quick || cli_args_has(args, (size_t)option);
    }
    if (cli_args_has(args, OPTION_TABLES)) {
        bool has_more =
            is_quick || cli_args_has(args, OPTION_SET) || cli_args_has(args, OPTION_FORMAT);
        return has_more                  ? "--tables goes with no other option but --flink-version"
               : args->operand_count < 1 ? "--tables needs at least one file"
                                         : NULL;
    }
    is_quick = is_quick || cli_args_has(args, OPTION_VERSION);
    if (args->operand_count > 1) {
        return "only one scenario at a time";
    }
    if (args->operand_count == 1 && is_quick) {
        return "options of the quick look do not go with a scenario; use --set instead";
    }
    return args->operand_count == 0 && cli_args_has(args, OPTION_SET) ? "--set needs a scenario"
                                                                      : NULL;
}

static int run(const struct cli_args *args)
{
    const char *conflict = find_conflict(args);
    if (conflict != NULL) {
        return wrong_usage(conflict);
    }
    if (cli_args_has(args, OPTION_TABLES)) {
        return check_tables(args);
    }
    return args->operand_count > 0 ? run_file(args, args->operands[0]) : run_quick(args);
}

const struct cli_verb cli_verb_size = {
    .name = "size",
    .summary = "how many network buffers a job needs, and whether it starts",
    .operands = "[SCENARIO | --tables FILE...]",
    .least_operands = 0,
    .most_operands = SIZE_MAX,
    .about =
        "Prints, from the memory keys to the last pool, what Flink would allot: the network "
        "memory of a task manager and the bound that was active, the required, configured "
        "and maximum buffers of every partition and gate, and the sums of every task "
        "manager; beside them the rule of thumb P x (B + F) and what the Kubernetes "
        "operator's autoscaler would set.\n"
        "A job that cannot start is told with Flink's own text, status 4, and the smallest "
        "network memory that starts it.\n"
        "Without a scenario the options describe one exchange between two vertices. With --tables "
        "the files are what Flink's own sizing classes computed, and every row is held "
        "against them; status 4 when one differs.",
    .examples = "  sluice size scenarios/article.yaml\n"
                "  sluice size -p 4 -B 32 -F 64 --edge hash --network-memory 16m\n"
                "  sluice size --tables tests/reference/pool/sizing_*.csv\n"
                "  sluice size --tables --flink-version 1.20 \\\n"
                "      tests/reference/pool-1.20/sizing_defaults.csv\n",
    .options = options,
    .run = run,
};
