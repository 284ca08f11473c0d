#include "cli/report.h"

#include <inttypes.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/intervals.h"
#include "cli/table.h"
#include "cli/verdicts.h"
#include "sim/arena.h"
#include "sim/histogram.h"
#include "sim/number.h"
#include "studies/compare.h"
#include "studies/compare_write.h"
#include "studies/threshold.h"
#include "studies/warnings.h"

#define LABEL_COLUMNS 12

enum cli_format cli_format_of(const char *name)
{
    if (name == NULL || strcmp(name, "table") == 0) {
        return CLI_FORMAT_TABLE;
    }
    if (strcmp(name, "json") == 0) {
        return CLI_FORMAT_JSON;
    }
    return strcmp(name, "csv") == 0 ? CLI_FORMAT_CSV : CLI_FORMAT_MARKDOWN;
}

/* ---- the tables of the vertices ---- */

static const char rates[] = "records/s";
static const char times[] = "% of the time (mean)";
static const char spent[] = "% of the time";
static const char pools[] = "pool usage";
static const char outputs[] = "output pools";
static const char inputs[] = "input pools";
static const char latencies[] = "latency";

static const struct cli_column flow_columns[] = {
    {NULL, "vertex", true, NULL},
    {NULL, "par", false, "parallelism"},
    {rates, "in", false, "records/s in"},
    {rates, "out", false, "records/s out"},
    {times, "busy", false, "busy %"},
    {times, "max", false, "busy % max"},
    {times, "idle", false, "idle %"},
    {times, "soft", false, "soft back-pressured %"},
    {times, "hard", false, "hard back-pressured %"},
};

static const struct cli_column pool_columns[] = {
    {NULL, "vertex", true, NULL},
    {outputs, "usage", false, "output pool usage"},
    {outputs, "max", false, "output pool usage max"},
    {outputs, "used", false, "output buffers used"},
    {outputs, "of", false, "of"},
    {inputs, "usage", false, "input pool usage"},
    {inputs, "max", false, "input pool usage max"},
    {inputs, "used", false, "input buffers used"},
    {inputs, "of", false, "of"},
    {latencies, "p50", false, "latency p50"},
    {latencies, "p99", false, "latency p99"},
};

static const struct cli_column subtask_columns[] = {
    {NULL, "subtask", true, NULL},
    {NULL, "tm", false, "task manager"},
    {rates, "in", false, "records/s in"},
    {rates, "out", false, "records/s out"},
    {spent, "busy", false, "busy %"},
    {spent, "soft", false, "soft back-pressured %"},
    {spent, "hard", false, "hard back-pressured %"},
    {pools, "out", false, "output pool usage"},
    {pools, "in", false, "input pool usage"},
    {latencies, "p50", false, "latency p50"},
    {latencies, "p99", false, "latency p99"},
};

static const struct cli_column all_columns[] = {
    {NULL, "vertex", true, NULL},
    {NULL, "parallelism", false, NULL},
    {NULL, "records_in_per_s", false, NULL},
    {NULL, "records_out_per_s", false, NULL},
    {NULL, "busy_percent", false, NULL},
    {NULL, "busy_max_percent", false, NULL},
    {NULL, "idle_percent", false, NULL},
    {NULL, "soft_back_pressured_percent", false, NULL},
    {NULL, "hard_back_pressured_percent", false, NULL},
    {NULL, "out_pool_usage_mean", false, NULL},
    {NULL, "out_pool_usage_max", false, NULL},
    {NULL, "out_buffers_used_mean", false, NULL},
    {NULL, "out_buffers_size_mean", false, NULL},
    {NULL, "in_pool_usage_mean", false, NULL},
    {NULL, "in_pool_usage_max", false, NULL},
    {NULL, "in_buffers_used_mean", false, NULL},
    {NULL, "in_buffers_size", false, NULL},
    {NULL, "latency_p50_ms", false, NULL},
    {NULL, "latency_p99_ms", false, NULL},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void add_rate(struct cli_table *table, bool is_there, double rate)
{
    char text[32];

    if (!is_there) {
        cli_table_add(table, "-");
    } else if (rate >= 1e6) {
        sim_number_format_count(text, sizeof text, rate);
        cli_table_add(table, "%s", text);
    } else {
        cli_table_add(table, "%.1f", rate);
    }
}

static void fill_flow(struct cli_table *table, const struct study_outcome *outcome)
{
    for (uint32_t v = 0; v < outcome->spec->vertex_count; v++) {
        const struct study_vertex *vertex = &outcome->vertices[v];

        cli_table_add(table, "%s", vertex->name);
        cli_table_add(table, "%" PRIu32, vertex->parallelism);
        add_rate(table, vertex->has_input || vertex->records_in_per_s > 0,
                 vertex->records_in_per_s);
        add_rate(table, vertex->has_output || vertex->records_out_per_s > 0,
                 vertex->records_out_per_s);
        cli_table_add(table, "%.1f", 100 * vertex->busy.mean);
        cli_table_add(table, "%.1f", 100 * vertex->busy.max);
        cli_table_add(table, "%.1f", 100 * vertex->idle.mean);
        cli_table_add(table, "%.1f", 100 * vertex->soft.mean);
        cli_table_add(table, "%.1f", 100 * vertex->hard.mean);
    }
}

static void add_latency(struct cli_table *table, const struct sim_histogram *latency, double q)
{
    char text[32] = "-";

    if (latency != NULL && sim_histogram_count(latency) > 0 &&
        sim_histogram_count(latency) < study_quantile_needs(q)) {
        snprintf(text, sizeof text, "too few");
    } else if (latency != NULL && sim_histogram_count(latency) > 0) {
        sim_number_format_duration(text, sizeof text, sim_histogram_quantile(latency, q));
    }
    cli_table_add(table, "%s", text);
}

static void add_buffers(struct cli_table *table, double buffers)
{
    cli_table_add(table, buffers < 1000 ? "%.1f" : "%.0f", buffers);
}

static void add_nothing(struct cli_table *table, int cells)
{
    for (int i = 0; i < cells; i++) {
        cli_table_add(table, "-");
    }
}

static void fill_pools(struct cli_table *table, const struct study_outcome *outcome)
{
    for (uint32_t v = 0; v < outcome->spec->vertex_count; v++) {
        const struct study_vertex *vertex = &outcome->vertices[v];

        cli_table_add(table, "%s", vertex->name);
        if (vertex->has_output) {
            cli_table_add(table, "%.2f", vertex->out_usage_mean);
            cli_table_add(table, "%.2f", vertex->out_usage_max);
            add_buffers(table, vertex->out_used_mean);
            cli_table_add(table, "%.0f", vertex->out_size_mean);
        } else {
            add_nothing(table, 4);
        }
        if (vertex->has_input) {
            cli_table_add(table, "%.2f", vertex->in_usage_mean);
            cli_table_add(table, "%.2f", vertex->in_usage_max);
            add_buffers(table, vertex->in_used_mean);
            cli_table_add(table, "%" PRId64, vertex->in_size);
        } else {
            add_nothing(table, 4);
        }
        add_latency(table, vertex->latency, 0.5);
        add_latency(table, vertex->latency, 0.99);
    }
}

static void fill_subtask(struct cli_table *table, const struct study_outcome *outcome,
                         uint32_t vertex, uint32_t subtask)
{
    const struct study_vertex *of = &outcome->vertices[vertex];
    uint32_t index = outcome->first[vertex] + subtask;
    const struct net_task_totals *task = &outcome->tasks[index];
    double seconds = task->elapsed > 0 ? (double)task->elapsed / 1e9 : 1;
    double percent = 100 / (seconds * 1e9);

    cli_table_add(table, "%s %" PRIu32, of->name, subtask);
    cli_table_add(table, "%" PRIu32, outcome->taskmanager_of[index]);
    add_rate(table, of->has_input || task->records_in > 0, (double)task->records_in / seconds);
    add_rate(table, of->has_output || task->records_out > 0, (double)task->records_out / seconds);
    cli_table_add(table, "%.1f", (double)task->busy * percent);
    cli_table_add(table, "%.1f", (double)task->soft * percent);
    cli_table_add(table, "%.1f", (double)task->hard * percent);
    if (of->has_output) {
        cli_table_add(table, "%.2f", task->out_usage_mean);
    } else {
        add_nothing(table, 1);
    }
    if (of->has_input) {
        cli_table_add(table, "%.2f", task->in_usage_mean);
    } else {
        add_nothing(table, 1);
    }
    add_latency(table, task->latency, 0.5);
    add_latency(table, task->latency, 0.99);
}

static void fill_subtasks(struct cli_table *table, const struct study_outcome *outcome)
{
    for (uint32_t v = 0; v < outcome->spec->vertex_count; v++) {
        for (uint32_t s = 0; s < outcome->vertices[v].parallelism; s++) {
            fill_subtask(table, outcome, v, s);
        }
    }
}

static void add_number(struct cli_table *table, double value)
{
    char text[64];

    sim_number_format_double(text, sizeof text, value);
    cli_table_add(table, "%s", text);
}

static void add_milliseconds(struct cli_table *table, const struct sim_histogram *latency, double q)
{
    if (sim_histogram_count(latency) >= study_quantile_needs(q)) {
        add_number(table, (double)sim_histogram_quantile(latency, q) / 1e6);
    } else {
        cli_table_add(table, "%s", "");
    }
}

static void fill_all(struct cli_table *table, const struct study_outcome *outcome)
{
    for (uint32_t v = 0; v < outcome->spec->vertex_count; v++) {
        const struct study_vertex *vertex = &outcome->vertices[v];

        cli_table_add(table, "%s", vertex->name);
        cli_table_add(table, "%" PRIu32, vertex->parallelism);
        add_number(table, vertex->records_in_per_s);
        add_number(table, vertex->records_out_per_s);
        add_number(table, 100 * vertex->busy.mean);
        add_number(table, 100 * vertex->busy.max);
        add_number(table, 100 * vertex->idle.mean);
        add_number(table, 100 * vertex->soft.mean);
        add_number(table, 100 * vertex->hard.mean);
        add_number(table, vertex->out_usage_mean);
        add_number(table, vertex->out_usage_max);
        add_number(table, vertex->out_used_mean);
        add_number(table, vertex->out_size_mean);
        add_number(table, vertex->in_usage_mean);
        add_number(table, vertex->in_usage_max);
        add_number(table, vertex->in_used_mean);
        cli_table_add(table, "%" PRId64, vertex->in_size);
        add_milliseconds(table, vertex->latency, 0.5);
        add_milliseconds(table, vertex->latency, 0.99);
    }
}

/* ---- the rule of thumb ---- */

static const char used[] = "most used at once";

static const struct cli_column allotment_columns[] = {
    {NULL, "edge", true, NULL},
    {NULL, "T", false, NULL},
    {NULL, "partition", false, NULL},
    {NULL, "gate", false, NULL},
    {used, "out", false, "most used at once, out"},
    {used, "in", false, "most used at once, in"},
    {NULL, "stopped by", true, NULL},
};

static void fill_allotments(struct cli_table *table, const struct study_result *result)
{
    const struct net_spec *spec = study_run_outcome(result->run)->spec;

    for (uint32_t i = 0; i < result->allotment_count; i++) {
        const struct study_allotment *edge = &result->allotments[i];

        cli_table_add(table, "%s -> %s", spec->vertices[edge->from].name,
                      spec->vertices[edge->to].name);
        cli_table_add(table, "%" PRId64, edge->rule);
        cli_table_add(table, "%" PRId64 " to %" PRId64, edge->partition_required,
                      edge->partition_max);
        cli_table_add(table, "%" PRId64 " + %" PRId64, edge->gate_exclusive, edge->floating);
        cli_table_add(table, "%" PRId64, edge->partition_most);
        cli_table_add(table, "%" PRId64, edge->gate_most);
        cli_table_add(table, "%s",
                      edge->limit_share < 0.005 ? "nothing" : study_limit_name(edge->limit));
    }
}

/* ---- texts ---- */

static void print_labelled(FILE *out, enum cli_format format, const char *label, const char *text)
{
    bool has_colour = format == CLI_FORMAT_TABLE && out == stdout && cli_has_colour();

    if (text[0] == 0) {
        return;
    }
    if (format == CLI_FORMAT_MARKDOWN) {
        fprintf(out, "**%s:** %s\n\n", label, text);
        return;
    }
    fprintf(out, "%s%-*s%s", has_colour ? "\033[1m" : "", LABEL_COLUMNS, label,
            has_colour ? "\033[0m" : "");
    cli_wrap(out, text, LABEL_COLUMNS, LABEL_COLUMNS);
}

static void print_heading(const struct study_result *result, enum cli_format format, FILE *out)
{
    const struct study_outcome *outcome = study_run_outcome(result->run);
    const struct net_spec *spec = outcome->spec;
    struct sim_text text = {0};

    sim_text_add(&text, "%s%s%s", spec->name,
                 spec->description != NULL && spec->description[0] != 0 ? ": " : "",
                 spec->description != NULL ? spec->description : "");
    if (format == CLI_FORMAT_MARKDOWN) {
        fprintf(out, "# %s\n\n", sim_text_get(&text));
    } else {
        cli_wrap(out, sim_text_get(&text), 0, 0);
    }
    sim_text_clear(&text);
    sim_text_add(&text, "Flink %s, seed %" PRIu64 ", ",
                 spec->config.version == NET_FLINK_2_2 ? "2.2" : "1.20", outcome->seed);
    if (result->compare != NULL) {
        sim_text_add(&text,
                     "%" PRIu32 " replication%s (%s), +- is the half-width of the 95 %% interval",
                     result->compare->done, result->compare->done == 1 ? "" : "s",
                     study_enough_name(result->compare->enough));
    } else {
        sim_text_add(&text, "1 replication (no confidence intervals)");
    }
    if (outcome->stop != STUDY_STOP_REFUSED) {
        sim_text_add(&text, "; %g s simulated, measured from %g s on",
                     (double)outcome->simulated / 1e9, (double)outcome->window_from / 1e9);
        if (outcome->stop == STUDY_STOP_RECORDS || outcome->stop == STUDY_STOP_DRAINED) {
            sim_text_add(&text, " to run.until (%s)", study_stop_name(outcome->stop));
        }
        if (study_run_warmup(result->run)->is_sought) {
            sim_text_add(&text, study_run_warmup(result->run)->is_found
                                    ? " (MSER-5)"
                                    : " (MSER-5 finds no end of the warm-up in the first half)");
        }
    }
    cli_wrap(out, sim_text_get(&text), 0, 0);
    fputc('\n', out);
    sim_text_finish(&text);
}

static void print_table(const struct cli_table *table, enum cli_format format, FILE *out)
{
    if (format == CLI_FORMAT_MARKDOWN) {
        cli_table_print_markdown(table, out);
    } else {
        cli_table_print(table, out);
    }
    fputc('\n', out);
}

/* Whether some vertex has several partitions or several gates. */
static bool has_tasks_of_several(const struct net_spec *spec)
{
    struct sim_arena *arena = sim_arena_create();
    bool *has_output = sim_arena_alloc(arena, spec->vertex_count, sizeof *has_output);
    bool *has_input = sim_arena_alloc(arena, spec->vertex_count, sizeof *has_input);
    bool is_several = false;

    for (uint32_t e = 0; e < spec->edge_count; e++) {
        bool *output = &has_output[spec->edges[e].from];
        bool *input = &has_input[spec->edges[e].to];

        is_several |= *output || *input;
        *output = true;
        *input = true;
    }
    sim_arena_destroy(arena);
    return is_several;
}

static void print_allotments(const struct study_result *result, enum cli_format format, FILE *out)
{
    struct cli_table table;
    struct sim_text text = {0};

    if (result->allotment_count == 0) {
        return;
    }
    fputc('\n', out);
    sim_text_add(
        &text,
        "Rule of thumb T = P x (B + F) beside what Flink allots: each producer's partition "
        "(required to maximum), each consumer's gate (exclusive + floating), in buffers%s:",
        has_tasks_of_several(study_run_outcome(result->run)->spec)
            ? "; what was used is a task's, all its partitions or gates together"
            : "");
    cli_wrap(out, sim_text_get(&text), 0, 0);
    sim_text_finish(&text);
    cli_table_init(&table, allotment_columns, COUNT(allotment_columns));
    fill_allotments(&table, result);
    if (format == CLI_FORMAT_MARKDOWN) {
        fputc('\n', out);
        cli_table_print_markdown(&table, out);
    } else {
        cli_table_print(&table, out);
    }
    cli_table_finish(&table);
}

/* Who waits for whom, a line each. */
static void print_deadlock(const struct net_deadlock *deadlock, enum cli_format format, FILE *out)
{
    struct sim_text text = {0};
    const char *line = deadlock->text;

    sim_text_add(&text, "%" PRIu32 " %s waited since %.3f s and can never go on; ", deadlock->stuck,
                 deadlock->stuck == 1 ? "subtask has" : "subtasks have",
                 (double)deadlock->since / 1e9);
    if (deadlock->records == 0) {
        sim_text_add(&text, "no record is on its way:");
    } else {
        sim_text_add(&text, "%" PRIu64 " %s not delivered:", deadlock->records,
                     deadlock->records == 1 ? "record is" : "records are");
    }
    print_labelled(out, format, "Deadlock", sim_text_get(&text));
    while (*line != 0) {
        size_t length = strcspn(line, "\n");

        sim_text_clear(&text);
        sim_text_add(&text, "%.*s", (int)length, line);
        fprintf(out, "%*s", format == CLI_FORMAT_MARKDOWN ? 2 : LABEL_COLUMNS,
                format == CLI_FORMAT_MARKDOWN ? "- " : "");
        cli_wrap(out, sim_text_get(&text), format == CLI_FORMAT_MARKDOWN ? 0 : LABEL_COLUMNS,
                 LABEL_COLUMNS);
        line += length + (line[length] != 0);
    }
    print_labelled(out, format, "Free it", deadlock->remedy);
    sim_text_finish(&text);
}

static void print_vertices(const struct study_outcome *outcome, const struct cli_report *report,
                           FILE *out)
{
    struct cli_table table;

    cli_table_init(&table, flow_columns, COUNT(flow_columns));
    fill_flow(&table, outcome);
    print_table(&table, report->format, out);
    cli_table_finish(&table);
    cli_table_init(&table, pool_columns, COUNT(pool_columns));
    fill_pools(&table, outcome);
    print_table(&table, report->format, out);
    cli_table_finish(&table);
    if (report->has_subtasks) {
        cli_table_init(&table, subtask_columns, COUNT(subtask_columns));
        fill_subtasks(&table, outcome);
        print_table(&table, report->format, out);
        cli_table_finish(&table);
    }
}

static const struct cli_column checkpoint_columns[] = {
    {NULL, "vertex", true, NULL},
    {"start delay", "mean", false, "start delay mean"},
    {"start delay", "max", false, "start delay max"},
    {"alignment", "mean", false, "alignment mean"},
    {"alignment", "max", false, "alignment max"},
    {"persisted", "mean", false, "persisted mean"},
    {"persisted", "max", false, "persisted max"},
};

static void add_ms(struct cli_table *table, double ms)
{
    char text[32];

    sim_number_format_duration(text, sizeof text, (sim_time)(ms * 1e6));
    cli_table_add(table, "%s", text);
}

static void add_bytes(struct cli_table *table, double bytes)
{
    char text[32];

    sim_number_format_bytes(text, sizeof text, (int64_t)bytes);
    cli_table_add(table, "%s", text);
}

/* Per subtask and checkpoint. */
static void print_checkpoint_table(const struct study_checkpoints *checkpoints,
                                   enum cli_format format, FILE *out)
{
    struct cli_table table;

    cli_table_init(&table, checkpoint_columns, COUNT(checkpoint_columns));
    for (uint32_t v = 0; v < checkpoints->spec->vertex_count; v++) {
        const struct study_checkpoint_vertex *vertex = &checkpoints->sums.vertices[v];

        cli_table_add(&table, "%s", checkpoints->spec->vertices[v].name);
        add_ms(&table, vertex->start_delay_ms.mean);
        add_ms(&table, vertex->start_delay_ms.max);
        add_ms(&table, vertex->alignment_ms.mean);
        add_ms(&table, vertex->alignment_ms.max);
        add_bytes(&table, vertex->persisted_bytes.mean);
        add_bytes(&table, vertex->persisted_bytes.max);
    }
    fputc('\n', out);
    if (format == CLI_FORMAT_MARKDOWN) {
        cli_table_print_markdown(&table, out);
    } else {
        cli_table_print(&table, out);
    }
    cli_table_finish(&table);
}

static void print_checkpoints(const struct study_checkpoints *checkpoints, enum cli_format format,
                              FILE *out)
{
    const struct sim_tally *duration = &checkpoints->sums.duration_ms;
    char mean[32];
    char least[32];
    char most[32];
    char bytes[32];
    struct sim_text text = {0};

    if (duration->n == 0) {
        print_labelled(out, format, "Checkpoints", "none was complete after the warm-up.");
        return;
    }
    sim_number_format_duration(mean, sizeof mean, (sim_time)(duration->mean * 1e6));
    sim_number_format_duration(least, sizeof least, (sim_time)(duration->min * 1e6));
    sim_number_format_duration(most, sizeof most, (sim_time)(duration->max * 1e6));
    sim_number_format_bytes(bytes, sizeof bytes, (int64_t)checkpoints->sums.persisted_bytes.mean);
    sim_text_add(&text,
                 "%llu complete after the warm-up, in %s on average (%s to %s); %s of buffers in "
                 "flight persisted.",
                 (unsigned long long)duration->n, mean, least, most, bytes);
    print_labelled(out, format, "Checkpoints", sim_text_get(&text));
    sim_text_finish(&text);
    print_checkpoint_table(checkpoints, format, out);
}

static void print_diagnosis(const struct study_diagnosis *diagnosis, enum cli_format format,
                            FILE *out)
{
    print_labelled(out, format, "Bottleneck", sim_text_get(&diagnosis->what));
    print_labelled(out, format, "Why", sim_text_get(&diagnosis->why));
    print_labelled(out, format, "When", sim_text_get(&diagnosis->when));
    print_labelled(out, format, "Try", sim_text_get(&diagnosis->advice));
    print_labelled(out, format, "But", sim_text_get(&diagnosis->note));
}

/* Why averages would say nothing; NULL when they do. */
static const char *unsettled(const struct study_warnings *warnings)
{
    for (uint32_t i = 0; warnings != NULL && i < warnings->count; i++) {
        if (strcmp(warnings->list[i].code, STUDY_WARNING_NEVER_SETTLES) == 0) {
            return warnings->list[i].text;
        }
    }
    return NULL;
}

/* The means: with intervals where there are several replications, none of a load that grows. */
static void print_means(const struct study_result *result, const struct cli_report *report,
                        FILE *out)
{
    const char *growth = unsettled(result->warnings);

    if (growth != NULL) {
        print_labelled(out, report->format, "No averages", growth);
        return;
    }
    if (result->compare != NULL) {
        cli_intervals_print(result->compare, result->config, report->format, out);
        cli_wrap(out, "Of the first replication:", 0, 0);
        fputc('\n', out);
    }
    if (result->compare == NULL || report->has_subtasks) {
        print_vertices(study_run_outcome(result->run), report, out);
    }
}

static void print_people(const struct study_result *result, const struct cli_report *report,
                         FILE *out)
{
    enum cli_format format = report->format;
    const struct study_outcome *outcome = study_run_outcome(result->run);

    if (result->thresholds != NULL && result->thresholds->count > 0) {
        cli_verdicts_print(result->thresholds, NULL, format, out);
        fputc('\n', out);
    }
    print_heading(result, format, out);
    if (outcome->stop == STUDY_STOP_REFUSED) {
        /* Flink's text in one line, so that it can be searched for. */
        fprintf(out, "The job cannot start:\n%s\n\n", outcome->refusal);
        cli_wrap(out, "'sluice size' shows what each task manager needs and has.", 0, 0);
        return;
    }
    print_means(result, report, out);
    if (outcome->has_deadlock) {
        print_deadlock(&outcome->deadlock, format, out);
    } else {
        print_diagnosis(result->diagnosis, format, out);
    }
    if (study_run_has_checkpoints(result->run)) {
        print_checkpoints(study_run_checkpoints(result->run), format, out);
    }
    print_allotments(result, format, out);
}

void cli_report_print(const struct study_result *result, const struct cli_report *report, FILE *out)
{
    struct cli_table table;

    switch (report->format) {
    case CLI_FORMAT_TABLE:
    case CLI_FORMAT_MARKDOWN:
        print_people(result, report, out);
        break;
    case CLI_FORMAT_JSON:
        study_result_write_json(result, out);
        break;
    case CLI_FORMAT_CSV:
        if (result->compare != NULL) {
            study_compare_write_config_csv(result->compare, result->config, out);
            break;
        }
        cli_table_init(&table, all_columns, COUNT(all_columns));
        if (study_run_outcome(result->run)->stop != STUDY_STOP_REFUSED &&
            unsettled(result->warnings) == NULL) {
            fill_all(&table, study_run_outcome(result->run));
        }
        cli_table_print_csv(&table, out);
        cli_table_finish(&table);
        break;
    }
}
