#include "plots/series.h"

#include <stdlib.h>
#include <string.h>

#include "plots/csv.h"
#include "sim/arena.h"

/* What one bin keeps of one metric. */
struct cell {
    double sum;    /* of value times weight */
    double weight; /* samples; for rates the seconds that they cover */
    double low;
    double high;
};

/* The state of a counter of one subtask at its last sample. */
struct counter {
    bool is_set;
    double t_s;
    double value;
};

struct group {
    char *name;
    uint32_t subtasks; /* the largest index seen, plus one */
    uint32_t capacity; /* of the counters */
    bool is_task_manager;
    uint32_t exact;                  /* bits of metrics of which an exact value was seen */
    struct cell *cells[PLT_METRICS]; /* PLT_SERIES_BINS each, NULL when never seen */
    struct counter *halves;          /* of a sample of busy and idle, by subtask */
    struct counter *counters[2];     /* PLT_RATE_IN and PLT_RATE_OUT, by subtask */
};

struct plt_series {
    struct group *groups;
    uint32_t group_count;
    uint32_t group_capacity;
    uint32_t last_group; /* rows of a vertex stand together */
    double end_s;
    double now_s;
    uint32_t now_bin;
    double bin_t_sum[PLT_SERIES_BINS]; /* of the distinct sample times in the bin */
    uint32_t bin_samples[PLT_SERIES_BINS];
};

/* The names of series.csv. A gauge is Flink's mean over 60 s, read every 5 s: only used without an
 * exact value. */
static const struct source {
    const char *name;
    enum plt_metric metric;
    bool is_gauge;
} sources[] = {
    {"numRecordsIn", PLT_RATE_IN, false},
    {"numRecordsOut", PLT_RATE_OUT, false},
    {"outPoolUsage", PLT_OUT_USAGE, false},
    {"inPoolUsage", PLT_IN_USAGE, false},
    {"busy.exact", PLT_BUSY, false},
    {"softBackPressured.exact", PLT_SOFT, false},
    {"hardBackPressured.exact", PLT_HARD, false},
    {"idle.exact", PLT_IDLE, false},
    {"busyTimeMsPerSecond", PLT_BUSY, true},
    {"softBackPressuredTimeMsPerSecond", PLT_SOFT, true},
    {"hardBackPressuredTimeMsPerSecond", PLT_HARD, true},
    {"idleTimeMsPerSecond", PLT_IDLE, true},
    {"outPool.used", PLT_OUT_USED, false},
    {"outPool.size", PLT_OUT_SIZE, false},
    {"inPool.requested", PLT_IN_HELD, false},
    {"inPool.size", PLT_IN_SIZE, false},
    {"inputQueueLength", PLT_IN_QUEUE, false},
    {"inputExclusiveBuffersUsage", PLT_IN_EXCLUSIVE, false},
    {"inputFloatingBuffersUsage", PLT_IN_FLOATING, false},
    {"UsedMemorySegments", PLT_TM_USED, false},
    {"TotalMemorySegments", PLT_TM_TOTAL, false},
};

static const char *const columns[PLT_METRICS] = {
    "rate_in", "rate_out", "out_usage",    "in_usage",    "busy",     "soft",
    "hard",    "idle",     "pressed",      "out_used",    "out_size", "in_held",
    "in_size", "in_queue", "in_exclusive", "in_floating", "tm_used",  "tm_total",
};

static const struct source *find_source(const char *name)
{
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        if (strcmp(sources[i].name, name) == 0) {
            return &sources[i];
        }
    }
    return NULL;
}

static struct group *find_group(struct plt_series *series, const char *name)
{
    for (uint32_t i = 0; i < series->group_count; i++) {
        uint32_t at = (series->last_group + i) % series->group_count;
        if (strcmp(series->groups[at].name, name) == 0) {
            series->last_group = at;
            return &series->groups[at];
        }
    }
    return NULL;
}

static struct group *add_group(struct plt_series *series, const struct sim_csv *csv,
                               struct sim_err *err)
{
    const char *name = csv->fields[1];
    if (series->group_count == PLT_SERIES_MAX_GROUPS) {
        sim_err_set_at(err, SIM_ERR_LIMIT, csv->path, csv->line, 1,
                       "more than %d vertices and task managers", PLT_SERIES_MAX_GROUPS);
        return NULL;
    }
    if (series->group_count == series->group_capacity) {
        series->group_capacity = series->group_capacity > 0 ? 2 * series->group_capacity : 16;
        series->groups =
            sim_realloc(series->groups, series->group_capacity, sizeof *series->groups);
    }
    series->last_group = series->group_count;
    struct group *group = &series->groups[series->group_count++];
    memset(group, 0, sizeof *group);
    group->name = sim_alloc(strlen(name) + 1, 1);
    strcpy(group->name, name);
    return group;
}

static void add_subtask(struct group *group, uint32_t subtask)
{
    if (subtask < group->subtasks) {
        return;
    }
    group->subtasks = subtask + 1;
    if (subtask < group->capacity) {
        return;
    }
    uint32_t capacity = 2 * (subtask + 1);
    struct counter **const all[] = {&group->counters[0], &group->counters[1], &group->halves};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        *all[i] = sim_realloc(*all[i], capacity, sizeof(struct counter));
        memset(*all[i] + group->capacity, 0, (capacity - group->capacity) * sizeof(struct counter));
    }
    group->capacity = capacity;
}

static void add_value(struct plt_series *series, struct group *group, enum plt_metric metric,
                      double value, double weight)
{
    if (!group->cells[metric]) {
        group->cells[metric] = sim_alloc(PLT_SERIES_BINS, sizeof(struct cell));
    }
    struct cell *cell = &group->cells[metric][series->now_bin];
    if (cell->weight <= 0 || value < cell->low) {
        cell->low = value;
    }
    if (cell->weight <= 0 || value > cell->high) {
        cell->high = value;
    }
    cell->sum += value * weight;
    cell->weight += weight;
}

/* The rate between two samples of a counter; a counter that falls (a restarted job) starts anew. */
static void add_counter(struct plt_series *series, struct group *group, enum plt_metric metric,
                        uint32_t subtask, double value)
{
    struct counter *last = &group->counters[metric == PLT_RATE_OUT][subtask];
    double elapsed_s = series->now_s - last->t_s;
    if (last->is_set && elapsed_s > 0 && value >= last->value) {
        add_value(series, group, metric, (value - last->value) / elapsed_s, elapsed_s);
    }
    *last = (struct counter){.is_set = true, .t_s = series->now_s, .value = value};
}

/* Busy and idle of a subtask at the same time tell how long it was back-pressured. */
static void add_half(struct plt_series *series, struct group *group, uint32_t subtask, double value)
{
    struct counter *half = &group->halves[subtask];
    if (half->is_set && half->t_s == series->now_s) {
        double pressed = 1000 - half->value - value;
        add_value(series, group, PLT_PRESSED, pressed > 0 ? pressed : 0, 1);
        half->is_set = false;
    } else {
        *half = (struct counter){.is_set = true, .t_s = series->now_s, .value = value};
    }
}

static void forget(struct group *group, enum plt_metric metric)
{
    free(group->cells[metric]);
    group->cells[metric] = NULL;
}

static bool advance(struct plt_series *series, const struct sim_csv *csv, double t_s,
                    struct sim_err *err)
{
    if (t_s < series->now_s) {
        return sim_err_set_at(err, SIM_ERR_INPUT, csv->path, csv->line, 1,
                              "time goes back from %g to %g s", series->now_s, t_s);
    }
    double share = series->end_s > 0 ? t_s / series->end_s : 0;
    series->now_s = t_s;
    series->now_bin = share < 1 ? (uint32_t)(share * PLT_SERIES_BINS) : PLT_SERIES_BINS - 1;
    series->bin_t_sum[series->now_bin] += t_s;
    series->bin_samples[series->now_bin]++;
    return true;
}

/* An exact value throws away what the gauge said before. */
static bool is_outdone(struct group *group, const struct source *source)
{
    const uint32_t halves = (uint32_t)1 << PLT_BUSY | (uint32_t)1 << PLT_IDLE;
    uint32_t bit = (uint32_t)1 << source->metric;
    if (source->is_gauge) {
        return (group->exact & bit) != 0;
    }
    if ((group->exact & bit) == 0) {
        if ((bit & halves) != 0 && (group->exact & halves) == 0) {
            forget(group, PLT_PRESSED);
            memset(group->halves, 0, group->capacity * sizeof *group->halves);
        }
        group->exact |= bit;
        forget(group, source->metric);
    }
    return false;
}

static bool add_row(struct plt_series *series, const struct sim_csv *csv, struct sim_err *err)
{
    double t_s;
    double value;
    uint32_t subtask;
    if (!sim_csv_number(csv, 0, 0, 1e12, &t_s, err) ||
        !sim_csv_index(csv, 2, PLT_SERIES_MAX_SUBTASKS - 1, &subtask, err) ||
        !sim_csv_number(csv, 4, -1e300, 1e300, &value, err)) {
        return false;
    }
    bool is_first = series->group_count == 0;
    struct group *group = find_group(series, csv->fields[1]);
    if (!group) {
        group = add_group(series, csv, err);
        if (!group) {
            return false;
        }
    }
    if ((is_first || t_s != series->now_s) && !advance(series, csv, t_s, err)) {
        return false;
    }
    add_subtask(group, subtask);
    const struct source *source = find_source(csv->fields[3]);
    if (!source || is_outdone(group, source)) {
        return true;
    }
    if (source->metric == PLT_RATE_IN || source->metric == PLT_RATE_OUT) {
        add_counter(series, group, source->metric, subtask, value);
    } else {
        add_value(series, group, source->metric, value, 1);
        if (source->metric == PLT_BUSY || source->metric == PLT_IDLE) {
            add_half(series, group, subtask, value);
        }
    }
    group->is_task_manager |= source->metric == PLT_TM_USED || source->metric == PLT_TM_TOTAL;
    return true;
}

/* The time in the last line of the file; 0 when there is none, and then the reading tells why. */
static double peek_end(const char *path)
{
    char text[SIM_CSV_MAX_LINE + 1];
    FILE *file = fopen(path, "r");
    if (!file) {
        return 0;
    }
    if (fseek(file, -SIM_CSV_MAX_LINE, SEEK_END) != 0) {
        rewind(file);
    }
    size_t length = fread(text, 1, SIM_CSV_MAX_LINE, file);
    fclose(file);
    while (length > 0 && text[length - 1] == '\n') {
        length--;
    }
    text[length] = '\0';
    const char *line = strrchr(text, '\n');
    double end_s = line ? strtod(line + 1, NULL) : 0;
    return end_s > 0 && end_s < 1e12 ? end_s : 0;
}

struct plt_series *plt_series_read(const char *path, struct sim_err *err)
{
    struct sim_csv csv;
    if (!plt_csv_open(&csv, path, "t_s,vertex,subtask,metric,value", err)) {
        return NULL;
    }
    struct plt_series *series = sim_alloc(1, sizeof *series);
    series->end_s = peek_end(path);
    enum sim_csv_next next;
    while ((next = sim_csv_next(&csv, err)) == SIM_CSV_ROW) {
        if (!add_row(series, &csv, err)) {
            next = SIM_CSV_ERROR;
            break;
        }
    }
    if (next == SIM_CSV_END && series->group_count == 0) {
        sim_err_set_at(err, SIM_ERR_INPUT, path, 1, 1,
                       "the file holds no samples: did the job start?");
        next = SIM_CSV_ERROR;
    }
    sim_csv_close(&csv);
    if (next == SIM_CSV_ERROR) {
        plt_series_destroy(series);
        return NULL;
    }
    return series;
}

void plt_series_destroy(struct plt_series *series)
{
    if (!series) {
        return;
    }
    for (uint32_t i = 0; i < series->group_count; i++) {
        struct group *group = &series->groups[i];
        for (int metric = 0; metric < PLT_METRICS; metric++) {
            free(group->cells[metric]);
        }
        free(group->counters[0]);
        free(group->counters[1]);
        free(group->halves);
        free(group->name);
    }
    free(series->groups);
    free(series);
}

double plt_series_end(const struct plt_series *series)
{
    return series->now_s;
}

static const struct group *get_group(const struct plt_series *series, bool task_managers,
                                     uint32_t index)
{
    for (uint32_t i = 0; i < series->group_count; i++) {
        if (series->groups[i].is_task_manager == task_managers && index-- == 0) {
            return &series->groups[i];
        }
    }
    return NULL;
}

uint32_t plt_series_count(const struct plt_series *series, bool task_managers)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < series->group_count; i++) {
        count += series->groups[i].is_task_manager == task_managers;
    }
    return count;
}

const char *plt_series_name(const struct plt_series *series, bool task_managers, uint32_t index)
{
    return get_group(series, task_managers, index)->name;
}

bool plt_series_has(const struct plt_series *series, bool task_managers, uint32_t index,
                    enum plt_metric metric)
{
    return get_group(series, task_managers, index)->cells[metric] != NULL;
}

/* A row of numbers of one bin. Rates are of all subtasks together, and so are their bands. */
static void write_bin(FILE *file, const struct group *group, uint32_t bin, uint32_t *last)
{
    for (int metric = 0; metric < PLT_METRICS; metric++) {
        const struct cell *cells = group->cells[metric];
        /* A gauge and a total are read seldom: they hold until read again. */
        bool is_held = metric == PLT_TM_TOTAL || (metric >= PLT_BUSY && metric <= PLT_PRESSED &&
                                                  (group->exact >> metric & 1) == 0);
        if (cells && cells[bin].weight > 0) {
            last[metric] = bin;
        } else if (!cells && group->cells[PLT_BUSY] && metric >= PLT_SOFT && metric <= PLT_IDLE) {
            fputs("\t0\t0\t0", file); /* a sink is never back-pressured and need not say so */
            continue;
        } else if (!cells || !is_held || last[metric] == PLT_SERIES_BINS) {
            fputs("\t\t\t", file);
            continue;
        }
        const struct cell *cell = &cells[last[metric]];
        bool is_rate = metric == PLT_RATE_IN || metric == PLT_RATE_OUT;
        double scale = is_rate ? group->subtasks : 1;
        fprintf(file, "\t%.6g\t%.6g\t%.6g", scale * cell->sum / cell->weight, scale * cell->low,
                scale * cell->high);
    }
    putc('\n', file);
}

static bool write_group(const struct plt_series *series, const struct group *group,
                        const char *directory, const char *name, struct sim_err *err)
{
    struct plt_out out;
    if (!plt_out_open(&out, directory, name, err)) {
        return false;
    }
    FILE *file = out.file;
    fputs("t_s", file);
    for (int metric = 0; metric < PLT_METRICS; metric++) {
        fprintf(file, "\t%s\t%s_min\t%s_max", columns[metric], columns[metric], columns[metric]);
    }
    putc('\n', file);
    uint32_t last[PLT_METRICS];
    for (int metric = 0; metric < PLT_METRICS; metric++) {
        last[metric] = PLT_SERIES_BINS;
    }
    for (uint32_t bin = 0; bin < PLT_SERIES_BINS; bin++) {
        if (series->bin_samples[bin] > 0) {
            fprintf(file, "%.9g", series->bin_t_sum[bin] / series->bin_samples[bin]);
            write_bin(file, group, bin, last);
        }
    }
    return plt_out_close(&out, err);
}

/* One row a group: its name, its subtasks, and for each metric whether it has one. */
static bool write_list(const struct plt_series *series, bool task_managers, const char *directory,
                       struct sim_err *err)
{
    struct plt_out out;
    if (!plt_out_open(&out, directory, task_managers ? "taskmanagers.tsv" : "vertices.tsv", err)) {
        return false;
    }
    FILE *file = out.file;
    fputs("name\tsubtasks", file);
    for (int metric = 0; metric < PLT_METRICS; metric++) {
        fprintf(file, "\t%s", columns[metric]);
    }
    putc('\n', file);
    for (uint32_t i = 0; i < plt_series_count(series, task_managers); i++) {
        const struct group *group = get_group(series, task_managers, i);
        plt_out_text(file, group->name);
        fprintf(file, "\t%u", (unsigned)group->subtasks);
        for (int metric = 0; metric < PLT_METRICS; metric++) {
            fprintf(file, "\t%d", group->cells[metric] != NULL);
        }
        putc('\n', file);
    }
    return plt_out_close(&out, err);
}

bool plt_series_write(const struct plt_series *series, const char *directory, struct sim_err *err)
{
    for (int task_managers = 0; task_managers < 2; task_managers++) {
        if (!write_list(series, task_managers, directory, err)) {
            return false;
        }
        for (uint32_t i = 0; i < plt_series_count(series, task_managers); i++) {
            char name[64];
            snprintf(name, sizeof name, "%s-%u.tsv", task_managers ? "taskmanager" : "vertex",
                     (unsigned)i + 1);
            if (!write_group(series, get_group(series, task_managers, i), directory, name, err)) {
                return false;
            }
        }
    }
    return true;
}
