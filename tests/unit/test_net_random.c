/*
 * Jobs drawn at random: placements, kinds of edges, constants, checkpoints, debloating, both
 * transports. Every invariant is audited at every event (rules INV); what the jobs compute is left
 * to the other tests.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/random.h"
#include "tests/support/net_job.h"

#define HEAVY_JOBS 24
#define LIGHT_JOBS 16

static void count(void *arg, const struct net_checkpoint *checkpoint)
{
    (void)checkpoint;
    ++*(uint32_t *)arg;
}

static uint32_t below(struct sim_stream *stream, uint32_t limit)
{
    return (uint32_t)sim_stream_below(stream, limit);
}

static void draw_config(struct net_spec *spec, struct sim_stream *draw)
{
    static const int64_t timeouts[] = {-1, 0, 100 * SIM_MS};
    static const int64_t overdrafts[] = {0, 5, 20};
    static const double writers[] = {1e9, 1e6};
    struct net_config *config = &spec->config;
    net_config_init(config, below(draw, 3) == 0 ? NET_FLINK_1_20 : NET_FLINK_2_2);
    config->transport = below(draw, 4) == 0 ? NET_TRANSPORT_TCP : NET_TRANSPORT_CREDIT;
    uint32_t mode = below(draw, 3);
    config->is_unaligned = mode > 0;
    config->aligned_timeout = mode == 2 ? (sim_time)(1 + below(draw, 400)) * SIM_MS : 0;
    config->buffers_per_channel = below(draw, 3);
    config->max_overdraft_per_gate = overdrafts[below(draw, 3)];
    config->buffer_timeout = timeouts[below(draw, 3)];
    config->has_debloating = below(draw, 3) == 0;
    config->debloat_target = 300 * SIM_MS;
    config->checkpoint_interval = 500 * SIM_MS;
    spec->machine.checkpoint_rpc = (sim_time)below(draw, 5) * SIM_MS;
    spec->machine.state_bytes_per_second = writers[below(draw, 2)];
    spec->machine.state_latency = (sim_time)below(draw, 30) * SIM_MS;
    spec->machine.wakeup = (sim_time)below(draw, 3) * 50 * SIM_US;
    spec->machine.timer_lateness = (sim_time)below(draw, 2) * 110 * SIM_US;
}

static void draw_edge(struct net_job *job, struct sim_stream *draw, uint32_t from, uint32_t to)
{
    static const enum net_partition_kind kinds[] = {NET_PARTITION_REBALANCE,
                                                    NET_PARTITION_REBALANCE, NET_PARTITION_RESCALE,
                                                    NET_PARTITION_BROADCAST};
    net_job_edge(job, from, to, kinds[below(draw, 4)]);
}

/* Two sources, a vertex that joins or unites them, one behind it and one behind either. */
static void draw_job(struct net_job *job, struct sim_stream *draw, bool is_heavy)
{
    static const double rates[] = {INFINITY, 200, 2000};
    static const uint32_t sizes[] = {100, 1000, 50000};
    net_job_init(job);
    draw_config(&job->spec, draw);
    for (uint32_t i = 0; i < 2; i++) {
        double rate = is_heavy ? rates[below(draw, 3)] : 20;
        net_job_source(job, i == 0 ? "a" : "b", 1 + below(draw, 3), below(draw, 2), rate,
                       sizes[below(draw, 2 + is_heavy)]);
    }
    static const char *const names[] = {"c", "d", "e"};
    for (uint32_t i = 0; i < 3; i++) {
        sim_time service = (sim_time)(1 + below(draw, is_heavy ? 2000 : 300)) * SIM_US;
        net_job_operator(job, names[i], 1 + below(draw, 3), below(draw, 2), service, 1.0,
                         sizes[below(draw, 2 + is_heavy)]);
    }
    job->vertices[2].is_connect = below(draw, 2) == 0;
    job->vertices[2].service_count = job->vertices[2].is_connect ? 2 : 1;
    draw_edge(job, draw, 0, 2);
    draw_edge(job, draw, 1, 2);
    draw_edge(job, draw, 2, 3);
    draw_edge(job, draw, below(draw, 2) == 0 ? 1 : 2, 4);
}

static void init_draw(struct sim_stream *draw, uint32_t number, const char *purpose)
{
    sim_stream_init(draw, 1, number, "random jobs", purpose);
}

static uint64_t records_at(const struct net_job *job, uint32_t vertex)
{
    uint64_t records = 0;
    for (uint32_t i = 0; i < job->vertices[vertex].parallelism; i++) {
        records += net_job_totals(job, vertex, i).records_in;
    }
    return records;
}

static void test_saturated_jobs_keep_their_invariants_and_move_on(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < HEAVY_JOBS; i++) {
        struct net_job job;
        struct sim_stream draw;
        init_draw(&draw, i, "heavy");
        draw_job(&job, &draw, true);
        net_job_start(&job);
        net_job_run(&job, SIM_S);
        uint64_t before = records_at(&job, 2);
        net_job_run(&job, 3 * SIM_S);
        assert_true(records_at(&job, 2) > before);
        net_job_finish(&job);
    }
}

/* Nothing is in the way of a barrier, whatever its kind. */
static void test_calm_jobs_complete_every_checkpoint(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < LIGHT_JOBS; i++) {
        struct net_job job;
        struct sim_stream draw;
        uint32_t checkpoints = 0;
        init_draw(&draw, i, "light");
        draw_job(&job, &draw, false);
        net_job_start(&job);
        net_world_on_checkpoint(job.world, count, &checkpoints);
        net_job_run(&job, 10 * SIM_S);
        assert_in_range(checkpoints, 18, 20);
        net_job_finish(&job);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_saturated_jobs_keep_their_invariants_and_move_on),
        cmocka_unit_test(test_calm_jobs_complete_every_checkpoint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
