/*
 * Shapes of edges (SIZ-7) and the placement of subtasks on slots.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "models/spec.h"
#include "models/topology.h"
#include "sim/arena.h"

static void check_shape(const struct net_shape *shape)
{
    uint32_t outs = 0;
    uint32_t ins = 0;
    for (uint32_t i = 0; i < shape->producers; i++) {
        uint32_t count = net_shape_subpartitions(shape, i);
        assert_true(count >= 1);
        for (uint32_t k = 0; k < count; k++) {
            struct net_end consumer = net_shape_consumer(shape, i, k);
            assert_true(consumer.subtask < shape->consumers);
            assert_true(consumer.index < net_shape_channels(shape, consumer.subtask));
            struct net_end back = net_shape_producer(shape, consumer.subtask, consumer.index);
            assert_int_equal(back.subtask, i);
            assert_int_equal(back.index, k);
        }
        outs += count;
    }
    for (uint32_t j = 0; j < shape->consumers; j++) {
        uint32_t count = net_shape_channels(shape, j);
        assert_true(count >= 1);
        ins += count;
    }
    assert_int_equal(ins, outs);
}

static void test_every_subpartition_has_one_channel_and_back(void **state)
{
    (void)state;
    for (uint32_t s = 1; s <= 13; s++) {
        for (uint32_t t = 1; t <= 13; t++) {
            check_shape(&(struct net_shape){.producers = s, .consumers = t});
            check_shape(&(struct net_shape){.is_pointwise = true, .producers = s, .consumers = t});
        }
    }
}

/* SIZ-7, by hand */
static void test_pointwise_edges_share_the_larger_side_out(void **state)
{
    (void)state;
    struct net_shape shrink = {.is_pointwise = true, .producers = 5, .consumers = 3};
    static const uint32_t reads[] = {1, 2, 2}; /* 0, 1 2, 3 4 */
    for (uint32_t j = 0; j < 3; j++) {
        assert_int_equal(net_shape_channels(&shrink, j), reads[j]);
    }
    assert_int_equal(net_shape_producer(&shrink, 1, 0).subtask, 1);
    assert_int_equal(net_shape_producer(&shrink, 2, 1).subtask, 4);
    assert_int_equal(net_shape_consumer(&shrink, 2, 0).subtask, 1);
    assert_int_equal(net_shape_consumer(&shrink, 2, 0).index, 1);

    struct net_shape grow = {.is_pointwise = true, .producers = 3, .consumers = 5};
    static const uint32_t feeds[] = {2, 2, 1}; /* 0 1, 2 3, 4 */
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(net_shape_subpartitions(&grow, i), feeds[i]);
    }
    assert_int_equal(net_shape_consumer(&grow, 1, 1).subtask, 3);
    assert_int_equal(net_shape_producer(&grow, 3, 0).subtask, 1);
    assert_int_equal(net_shape_producer(&grow, 3, 0).index, 1);
}

static void test_all_to_all_edges_join_every_pair(void **state)
{
    (void)state;
    struct net_shape shape = {.producers = 2, .consumers = 3};
    assert_int_equal(net_shape_subpartitions(&shape, 1), 3);
    assert_int_equal(net_shape_channels(&shape, 2), 2);
    assert_int_equal(net_shape_consumer(&shape, 1, 2).subtask, 2);
    assert_int_equal(net_shape_consumer(&shape, 1, 2).index, 1);
}

static void test_the_kind_of_an_edge_gives_its_shape(void **state)
{
    (void)state;
    struct net_vertex_spec vertices[] = {{.parallelism = 2}, {.parallelism = 3}};
    struct net_spec spec = {.vertices = vertices, .vertex_count = 2};
    for (int kind = NET_PARTITION_FORWARD; kind <= NET_PARTITION_WEIGHTS; kind++) {
        struct net_edge_spec edge = {.to = 1, .partition = (enum net_partition_kind)kind};
        struct net_shape shape = net_shape_of(&spec, &edge);
        assert_int_equal(shape.producers, 2);
        assert_int_equal(shape.consumers, 3);
        assert_int_equal(shape.is_pointwise,
                         kind == NET_PARTITION_FORWARD || kind == NET_PARTITION_RESCALE);
    }
}

/* A job of four vertices; every test changes what it needs. */
struct job {
    struct sim_arena *arena;
    struct net_vertex_spec vertices[4];
    struct net_edge_spec edges[3];
    struct net_spec spec;
};

static int set_up(void **state)
{
    struct job *job = sim_alloc(1, sizeof *job);
    static const char *const names[] = {"source", "map", "window", "sink"};
    job->arena = sim_arena_create();
    for (uint32_t i = 0; i < 4; i++) {
        job->vertices[i] = (struct net_vertex_spec){
            .name = names[i], .parallelism = 2, .taskmanager = NET_ANYWHERE, .line = 10 + i};
    }
    for (uint32_t i = 0; i < 3; i++) {
        job->edges[i] = (struct net_edge_spec){
            .from = i, .to = i + 1, .partition = NET_PARTITION_REBALANCE, .line = 20 + i};
    }
    job->spec = (struct net_spec){
        .cluster = {.taskmanagers = 2, .slots = 4},
        .vertices = job->vertices,
        .vertex_count = 4,
        .edges = job->edges,
        .edge_count = 3,
    };
    *state = job;
    return 0;
}

static int tear_down(void **state)
{
    struct job *job = *state;
    sim_arena_destroy(job->arena);
    free(job);
    return 0;
}

static struct net_placement place(struct job *job)
{
    struct net_placement placement = {0};
    struct sim_err err = {0};
    if (!net_placement_make(&placement, &job->spec, job->arena, &err)) {
        fail_msg("%s", err.text);
    }
    return placement;
}

static void assert_refused(struct job *job, enum sim_err_code code, uint32_t line)
{
    struct net_placement placement;
    struct sim_err err = {0};
    assert_false(net_placement_make(&placement, &job->spec, job->arena, &err));
    assert_int_equal(err.code, code);
    assert_int_equal(err.line, line);
}

static void assert_places(const struct net_placement *placement, uint32_t vertex,
                          const uint32_t *taskmanagers, const uint32_t *slots, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(net_placement_taskmanager(placement, vertex, i), taskmanagers[i]);
        assert_int_equal(placement->slot[placement->first[vertex] + i], slots[i]);
    }
}

static void test_without_slot_sharing_vertices_fill_slots_in_order(void **state)
{
    struct job *job = *state;
    job->vertices[0].parallelism = 3;
    job->vertices[3].parallelism = 1;
    struct net_placement placement = place(job);
    assert_places(&placement, 0, (uint32_t[]){0, 0, 0}, (uint32_t[]){0, 1, 2}, 3);
    assert_places(&placement, 1, (uint32_t[]){0, 1}, (uint32_t[]){3, 0}, 2);
    assert_places(&placement, 2, (uint32_t[]){1, 1}, (uint32_t[]){1, 2}, 2);
    assert_places(&placement, 3, (uint32_t[]){1}, (uint32_t[]){3}, 1);
}

static void test_pinned_vertices_take_their_slots_before_the_others(void **state)
{
    struct job *job = *state;
    job->vertices[1].taskmanager = 0;
    job->vertices[3].taskmanager = 0;
    struct net_placement placement = place(job);
    assert_places(&placement, 1, (uint32_t[]){0, 0}, (uint32_t[]){0, 1}, 2);
    assert_places(&placement, 3, (uint32_t[]){0, 0}, (uint32_t[]){2, 3}, 2);
    assert_places(&placement, 0, (uint32_t[]){1, 1}, (uint32_t[]){0, 1}, 2);
    assert_places(&placement, 2, (uint32_t[]){1, 1}, (uint32_t[]){2, 3}, 2);
}

static void test_with_slot_sharing_subtask_i_of_every_vertex_shares_slot_i(void **state)
{
    struct job *job = *state;
    job->spec.cluster.has_slot_sharing = true;
    job->spec.cluster.slots = 2;
    job->vertices[0].parallelism = 4;
    job->vertices[2].taskmanager = 1;
    struct net_placement placement = place(job);
    assert_places(&placement, 0, (uint32_t[]){0, 0, 1, 1}, (uint32_t[]){0, 1, 0, 1}, 4);
    assert_places(&placement, 1, (uint32_t[]){0, 0}, (uint32_t[]){0, 1}, 2);
    assert_places(&placement, 2, (uint32_t[]){1, 1}, (uint32_t[]){0, 1}, 2);
}

static void test_too_few_slots_are_an_error_at_the_vertex(void **state)
{
    struct job *job = *state;
    job->vertices[3].parallelism = 3;
    assert_refused(job, SIM_ERR_INPUT, 13);
    job->vertices[3].parallelism = 2;
    job->vertices[0].taskmanager = job->vertices[1].taskmanager = job->vertices[2].taskmanager = 1;
    assert_refused(job, SIM_ERR_INPUT, 12);
    job->spec.cluster.has_slot_sharing = true;
    job->vertices[2].parallelism = 5;
    assert_refused(job, SIM_ERR_INPUT, 12);
    job->vertices[2].parallelism = 2;
    job->vertices[3].parallelism = 9;
    assert_refused(job, SIM_ERR_INPUT, 13);
    job->vertices[3].parallelism = 1;
    job->vertices[3].taskmanager = 2; /* there are two */
    assert_refused(job, SIM_ERR_INPUT, 13);
    job->spec.cluster.has_slot_sharing = false;
    job->vertices[2].taskmanager = NET_ANYWHERE;
    assert_refused(job, SIM_ERR_INPUT, 13);
    job->vertices[3].parallelism = NET_MAX_SUBTASKS;
    assert_refused(job, SIM_ERR_LIMIT, 13);
}

static void test_chained_vertices_share_their_slots(void **state)
{
    struct job *job = *state;
    job->spec.cluster.slots = 3;
    job->edges[0].is_chained = job->edges[1].is_chained = true;
    job->vertices[2].taskmanager = 1; /* pulls the whole chain there */
    struct net_placement placement = place(job);
    for (uint32_t v = 0; v < 3; v++) {
        assert_places(&placement, v, (uint32_t[]){1, 1}, (uint32_t[]){0, 1}, 2);
    }
    assert_places(&placement, 3, (uint32_t[]){0, 0}, (uint32_t[]){0, 1}, 2);
}

static void test_chains_that_are_torn_apart_are_refused(void **state)
{
    struct job *job = *state;
    job->edges[1].is_chained = true;
    job->vertices[1].taskmanager = 0;
    job->vertices[2].taskmanager = 1;
    assert_refused(job, SIM_ERR_INPUT, 21);
    job->vertices[2].taskmanager = 0;
    job->vertices[2].parallelism = 1;
    assert_refused(job, SIM_ERR_INPUT, 21);
}

/* SIZ-6 */
static void test_remote_channels_are_those_from_other_task_managers(void **state)
{
    struct job *job = *state;
    job->vertices[0].parallelism = 6;
    job->spec.cluster.slots = 8;
    job->vertices[0].taskmanager = NET_ANYWHERE;
    job->vertices[1].taskmanager = 0;
    job->vertices[2].taskmanager = 1;
    struct net_placement placement = place(job);
    /* source: six on 0; map on 0; window on 1 */
    const struct net_edge_spec *edges = job->edges;
    assert_int_equal(net_placement_remote_channels(&placement, &job->spec, &edges[0], 0), 0);
    assert_int_equal(net_placement_remote_channels(&placement, &job->spec, &edges[1], 1), 2);
    job->spec.cluster.slots = 6;
    placement = place(job);
    /* source: four on 0, two on 1 */
    assert_int_equal(net_placement_remote_channels(&placement, &job->spec, &edges[0], 1), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_subpartition_has_one_channel_and_back),
        cmocka_unit_test(test_pointwise_edges_share_the_larger_side_out),
        cmocka_unit_test(test_all_to_all_edges_join_every_pair),
        cmocka_unit_test(test_the_kind_of_an_edge_gives_its_shape),
        cmocka_unit_test_setup_teardown(test_without_slot_sharing_vertices_fill_slots_in_order,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pinned_vertices_take_their_slots_before_the_others,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_with_slot_sharing_subtask_i_of_every_vertex_shares_slot_i, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_too_few_slots_are_an_error_at_the_vertex, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_chained_vertices_share_their_slots, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_chains_that_are_torn_apart_are_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_remote_channels_are_those_from_other_task_managers,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests_name("net_topology", tests, NULL, NULL);
}
