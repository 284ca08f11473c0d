#include "tests/support/checkpoint_job.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/world.h"

static void see(void *arg, const struct net_checkpoint *checkpoint)
{
    struct checkpoints_seen *seen = arg;
    assert_in_range(seen->count, 0, 63);
    assert_int_equal(checkpoint->id, seen->count + 1);
    seen->triggered[seen->count++] = checkpoint->triggered_at;
    seen->last = *checkpoint;
    if (checkpoint->duration > seen->longest) {
        seen->longest = checkpoint->duration;
    }
    for (uint32_t i = 0; i < checkpoint->task_count && i < 8; i++) {
        seen->tasks[i] = checkpoint->tasks[i];
    }
}

const sim_time CHECKPOINT_TIMES[4] = {3 * SIM_S, 8 * SIM_S, 13 * SIM_S, 18 * SIM_S};

void checkpoint_job_init(struct net_job *job, double rate, sim_time service)
{
    net_job_init(job);
    job->spec.machine.checkpoint_rpc = 4 * SIM_MS;
    job->spec.machine.state_bytes_per_second = 1e9;
    job->spec.run.checkpoint_times = CHECKPOINT_TIMES;
    job->spec.run.checkpoint_count = 4;
    uint32_t source = net_job_source(job, "source", 1, 0, rate, 1000);
    uint32_t sink = net_job_operator(job, "sink", 1, 1, service, 1.0, 29);
    net_job_edge(job, source, sink, NET_PARTITION_REBALANCE);
}

void checkpoint_job_run(struct net_job *job, struct checkpoints_seen *seen, sim_time until)
{
    *seen = (struct checkpoints_seen){0};
    net_job_start(job);
    net_world_on_checkpoint(job->world, see, seen);
    net_job_run(job, until);
}
