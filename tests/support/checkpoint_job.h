#ifndef TESTS_SUPPORT_CHECKPOINT_JOB_H
#define TESTS_SUPPORT_CHECKPOINT_JOB_H
/* A small job whose checkpoints are watched. */
#include <stdint.h>

#include "models/coordinator.h"
#include "tests/support/net_job.h"

/* What the checkpoints of a run were like. */
struct checkpoints_seen {
    uint32_t count;
    struct net_checkpoint last;
    struct net_task_checkpoint tasks[8]; /* of the last */
    sim_time triggered[64];
    sim_time longest;
};

/* 3 s, 8 s, 13 s, 18 s. */
extern const sim_time CHECKPOINT_TIMES[4];

/* One source and one sink, with a checkpoint at these times. */
void checkpoint_job_init(struct net_job *job, double rate, sim_time service);

/* Start it, and run it until then; *seen is filled while it runs, also later. */
void checkpoint_job_run(struct net_job *job, struct checkpoints_seen *seen, sim_time until);

#endif
