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

/* A place, and the stretch that it is in. */
struct place {
    struct study_moment moment;
    sim_time from; /* of the present stretch */
    sim_time to;   /* where it ended so far */
};

struct study_moments {
    struct sim_arena *arena;
    const struct net_spec *spec;
    struct source *sources; /* of each series */
    uint32_t *vertex_of;    /* of each task */
    uint32_t task_count;
    struct study_load *tasks; /* in the present interval */
    struct study_load *loads; /* of the vertices */
    struct place *places;     /* services of all vertices, then exchanges to them */
    struct study_moment *list;
    sim_time before; /* the instant before this one */
    sim_time now;
    sim_time watched;
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
                                           const struct sim_recorder *recorder)
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
    moments->places =
        sim_arena_alloc(arena, 2 * (size_t)spec->vertex_count, sizeof *moments->places);
    for (uint32_t i = 0; i < 2 * spec->vertex_count; i++) {
        moments->places[i].moment.vertex = i % spec->vertex_count;
        moments->places[i].moment.is_exchange = i >= spec->vertex_count;
    }
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

/* Add the interval to a place. */
static void count(struct place *place, sim_time from, sim_time to)
{
    struct study_moment *moment = &place->moment;

    if (place->to != from || moment->total == 0) {
        place->from = from;
    }
    place->to = to;
    moment->total += to - from;
    if (to - place->from > moment->longest_to - moment->longest_from) {
        moment->longest_from = place->from;
        moment->longest_to = to;
    }
}

/* Judge the interval that ended at `now`. */
static void judge(struct study_moments *moments)
{
    struct study_border border;

    if (!moments->has_values || moments->before < moments->spec->run.warmup) {
        return;
    }
    sum_up(moments);
    moments->watched += moments->now - moments->before;
    border = study_border_find(moments->spec, moments->loads, STUDY_MOMENT_PRESSED);
    if (border.is_found) {
        bool is_busy = moments->loads[border.to].busy > STUDY_MOMENT_BUSY;
        uint32_t index = border.to + (is_busy ? 0 : moments->spec->vertex_count);

        count(&moments->places[index], moments->before, moments->now);
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
    if (source->kind != KIND_OTHER && moments->before >= moments->spec->run.warmup) {
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

const struct study_moment *study_moments_list(struct study_moments *moments, uint32_t *result,
                                              sim_time *watched)
{
    uint32_t used = 0;

    judge(moments);
    moments->has_values = false;
    moments->list = sim_arena_alloc(moments->arena, 2 * (size_t)moments->spec->vertex_count,
                                    sizeof *moments->list);
    for (uint32_t i = 0; i < 2 * moments->spec->vertex_count; i++) {
        if (moments->places[i].moment.total > 0) {
            moments->list[used++] = moments->places[i].moment;
        }
    }
    qsort(moments->list, used, sizeof *moments->list, compare);
    *result = used;
    *watched = moments->watched;
    return moments->list;
}
