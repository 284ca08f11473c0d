#include "studies/result.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "sim/histogram.h"
#include "studies/compare_write.h"
#include "studies/csv.h"
#include "studies/json.h"
#include "studies/measures.h"

/* ---- summary.csv ---- */

struct row_name {
    char vertex[600];
    char subtask[16];
};

static void name_row(struct row_name *name, const char *vertex, bool is_all, uint32_t subtask)
{
    study_csv_quote(name->vertex, sizeof name->vertex, vertex);
    if (is_all) {
        snprintf(name->subtask, sizeof name->subtask, "all");
    } else {
        snprintf(name->subtask, sizeof name->subtask, "%" PRIu32, subtask);
    }
}

static void write_row(FILE *out, const struct study_result_row *row)
{
    char text[4][STUDY_NUMBER_SIZE];
    struct row_name name;

    name_row(&name, row->vertex, row->is_all, row->subtask);
    study_number_format(text[0], row->mean);
    study_number_format(text[1], row->sd);
    study_number_format(text[2], row->min);
    study_number_format(text[3], row->max);
    fprintf(out, "%s,%s,%s,%" PRIu64 ",%s,%s,%s,%s", name.vertex, name.subtask, row->metric, row->n,
            text[0], text[1], text[2], text[3]);
    if (row->reps > 0) {
        study_number_format(text[0], row->half_width);
        fprintf(out, ",%" PRIu32 ",%s", row->reps, row->reps > 1 ? text[0] : "");
    }
    fputc('\n', out);
}

/* Sum of squared differences from the mean, over the middles of the buckets. */
struct spread {
    double mean;
    double squares;
};

static void add_spread(void *arg, sim_time low, sim_time high, uint64_t count)
{
    struct spread *spread = arg;
    double middle = ((double)low + (double)(high - 1)) / 2 - spread->mean;

    spread->squares += middle * middle * (double)count;
}

static double histogram_sd(const struct sim_histogram *histogram)
{
    uint64_t count = sim_histogram_count(histogram);
    struct spread spread = {.mean = sim_histogram_mean(histogram)};

    if (count < 2 || sim_histogram_min(histogram) == sim_histogram_max(histogram)) {
        return 0;
    }
    sim_histogram_visit(histogram, add_spread, &spread);
    return sqrt(spread.squares / (double)(count - 1));
}

/* Where rows go. */
struct visit {
    study_result_row_fn fn;
    void *arg;
};

static void visit_quantile(const struct visit *visit, const struct study_result_row *like,
                           const char *metric, const struct sim_histogram *histogram, double q)
{
    struct study_result_row row = *like;

    if (sim_histogram_count(histogram) < study_quantile_needs(q)) {
        return;
    }
    row.metric = metric;
    row.mean = (double)sim_histogram_quantile(histogram, q) / 1e6;
    row.sd = 0;
    row.min = row.mean;
    row.max = row.mean;
    row.quantile = q;
    visit->fn(visit->arg, &row);
}

static void visit_latency(const struct visit *visit, const struct study_result_row *like,
                          const struct sim_histogram *histogram)
{
    struct study_result_row row = *like;

    if (histogram == NULL || sim_histogram_count(histogram) == 0) {
        return;
    }
    row.metric = "latencyMs";
    row.n = sim_histogram_count(histogram);
    row.mean = sim_histogram_mean(histogram) / 1e6;
    row.sd = histogram_sd(histogram) / 1e6;
    row.min = (double)sim_histogram_min(histogram) / 1e6;
    row.max = (double)sim_histogram_max(histogram) / 1e6;
    visit->fn(visit->arg, &row);
    visit_quantile(visit, &row, "latencyMs.p50", histogram, 0.5);
    visit_quantile(visit, &row, "latencyMs.p99", histogram, 0.99);
}

static void visit_latencies(const struct visit *visit, const struct study_outcome *outcome)
{
    const struct net_spec *spec = outcome->spec;

    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        for (uint32_t s = 0; s < spec->vertices[v].parallelism; s++) {
            const struct study_result_row like = {.vertex = spec->vertices[v].name, .subtask = s};

            visit_latency(visit, &like, outcome->tasks[outcome->first[v] + s].latency);
        }
    }
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        const struct study_result_row like = {.vertex = spec->vertices[v].name, .is_all = true};

        visit_latency(visit, &like, outcome->vertices[v].latency);
    }
}

void study_result_each_row(const struct study_run *run, study_result_row_fn fn, void *arg)
{
    const struct visit visit = {fn, arg};
    size_t count = 0;
    const struct study_row *rows = study_run_rows(run, &count);

    for (size_t i = 0; i < count; i++) {
        const struct sim_tally *tally = &rows[i].tally;
        char metric[128];

        snprintf(metric, sizeof metric, "%s%s", rows[i].metric, rows[i].is_rate ? ".rate" : "");
        fn(arg, &(struct study_result_row){.vertex = rows[i].vertex,
                                           .is_all = rows[i].is_all,
                                           .subtask = rows[i].subtask,
                                           .metric = metric,
                                           .n = tally->n,
                                           .mean = tally->mean,
                                           .sd = sim_tally_sd(tally),
                                           .min = tally->min,
                                           .max = tally->max});
    }
    visit_latencies(&visit, study_run_outcome(run));
}

static void write_visited(void *arg, const struct study_result_row *row)
{
    write_row(arg, row);
}

void study_result_write_summary(const struct study_run *run, FILE *out)
{
    fputs("vertex,subtask,metric,n,mean,sd,min,max\n", out);
    study_result_each_row(run, write_visited, out);
}

void study_result_write_rows(const struct study_result_row *rows, size_t count, FILE *out)
{
    fputs("vertex,subtask,metric,n,mean,sd,min,max,reps,half_width\n", out);
    for (size_t i = 0; i < count; i++) {
        write_row(out, &rows[i]);
    }
}

/* ---- latency.csv ---- */

struct buckets {
    FILE *out;
    const struct row_name *name;
};

static void write_bucket(void *arg, sim_time low, sim_time high, uint64_t count)
{
    const struct buckets *buckets = arg;

    fprintf(buckets->out, "%s,%s,%.6f,%.6f,%" PRIu64 "\n", buckets->name->vertex,
            buckets->name->subtask, (double)low / 1e6, (double)high / 1e6, count);
}

static void write_buckets(FILE *out, const struct row_name *name,
                          const struct sim_histogram *histogram)
{
    struct buckets buckets = {out, name};

    if (histogram != NULL) {
        sim_histogram_visit(histogram, write_bucket, &buckets);
    }
}

/* Call `write` for each subtask and then for each vertex as a whole. */
static void each_latency(FILE *out, const struct study_outcome *outcome,
                         void (*write)(FILE *out, const struct row_name *name,
                                       const struct sim_histogram *histogram))
{
    const struct net_spec *spec = outcome->spec;
    struct row_name name;

    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        for (uint32_t s = 0; s < spec->vertices[v].parallelism; s++) {
            name_row(&name, spec->vertices[v].name, false, s);
            write(out, &name, outcome->tasks[outcome->first[v] + s].latency);
        }
    }
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        name_row(&name, spec->vertices[v].name, true, 0);
        write(out, &name, outcome->vertices[v].latency);
    }
}

void study_result_write_latency(const struct study_run *run, FILE *out)
{
    fputs("vertex,subtask,low_ms,high_ms,count\n", out);
    each_latency(out, study_run_outcome(run), write_buckets);
}

/* ---- summary.json ---- */

static double seconds(sim_time time)
{
    return (double)time / 1e9;
}

static double milliseconds(sim_time time)
{
    return (double)time / 1e6;
}

static void write_quantile(struct study_json *json, const char *key,
                           const struct sim_histogram *histogram, double q)
{
    if (sim_histogram_count(histogram) < study_quantile_needs(q)) {
        study_json_null(json, key);
    } else {
        study_json_number(json, key, milliseconds(sim_histogram_quantile(histogram, q)));
    }
}

static void write_latency_object(struct study_json *json, const struct sim_histogram *histogram)
{
    if (histogram == NULL || sim_histogram_count(histogram) == 0) {
        return;
    }
    study_json_inline(json, "latency");
    study_json_uint(json, "records", sim_histogram_count(histogram));
    study_json_number(json, "mean_ms", sim_histogram_mean(histogram) / 1e6);
    write_quantile(json, "p50_ms", histogram, 0.5);
    write_quantile(json, "p95_ms", histogram, 0.95);
    write_quantile(json, "p99_ms", histogram, 0.99);
    write_quantile(json, "p999_ms", histogram, 0.999);
    study_json_number(json, "max_ms", milliseconds(sim_histogram_max(histogram)));
    study_json_close(json, '}');
}

static void write_run(struct study_json *json, const struct study_result *result)
{
    const struct study_outcome *outcome = study_run_outcome(result->run);
    const struct net_spec *spec = outcome->spec;
    char hash[32];

    snprintf(hash, sizeof hash, "%016" PRIx64, outcome->trajectory_hash);
    study_json_text(json, "scenario", spec->name);
    study_json_text(json, "sluice_version", result->version);
    study_json_text(json, "flink_version", spec->config.version == NET_FLINK_2_2 ? "2.2" : "1.20");
    study_json_uint(json, "seed", outcome->seed);
    study_json_uint(json, "replication", outcome->replication);
    study_json_number(json, "duration_s", seconds(spec->run.duration));
    study_json_number(json, "warmup_s", seconds(outcome->window_from));
    study_json_number(json, "sample_s", seconds(spec->run.sample));
    study_json_text(json, "stop_reason", study_stop_name(outcome->stop));
    study_json_bool(json, "started", outcome->stop != STUDY_STOP_REFUSED);
    if (outcome->stop == STUDY_STOP_REFUSED) {
        study_json_text(json, "error", outcome->refusal);
        return;
    }
    study_json_number(json, "simulated_s", seconds(outcome->simulated));
    study_json_text(json, "trajectory_hash", hash);
    study_json_uint(json, "records_in_flight", outcome->records_in_flight);
    study_json_bool(json, "deadlock", outcome->has_deadlock);
}

static void write_deadlock(struct study_json *json, const struct study_outcome *outcome)
{
    const struct net_deadlock *deadlock = &outcome->deadlock;

    study_json_object(json, "deadlock_found");
    study_json_number(json, "since_s", seconds(deadlock->since));
    study_json_uint(json, "subtasks", deadlock->stuck);
    study_json_uint(json, "records", deadlock->records);
    study_json_text(json, "who_waits_for_whom", deadlock->text);
    study_json_text(json, "remedy", deadlock->remedy);
    study_json_close(json, '}');
}

static void write_tally(struct study_json *json, const char *key, const struct sim_tally *tally)
{
    study_json_inline(json, key);
    study_json_uint(json, "n", tally->n);
    study_json_number(json, "mean", tally->mean);
    study_json_number(json, "min", tally->min);
    study_json_number(json, "max", tally->max);
    study_json_close(json, '}');
}

static void write_checkpoints(struct study_json *json, const struct study_run *run)
{
    const struct study_checkpoints *checkpoints = study_run_checkpoints(run);
    const struct net_spec *spec = study_run_outcome(run)->spec;

    study_json_object(json, "checkpoints");
    study_json_uint(json, "complete", checkpoints->complete);
    write_tally(json, "duration_ms", &checkpoints->sums.duration_ms);
    write_tally(json, "persisted_bytes", &checkpoints->sums.persisted_bytes);
    study_json_list(json, "vertices");
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        const struct study_checkpoint_vertex *vertex = &checkpoints->sums.vertices[v];

        study_json_object(json, NULL);
        study_json_text(json, "vertex", spec->vertices[v].name);
        write_tally(json, "start_delay_ms", &vertex->start_delay_ms);
        write_tally(json, "alignment_ms", &vertex->alignment_ms);
        write_tally(json, "persisted_bytes", &vertex->persisted_bytes);
        write_tally(json, "processed_bytes", &vertex->processed_bytes);
        study_json_close(json, '}');
    }
    study_json_close(json, ']');
    study_json_close(json, '}');
}

static void write_diagnosis(struct study_json *json, const struct study_result *result)
{
    const struct study_diagnosis *diagnosis = result->diagnosis;
    const struct net_spec *spec = study_run_outcome(result->run)->spec;

    study_json_object(json, "bottleneck");
    study_json_text(json, "cause", study_cause_name(diagnosis->cause));
    study_json_text(json, "vertex", spec->vertices[diagnosis->vertex].name);
    study_json_uint(json, "subtask", diagnosis->subtask);
    if (diagnosis->has_pressed) {
        study_json_text(json, "back_pressured_vertex", spec->vertices[diagnosis->pressed].name);
        study_json_uint(json, "back_pressured_subtask", diagnosis->pressed_worst);
        study_json_text(json, "limit", study_limit_name(diagnosis->limit));
        study_json_number(json, "limit_share", diagnosis->limit_share);
    }
    if (diagnosis->key.length > 0) {
        study_json_text(json, "key", sim_text_get(&diagnosis->key));
        study_json_text(json, "direction", diagnosis->direction);
    }
    study_json_text(json, "what", sim_text_get(&diagnosis->what));
    study_json_text(json, "why", sim_text_get(&diagnosis->why));
    study_json_text(json, "advice", sim_text_get(&diagnosis->advice));
    if (diagnosis->when.length > 0) {
        study_json_text(json, "when", sim_text_get(&diagnosis->when));
    }
    if (diagnosis->note.length > 0) {
        study_json_text(json, "note", sim_text_get(&diagnosis->note));
    }
    study_json_close(json, '}');
}

/* Where the bottleneck was at which time. */
static void write_moments(struct study_json *json, const struct study_outcome *outcome)
{
    study_json_list(json, "bottlenecks_over_time");
    for (uint32_t i = 0; i < outcome->moment_count; i++) {
        const struct study_moment *moment = &outcome->moments[i];

        study_json_inline(json, NULL);
        study_json_text(json, "vertex", outcome->vertices[moment->vertex].name);
        study_json_text(json, "place", moment->is_exchange ? "exchange" : "service");
        study_json_number(json, "total_s", seconds(moment->total));
        study_json_number(json, "longest_from_s", seconds(moment->longest_from));
        study_json_number(json, "longest_to_s", seconds(moment->longest_to));
        study_json_close(json, '}');
    }
    study_json_close(json, ']');
}

static void write_share(struct study_json *json, const char *key, const struct study_share *share)
{
    study_json_inline(json, key);
    study_json_number(json, "mean", share->mean);
    study_json_number(json, "max", share->max);
    study_json_close(json, '}');
}

static void write_task(struct study_json *json, const struct net_task_totals *task,
                       uint32_t taskmanager, uint32_t subtask)
{
    study_json_object(json, NULL);
    study_json_uint(json, "subtask", subtask);
    study_json_uint(json, "taskmanager", taskmanager);
    study_json_uint(json, "records_in", task->records_in);
    study_json_uint(json, "records_out", task->records_out);
    study_json_uint(json, "buffers_in", task->buffers_in);
    study_json_uint(json, "buffers_out", task->buffers_out);
    study_json_uint(json, "bytes_out", task->bytes_out);
    study_json_number(json, "idle_s", seconds(task->idle));
    study_json_number(json, "soft_back_pressured_s", seconds(task->soft));
    study_json_number(json, "hard_back_pressured_s", seconds(task->hard));
    study_json_number(json, "busy_s", seconds(task->busy));
    study_json_number(json, "blocked_by_quota_s", seconds(task->blocked_by_quota));
    study_json_number(json, "blocked_by_channel_limit_s", seconds(task->blocked_by_channel_limit));
    study_json_number(json, "blocked_by_global_pool_s", seconds(task->blocked_by_global_pool));
    study_json_number(json, "waited_for_credit_s", seconds(task->waited_for_credit));
    study_json_number(json, "waited_for_link_s", seconds(task->waited_for_link));
    study_json_uint(json, "emitted_late", task->emitted_late);
    if (task->output_count > 0) {
        study_json_inline(json, "out_pools");
        study_json_int(json, "required_buffers", task->out_required);
        study_json_int(json, "max_buffers", task->out_max);
        study_json_number(json, "used_mean", task->out_used_mean);
        study_json_int(json, "used_max", task->out_used_max);
        study_json_number(json, "size_mean", task->out_size_mean);
        study_json_number(json, "usage_mean", task->out_usage_mean);
        study_json_number(json, "usage_max", task->out_usage_max);
        study_json_close(json, '}');
    }
    if (task->input_count > 0) {
        study_json_inline(json, "in_pools");
        study_json_int(json, "exclusive_buffers", task->in_exclusive);
        study_json_int(json, "floating_max_buffers", task->in_floating_max);
        study_json_uint(json, "remote_channels", task->remote_channels);
        study_json_uint(json, "local_channels", task->local_channels);
        study_json_number(json, "used_mean", task->in_used_mean);
        study_json_int(json, "used_max", task->in_used_max);
        study_json_number(json, "usage_mean", task->in_usage_mean);
        study_json_number(json, "usage_max", task->in_usage_max);
        study_json_close(json, '}');
    }
    write_latency_object(json, task->latency);
    study_json_close(json, '}');
}

static void write_vertex(struct study_json *json, const struct study_outcome *outcome,
                         uint32_t index)
{
    const struct study_vertex *vertex = &outcome->vertices[index];

    study_json_object(json, NULL);
    study_json_text(json, "name", vertex->name);
    study_json_uint(json, "parallelism", vertex->parallelism);
    study_json_number(json, "records_in_per_s", vertex->records_in_per_s);
    study_json_number(json, "records_out_per_s", vertex->records_out_per_s);
    study_json_number(json, "bytes_out_per_s", vertex->bytes_out_per_s);
    write_share(json, "busy_share", &vertex->busy);
    write_share(json, "idle_share", &vertex->idle);
    write_share(json, "soft_back_pressured_share", &vertex->soft);
    write_share(json, "hard_back_pressured_share", &vertex->hard);
    write_latency_object(json, vertex->latency);
    study_json_list(json, "subtasks");
    for (uint32_t s = 0; s < vertex->parallelism; s++) {
        uint32_t task = outcome->first[index] + s;

        write_task(json, &outcome->tasks[task], outcome->taskmanager_of[task], s);
    }
    study_json_close(json, ']');
    study_json_close(json, '}');
}

/* Which number an edge has among the outputs, or the inputs, of the task at its end. */
static uint32_t number_in_task(const struct net_spec *spec, uint32_t edge, bool is_input)
{
    uint32_t number = 0;

    for (uint32_t e = 0; e < edge; e++) {
        number += !spec->edges[e].is_chained &&
                  (is_input ? spec->edges[e].to == spec->edges[edge].to
                            : spec->edges[e].from == spec->edges[edge].from);
    }
    return number;
}

/* The exchanges, with what channels.csv calls them at either end. */
static void write_edges(struct study_json *json, const struct net_spec *spec)
{
    study_json_list(json, "edges");
    for (uint32_t e = 0; e < spec->edge_count; e++) {
        const struct net_edge_spec *edge = &spec->edges[e];

        if (edge->is_chained) {
            continue;
        }
        study_json_inline(json, NULL);
        study_json_text(json, "from", spec->vertices[edge->from].name);
        study_json_text(json, "to", spec->vertices[edge->to].name);
        study_json_text(json, "task", spec->vertices[study_lead_of(spec, edge->from)].name);
        study_json_uint(json, "output", number_in_task(spec, e, false));
        study_json_uint(json, "gate", number_in_task(spec, e, true));
        study_json_close(json, '}');
    }
    study_json_close(json, ']');
}

static void write_allotments(struct study_json *json, const struct study_result *result)
{
    const struct net_spec *spec = study_run_outcome(result->run)->spec;

    study_json_list(json, "all_to_all_edges");
    for (uint32_t i = 0; i < result->allotment_count; i++) {
        const struct study_allotment *edge = &result->allotments[i];

        study_json_object(json, NULL);
        study_json_text(json, "from", spec->vertices[edge->from].name);
        study_json_text(json, "to", spec->vertices[edge->to].name);
        study_json_int(json, "rule_of_thumb_buffers", edge->rule);
        study_json_int(json, "partition_required_buffers", edge->partition_required);
        study_json_int(json, "partition_max_buffers", edge->partition_max);
        study_json_int(json, "gate_exclusive_buffers", edge->gate_exclusive);
        study_json_int(json, "gate_floating_max_buffers", edge->floating);
        study_json_number(json, "partition_used_mean", edge->partition_used);
        study_json_int(json, "partition_used_max", edge->partition_most);
        study_json_number(json, "gate_used_mean", edge->gate_used);
        study_json_int(json, "gate_used_max", edge->gate_most);
        study_json_text(json, "limit", study_limit_name(edge->limit));
        study_json_number(json, "limit_share", edge->limit_share);
        study_json_close(json, '}');
    }
    study_json_close(json, ']');
}

static void write_taskmanagers(struct study_json *json, const struct study_outcome *outcome)
{
    study_json_list(json, "taskmanagers");
    for (uint32_t t = 0; t < outcome->spec->cluster.taskmanagers; t++) {
        const struct net_taskmanager_totals *totals = &outcome->taskmanagers[t];

        study_json_inline(json, NULL);
        study_json_uint(json, "taskmanager", t);
        study_json_uint(json, "segments", totals->segments);
        study_json_uint(json, "used_at_end", totals->used_now);
        study_json_int(json, "required", totals->required);
        study_json_uint(json, "requested_percent", totals->requested_usage);
        study_json_close(json, '}');
    }
    study_json_close(json, ']');
}

/* The exact time averages of all series that have one. */
static void write_averages(struct study_json *json, const struct sim_recorder *recorder)
{
    study_json_list(json, "exact_averages");
    for (uint32_t i = 0; i < sim_recorder_count(recorder); i++) {
        const struct sim_series *series = sim_recorder_series(recorder, i);
        double average;

        if (!sim_recorder_average(recorder, i, &average)) {
            continue;
        }
        study_json_inline(json, NULL);
        study_json_text(json, "vertex", series->group);
        study_json_uint(json, "subtask", series->member);
        study_json_text(json, "metric", series->metric);
        study_json_number(json, "mean", average);
        study_json_close(json, '}');
    }
    study_json_close(json, ']');
}

/* What several replications, thresholds and warnings add. */
static void write_study(struct study_json *json, const struct study_result *result)
{
    if (result->warmup_from != NULL) {
        study_json_text(json, "warmup_from", result->warmup_from);
    }
    study_json_bool(json, "settles", !study_run_warmup(result->run)->has_growth);
    if (study_run_warmup(result->run)->has_growth) {
        study_json_number(json, "lag_growth_per_s", study_run_warmup(result->run)->growth_per_s);
    }
    if (result->thresholds != NULL && result->thresholds->count > 0) {
        study_thresholds_write(json, result->thresholds);
    }
    if (result->warnings != NULL) {
        study_warnings_write(json, result->warnings);
    }
    if (result->compare != NULL) {
        study_compare_write_config(json, result->compare, result->config);
    }
}

void study_result_write_json(const struct study_result *result, FILE *out)
{
    const struct study_outcome *outcome = study_run_outcome(result->run);
    struct study_json json;

    study_json_begin(&json, out);
    study_json_object(&json, NULL);
    write_run(&json, result);
    if (outcome->stop != STUDY_STOP_REFUSED) {
        if (outcome->has_deadlock) {
            write_deadlock(&json, outcome);
        }
        if (result->diagnosis != NULL) {
            write_diagnosis(&json, result);
        }
        if (study_run_has_checkpoints(result->run)) {
            write_checkpoints(&json, result->run);
        }
        write_moments(&json, outcome);
        write_study(&json, result);
        study_json_list(&json, "vertices");
        for (uint32_t v = 0; v < outcome->spec->vertex_count; v++) {
            write_vertex(&json, outcome, v);
        }
        study_json_close(&json, ']');
        write_taskmanagers(&json, outcome);
        write_edges(&json, outcome->spec);
        write_allotments(&json, result);
        write_averages(&json, study_run_recorder(result->run));
    }
    study_json_close(&json, '}');
}

/* ---- all of them ---- */

static void write_summary(const struct study_result *result, FILE *out)
{
    if (result->compare != NULL) {
        size_t count;
        const struct study_result_row *rows =
            study_replicated_rows(result->compare->configs[result->config].all, &count);

        study_result_write_rows(rows, count, out);
    } else {
        study_result_write_summary(result->run, out);
    }
}

bool study_result_write(const struct study_result *result, struct study_folder *folder,
                        struct sim_err *err)
{
    static const char *const names[] = {"summary.csv", "latency.csv", "summary.json",
                                        "scenario.yaml", "error.txt"};
    const struct study_outcome *outcome = study_run_outcome(result->run);
    bool is_refused = outcome->stop == STUDY_STOP_REFUSED;

    for (int i = 0; i < (is_refused ? 5 : 4); i++) {
        FILE *out = study_folder_open(folder, names[i], err);

        if (out == NULL) {
            return false;
        }
        switch (i) {
        case 0:
            write_summary(result, out);
            break;
        case 1:
            study_result_write_latency(result->run, out);
            break;
        case 2:
            study_result_write_json(result, out);
            break;
        case 3:
            fputs(result->scenario, out);
            break;
        default:
            fprintf(out, "%s\n", outcome->refusal);
            break;
        }
        if (!study_folder_close(folder, out, names[i], err)) {
            return false;
        }
    }
    return true;
}
