#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/sim.h"
#include "studies/moments.h"

/* source -> map (2 subtasks) -> sink; a test tells how busy and how back-pressured each task was in
 * each second, in ms. */
enum { SOURCE, MAP_0, MAP_1, SINK, TASKS };
enum { BUSY, SOFT, HARD, KINDS };
enum { INSTANTS = 8 };

/* Second 1 is the warm-up: said beforehand, or by a cut. */
static const struct study_windows from_1 = {.from = SIM_S, .count = 1};
static const struct study_windows cut_at_1 = {.length = SIM_S, .count = INSTANTS};
static const struct study_windows long_ones = {.from = SIM_S, .length = 3 * SIM_S, .count = 3};

struct fixture {
    double values[TASKS][KINDS][INSTANTS];
    struct net_vertex_spec vertices[3];
    struct net_edge_spec edges[2];
    struct net_spec spec;
};

static bool probe(void *owner, uint32_t what, sim_time now, double *value)
{
    const struct fixture *f = owner;

    *value = f->values[what / KINDS][what % KINDS][now / SIM_S];
    return now > 0;
}

static void make(struct fixture *f)
{
    *f = (struct fixture){0};
    f->vertices[0] = (struct net_vertex_spec){.name = "source", .parallelism = 1};
    f->vertices[1] = (struct net_vertex_spec){.name = "map", .parallelism = 2};
    f->vertices[2] = (struct net_vertex_spec){.name = "sink", .parallelism = 1};
    f->edges[0] = (struct net_edge_spec){.from = 0, .to = 1};
    f->edges[1] = (struct net_edge_spec){.from = 1, .to = 2};
    f->spec = (struct net_spec){
        .vertices = f->vertices, .vertex_count = 3, .edges = f->edges, .edge_count = 2};
}

struct sink {
    struct study_moments *moments;
};

static bool take(void *arg, sim_time now, uint32_t series, double value)
{
    study_moments_add(((struct sink *)arg)->moments, now, series, value);
    return true;
}

static struct study_moments *watch(struct fixture *f, const struct study_windows *windows)
{
    static const char *const metrics[] = {"busy.exact", "softBackPressured.exact",
                                          "hardBackPressured.exact"};
    static const char *const groups[] = {"source", "map", "map", "sink"};
    struct sim *sim = sim_create();
    struct sink sink = {0};
    struct sim_recorder *recorder = sim_recorder_create(sim, SIM_S, 0, take, &sink);

    for (uint32_t i = 0; i < TASKS * KINDS; i++) {
        struct sim_series series = {.group = groups[i / KINDS],
                                    .member = i / KINDS == MAP_1 ? 1 : 0,
                                    .metric = metrics[i % KINDS],
                                    .every = 1,
                                    .probe = probe,
                                    .owner = f,
                                    .what = i};

        sim_recorder_add(recorder, &series);
    }
    sink.moments = study_moments_create(&f->spec, recorder, windows);
    sim_recorder_start(recorder);
    sim_run(sim, (INSTANTS - 1) * SIM_S);
    sim_recorder_destroy(recorder);
    sim_destroy(sim);
    return sink.moments;
}

static void assert_moment(const struct study_moment *moment, uint32_t vertex, bool is_exchange,
                          const sim_time *total_from_to)
{
    assert_int_equal(moment->vertex, vertex);
    assert_int_equal(moment->is_exchange, is_exchange);
    assert_int_equal(moment->total, total_from_to[0] * SIM_S);
    assert_int_equal(moment->longest_from, total_from_to[1] * SIM_S);
    assert_int_equal(moment->longest_to, total_from_to[2] * SIM_S);
}

static void check_moves(const struct study_windows *windows, uint32_t first)
{
    struct fixture f;
    struct study_moments *moments;
    const struct study_moment *list;
    uint32_t count;
    sim_time watched;

    make(&f);
    /* Second 1 is the warm-up. The sink is it in 2, 4, 5; one map in 3; nobody in 6; the way to the
     * sink in 7. */
    for (int i = 1; i < INSTANTS; i++) {
        f.values[SOURCE][SOFT][i] = i == 6 ? 45 : 60; /* 50 count */
        f.values[SINK][BUSY][i] = 900;
        f.values[MAP_1][SOFT][i] = 30;
        f.values[MAP_1][HARD][i] = 30;
    }
    f.values[MAP_1][HARD][3] = 0;
    f.values[MAP_0][BUSY][3] = 700;
    f.values[MAP_1][HARD][6] = 0;
    f.values[SINK][BUSY][7] = 100;
    moments = watch(&f, windows);
    study_moments_cut(moments, first);
    list = study_moments_list(moments, &count, &watched);
    assert_int_equal(watched, 6 * SIM_S);
    assert_int_equal(count, 3);
    assert_moment(&list[0], 2, false, (sim_time[]){3, 3, 5});
    assert_moment(&list[1], 1, false, (sim_time[]){1, 2, 3});
    assert_moment(&list[2], 2, true, (sim_time[]){1, 6, 7});
    study_moments_destroy(moments);
}

static void test_bottleneck_moves_and_its_longest_stretch_is_kept(void **state)
{
    check_moves(&from_1, 0);
}

/* Stretches go on from one window to the next. */
static void test_moments_after_a_cut_are_those_of_a_window_from_there(void **state)
{
    check_moves(&cut_at_1, 1);
    check_moves(&long_ones, 0);
}

static void test_calm_run_has_no_moments(void **state)
{
    struct fixture f;
    struct study_moments *moments;
    uint32_t count;
    sim_time watched;

    make(&f);
    moments = watch(&f, &from_1);
    study_moments_list(moments, &count, &watched);
    assert_int_equal(count, 0);
    assert_int_equal(watched, 6 * SIM_S);
    study_moments_destroy(moments);
}

static void test_border_has_the_busiest_consumer(void **state)
{
    struct fixture f;
    struct study_border border;

    make(&f);
    f.edges[1].from = 0; /* source -> map, source -> sink */
    border = study_border_find(&f.spec, (struct study_load[]){{0, 0.5}, {0.2, 0}, {0.3, 0}}, 0.1);
    assert_true(border.is_found);
    assert_int_equal(border.from, 0);
    assert_int_equal(border.to, 2);
    border = study_border_find(&f.spec, (struct study_load[]){{0, 0.5}, {0.2, 0}, {0.3, 0}}, 0.5);
    assert_false(border.is_found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bottleneck_moves_and_its_longest_stretch_is_kept),
        cmocka_unit_test(test_moments_after_a_cut_are_those_of_a_window_from_there),
        cmocka_unit_test(test_calm_run_has_no_moments),
        cmocka_unit_test(test_border_has_the_busiest_consumer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
