/*
 * sluice compare: configurations side by side, on the same random numbers.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/comparison.h"
#include "cli/conclusion.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/scenario.h"
#include "cli/study_options.h"
#include "cli/vary.h"
#include "plots/draw.h"
#include "sim/arena.h"
#include "sim/number.h"
#include "studies/compare_write.h"
#include "studies/folder.h"

#define REPLICATIONS 20

enum {
    OPTION_OUTPUT,
    OPTION_VARY,
    OPTION_BASELINE,
    OPTION_SEED,
    OPTION_SET,
    OPTION_REPLICATIONS,
    OPTION_PRECISION,
    OPTION_JOBS,
    OPTION_WARMUP,
    OPTION_PLOT,
    OPTION_FORMAT,
    OPTION_VERBOSE,
};

static const struct cli_option options[] = {
    [OPTION_OUTPUT] = {.name = "output",
                       .letter = 'o',
                       .argument = "DIR",
                       .help = "the result folder; results/compare-NAME of the first scenario "
                               "without it"},
    [OPTION_VARY] = {.name = "vary",
                     .argument = "PATH=V1,V2,...",
                     .may_repeat = true,
                     .help = "of one scenario: a configuration for each value, as in "
                             "flink.KEY=2,8 or job.vertices.NAME.parallelism=4,8; given several "
                             "times, every combination"},
    [OPTION_BASELINE] = {.name = "baseline",
                         .argument = "N",
                         .help = "the configuration that the others are held against, from 1; the "
                                 "first without it"},
    [OPTION_SEED] = {.name = "seed",
                     .argument = "N",
                     .help = "seed of the random numbers of all; run.seed of the first scenario "
                             "without it"},
    [OPTION_SET] = CLI_OPTION_SET,
    [OPTION_REPLICATIONS] = CLI_OPTION_REPLICATIONS,
    [OPTION_PRECISION] = CLI_OPTION_PRECISION,
    [OPTION_JOBS] = CLI_OPTION_JOBS,
    [OPTION_WARMUP] = CLI_OPTION_WARMUP,
    [OPTION_PLOT] = {.name = "plot",
                     .help = "draw the comparison too (SVG and PNG, in the folder charts)"},
    [OPTION_FORMAT] = {.name = "format",
                       .argument = "FORMAT",
                       .choices = CLI_FORMATS,
                       .help = "how the report is printed: " CLI_FORMATS},
    [OPTION_VERBOSE] = {.name = "verbose",
                        .letter = 'v',
                        .help = "tell speed and memory, on standard error"},
    {.name = NULL},
};

static const struct cli_study_options study_options = {
    .replications = OPTION_REPLICATIONS, .precision = OPTION_PRECISION, .jobs = OPTION_JOBS};

struct job {
    const struct cli_args *args;
    struct sim_arena *arena;
    struct cli_variants variants;
    struct scn_scenario *scenarios;
    uint32_t count; /* of configurations */
    struct cli_study study;
    struct study_compare compare;
    struct study_comparison comparison;
    struct study_folder *folder;     /* NULL once it is in its place */
    struct study_folder **configs;   /* of each configuration, within it */
    struct study_warnings *warnings; /* one a configuration */
    struct study_thresholds *thresholds;
    struct cli_progress progress;
    char target[4200];
};

static int wrong_usage(const char *text)
{
    fprintf(stderr, "sluice compare: %s\n", text);
    return CLI_USAGE;
}

/* Files that are not there are different ones; that is told later. */
static bool is_same_file(const char *left, const char *right)
{
    struct stat a;
    struct stat b;

    return stat(left, &a) == 0 && stat(right, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino && S_ISREG(a.st_mode);
}

/* Whether two operands are one scenario, which is said then. */
static bool names_one_twice(const struct cli_args *args)
{
    for (size_t i = 1; i < args->operand_count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (is_same_file(args->operands[j], args->operands[i])) {
                fprintf(stderr,
                        "sluice compare: %s and %s are one scenario; to compare a scenario with a "
                        "change of it, use --vary\n",
                        args->operands[j], args->operands[i]);
                return true;
            }
        }
    }
    return false;
}

/* The thresholds of each scenario. */
static int read_thresholds(struct job *job)
{
    int status = CLI_DONE;

    job->thresholds = sim_arena_alloc(job->arena, job->count, sizeof *job->thresholds);
    for (uint32_t i = 0; i < job->count && status == CLI_DONE; i++) {
        status = cli_thresholds_read(&job->thresholds[i], &job->scenarios[i].spec, job->arena);
    }
    return status;
}

/* How many configurations, and what each is. */
static int read_variants(struct job *job)
{
    const struct cli_args *args = job->args;
    struct sim_err err = {0};

    if (!cli_variants_make(&job->variants, &args->values[OPTION_VARY], job->arena, &err)) {
        return wrong_usage(err.text);
    }
    if (args->values[OPTION_VARY].count > 0 && args->operand_count != 1) {
        return wrong_usage("--vary goes with one scenario");
    }
    if (args->values[OPTION_VARY].count == 0 && args->operand_count < 2) {
        return wrong_usage("it takes two scenarios, or one with --vary PATH=V1,V2");
    }
    for (size_t i = 0; i < args->values[OPTION_VARY].count; i++) {
        if (strncmp(args->values[OPTION_VARY].texts[i], "run.seed=", strlen("run.seed=")) == 0) {
            return wrong_usage("option '--vary': run.seed tells no configurations apart, all have "
                               "the same random numbers; --replications gives others");
        }
    }
    if (names_one_twice(args)) {
        return CLI_USAGE;
    }
    job->count = args->operand_count > 1 ? (uint32_t)args->operand_count : job->variants.count;
    return CLI_DONE;
}

/* Read one configuration's scenario; its diagnostics go to stderr. */
static int read_scenario(struct job *job, uint32_t index)
{
    const struct cli_args *args = job->args;
    bool has_variants = args->operand_count == 1;
    size_t varied = has_variants ? job->variants.width : 0;
    struct cli_overrides overrides;

    cli_overrides_init(&overrides, &args->values[OPTION_SET], varied + 1, job->arena);
    for (size_t i = 0; i < varied; i++) {
        cli_overrides_add(&overrides, "--vary",
                          job->variants.sets[index * job->variants.width + i]);
    }
    if (cli_args_has(args, OPTION_WARMUP)) {
        struct sim_text warmup = {0};

        sim_text_add(&warmup, "run.warmup=%s", cli_args_text(args, OPTION_WARMUP));
        cli_overrides_add(&overrides, "--warmup",
                          sim_arena_strdup(job->arena, sim_text_get(&warmup)));
        sim_text_finish(&warmup);
    }
    return cli_scenario_read(&job->scenarios[index], args->operands[has_variants ? 0 : index],
                             &overrides.options, true);
}

static int read_scenarios(struct job *job)
{
    job->scenarios = sim_arena_alloc(job->arena, job->count, sizeof *job->scenarios);
    for (uint32_t i = 0; i < job->count; i++) {
        int status = read_scenario(job, i);

        if (status != CLI_DONE) {
            return status;
        }
    }
    return CLI_DONE;
}

/* Labels, seed, baseline, replications. */
static int prepare(struct job *job)
{
    const struct cli_args *args = job->args;
    struct study_config *configs = sim_arena_alloc(job->arena, job->count, sizeof *configs);
    const struct net_spec **specs =
        (const struct net_spec **)sim_arena_alloc(job->arena, job->count, sizeof *specs);
    int64_t number = (int64_t)job->scenarios[0].spec.run.seed;
    int64_t base = 1;
    struct sim_err err = {0};

    for (uint32_t i = 0; i < job->count; i++) {
        specs[i] = &job->scenarios[i].spec;
        configs[i].spec = specs[i];
        if (args->operand_count == 1) {
            configs[i].settings = &job->variants.sets[i * job->variants.width];
            configs[i].setting_count = job->variants.width;
        }
        configs[i].label = args->operand_count > 1 ? specs[i]->name : job->variants.labels[i];
        for (uint32_t j = 0; j < i && args->operand_count > 1; j++) {
            if (strcmp(configs[j].label, configs[i].label) == 0) {
                configs[i].label = args->operands[i];
            }
        }
    }
    if (!cli_args_number(args, OPTION_SEED, 0, INT64_MAX, &number, &err) ||
        !cli_args_number(args, OPTION_BASELINE, 1, job->count, &base, &err) ||
        !cli_study_read(&job->study, args, &study_options, REPLICATIONS, &err) ||
        !cli_study_resolve(&job->study, specs, job->count, &err)) {
        return wrong_usage(err.text);
    }
    if (!cli_study_fits(&job->study, specs, job->count, &err)) {
        return cli_fail(&err);
    }
    job->compare = (struct study_compare){.configs = configs,
                                          .config_count = job->count,
                                          .seed = (uint64_t)number,
                                          .replications = job->study.replications,
                                          .targets = job->study.targets,
                                          .target_count = job->study.target_count,
                                          .jobs = job->study.jobs,
                                          .progress = cli_progress_tell,
                                          .progress_arg = &job->progress};
    job->comparison = (struct study_comparison){
        .compare = &job->compare, .baseline = (uint32_t)base - 1, .version = SLUICE_VERSION};
    return CLI_DONE;
}

/* The result folder, and one for each configuration in it. */
static bool make_folders(struct job *job, struct sim_err *err)
{
    job->configs = (struct study_folder **)sim_arena_alloc(job->arena, job->count, sizeof(void *));
    job->folder = study_folder_create(job->target, err);
    if (job->folder == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < job->count; i++) {
        struct sim_text path = {0};

        sim_text_add(&path, "%s/config-%02" PRIu32, study_folder_path(job->folder), i + 1);
        job->configs[i] = study_folder_create(sim_text_get(&path), err);
        sim_text_finish(&path);
        if (job->configs[i] == NULL) {
            return false;
        }
        job->compare.configs[i].folder = job->configs[i];
    }
    return true;
}

static bool write_file(struct job *job, const char *name, struct sim_err *err)
{
    FILE *out = study_folder_open(job->folder, name, err);

    if (out == NULL) {
        return false;
    }
    if (strcmp(name, "compare.csv") == 0) {
        study_comparison_write_csv(&job->comparison, out);
    } else {
        study_comparison_write_json(&job->comparison, out);
    }
    return study_folder_close(job->folder, out, name, err);
}

static bool write_config(struct job *job, uint32_t index, struct sim_err *err)
{
    struct cli_conclusion conclusion = {0};
    bool is_done = cli_conclusion_make(&conclusion, &job->compare, index, job->arena, err);

    if (is_done) {
        conclusion.result.thresholds = &job->thresholds[index];
        conclusion.result.warnings = &job->warnings[index];
        is_done = study_result_write(&conclusion.result, job->configs[index], err);
    }
    cli_conclusion_finish(&conclusion);
    if (is_done) {
        is_done = study_folder_commit(job->configs[index], err);
        job->configs[index] = NULL;
    }
    return is_done;
}

static bool conclude(struct job *job, struct sim_err *err)
{
    bool is_done = true;

    job->warnings = sim_arena_alloc(job->arena, job->count, sizeof *job->warnings);
    for (uint32_t i = 0; i < job->count; i++) {
        study_warnings_make(&job->warnings[i], &job->compare, i, job->arena);
        study_thresholds_judge(&job->thresholds[i], &job->compare, i);
    }
    job->comparison.warnings = job->warnings;
    job->comparison.thresholds = job->thresholds;
    for (uint32_t i = 0; i < job->count && is_done; i++) {
        is_done = write_config(job, i, err);
    }
    is_done =
        is_done && write_file(job, "compare.csv", err) && write_file(job, "compare.json", err);
    if (is_done) {
        is_done = study_folder_commit(job->folder, err);
        job->folder = NULL;
    }
    return is_done;
}

/* Simulate and write, during which Ctrl-C is held back: nothing is left half done. */
static int execute(struct job *job)
{
    struct cli_interrupt interrupt;
    struct sim_err err = {0};
    double duration = 0;
    bool is_done;
    int status;

    for (uint32_t i = 0; i < job->count; i++) {
        duration += (double)job->scenarios[i].spec.run.duration * job->study.replications;
    }
    cli_interrupt_hold(&interrupt);
    cli_progress_begin(&job->progress,
                       duration < (double)SIM_TIME_MAX ? (sim_time)duration : SIM_TIME_MAX,
                       &interrupt);
    is_done = make_folders(job, &err) && study_compare_run(&job->compare, &err);
    cli_progress_end(&job->progress);
    if (job->progress.was_interrupted) {
        fputs("sluice: interrupted; nothing was written\n", stderr);
        status = CLI_INTERRUPTED;
    } else {
        is_done = is_done && conclude(job, &err);
        status = is_done ? CLI_DONE : cli_fail(&err);
    }
    for (uint32_t i = 0; job->configs != NULL && i < job->count; i++) {
        study_folder_discard(job->configs[i]);
    }
    study_folder_discard(job->folder);
    cli_interrupt_release(&interrupt);
    return status;
}

/* Whether there is an answer of no: a job that cannot start, a deadlock, a broken threshold. */
static int tell(const struct job *job)
{
    int status = CLI_DONE;

    cli_comparison_print(&job->comparison, cli_format_of(cli_args_text(job->args, OPTION_FORMAT)),
                         stdout);
    fflush(stdout);
    if (cli_args_has(job->args, OPTION_VERBOSE)) {
        cli_progress_cost(&job->progress, job->compare.record_hops);
    }
    for (uint32_t i = 0; i < job->count; i++) {
        cli_warnings_print(&job->warnings[i], i > 0 ? &job->warnings[0] : NULL,
                           i > 0 ? job->compare.configs[i].label : NULL);
    }
    fprintf(stderr, "results in %s\n", job->target);
    if (cli_args_has(job->args, OPTION_PLOT) && job->compare.enough != STUDY_ENOUGH_REFUSED) {
        status = cli_plot(job->target, NULL, (unsigned)(PLT_SVG | PLT_PNG));
    }
    for (uint32_t i = 0; i < job->count && status == CLI_DONE; i++) {
        const struct study_outcome *outcome = study_run_outcome(job->compare.configs[i].first);

        if (outcome->has_deadlock) {
            fprintf(stderr, "sluice: '%s' ends in a deadlock; 'sluice run' tells more\n",
                    job->compare.configs[i].label);
        }
        if (outcome->has_deadlock || outcome->stop == STUDY_STOP_REFUSED ||
            study_thresholds_are_broken(&job->thresholds[i])) {
            status = CLI_ANSWER;
        }
    }
    return status;
}

static void name_target(struct job *job)
{
    const char *output = cli_args_text(job->args, OPTION_OUTPUT);
    char name[256];

    if (output != NULL) {
        snprintf(job->target, sizeof job->target, "%s", output);
    } else {
        snprintf(name, sizeof name, "compare-%s", job->scenarios[0].spec.name);
        study_folder_default(job->target, sizeof job->target, name);
    }
}

static int run(const struct cli_args *args)
{
    struct job job = {.args = args, .arena = sim_arena_create()};
    int status = read_variants(&job);

    if (status == CLI_DONE) {
        status = read_scenarios(&job);
    }
    if (status == CLI_DONE) {
        status = prepare(&job);
    }
    if (status == CLI_DONE) {
        status = read_thresholds(&job);
    }
    if (status == CLI_DONE) {
        name_target(&job);
        status = execute(&job);
        if (status == CLI_DONE) {
            status = tell(&job);
        }
    }
    study_compare_finish(&job.compare);
    for (uint32_t i = 0; job.scenarios != NULL && i < job.count; i++) {
        scn_scenario_finish(&job.scenarios[i]);
    }
    sim_arena_destroy(job.arena);
    return status;
}

const struct cli_verb cli_verb_compare = {
    .name = "compare",
    .summary = "run configurations on the same load, and tell which differences are real",
    .operands = "SCENARIO...",
    .least_operands = 1,
    .most_operands = SIZE_MAX,
    .about =
        "Runs several scenarios, or one with different values of a key, 20 times each. Replication "
        "n of every configuration meets the same random numbers, so differences are taken pair by "
        "pair and most of the noise cancels. Every difference is told with its 95 % interval; one "
        "whose interval covers 0 is not shown to be one.\n"
        "The result folder has compare.csv and compare.json, and in config-01, config-02, ... the "
        "results of each. docs/comparing.md explains the statistics.\n"
        "Exit status 4 when a job cannot start or ends in a deadlock, and when a configuration "
        "breaks a threshold of its scenario; the verdicts are printed first.",
    .examples = "  sluice compare scenarios/article.yaml --vary \\\n"
                "      flink.taskmanager.network.memory.floating-buffers-per-gate=8,64\n"
                "  sluice compare before.yaml after.yaml --precision 1% --baseline 2\n",
    .options = options,
    .run = run,
};
