#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/conclusion.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/scenario.h"
#include "cli/study_options.h"
#include "plots/draw.h"
#include "sim/arena.h"
#include "sim/number.h"
#include "studies/compare.h"
#include "studies/folder.h"
#include "studies/result.h"
#include "studies/run.h"
#include "studies/threshold.h"
#include "studies/warnings.h"

enum {
    OPTION_OUTPUT,
    OPTION_SEED,
    OPTION_SET,
    OPTION_PLOT,
    OPTION_REPLICATIONS,
    OPTION_PRECISION,
    OPTION_JOBS,
    OPTION_WARMUP,
    OPTION_AUDIT,
    OPTION_PER_RECORD,
    OPTION_FORMAT,
    OPTION_SUBTASKS,
    OPTION_VERBOSE,
};

static const struct cli_option options[] = {
    [OPTION_OUTPUT] = {.name = "output",
                       .letter = 'o',
                       .argument = "DIR",
                       .help = "the result folder; results/NAME of the scenario without it. An "
                               "older result there is replaced, anything else is not"},
    [OPTION_SEED] = {.name = "seed",
                     .argument = "N",
                     .help = "seed of the random numbers, instead of run.seed"},
    [OPTION_SET] = CLI_OPTION_SET,
    [OPTION_PLOT] = {.name = "plot",
                     .help = "draw the charts too (SVG and PNG, in the folder charts)"},
    [OPTION_REPLICATIONS] = CLI_OPTION_REPLICATIONS,
    [OPTION_PRECISION] = CLI_OPTION_PRECISION,
    [OPTION_JOBS] = CLI_OPTION_JOBS,
    [OPTION_WARMUP] = CLI_OPTION_WARMUP,
    [OPTION_AUDIT] = {.name = "audit",
                      .help = "check every invariant of the model after every event (slow)"},
    [OPTION_PER_RECORD] = {.name = "per-record",
                           .help = "an event for every record instead of one for a span of them: "
                                   "the same results, slower; for checks of sluice itself"},
    [OPTION_FORMAT] = {.name = "format",
                       .argument = "FORMAT",
                       .choices = CLI_FORMATS,
                       .help = "how the report is printed: " CLI_FORMATS},
    [OPTION_SUBTASKS] = {.name = "subtasks", .help = "print a table of every subtask too"},
    [OPTION_VERBOSE] = {.name = "verbose",
                        .letter = 'v',
                        .help = "tell speed and memory, on standard error"},
    {.name = NULL},
};

static const struct cli_study_options study_options = {
    .replications = OPTION_REPLICATIONS, .precision = OPTION_PRECISION, .jobs = OPTION_JOBS};

/* One scenario, from its file to the folder in its place. */
struct job {
    const struct cli_args *args;
    struct scn_scenario scenario;
    struct study_folder *folder; /* NULL once it is in its place */
    struct cli_study study;
    struct study_config config;
    struct study_compare compare; /* of the one configuration */
    const struct study_run *run;  /* its first replication */
    struct cli_conclusion conclusion;
    struct study_thresholds thresholds;
    struct study_warnings warnings;
    struct sim_arena *arena;
    char target[4200];
    struct cli_progress progress;
};

/* The scenario, with --seed as one more override. */
static int read_scenario(struct job *job)
{
    const struct cli_args *args = job->args;
    struct cli_overrides overrides;
    struct sim_err err = {0};
    char override[64];
    char warmup[64];
    int64_t number = 0;

    cli_overrides_init(&overrides, &args->values[OPTION_SET], 2, job->arena);
    if (!cli_args_number(args, OPTION_SEED, 0, INT64_MAX, &number, &err)) {
        fprintf(stderr, "sluice run: %s\n", err.text);
        return CLI_USAGE;
    }
    if (cli_args_has(args, OPTION_SEED)) {
        snprintf(override, sizeof override, "run.seed=%" PRId64, number);
        cli_overrides_add(&overrides, "--seed", override);
    }
    if (cli_args_has(args, OPTION_WARMUP)) {
        snprintf(warmup, sizeof warmup, "run.warmup=%.50s", cli_args_text(args, OPTION_WARMUP));
        cli_overrides_add(&overrides, "--warmup", warmup);
    }
    return cli_scenario_read(&job->scenario, args->operands[0], &overrides.options, true);
}

/* --replications and the like; once the scenario is known. */
static int read_study(struct job *job)
{
    const struct net_spec *spec = &job->scenario.spec;
    struct sim_err err = {0};

    if (!cli_study_read(&job->study, job->args, &study_options, 1, &err) ||
        !cli_study_resolve(&job->study, &spec, 1, &err)) {
        fprintf(stderr, "sluice run: %s\n", err.text);
        return CLI_USAGE;
    }
    if (!cli_study_fits(&job->study, &spec, 1, &err)) {
        return cli_fail(&err);
    }
    return cli_thresholds_read(&job->thresholds, spec, job->arena);
}

/* Run it; the folder exists afterwards, whatever came out. */
static int simulate(struct job *job)
{
    const struct net_spec *spec = &job->scenario.spec;
    struct sim_err err = {0};
    bool is_done;

    job->folder = study_folder_create(job->target, &err);
    if (job->folder == NULL) {
        return cli_fail(&err);
    }
    job->config = (struct study_config){.label = spec->name, .spec = spec, .folder = job->folder};
    job->compare = (struct study_compare){
        .configs = &job->config,
        .config_count = 1,
        .seed = spec->run.seed,
        .replications = job->study.replications,
        .targets = job->study.targets,
        .target_count = job->study.target_count,
        .jobs = job->study.jobs,
        .has_audits = cli_args_has(job->args, OPTION_AUDIT),
        .per_record = cli_args_has(job->args, OPTION_PER_RECORD),
        .wants_channels = cli_args_has(job->args, OPTION_PLOT),
        .progress = cli_progress_tell,
        .progress_arg = &job->progress,
    };
    is_done = study_compare_run(&job->compare, &err);
    job->run = job->config.first;
    cli_progress_end(&job->progress);
    return is_done ? CLI_DONE : cli_fail(&err);
}

/* Find out what it means, and put the folder in its place. */
static int conclude(struct job *job)
{
    struct sim_err err = {0};
    bool is_done;

    if (!cli_conclusion_make(&job->conclusion, &job->compare, 0, job->arena, &err)) {
        return cli_fail(&err);
    }
    study_thresholds_judge(&job->thresholds, &job->compare, 0);
    study_warnings_make(&job->warnings, &job->compare, 0, job->arena);
    job->conclusion.result.thresholds = &job->thresholds;
    job->conclusion.result.warnings = &job->warnings;
    if (!study_result_write(&job->conclusion.result, job->folder, &err)) {
        return cli_fail(&err);
    }
    is_done = study_folder_commit(job->folder, &err);
    job->folder = NULL;
    return is_done ? CLI_DONE : cli_fail(&err);
}

/* Simulate and write, during which Ctrl-C is held back: nothing is left half done. */
static int execute(struct job *job)
{
    struct cli_interrupt interrupt;
    sim_time duration = job->scenario.spec.run.duration;
    sim_time times = (sim_time)job->study.replications;
    int status;

    cli_interrupt_hold(&interrupt);
    cli_progress_begin(&job->progress,
                       duration < SIM_TIME_MAX / times ? duration * times : SIM_TIME_MAX,
                       &interrupt);
    status = simulate(job);
    if (job->progress.was_interrupted) {
        fprintf(stderr, "sluice: interrupted at %.3f s of %.3f s; nothing was written\n",
                (double)job->progress.simulated / 1e9, (double)job->progress.duration / 1e9);
        status = CLI_INTERRUPTED;
    } else if (status == CLI_DONE) {
        status = conclude(job);
    }
    study_folder_discard(job->folder);
    cli_interrupt_release(&interrupt);
    return status;
}

static int tell(struct job *job)
{
    const struct study_outcome *outcome = study_run_outcome(job->run);
    struct cli_report report = {
        .format = cli_format_of(cli_args_text(job->args, OPTION_FORMAT)),
        .has_subtasks = cli_args_has(job->args, OPTION_SUBTASKS),
    };

    cli_report_print(&job->conclusion.result, &report, stdout);
    fflush(stdout);
    if (cli_args_has(job->args, OPTION_VERBOSE)) {
        cli_progress_cost(&job->progress, job->compare.record_hops);
    }
    if (outcome->channels_left_out > 0) {
        fprintf(stderr, "sluice: warning: channels.csv is left out: %u channels are too many\n",
                outcome->channels_left_out);
    }
    cli_warnings_print(&job->warnings, NULL, NULL);
    fprintf(stderr, "results in %s\n", job->target);
    if (outcome->stop == STUDY_STOP_REFUSED) {
        return CLI_ANSWER;
    }
    if (job->scenario.spec.run.expects_failure) {
        fputs("sluice: warning: the scenario expects that the job cannot start, but it did\n",
              stderr);
    }
    if (cli_args_has(job->args, OPTION_PLOT)) {
        int status = cli_plot(job->target, NULL, (unsigned)(PLT_SVG | PLT_PNG));

        if (status != CLI_DONE) {
            return status;
        }
    }
    return outcome->has_deadlock || study_thresholds_are_broken(&job->thresholds) ? CLI_ANSWER
                                                                                  : CLI_DONE;
}

static int run(const struct cli_args *args)
{
    struct job job = {.args = args, .arena = sim_arena_create()};
    const char *output = cli_args_text(args, OPTION_OUTPUT);
    int status = read_scenario(&job);

    if (status == CLI_DONE) {
        status = read_study(&job);
    }
    if (status == CLI_DONE) {
        if (output != NULL) {
            snprintf(job.target, sizeof job.target, "%s", output);
        } else {
            study_folder_default(job.target, sizeof job.target, job.scenario.spec.name);
        }
        status = execute(&job);
        if (status == CLI_DONE) {
            status = tell(&job);
        }
    }
    study_compare_finish(&job.compare);
    cli_conclusion_finish(&job.conclusion);
    scn_scenario_finish(&job.scenario);
    sim_arena_destroy(job.arena);
    return status;
}

const struct cli_verb cli_verb_run = {
    .name = "run",
    .summary = "run a scenario, print a table per vertex, write a result folder",
    .operands = "SCENARIO",
    .least_operands = 1,
    .most_operands = 1,
    .about =
        "Simulates a scenario and prints, per vertex, records per second, how the subtasks spent "
        "their time, how full the buffer pools were and how old records were when they were "
        "served; then where the bottleneck is, which pool or limit binds, and what to try.\n"
        "The result folder has the scenario with every default (scenario.yaml), all series "
        "(series.csv), their summary (summary.csv, summary.json) and more. It is there whole or "
        "not at all.\n"
        "With --replications or --precision every number is a mean over replications with its 95 % "
        "interval; series and bottleneck are then of the first replication.\n"
        "Exit status 4 when the job cannot start, with the text of Flink's error, and when a "
        "threshold of the scenario is broken.",
    .examples = "  sluice run scenarios/log-analytics.yaml --plot\n"
                "  sluice run scenarios/hot-key.yaml --replications 20\n"
                "  sluice run scenarios/hot-key.yaml --precision 2% --jobs 4\n"
                "  sluice run scenarios/article.yaml --seed 7 -o results/article-7 \\\n"
                "      --set flink.taskmanager.network.memory.floating-buffers-per-gate=8\n",
    .options = options,
    .run = run,
};
