#include "studies/moments.h"

#include <stdlib.h>
#include <string.h>

#include "sim/arena.h"

enum kind {
    KIND_OTHER,
    KIND_BUSY,
    KIND_PRESSED,
};

/* What a series tells of a task. */
struct source {
    enum kind kind;
    uint32_t task;
};

/* Intervals one after the other in which a place was the bottleneck. */
struct stretch {
    sim_time from;
    sim_time to;
};

/* A place in a window. */
struct piece {
    sim_time total;
    struct stretch first;
    struct stretch longest;
    struct stretch last;
};

struct study_moments {
    struct sim_arena *arena;
    const struct net_spec *spec;
    struct source *sources; /* of each series */
    uint32_t *vertex_of;    /* of each task */
    uint32_t task_count;
    struct study_load *tasks; /* in the present interval */
    struct study_load *loads; /* of the vertices */
    struct study_windows windows;
    uint32_t first_window; /* that counts */
    struct piece *pieces;  /* of each window: services of all vertices, then exchanges to them */
    struct study_moment *list;
    sim_time before; /* the instant before this one */
    sim_time now;
    sim_time *watched; /* in each window */
    bool has_values;
};

struct study_border study_border_find(const struct net_spec *spec, const struct study_load *loads,
                                      double threshold)
{
    struct study_border best = {0};
    double most = -1;

    for (uint32_t e = 0; e < spec->edge_count; e++) {
        uint32_t from = spec->edges[e].from;
        uint32_t to = spec->edges[e].to;

        if (loads[from].pressed > threshold && loads[to].pressed <= threshold &&
            loads[to].busy > most) {
            best = (struct study_border){true, from, to};
            most = loads[to].busy;
        }
    }
    return best;
}

static enum kind kind_of(const char *metric)
{
    if (strcmp(metric, "busy.exact") == 0) {
        return KIND_BUSY;
    }
    return strcmp(metric, "softBackPressured.exact") == 0 ||
                   strcmp(metric, "hardBackPressured.exact") == 0
               ? KIND_PRESSED
               : KIND_OTHER;
}

/* Find the task of each series; those of one vertex come together. */
static void bind(struct study_moments *moments, const struct sim_recorder *recorder,
                 const uint32_t *first)
{
    const struct net_spec *spec = moments->spec;
    uint32_t vertex = 0;

    for (uint32_t i = 0; i < sim_recorder_count(recorder); i++) {
        const struct sim_series *series = sim_recorder_series(recorder, i);

        if (kind_of(series->metric) == KIND_OTHER) {
            continue;
        }
        for (uint32_t tried = 0; tried < spec->vertex_count; tried++) {
            if (strcmp(spec->vertices[vertex].name, series->group) == 0) {
                moments->sources[i] =
                    (struct source){kind_of(series->metric), first[vertex] + series->member};
                break;
            }
            vertex = (vertex + 1) % spec->vertex_count;
        }
    }
}

struct study_moments *study_moments_create(const struct net_spec *spec,
                                           const struct sim_recorder *recorder,
                                           const struct study_windows *windows)
{
    struct study_moments *moments = sim_alloc(1, sizeof *moments);
    struct sim_arena *arena = sim_arena_create();
    uint32_t *first = sim_arena_alloc(arena, spec->vertex_count, sizeof *first);

    moments->arena = arena;
    moments->spec = spec;
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        first[v] = moments->task_count;
        moments->task_count += spec->vertices[v].parallelism;
    }
    moments->vertex_of = sim_arena_alloc(arena, moments->task_count, sizeof *moments->vertex_of);
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        for (uint32_t s = 0; s < spec->vertices[v].parallelism; s++) {
            moments->vertex_of[first[v] + s] = v;
        }
    }
    moments->sources =
        sim_arena_alloc(arena, sim_recorder_count(recorder), sizeof *moments->sources);
    moments->tasks = sim_arena_alloc(arena, moments->task_count, sizeof *moments->tasks);
    moments->loads = sim_arena_alloc(arena, spec->vertex_count, sizeof *moments->loads);
    moments->windows = *windows;
    moments->pieces = sim_arena_alloc(arena, windows->count * 2 * (size_t)spec->vertex_count,
                                      sizeof *moments->pieces);
    moments->watched = sim_arena_alloc(arena, windows->count, sizeof *moments->watched);
    bind(moments, recorder, first);
    return moments;
}

void study_moments_destroy(struct study_moments *moments)
{
    if (moments == NULL) {
        return;
    }
    sim_arena_destroy(moments->arena);
    free(moments);
}

/* The largest load over the subtasks of each vertex; forgets those of the tasks. */
static void sum_up(struct study_moments *moments)
{
    memset(moments->loads, 0, moments->spec->vertex_count * sizeof *moments->loads);
    for (uint32_t t = 0; t < moments->task_count; t++) {
        struct study_load *load = &moments->loads[moments->vertex_of[t]];

        load->busy = moments->tasks[t].busy > load->busy ? moments->tasks[t].busy : load->busy;
        load->pressed =
            moments->tasks[t].pressed > load->pressed ? moments->tasks[t].pressed : load->pressed;
        moments->tasks[t] = (struct study_load){0};
    }
}

static struct piece *piece_of(const struct study_moments *moments, uint32_t window, uint32_t place)
{
    return &moments->pieces[window * 2 * (size_t)moments->spec->vertex_count + place];
}

static void keep_longer(struct stretch *longest, struct stretch other)
{
    if (other.to - other.from > longest->to - longest->from) {
        *longest = other;
    }
}

/* Add an interval to a place. */
static void count(struct piece *piece, struct stretch interval)
{
    bool goes_on = piece->total > 0 && piece->last.to == interval.from;
    bool is_first = piece->total == 0 || (goes_on && piece->last.from == piece->first.from);

    if (goes_on) {
        interval.from = piece->last.from;
    }
    piece->total += interval.to - (goes_on ? piece->last.to : interval.from);
    piece->last = interval;
    if (is_first) {
        piece->first = interval;
    }
    keep_longer(&piece->longest, interval);
}

/* Add what a place was in the window that follows. */
static void append(struct piece *piece, const struct piece *next)
{
    struct stretch joined = next->first;
    bool goes_on = piece->total > 0 && piece->last.to == next->first.from;

    if (next->total == 0) {
        return;
    }
    if (goes_on) {
        joined.from = piece->last.from;
    }
    keep_longer(&piece->longest, joined);
    keep_longer(&piece->longest, next->longest);
    piece->total += next->total;
    piece->last = next->last.from == next->first.from ? joined : next->last;
}

/* Judge the interval that ended at `now`. */
static void judge(struct study_moments *moments)
{
    struct study_border border;
    uint32_t window = study_window_at(&moments->windows, moments->before);

    if (!moments->has_values || window == STUDY_NO_WINDOW) {
        return;
    }
    sum_up(moments);
    moments->watched[window] += moments->now - moments->before;
    border = study_border_find(moments->spec, moments->loads, STUDY_PRESSED);
    if (border.is_found) {
        bool is_busy = moments->loads[border.to].busy > STUDY_MOMENT_BUSY;
        uint32_t index = border.to + (is_busy ? 0 : moments->spec->vertex_count);

        count(piece_of(moments, window, index), (struct stretch){moments->before, moments->now});
    }
}

void study_moments_add(struct study_moments *moments, sim_time now, uint32_t series, double value)
{
    const struct source *source = &moments->sources[series];

    if (now != moments->now) {
        judge(moments);
        moments->before = moments->now;
        moments->now = now;
        moments->has_values = false;
    }
    if (source->kind != KIND_OTHER && moments->before >= moments->windows.from) {
        struct study_load *load = &moments->tasks[source->task];

        moments->has_values = true;
        if (source->kind == KIND_BUSY) {
            load->busy += value / 1000;
        } else {
            load->pressed += value / 1000;
        }
    }
}

static int compare(const void *left, const void *right)
{
    const struct study_moment *a = left;
    const struct study_moment *b = right;

    if (a->total != b->total) {
        return a->total < b->total ? 1 : -1;
    }
    if (a->is_exchange != b->is_exchange) {
        return a->is_exchange ? 1 : -1;
    }
    return (a->vertex > b->vertex) - (a->vertex < b->vertex);
}

void study_moments_cut(struct study_moments *moments, uint32_t first)
{
    moments->first_window = first;
}

/* A place in all windows that count. */
static struct piece put_together(const struct study_moments *moments, uint32_t place)
{
    struct piece piece = {0};

    for (uint32_t w = moments->first_window; w < moments->windows.count; w++) {
        append(&piece, piece_of(moments, w, place));
    }
    return piece;
}

const struct study_moment *study_moments_list(struct study_moments *moments, uint32_t *result,
                                              sim_time *watched)
{
    uint32_t vertices = moments->spec->vertex_count;
    uint32_t used = 0;

    judge(moments);
    moments->has_values = false;
    moments->list = sim_arena_alloc(moments->arena, 2 * (size_t)vertices, sizeof *moments->list);
    for (uint32_t i = 0; i < 2 * vertices; i++) {
        struct piece piece = put_together(moments, i);

        if (piece.total > 0) {
            moments->list[used++] = (struct study_moment){.vertex = i % vertices,
                                                          .is_exchange = i >= vertices,
                                                          .total = piece.total,
                                                          .longest_from = piece.longest.from,
                                                          .longest_to = piece.longest.to};
        }
    }
    qsort(moments->list, used, sizeof *moments->list, compare);
    *result = used;
    *watched = 0;
    for (uint32_t w = moments->first_window; w < moments->windows.count; w++) {
        *watched += moments->watched[w];
    }
    return moments->list;
}
