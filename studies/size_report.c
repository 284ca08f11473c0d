#include <stdlib.h>
#include <string.h>

#include "sim/number.h"
#include "sim/text.h"
#include "studies/size.h"
#include "studies/size_print.h"

#define LINE_WIDTH 80
#define MAX_COLUMNS 8
#define LABEL_MIN 12
#define CELL_SIZE 160

/* A table that is printed when it is complete, for only then its widths are known. The first
 * column is a label on the left, the others are numbers on the right; NULL ends the names. */
struct grid {
    const char *const *names;
    unsigned columns;
    char (*cells)[CELL_SIZE];
    size_t rows;
    size_t capacity;
};

static void begin_grid(struct grid *grid, const char *const *names)
{
    *grid = (struct grid){.names = names};
    while (names[grid->columns] != NULL) {
        grid->columns++;
    }
}

static char *add_row(struct grid *grid)
{
    if (grid->rows == grid->capacity) {
        grid->capacity = grid->capacity * 2 + 8;
        grid->cells = sim_realloc(grid->cells, grid->capacity * grid->columns, sizeof *grid->cells);
    }
    return grid->cells[grid->rows++ * grid->columns];
}

static const char *cell_of(const struct grid *grid, size_t row, unsigned column)
{
    return row == 0 ? grid->names[column] : grid->cells[(row - 1) * grid->columns + column];
}

static void put_number(struct grid *grid, unsigned column, int64_t value)
{
    char *cell = grid->cells[(grid->rows - 1) * grid->columns + column];
    snprintf(cell, CELL_SIZE, "%lld", (long long)value);
}

/* Print a label in `width` columns; what is too long loses its middle. */
static void print_label(const char *label, int width, FILE *out)
{
    int length = (int)strlen(label);
    if (length <= width) {
        fprintf(out, "%-*s", width, label);
    } else {
        int head = (width - 2) / 2;
        fprintf(out, "%.*s..%s", head, label, label + length - (width - 2 - head));
    }
}

static void print_markdown(const struct grid *grid, FILE *out)
{
    for (size_t row = 0; row <= grid->rows; row++) {
        for (unsigned c = 0; c < grid->columns; c++) {
            fprintf(out, "| %s ", cell_of(grid, row, c));
        }
        fputs("|\n", out);
        for (unsigned c = 0; row == 0 && c < grid->columns; c++) {
            fputs(c == 0 ? "|:--" : "|--:", out);
        }
        fputs(row == 0 ? "|\n" : "", out);
    }
}

static void print_aligned(const struct grid *grid, FILE *out)
{
    int widths[MAX_COLUMNS] = {0};
    int numbers = 0;
    for (unsigned c = 0; c < grid->columns; c++) {
        for (size_t row = 0; row <= grid->rows; row++) {
            int length = (int)strlen(cell_of(grid, row, c));
            widths[c] = length > widths[c] ? length : widths[c];
        }
        numbers += c > 0 ? widths[c] + 2 : 0;
    }
    int room = LINE_WIDTH - numbers;
    room = room < LABEL_MIN ? LABEL_MIN : room;
    widths[0] = widths[0] > room ? room : widths[0];
    for (size_t row = 0; row <= grid->rows; row++) {
        print_label(cell_of(grid, row, 0), widths[0], out);
        unsigned used = grid->columns; /* no blanks at the end of a line */
        while (used > 1 && *cell_of(grid, row, used - 1) == '\0') {
            used--;
        }
        for (unsigned c = 1; c < used; c++) {
            fprintf(out, "  %*s", widths[c], cell_of(grid, row, c));
        }
        fputc('\n', out);
    }
}

static void end_grid(struct grid *grid, bool is_markdown, FILE *out)
{
    if (is_markdown) {
        print_markdown(grid, out);
    } else {
        print_aligned(grid, out);
    }
    free(grid->cells);
}

static void print_heading(const char *text, bool is_markdown, FILE *out)
{
    fprintf(out, is_markdown ? "\n## %s\n\n" : "\n%s\n", text);
}

/* A paragraph of blank-separated words, broken at LINE_WIDTH. */
static void print_wrapped(const char *text, int indent, FILE *out)
{
    int column = 0;
    while (*text != '\0') {
        int length = (int)strcspn(text, " ");
        if (column > indent && column + 1 + length > LINE_WIDTH) {
            fputc('\n', out);
            column = 0;
        }
        if (column == 0) {
            column = fprintf(out, "%*s", indent, "");
        } else {
            column += fprintf(out, " ");
        }
        column += fprintf(out, "%.*s", length, text);
        text += length;
        text += *text == ' ';
    }
    fputc('\n', out);
}

/* What decided a size, as far as a limit of the configuration or a fraction did. */
static const char *bound_text(enum net_memory_bound bound, const char *min, const char *max,
                              const char *fraction)
{
    switch (bound) {
    case NET_BOUND_FRACTION:
        return fraction;
    case NET_BOUND_MIN:
        return min;
    case NET_BOUND_MAX:
        return max;
    case NET_BOUND_REST:
        return "what the others leave";
    case NET_BOUND_COUNT:
        return "numberOfBuffers";
    case NET_BOUND_LOCAL:
        return "mini cluster";
    }
    return "";
}

static void add_memory(struct grid *grid, const char *label, int64_t bytes, const char *note)
{
    if (bytes == NET_UNSET) {
        return;
    }
    strcpy(add_row(grid), label);
    size_t at = (grid->rows - 1) * grid->columns;
    char text[32];
    put_number(grid, 1, bytes);
    sim_number_format_bytes(text, sizeof text, bytes);
    strcpy(grid->cells[at + 2], text);
    snprintf(grid->cells[at + 3], CELL_SIZE, "%s", note);
}

static void print_memory(const struct study_size *size, bool is_markdown, FILE *out)
{
    static const char *const names[] = {"part", "bytes", "", "decided by", NULL};
    const struct net_memory *memory = &size->demand.memory;
    const struct net_memory_config *config = &size->spec->config.memory;
    char of_process[48];
    char of_flink[48];
    struct grid grid;
    snprintf(of_process, sizeof of_process, "jvm-overhead.fraction %.7g",
             (double)config->jvm_overhead_fraction);
    snprintf(of_flink, sizeof of_flink, "network.fraction %.7g", (double)config->network_fraction);
    print_heading("Memory of a task manager", is_markdown, out);
    begin_grid(&grid, names);
    add_memory(&grid, "process", memory->process, "");
    add_memory(&grid, "JVM metaspace", memory->metaspace, "");
    add_memory(
        &grid, "JVM overhead", memory->overhead,
        bound_text(memory->overhead_bound, "jvm-overhead.min", "jvm-overhead.max", of_process));
    add_memory(&grid, "Flink", memory->flink, "");
    add_memory(&grid, "framework heap", memory->framework_heap, "");
    add_memory(&grid, "framework off-heap", memory->framework_off_heap, "");
    add_memory(&grid, "task heap", memory->task_heap, "");
    add_memory(&grid, "task off-heap", memory->task_off_heap, "");
    add_memory(&grid, "managed", memory->managed, "");
    add_memory(&grid, "network", memory->network,
               bound_text(memory->network_bound, "network.min", "network.max", of_flink));
    end_grid(&grid, is_markdown, out);
    fprintf(out, "\nNetwork memory is %lld segments of %lld bytes.\n", (long long)memory->segments,
            (long long)memory->segment_size);
}

/* Pools that differ in nothing but the subtask. */
static bool is_alike(const struct net_pool_demand *a, const struct net_pool_demand *b)
{
    return a->vertex == b->vertex && a->edge == b->edge && a->is_input == b->is_input &&
           a->channels == b->channels && a->remote_channels == b->remote_channels;
}

static void add_pool(struct grid *grid, const struct study_size *size,
                     const struct net_pool_demand *pool, uint32_t count)
{
    const struct net_spec *spec = size->spec;
    const struct net_edge_spec *edge = &spec->edges[pool->edge];
    const char *from = spec->vertices[edge->from].name;
    const char *to = spec->vertices[edge->to].name;
    snprintf(add_row(grid), CELL_SIZE, "%.70s %s %.70s", pool->is_input ? to : from,
             pool->is_input ? "<-" : "->", pool->is_input ? from : to);
    put_number(grid, 1, count);
    put_number(grid, 2, pool->channels);
    put_number(grid, 3, pool->remote_channels);
    put_number(grid, 4, study_size_required(pool));
    put_number(grid, 5, study_size_configured(&spec->config, pool->channels));
    put_number(grid, 6, study_size_maximum(pool));
    put_number(grid, 7, study_size_rule_of_thumb(&spec->config, pool->channels));
}

static void print_pools(const struct study_size *size, bool is_markdown, FILE *out)
{
    static const char *const names[] = {"partition ->, gate <-",
                                        "pools",
                                        "P",
                                        "remote",
                                        "required",
                                        "PxB+F",
                                        "maximum",
                                        "Px(B+F)",
                                        NULL};
    const struct net_demand *demand = &size->demand;
    struct grid grid;
    print_heading("Pools, in segments: one a subtask, its exclusive buffers included", is_markdown,
                  out);
    begin_grid(&grid, names);
    bool *is_done = sim_alloc(demand->pool_count, sizeof *is_done);
    for (uint32_t i = 0; i < demand->pool_count; i++) {
        uint32_t count = 0;
        for (uint32_t k = i; !is_done[i] && k < demand->pool_count &&
                             demand->pools[k].vertex == demand->pools[i].vertex;
             k++) {
            if (k != i && is_alike(&demand->pools[i], &demand->pools[k])) {
                is_done[k] = true;
                count++;
            }
        }
        if (!is_done[i]) {
            add_pool(&grid, size, &demand->pools[i], count + 1);
        }
    }
    free(is_done);
    end_grid(&grid, is_markdown, out);
}

static void add_taskmanager(struct grid *grid, const struct net_taskmanager_demand *sum,
                            uint32_t first, uint32_t count)
{
    char *label = add_row(grid);
    if (count == 1) {
        snprintf(label, CELL_SIZE, "%u", first);
    } else {
        snprintf(label, CELL_SIZE, "%u and %u more", first, count - 1);
    }
    put_number(grid, 1, sum->subtasks);
    put_number(grid, 2, (int64_t)sum->partitions + sum->gates);
    put_number(grid, 3, sum->local_channels);
    put_number(grid, 4, sum->remote_channels);
    put_number(grid, 5, sum->guaranteed);
    put_number(grid, 6, sum->desired);
    put_number(grid, 7, sum->overdraft);
}

static void print_taskmanagers(const struct study_size *size, bool is_markdown, FILE *out)
{
    static const char *const names[] = {"task manager", "subtasks", "pools",     "local", "remote",
                                        "required",     "maximum",  "overdraft", NULL};
    const struct net_demand *demand = &size->demand;
    struct grid grid;
    print_heading("Task managers, in segments", is_markdown, out);
    begin_grid(&grid, names);
    bool *is_done = sim_alloc(demand->taskmanager_count, sizeof *is_done);
    for (uint32_t tm = 0; tm < demand->taskmanager_count; tm++) {
        const struct net_taskmanager_demand *sum = &demand->taskmanagers[tm];
        uint32_t count = 1;
        for (uint32_t k = tm + 1; !is_done[tm] && k < demand->taskmanager_count; k++) {
            if (!is_done[k] && memcmp(sum, &demand->taskmanagers[k], sizeof *sum) == 0) {
                is_done[k] = true;
                count++;
            }
        }
        if (!is_done[tm]) {
            add_taskmanager(&grid, sum, tm, count);
        }
    }
    free(is_done);
    end_grid(&grid, is_markdown, out);
}

static void print_refusal(const struct study_size *size, FILE *out)
{
    const struct net_refusal *refusal = &size->demand.refusal;
    const struct net_pool_demand *pool = refusal->pool;
    const struct net_edge_spec *edge = &size->spec->edges[pool->edge];
    uint32_t other = pool->is_input ? edge->from : edge->to;
    struct sim_text text = {0};
    fputs("The job does not start. Flink fails with\n", out);
    print_wrapped(size->refusal.text, 2, out);
    sim_text_add(&text, "when subtask %u of '%s' on task manager %u asks for %s %s '%s'.",
                 pool->subtask, size->spec->vertices[pool->vertex].name, pool->taskmanager,
                 refusal->is_exclusive ? "the exclusive buffers of a channel"
                                       : (pool->is_input ? "its gate" : "its partition"),
                 pool->is_input ? "from" : "to", size->spec->vertices[other].name);
    print_wrapped(sim_text_get(&text), 0, out);
    sim_text_finish(&text);
}

static void add_amount(struct sim_text *text, const struct study_size *size, int64_t segments)
{
    char bytes[32];
    sim_number_format_bytes(bytes, sizeof bytes, study_size_bytes(size, segments));
    sim_text_add(text, "%lld segments (%s)", (long long)segments, bytes);
}

static void print_verdict(const struct study_size *size, bool is_markdown, FILE *out)
{
    const struct net_demand *demand = &size->demand;
    long long least = study_size_bytes(size, demand->least_segments);
    int64_t desired = 0;
    for (uint32_t tm = 0; tm < demand->taskmanager_count; tm++) {
        int64_t here = demand->taskmanagers[tm].desired;
        desired = here > desired ? here : desired;
    }
    print_heading("Verdict", is_markdown, out);
    struct sim_text text = {0};
    if (demand->starts) {
        sim_text_add(&text,
                     "The job starts: %lld of %lld segments are guaranteed to its pools on "
                     "the fullest task manager.",
                     (long long)demand->least_segments, (long long)demand->memory.segments);
        print_wrapped(sim_text_get(&text), 0, out);
    } else {
        print_refusal(size, out);
    }
    sim_text_clear(&text);
    sim_text_add(&text, "The smallest network memory that starts it: ");
    add_amount(&text, size, demand->least_segments);
    sim_text_add(&text, " a task manager; all that its pools may take without overdraft: ");
    add_amount(&text, size, desired);
    sim_text_add(&text, ".");
    print_wrapped(sim_text_get(&text), 0, out);
    sim_text_finish(&text);
    fprintf(out, is_markdown ? "\n    %s: %lldb\n    %s: %lldb\n" : "  %s: %lldb\n  %s: %lldb\n",
            "taskmanager.memory.network.min", least, "taskmanager.memory.network.max", least);
}

static void print_estimates(const struct study_size *size, bool is_markdown, FILE *out)
{
    const struct net_config *config = &size->spec->config;
    struct sim_text text = {0};
    print_heading("Estimates that others use", is_markdown, out);
    sim_text_add(&text, "Rule of thumb P x (B + F) of the widest exchange: ");
    add_amount(&text, size, size->rule_of_thumb);
    sim_text_add(&text, ". Floating buffers are a gate's, not a channel's: Flink allots P x B + F "
                        "and guarantees less.");
    print_wrapped(sim_text_get(&text), 0, out);
    sim_text_clear(&text);

    char bytes[32];
    sim_number_format_bytes(bytes, sizeof bytes, size->autoscaler_bytes);
    sim_text_add(&text, "The Kubernetes operator's autoscaler would set %lld bytes (%s).",
                 (long long)size->autoscaler_bytes, bytes);
    print_wrapped(sim_text_get(&text), 0, out);
    sim_text_clear(&text);
    sim_text_add(&text,
                 "Whatever the maximum, a partition is unavailable as soon as one of its "
                 "subpartitions holds %lld buffers (max-buffers-per-channel). Overdraft, "
                 "up to %lld a partition, comes on top when there is anything left.",
                 (long long)config->max_buffers_per_channel,
                 (long long)config->max_overdraft_per_gate);
    print_wrapped(sim_text_get(&text), 0, out);
    sim_text_finish(&text);
}

void study_size_print_report(const struct study_size *size, bool is_markdown, FILE *out)
{
    const struct net_spec *spec = size->spec;
    struct sim_text title = {0};
    sim_text_add(&title, "%s%s: Flink %s, %u task manager%s of %u slot%s, B = %lld, F = %lld",
                 is_markdown ? "# " : "", spec->name,
                 spec->config.version == NET_FLINK_1_20 ? "1.20" : "2.2",
                 spec->cluster.taskmanagers, spec->cluster.taskmanagers == 1 ? "" : "s",
                 spec->cluster.slots, spec->cluster.slots == 1 ? "" : "s",
                 (long long)spec->config.buffers_per_channel,
                 (long long)spec->config.floating_buffers_per_gate);
    print_wrapped(sim_text_get(&title), 0, out);
    sim_text_finish(&title);
    print_memory(size, is_markdown, out);
    print_pools(size, is_markdown, out);
    print_taskmanagers(size, is_markdown, out);
    print_verdict(size, is_markdown, out);
    print_estimates(size, is_markdown, out);
}
