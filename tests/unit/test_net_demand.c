/*
 * What a job demands of its task managers: the worked example of SIZ 4.1, a recorded refusal, and
 * the check values of the operator's autoscaler.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "models/demand.h"
#include "sim/arena.h"

#define VERTICES 3

/* source -> map -> sink; a test says how many of the vertices and edges count. */
struct job {
    struct sim_arena *arena;
    struct net_vertex_spec vertices[VERTICES];
    struct net_edge_spec edges[VERTICES - 1];
    struct net_spec spec;
};

static int set_up(void **state)
{
    struct job *job = sim_alloc(1, sizeof *job);
    static const char *const names[] = {"source", "map", "sink"};
    job->arena = sim_arena_create();
    for (uint32_t i = 0; i < VERTICES; i++) {
        job->vertices[i] = (struct net_vertex_spec){
            .name = names[i], .parallelism = 4, .taskmanager = NET_ANYWHERE};
    }
    for (uint32_t i = 0; i + 1 < VERTICES; i++) {
        job->edges[i] =
            (struct net_edge_spec){.from = i, .to = i + 1, .partition = NET_PARTITION_REBALANCE};
    }
    job->spec = (struct net_spec){
        .cluster = {.taskmanagers = 1, .slots = 4, .has_slot_sharing = true},
        .vertices = job->vertices,
        .vertex_count = 2,
        .edges = job->edges,
        .edge_count = 1,
    };
    net_config_init(&job->spec.config, NET_FLINK_1_20);
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

static struct net_demand demand_of(struct job *job)
{
    struct net_demand demand = {0};
    struct sim_err err = {0};
    if (!net_demand_make(&demand, &job->spec, job->arena, &err)) {
        fail_msg("%s", err.text);
    }
    return demand;
}

static void set_segments(struct job *job, int64_t segments)
{
    struct net_memory_config *memory = &job->spec.config.memory;
    memory->is_local_execution = true;
    memory->network_min_is_set = true;
    memory->network_min = segments * memory->segment_size;
}

static void set_cluster(struct job *job, uint32_t taskmanagers, uint32_t slots, bool is_shared)
{
    job->spec.cluster.taskmanagers = taskmanagers;
    job->spec.cluster.slots = slots;
    job->spec.cluster.has_slot_sharing = is_shared;
}

static void assert_demand(const struct net_demand *demand, uint32_t taskmanager, int64_t guaranteed,
                          int64_t desired)
{
    assert_int_equal(demand->taskmanagers[taskmanager].guaranteed, guaranteed);
    assert_int_equal(demand->taskmanagers[taskmanager].desired, desired);
}

/* SIZ-8, SIZ-6: the table of 4.1 */
static void test_the_articles_job_demands_what_its_placement_makes_it(void **state)
{
    struct job *job = *state;
    job->spec.config.buffers_per_channel = 32;
    job->spec.config.floating_buffers_per_gate = 64;
    struct net_demand demand = demand_of(job);
    assert_demand(&demand, 0, 24, 1024);
    assert_int_equal(demand.taskmanagers[0].overdraft, 20);
    assert_int_equal(demand.least_segments, 24);

    set_cluster(job, 2, 2, true);
    demand = demand_of(job);
    assert_demand(&demand, 0, 140, 640);
    assert_demand(&demand, 1, 140, 640);

    set_cluster(job, 4, 1, true);
    demand = demand_of(job);
    assert_demand(&demand, 3, 102, 352);
    assert_int_equal(demand.least_segments, 102);

    set_cluster(job, 8, 1, false);
    demand = demand_of(job);
    assert_demand(&demand, 0, 5, 192);
    assert_demand(&demand, 7, 129, 192);
    assert_int_equal(demand.taskmanagers[7].remote_channels, 4);
    assert_int_equal(demand.taskmanagers[7].gates, 1);
    assert_int_equal(demand.taskmanagers[0].partitions, 1);
}

/* SIZ-8 */
static void test_a_job_starts_with_its_guaranteed_buffers_and_not_with_one_less(void **state)
{
    struct job *job = *state;
    set_segments(job, 24);
    struct net_demand demand = demand_of(job);
    assert_true(demand.starts);
    set_segments(job, 23);
    demand = demand_of(job);
    assert_false(demand.starts);
    assert_int_equal(demand.least_segments, 24);
    /* four partitions of 5, then the last of four gates */
    assert_true(demand.refusal.pool->is_input);
    assert_int_equal(demand.refusal.pool->subtask, 3);
    assert_int_equal(demand.refusal.required, 1);
    assert_int_equal(demand.refusal.available, 0);
}

/* SIZ-1, NBP-6: the recorded job with 32 segments a task manager */
static void test_a_refusal_reads_as_flink_wrote_it(void **state)
{
    struct job *job = *state;
    struct sim_err err = {0};
    net_config_init(&job->spec.config, NET_FLINK_2_2);
    set_segments(job, 32);
    job->spec.vertex_count = 3;
    job->spec.edge_count = 2;
    set_cluster(job, 2, 6, false);
    struct net_demand demand = demand_of(job);
    assert_demand(&demand, 0, 32, 6 * 16 + 2 * 8);
    assert_int_equal(demand.taskmanagers[1].guaranteed, 48);
    assert_false(demand.starts);
    assert_true(demand.refusal.is_exclusive);
    assert_false(net_demand_refuse(&demand, &err));
    assert_int_equal(err.code, SIM_ERR_ANSWER);
    assert_string_equal(
        err.text,
        "Insufficient number of network buffers: required 2, but only 0 available. The total "
        "number of network buffers is currently set to 32 of 32768 bytes each. You can increase "
        "this number by setting the configuration keys 'taskmanager.memory.network.fraction', "
        "'taskmanager.memory.network.min', and 'taskmanager.memory.network.max'.");
}

/* SIZ-1 */
static void test_pools_of_all_tasks_come_before_any_exclusive_buffer(void **state)
{
    struct job *job = *state;
    set_cluster(job, 2, 2, true);
    set_segments(job, 19); /* 12 for the pools, 8 for the channels */
    struct net_demand demand = demand_of(job);
    assert_int_equal(demand.taskmanagers[0].guaranteed, 20);
    assert_true(demand.refusal.is_exclusive);
    assert_int_equal(demand.refusal.pool->taskmanager, 0);
    assert_int_equal(demand.refusal.pool->subtask, 1);
    assert_int_equal(demand.refusal.required, 2);
    assert_int_equal(demand.refusal.available, 1);
    set_segments(job, 9);
    demand = demand_of(job);
    assert_false(demand.refusal.is_exclusive);
    assert_false(demand.refusal.pool->is_input);
    assert_int_equal(demand.refusal.required, 5);
    assert_int_equal(demand.refusal.available, 4);
}

static void test_a_chained_edge_has_no_pools(void **state)
{
    struct job *job = *state;
    job->spec.vertex_count = 3;
    job->spec.edge_count = 2;
    job->edges[0].partition = NET_PARTITION_FORWARD;
    job->edges[0].is_chained = true;
    struct net_demand demand = demand_of(job);
    assert_int_equal(demand.pool_count, 8);
    assert_int_equal(demand.taskmanagers[0].subtasks, 12);
    assert_int_equal(net_autoscaler_bytes(&job->spec), (16 + 16) * 32768 * 4);
}

static void test_a_job_with_too_many_channels_is_refused_before_memory_is_taken(void **state)
{
    struct job *job = *state;
    struct net_demand demand;
    struct sim_err err = {0};
    job->spec.cluster.slots = 10000;
    job->vertices[0].parallelism = job->vertices[1].parallelism = 10000;
    assert_false(net_demand_make(&demand, &job->spec, job->arena, &err));
    assert_int_equal(err.code, SIM_ERR_LIMIT);
    job->edges[0].partition = NET_PARTITION_RESCALE;
    assert_true(net_demand_make(&demand, &job->spec, job->arena, &err));
}

/* The operator's own check values, for 2 and 8. */
static void test_the_autoscaler_is_reckoned_as_the_operator_does(void **state)
{
    struct job *job = *state;
    const struct net_config *config = &job->spec.config;
    assert_int_equal(net_autoscaler_segments(config, NET_PARTITION_FORWARD, 10, 10), 10);
    assert_int_equal(net_autoscaler_segments(config, NET_PARTITION_FORWARD, 10, 15), 12);
    assert_int_equal(net_autoscaler_segments(config, NET_PARTITION_RESCALE, 10, 15), 12);
    assert_int_equal(net_autoscaler_segments(config, NET_PARTITION_HASH, 10, 15), 38);
    job->vertices[0].parallelism = 2;
    /* output to 4: 16, input from 2: 12; four slots */
    assert_int_equal(net_autoscaler_bytes(&job->spec), 28 * 32768 * 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_articles_job_demands_what_its_placement_makes_it,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_job_starts_with_its_guaranteed_buffers_and_not_with_one_less, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_refusal_reads_as_flink_wrote_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pools_of_all_tasks_come_before_any_exclusive_buffer,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_chained_edge_has_no_pools, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_job_with_too_many_channels_is_refused_before_memory_is_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_autoscaler_is_reckoned_as_the_operator_does,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests_name("net_demand", tests, NULL, NULL);
}
