#include "studies/samples.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/arena.h"
#include "studies/csv.h"

#define NO_GROUP UINT32_MAX

struct one_series {
    const char *vertex;
    const char *metric;
    const char *text; /* ",vertex,subtask,", shared with its neighbours */
    uint32_t text_length;
    uint32_t metric_length;
    uint32_t subtask;
    uint32_t group; /* NO_GROUP: streamed only */
    bool is_counter;
    bool has_last; /* a counter's last sample, within a window */
    sim_time last_at;
    double last;
    struct sim_tally *tallies; /* of each window */
};

/* The series of one metric of all subtasks of a vertex. */
struct group {
    uint32_t example; /* one of its series */
    uint32_t present; /* how many had a value at `at` */
    sim_time at;
    double sum;
    uint32_t window;           /* that this instant counts in */
    struct sim_tally *tallies; /* of each window */
};

struct study_samples {
    struct sim_arena *arena;
    FILE *out;
    struct study_windows windows;
    uint32_t first; /* window that counts */
    int decimals;
    int error;
    struct one_series *series;
    uint32_t count;
    struct group *groups;
    uint32_t group_count;
    sim_time now; /* of the text below */
    char now_text[STUDY_NUMBER_SIZE];
    size_t now_length;
    struct study_row *rows;
    size_t row_count;
};

struct study_samples *study_samples_create(sim_time interval, const struct study_windows *windows,
                                           FILE *out)
{
    struct study_samples *samples = sim_alloc(1, sizeof *samples);

    samples->arena = sim_arena_create();
    samples->out = out;
    samples->windows = *windows;
    samples->decimals = study_time_decimals(interval, 2);
    samples->now = -1;
    if (out != NULL && fputs("t_s,vertex,subtask,metric,value\n", out) < 0) {
        samples->error = errno;
    }
    return samples;
}

void study_samples_destroy(struct study_samples *samples)
{
    if (samples == NULL) {
        return;
    }
    sim_arena_destroy(samples->arena);
    free(samples);
}

static int compare_text(const char *a, const char *b)
{
    return a == b ? 0 : strcmp(a, b);
}

static int compare_series(const void *left, const void *right)
{
    const struct one_series *a = *(const struct one_series *const *)left;
    const struct one_series *b = *(const struct one_series *const *)right;
    int order = compare_text(a->vertex, b->vertex);

    if (order == 0) {
        order = compare_text(a->metric, b->metric);
    }
    return order != 0 ? order : (a->subtask > b->subtask) - (a->subtask < b->subtask);
}

/* The fields before the metric. The series of a subtask mostly come one after the other; then they
 * share it. */
static void set_text(struct study_samples *samples, uint32_t index)
{
    struct one_series *series = &samples->series[index];
    const struct one_series *before = index > 0 ? series - 1 : NULL;
    char vertex[600];
    char text[700];

    series->metric_length = (uint32_t)strlen(series->metric);
    if (before != NULL && before->vertex == series->vertex && before->subtask == series->subtask) {
        series->text = before->text;
        series->text_length = before->text_length;
        return;
    }
    study_csv_quote(vertex, sizeof vertex, series->vertex);
    snprintf(text, sizeof text, ",%s,%u,", vertex, series->subtask);
    series->text = sim_arena_strdup(samples->arena, text);
    series->text_length = (uint32_t)strlen(text);
}

static bool is_same_group(const struct one_series *a, const struct one_series *b)
{
    return compare_text(a->vertex, b->vertex) == 0 && compare_text(a->metric, b->metric) == 0;
}

static bool is_streamed_only(const struct one_series *series)
{
    return strncmp(series->metric, "latencyMs", 9) == 0;
}

static struct sim_tally *make_tallies(struct study_samples *samples)
{
    return sim_arena_alloc(samples->arena, samples->windows.count, sizeof(struct sim_tally));
}

/* Put the series of one metric of a vertex, which are neighbours in `sorted`, into a group. */
static void make_groups(struct study_samples *samples, struct one_series *const *sorted)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < samples->count; i++) {
        if (is_streamed_only(sorted[i])) {
            sorted[i]->group = NO_GROUP;
            continue;
        }
        sorted[i]->tallies = make_tallies(samples);
        count += i == 0 || !is_same_group(sorted[i - 1], sorted[i]);
        sorted[i]->group = count - 1;
    }
    samples->groups = sim_arena_alloc(samples->arena, count, sizeof *samples->groups);
    samples->group_count = count;
    for (uint32_t g = 0; g < count; g++) {
        samples->groups[g].tallies = make_tallies(samples);
    }
    for (uint32_t i = 0; i < samples->count; i++) {
        if (sorted[i]->group != NO_GROUP) {
            samples->groups[sorted[i]->group].example = (uint32_t)(sorted[i] - samples->series);
        }
    }
}

void study_samples_bind(struct study_samples *samples, const struct sim_recorder *recorder)
{
    struct one_series **sorted;

    samples->count = sim_recorder_count(recorder);
    samples->series = sim_arena_alloc(samples->arena, samples->count, sizeof *samples->series);
    sorted = sim_alloc(samples->count + 1, sizeof *sorted);
    for (uint32_t i = 0; i < samples->count; i++) {
        const struct sim_series *from = sim_recorder_series(recorder, i);
        struct one_series *series = &samples->series[i];

        series->vertex = from->group;
        series->metric = from->metric;
        series->subtask = from->member;
        series->is_counter = from->is_counter;
        set_text(samples, i);
        sorted[i] = series;
    }
    qsort(sorted, samples->count, sizeof *sorted, compare_series);
    make_groups(samples, sorted);
    free(sorted);
}

/* The instant of a group is over. */
static void close_instant(const struct study_samples *samples, struct group *group)
{
    if (group->present > 0) {
        bool is_rate = samples->series[group->example].is_counter;

        sim_tally_add(&group->tallies[group->window],
                      is_rate ? group->sum : group->sum / group->present);
    }
    group->present = 0;
    group->sum = 0;
}

/* A rate belongs to the window in which the time that it is of began. */
static void count(struct study_samples *samples, struct one_series *series, sim_time now,
                  double value)
{
    struct group *group = &samples->groups[series->group];
    uint32_t window = study_window_at(&samples->windows, now);

    if (series->is_counter) {
        double total = value;
        bool has_last = series->has_last;

        window = study_window_at(&samples->windows, has_last ? series->last_at : now);
        value = has_last ? (total - series->last) / ((double)(now - series->last_at) / 1e9) : 0;
        series->has_last = true;
        series->last = total;
        series->last_at = now;
        if (!has_last) {
            return;
        }
    }
    sim_tally_add(&series->tallies[window], value);
    if (group->at != now) {
        close_instant(samples, group);
        group->at = now;
        group->window = window;
    }
    group->sum += value;
    group->present++;
}

bool study_samples_add(void *arg, sim_time now, uint32_t index, double value)
{
    struct study_samples *samples = arg;
    struct one_series *series = &samples->series[index];

    if (samples->out != NULL) {
        char number[STUDY_NUMBER_SIZE + 2] = ",";
        size_t length = 1 + study_number_format(number + 1, value);

        if (now != samples->now) {
            samples->now = now;
            samples->now_length = study_time_format(samples->now_text, now, samples->decimals);
        }
        number[length++] = '\n';
        errno = 0;
        fwrite(samples->now_text, 1, samples->now_length, samples->out);
        fwrite(series->text, 1, series->text_length, samples->out);
        fwrite(series->metric, 1, series->metric_length, samples->out);
        if (fwrite(number, 1, length, samples->out) != length || ferror(samples->out)) {
            samples->error = errno != 0 ? errno : EIO;
            return false;
        }
    }
    if (series->group != NO_GROUP && now >= samples->windows.from) {
        count(samples, series, now, value);
    }
    return true;
}

void study_samples_cut(struct study_samples *samples, uint32_t first)
{
    samples->first = first;
}

int study_samples_error(const struct study_samples *samples)
{
    return samples->error;
}

static int compare_rows(const void *left, const void *right)
{
    const struct study_row *a = left;
    const struct study_row *b = right;
    int order = (a->is_all > b->is_all) - (a->is_all < b->is_all);

    if (order == 0) {
        order = compare_text(a->vertex, b->vertex);
    }
    if (order == 0) {
        order = (a->subtask > b->subtask) - (a->subtask < b->subtask);
    }
    return order != 0 ? order : compare_text(a->metric, b->metric);
}

static void add_row(struct study_samples *samples, const struct one_series *series, bool is_all,
                    const struct sim_tally *tallies)
{
    struct sim_tally tally = tallies[samples->first];

    for (uint32_t w = samples->first + 1; w < samples->windows.count; w++) {
        sim_tally_merge(&tally, &tallies[w]);
    }
    if (tally.n > 0) {
        samples->rows[samples->row_count++] = (struct study_row){
            .vertex = series->vertex,
            .subtask = is_all ? 0 : series->subtask,
            .is_all = is_all,
            .metric = series->metric,
            .is_rate = series->is_counter,
            .tally = tally,
        };
    }
}

const struct study_row *study_samples_rows(struct study_samples *samples, size_t *row_count)
{
    if (samples->rows == NULL) {
        samples->rows = sim_arena_alloc(samples->arena, samples->count + samples->group_count + 1,
                                        sizeof *samples->rows);
        for (uint32_t i = 0; i < samples->count; i++) {
            if (samples->series[i].group != NO_GROUP) {
                add_row(samples, &samples->series[i], false, samples->series[i].tallies);
            }
        }
        for (uint32_t g = 0; g < samples->group_count; g++) {
            close_instant(samples, &samples->groups[g]);
            add_row(samples, &samples->series[samples->groups[g].example], true,
                    samples->groups[g].tallies);
        }
        qsort(samples->rows, samples->row_count, sizeof *samples->rows, compare_rows);
    }
    *row_count = samples->row_count;
    return samples->rows;
}
