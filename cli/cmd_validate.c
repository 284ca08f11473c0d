/*
 * sluice validate: a recorded job beside its simulation.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/table.h"
#include "plots/draw.h"
#include "plots/validation.h"
#include "scenarios/reader/scenario.h"
#include "sim/arena.h"
#include "sim/number.h"
#include "studies/json.h"
#include "studies/validate.h"

enum {
    OPTION_SEEDS,
    OPTION_JOBS,
    OPTION_BRIEF,
    OPTION_FORMAT,
    OPTION_PLOT,
};

static const struct cli_option options[] = {
    [OPTION_SEEDS] = {.name = "seeds",
                      .argument = "N",
                      .help = "runs of each case, with run.seed and the seeds after it (8)"},
    [OPTION_JOBS] = {.name = "jobs",
                     .letter = 'j',
                     .argument = "N",
                     .help = "runs at the same time, which changes nothing in the result (1)"},
    [OPTION_BRIEF] = {.name = "brief", .help = "of the metrics, print those out of tolerance only"},
    [OPTION_FORMAT] = {.name = "format",
                       .argument = "FORMAT",
                       .choices = CLI_FORMATS,
                       .help = "how the result is printed: " CLI_FORMATS},
    [OPTION_PLOT] = {.name = "plot",
                     .argument = "DIR",
                     .help = "lay both series over each other, in a folder of each case's name "
                             "in DIR (SVG and PNG)"},
    {.name = NULL},
};

/* All cases of one call. */
struct report {
    const struct cli_args *args;
    struct study_validation *cases;
    size_t case_count;
    uint32_t seeds;
    uint32_t threads;
    struct cli_progress progress; /* of the present case */
};

#define NUMBER_SIZE 32

/* Four digits, without an exponent where that is short. */
static const char *format_number(char *buffer, double value)
{
    double size = fabs(value);

    if (size >= 1000 && size < 1e7) {
        snprintf(buffer, NUMBER_SIZE, "%.0f", value);
    } else if (size < 0.00005) {
        snprintf(buffer, NUMBER_SIZE, "0");
    } else if (size < 1) {
        snprintf(buffer, NUMBER_SIZE, "%.4f", value);
    } else {
        snprintf(buffer, NUMBER_SIZE, "%.4g", value);
    }
    return buffer;
}

static void add_number(struct cli_table *table, bool is_there, double value)
{
    char text[NUMBER_SIZE];

    cli_table_add(table, "%s", is_there ? format_number(text, value) : "-");
}

static bool is_shown(const struct report *report, const struct study_check *check)
{
    return check->verdict == STUDY_VERDICT_OUTSIDE || !cli_args_has(report->args, OPTION_BRIEF);
}

/* ---- for people ---- */

static const struct cli_column people_columns[] = {
    {.title = "metric", .is_left = true},
    {.title = "Flink"},
    {.group = "sluice", .title = "least"},
    {.group = "sluice", .title = "most"},
    {.title = "error"},
    {.title = "allowed"},
    {.title = "spread"},
    {.title = "ok?", .is_left = true},
};

static const char *mark_of(enum study_verdict verdict)
{
    return verdict == STUDY_VERDICT_WITHIN ? "yes" : verdict == STUDY_VERDICT_OUTSIDE ? "NO" : "-";
}

static void add_people_row(struct cli_table *table, const struct study_check *check)
{
    cli_table_add(table, "%s", check->metric);
    add_number(table, true, check->recorded);
    add_number(table, check->is_simulated, check->least);
    add_number(table, check->is_simulated, check->most);
    add_number(table, check->is_simulated, check->error);
    add_number(table, check->verdict != STUDY_VERDICT_SKIPPED, check->tolerance);
    add_number(table, check->has_spread, check->spread);
    cli_table_add(table, "%s", mark_of(check->verdict));
}

/* The metrics of one vertex; true when there was one. */
static bool print_vertex(const struct report *report, const struct study_validation *validation,
                         const char *vertex)
{
    struct cli_table table;

    cli_table_init(&table, people_columns, sizeof people_columns / sizeof people_columns[0]);
    for (size_t i = 0; i < validation->check_count; i++) {
        const struct study_check *check = &validation->checks[i];

        if (strcmp(check->vertex, vertex) == 0 && is_shown(report, check)) {
            add_people_row(&table, check);
        }
    }
    if (table.cell_count > 0) {
        printf("\n%s: %s\n", validation->name, vertex);
        cli_table_print(&table, stdout);
    }
    cli_table_finish(&table);
    return table.cell_count > 0;
}

static void print_case(const struct report *report, const struct study_validation *validation)
{
    for (size_t i = 0; i < validation->check_count; i++) {
        const char *vertex = validation->checks[i].vertex;
        bool is_new = true;

        for (size_t j = 0; j < i; j++) {
            is_new = is_new && strcmp(validation->checks[j].vertex, vertex) != 0;
        }
        if (is_new) {
            print_vertex(report, validation, vertex);
        }
    }
}

struct totals {
    size_t cases;
    size_t cases_holding;
    size_t compared;
    size_t within;
};

static struct totals total_of(const struct report *report)
{
    struct totals totals = {.cases = report->case_count};

    for (size_t i = 0; i < report->case_count; i++) {
        totals.cases_holding += study_validation_holds(&report->cases[i]);
        totals.compared += report->cases[i].compared;
        totals.within += report->cases[i].within;
    }
    return totals;
}

static void fill_cases(const struct report *report, struct cli_table *table)
{
    for (size_t i = 0; i < report->case_count; i++) {
        const struct study_validation *validation = &report->cases[i];

        cli_table_add(table, "%s", validation->name);
        cli_table_add(table, "%zu", validation->within);
        cli_table_add(table, "%zu", validation->compared);
        cli_table_add(table, "%.1f %%",
                      validation->compared > 0
                          ? 100.0 * (double)validation->within / (double)validation->compared
                          : 0.0);
        cli_table_add(table, "%s", study_validation_holds(validation) ? "ok" : "OFF");
    }
}

static const struct cli_column case_columns[] = {
    {.title = "case", .is_left = true},    {.title = "within"}, {.title = "of"}, {.title = "share"},
    {.title = "verdict", .is_left = true},
};

#define CASE_COLUMNS (sizeof case_columns / sizeof case_columns[0])

static void print_total(const struct report *report)
{
    struct totals totals = total_of(report);

    struct sim_text text = {0};

    sim_text_add(
        &text,
        "%zu of %zu metrics are within their tolerances; %zu of %zu cases have at least "
        "95 %% of theirs. Seeds %llu to %llu, each from the warm-up to the end of the run.",
        totals.within, totals.compared, totals.cases_holding, totals.cases,
        (unsigned long long)report->cases[0].first_seed,
        (unsigned long long)(report->cases[0].first_seed + report->seeds - 1));
    printf("\n");
    cli_wrap(stdout, sim_text_get(&text), 0, 0);
    sim_text_finish(&text);
}

static void print_people(const struct report *report)
{
    struct cli_table table;

    for (size_t i = 0; i < report->case_count; i++) {
        print_case(report, &report->cases[i]);
    }
    cli_table_init(&table, case_columns, CASE_COLUMNS);
    fill_cases(report, &table);
    putchar('\n');
    cli_table_print(&table, stdout);
    cli_table_finish(&table);
    print_total(report);
}

/* ---- for programs ---- */

static const struct cli_column full_columns[] = {
    {.title = "case", .is_left = true},
    {.title = "vertex", .is_left = true},
    {.title = "metric", .is_left = true},
    {.title = "recorded"},
    {.title = "mean"},
    {.title = "least"},
    {.title = "most"},
    {.title = "error"},
    {.title = "tolerance"},
    {.title = "spread"},
    {.title = "verdict", .is_left = true},
    {.title = "rule", .is_left = true},
};

/* A Markdown table of one case need not name it in each row. */
static void fill_full(const struct report *report, const struct study_validation *validation,
                      struct cli_table *table, bool has_case)
{
    for (size_t i = 0; i < validation->check_count; i++) {
        const struct study_check *check = &validation->checks[i];

        if (!is_shown(report, check)) {
            continue;
        }
        if (has_case) {
            cli_table_add(table, "%s", validation->name);
        }
        cli_table_add(table, "%s", check->vertex);
        cli_table_add(table, "%s", check->metric);
        add_number(table, true, check->recorded);
        add_number(table, check->is_simulated, check->mean);
        add_number(table, check->is_simulated, check->least);
        add_number(table, check->is_simulated, check->most);
        add_number(table, check->is_simulated, check->error);
        add_number(table, check->verdict != STUDY_VERDICT_SKIPPED, check->tolerance);
        add_number(table, check->has_spread, check->spread);
        cli_table_add(table, "%s", study_verdict_name(check->verdict));
        cli_table_add(table, "%s", check->rule);
    }
}

static void print_csv(const struct report *report)
{
    struct cli_table table;

    cli_table_init(&table, full_columns, sizeof full_columns / sizeof full_columns[0]);
    for (size_t i = 0; i < report->case_count; i++) {
        fill_full(report, &report->cases[i], &table, true);
    }
    cli_table_print_csv(&table, stdout);
    cli_table_finish(&table);
}

static void print_markdown(const struct report *report)
{
    struct cli_table table;

    cli_table_init(&table, case_columns, CASE_COLUMNS);
    fill_cases(report, &table);
    cli_table_print_markdown(&table, stdout);
    cli_table_finish(&table);
    print_total(report);
    for (size_t i = 0; i < report->case_count; i++) {
        cli_table_init(&table, full_columns + 1, sizeof full_columns / sizeof full_columns[0] - 1);
        fill_full(report, &report->cases[i], &table, false);
        if (table.cell_count > 0) {
            printf("\n### %s\n\n", report->cases[i].name);
            cli_table_print_markdown(&table, stdout);
        }
        cli_table_finish(&table);
    }
}

static void print_json_check(struct study_json *json, const struct study_check *check)
{
    study_json_inline(json, NULL);
    study_json_text(json, "vertex", check->vertex);
    study_json_text(json, "metric", check->metric);
    study_json_number(json, "recorded", check->recorded);
    if (check->is_simulated) {
        study_json_number(json, "mean", check->mean);
        study_json_number(json, "least", check->least);
        study_json_number(json, "most", check->most);
        study_json_number(json, "error", check->error);
    }
    if (check->verdict != STUDY_VERDICT_SKIPPED) {
        study_json_number(json, "tolerance", check->tolerance);
    }
    if (check->has_spread) {
        study_json_number(json, "spread", check->spread);
    }
    study_json_text(json, "verdict", study_verdict_name(check->verdict));
    study_json_text(json, "rule", check->rule);
    study_json_close(json, '}');
}

static void print_json(const struct report *report)
{
    struct totals totals = total_of(report);
    struct study_json json;

    study_json_begin(&json, stdout);
    study_json_object(&json, NULL);
    study_json_text(&json, "sluice_version", SLUICE_VERSION);
    study_json_uint(&json, "first_seed", report->cases[0].first_seed);
    study_json_uint(&json, "seeds", report->seeds);
    study_json_uint(&json, "metrics", totals.compared);
    study_json_uint(&json, "metrics_within", totals.within);
    study_json_uint(&json, "cases_holding", totals.cases_holding);
    study_json_list(&json, "cases");
    for (size_t i = 0; i < report->case_count; i++) {
        const struct study_validation *validation = &report->cases[i];

        study_json_object(&json, NULL);
        study_json_text(&json, "case", validation->name);
        study_json_uint(&json, "metrics", validation->compared);
        study_json_uint(&json, "metrics_within", validation->within);
        study_json_bool(&json, "holds", study_validation_holds(validation));
        study_json_list(&json, "checks");
        for (size_t c = 0; c < validation->check_count; c++) {
            if (is_shown(report, &validation->checks[c])) {
                print_json_check(&json, &validation->checks[c]);
            }
        }
        study_json_close(&json, ']');
        study_json_close(&json, '}');
    }
    study_json_close(&json, ']');
    study_json_close(&json, '}');
}

/* ---- the verb ---- */

/* Mistakes are printed, warnings are not: the job was run as it stands. */
static int read_scenario(struct scn_scenario *scenario, const char *path)
{
    struct sim_text text = {0};

    if (scn_scenario_read_file(scenario, path, NULL)) {
        return CLI_DONE;
    }
    scn_diagnostics_format(&scenario->diagnostics, false, &text);
    fprintf(stderr, "%s%s", scenario->code == SIM_ERR_SYSTEM ? "sluice: " : "",
            sim_text_get(&text));
    sim_text_finish(&text);
    return cli_status_of(scenario->code);
}

/* Run it, during which the signals of `interrupt` are held back. */
static int simulate_case(struct report *report, const char *folder,
                         const struct study_validate_params *params)
{
    sim_time duration = params->spec->run.duration;
    struct cli_interrupt interrupt;
    struct sim_err err = {0};
    int status = CLI_DONE;

    cli_interrupt_hold(&interrupt);
    cli_progress_begin(&report->progress,
                       duration < SIM_TIME_MAX / params->seeds ? duration * params->seeds
                                                               : SIM_TIME_MAX,
                       &interrupt);
    if (study_validate(&report->cases[report->case_count], params, &err)) {
        report->case_count++;
    } else if (report->progress.was_interrupted) {
        status = CLI_INTERRUPTED;
    }
    cli_progress_end(&report->progress);
    cli_interrupt_release(&interrupt);
    if (err.code != SIM_ERR_NONE) {
        if (err.file[0] == '\0') {
            snprintf(err.file, sizeof err.file, "%s", folder);
        }
        status = cli_fail(&err);
    }
    return status;
}

static int validate_case(struct report *report, const char *folder)
{
    struct study_recording recording = {0};
    struct scn_scenario scenario;
    struct sim_err err = {0};
    char path[1024];
    int status;

    if (snprintf(path, sizeof path, "%s/case.yaml", folder) >= (int)sizeof path) {
        fprintf(stderr, "sluice validate: the path of a case is too long: %s\n", folder);
        return CLI_USAGE;
    }
    status = read_scenario(&scenario, path);
    if (status == CLI_DONE && !study_recording_read(&recording, folder, &err)) {
        status = cli_fail(&err);
    }
    if (status == CLI_DONE) {
        struct study_validate_params params = {.spec = &scenario.spec,
                                               .recording = &recording,
                                               .seeds = report->seeds,
                                               .threads = report->threads,
                                               .progress = cli_progress_tell,
                                               .progress_arg = &report->progress};

        if (recording.row_count == 0) {
            study_recording_summarise(&recording, (double)scenario.spec.run.warmup / 1e9);
        }
        status = simulate_case(report, folder, &params);
        study_recording_finish(&recording);
    }
    scn_scenario_finish(&scenario);
    return status;
}

static int draw(const struct report *report)
{
    const char *into = cli_args_text(report->args, OPTION_PLOT);
    int status = CLI_DONE;

    for (size_t i = 0; into != NULL && i < report->case_count && status == CLI_DONE; i++) {
        struct sim_text directory = {0};
        struct sim_text notes = {0};
        struct sim_err err = {0};

        sim_text_add(&directory, "%s/", into);
        cli_add_name(&directory, report->args->operands[i]);
        if (!plt_validation(&report->cases[i], sim_text_get(&directory),
                            (unsigned)(PLT_SVG | PLT_PNG), &notes, &err)) {
            status = cli_fail(&err);
        }
        fputs(sim_text_get(&notes), stderr);
        sim_text_finish(&notes);
        sim_text_finish(&directory);
    }
    return status;
}

static int print_report(const struct report *report)
{
    struct totals totals = total_of(report);

    switch (cli_format_of(cli_args_text(report->args, OPTION_FORMAT))) {
    case CLI_FORMAT_TABLE:
        print_people(report);
        break;
    case CLI_FORMAT_JSON:
        print_json(report);
        break;
    case CLI_FORMAT_CSV:
        print_csv(report);
        break;
    case CLI_FORMAT_MARKDOWN:
        print_markdown(report);
        break;
    }
    return totals.within < totals.compared ? CLI_ANSWER : CLI_DONE;
}

static int run(const struct cli_args *args)
{
    struct report report = {.args = args};
    int64_t seeds = STUDY_VALIDATE_SEEDS;
    int64_t threads = 1;
    struct sim_err err = {0};
    int status = CLI_DONE;

    if (!cli_args_number(args, OPTION_SEEDS, 1, STUDY_VALIDATE_MAX_SEEDS, &seeds, &err) ||
        !cli_args_number(args, OPTION_JOBS, 1, 256, &threads, &err)) {
        fprintf(stderr, "sluice validate: %s\n", err.text);
        return CLI_USAGE;
    }
    report.seeds = (uint32_t)seeds;
    report.threads = (uint32_t)threads;
    report.cases = sim_alloc(args->operand_count, sizeof *report.cases);
    for (size_t i = 0; i < args->operand_count && status == CLI_DONE; i++) {
        status = validate_case(&report, args->operands[i]);
    }
    if (status == CLI_DONE) {
        int drawn = draw(&report);

        status = print_report(&report);
        status = drawn != CLI_DONE ? drawn : status;
    } else if (status == CLI_INTERRUPTED) {
        fprintf(stderr, "sluice: interrupted; %zu of %zu case%s done\n", report.case_count,
                args->operand_count, args->operand_count == 1 ? " was" : "s were");
        if (report.case_count > 0) {
            print_report(&report);
        }
    }
    for (size_t i = 0; i < report.case_count; i++) {
        study_validation_finish(&report.cases[i]);
    }
    free(report.cases);
    return status;
}

const struct cli_verb cli_verb_validate = {
    .name = "validate",
    .summary = "hold simulations against recordings of real jobs, metric by metric",
    .operands = "CASE_DIR...",
    .least_operands = 1,
    .most_operands = SIZE_MAX,
    .about =
        "A case is a folder with a scenario (case.yaml) and what Flink did with it (summary.csv, "
        "series.csv and more; docs/validation.md has the layout, and how to record a job of "
        "yours). Each scenario is run with several seeds. For each metric of each vertex the error "
        "is how far the recording lies outside the range of the seeds; it must not exceed the "
        "tolerance of the metric.\n"
        "Columns: Flink's mean; the smallest and the largest mean of the seeds; the error; what is "
        "allowed; the standard deviation of Flink's own reruns where the job was recorded several "
        "times.\n"
        "Exit status 4 when a metric is out of tolerance.",
    .examples = "  sluice validate tests/reference/jobs/linear-p1\n"
                "  sluice validate tests/reference/jobs/*/ --brief --jobs 2\n",
    .options = options,
    .run = run,
};
