#include "studies/checkpoints.h"

#include <inttypes.h>
#include <stdlib.h>

#include "sim/arena.h"
#include "studies/csv.h"

/* What stands before the metric of a row. */
struct row {
    FILE *out;
    uint64_t id;
    char trigger[STUDY_NUMBER_SIZE];
    const char *vertex;
    int64_t subtask;
};

static void make_sums(struct study_checkpoint_sums *sums, const struct net_spec *spec)
{
    sums->vertices = sim_alloc(spec->vertex_count, sizeof *sums->vertices);
}

void study_checkpoints_init(struct study_checkpoints *checkpoints, const struct net_spec *spec,
                            const struct study_windows *windows, FILE *out)
{
    *checkpoints = (struct study_checkpoints){.spec = spec, .out = out, .windows = *windows};
    checkpoints->each = sim_alloc(windows->count, sizeof *checkpoints->each);
    make_sums(&checkpoints->sums, spec);
    for (uint32_t w = 0; w < windows->count; w++) {
        make_sums(&checkpoints->each[w], spec);
    }
    if (out != NULL) {
        fputs("id,t_s,vertex,subtask,metric,value\n", out);
    }
}

void study_checkpoints_finish(struct study_checkpoints *checkpoints)
{
    for (uint32_t w = 0; checkpoints->each != NULL && w < checkpoints->windows.count; w++) {
        free(checkpoints->each[w].vertices);
    }
    free(checkpoints->each);
    free(checkpoints->sums.vertices);
    *checkpoints = (struct study_checkpoints){0};
}

static int64_t whole_ms(sim_time time)
{
    return (time + SIM_MS / 2) / SIM_MS;
}

/* Flink keeps nanoseconds of the alignment and reports them divided, so without what is left of a
 * millisecond (CHK-13). */
static int64_t alignment_ms(const struct net_task_checkpoint *task)
{
    return task->alignment / SIM_MS;
}

static void write_row(const struct row *row, const char *metric, int64_t value)
{
    fprintf(row->out, "%" PRIu64 ",%s,%s,%" PRId64 ",%s,%" PRId64 "\n", row->id, row->trigger,
            row->vertex, row->subtask, metric, value);
}

static void write_job(const struct net_checkpoint *checkpoint, const struct row *row)
{
    write_row(row, "completed", 1);
    write_row(row, "unaligned", checkpoint->persisted_bytes > 0);
    write_row(row, "end_to_end_duration", whole_ms(checkpoint->duration));
    write_row(row, "processed_data", checkpoint->processed_bytes);
    write_row(row, "persisted_data", checkpoint->persisted_bytes);
}

static void write_task(const struct net_task_checkpoint *task, const struct row *row)
{
    write_row(row, "ack_after_ms", whole_ms(task->acknowledged));
    write_row(row, "start_delay_ms", whole_ms(task->start_delay));
    write_row(row, "alignment_ms", alignment_ms(task));
    write_row(row, "async_ms", whole_ms(task->state_writing));
    write_row(row, "processed_bytes", task->processed_bytes);
    write_row(row, "persisted_bytes", task->persisted_bytes);
    write_row(row, "unaligned", task->persisted_bytes > 0); /* CHK-7 */
}

static void write_checkpoint(const struct study_checkpoints *checkpoints,
                             const struct net_checkpoint *checkpoint)
{
    const struct net_spec *spec = checkpoints->spec;
    struct row row = {
        .out = checkpoints->out, .id = checkpoint->id, .vertex = "job", .subtask = -1};
    const struct net_task_checkpoint *task = checkpoint->tasks;

    study_time_format(row.trigger, checkpoint->triggered_at, 3);
    write_job(checkpoint, &row);
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        char name[600];

        study_csv_quote(name, sizeof name, spec->vertices[v].name);
        row.vertex = name;
        for (uint32_t s = 0; s < spec->vertices[v].parallelism; s++) {
            row.subtask = s;
            write_task(task++, &row);
        }
    }
}

static void sum_up(struct study_checkpoint_sums *sums, const struct net_spec *spec,
                   const struct net_checkpoint *checkpoint)
{
    const struct net_task_checkpoint *task = checkpoint->tasks;

    sim_tally_add(&sums->duration_ms, (double)checkpoint->duration / 1e6);
    sim_tally_add(&sums->persisted_bytes, (double)checkpoint->persisted_bytes);
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        struct study_checkpoint_vertex *vertex = &sums->vertices[v];

        for (uint32_t s = 0; s < spec->vertices[v].parallelism; s++, task++) {
            sim_tally_add(&vertex->start_delay_ms, (double)task->start_delay / 1e6);
            sim_tally_add(&vertex->alignment_ms, (double)alignment_ms(task));
            sim_tally_add(&vertex->persisted_bytes, (double)task->persisted_bytes);
            sim_tally_add(&vertex->processed_bytes, (double)task->processed_bytes);
        }
    }
}

void study_checkpoints_add(void *arg, const struct net_checkpoint *checkpoint)
{
    struct study_checkpoints *checkpoints = arg;
    uint32_t window = study_window_at(&checkpoints->windows, checkpoint->triggered_at);

    checkpoints->complete++;
    if (window != STUDY_NO_WINDOW) {
        sum_up(&checkpoints->each[window], checkpoints->spec, checkpoint);
    }
    if (checkpoints->out != NULL) {
        write_checkpoint(checkpoints, checkpoint);
    }
}

void study_checkpoints_cut(struct study_checkpoints *checkpoints, uint32_t first)
{
    struct study_checkpoint_sums *sums = &checkpoints->sums;

    for (uint32_t w = first; w < checkpoints->windows.count; w++) {
        const struct study_checkpoint_sums *each = &checkpoints->each[w];

        sim_tally_merge(&sums->duration_ms, &each->duration_ms);
        sim_tally_merge(&sums->persisted_bytes, &each->persisted_bytes);
        for (uint32_t v = 0; v < checkpoints->spec->vertex_count; v++) {
            struct study_checkpoint_vertex *into = &sums->vertices[v];
            const struct study_checkpoint_vertex *from = &each->vertices[v];

            sim_tally_merge(&into->start_delay_ms, &from->start_delay_ms);
            sim_tally_merge(&into->alignment_ms, &from->alignment_ms);
            sim_tally_merge(&into->persisted_bytes, &from->persisted_bytes);
            sim_tally_merge(&into->processed_bytes, &from->processed_bytes);
        }
    }
}
