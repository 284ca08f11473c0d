#ifndef TESTS_SUPPORT_NET_JOB_H
#define TESTS_SUPPORT_NET_JOB_H
/*
 * Small jobs for tests, built by calls instead of a file.
 *
 * A job begins with two task managers, Flink 2.2's constants and a machine that adds nothing: no
 * wake-up, no start delay, no lateness, so that times can be told exactly. Audits are on.
 * Fields of `spec` may be changed until net_job_start().
 */
#include "models/world.h"

#define NET_JOB_VERTICES 6
#define NET_JOB_EDGES 8

struct net_job {
    struct net_spec spec;
    struct net_vertex_spec vertices[NET_JOB_VERTICES];
    struct net_service_spec services[NET_JOB_VERTICES][2];
    struct net_rate_phase phases[NET_JOB_VERTICES];
    struct net_edge_spec edges[NET_JOB_EDGES];
    bool per_record;        /* as in struct net_world_params */
    bool is_without_audits; /* of a job that is too large for them */
    struct sim *sim;
    struct net_world *world;
};

void net_job_init(struct net_job *job);

/* A source at `rate` records a second (INFINITY: unlimited) in a task manager; its index. */
uint32_t net_job_source(struct net_job *job, const char *name, uint32_t parallelism,
                        uint32_t taskmanager, double rate, uint32_t record_bytes);

/* An operator with constant service time. */
uint32_t net_job_operator(struct net_job *job, const char *name, uint32_t parallelism,
                          uint32_t taskmanager, sim_time service, double selectivity,
                          uint32_t record_bytes);

void net_job_edge(struct net_job *job, uint32_t from, uint32_t to,
                  enum net_partition_kind partition);

/* Build and start; fails the test when the job does not start. */
void net_job_start(struct net_job *job);

/* Let the clock run to `until`. */
void net_job_run(struct net_job *job, sim_time until);

/* Start, run to `until` and begin the window of the totals there. */
void net_job_warm_up(struct net_job *job, sim_time until);

struct net_task_totals net_job_totals(const struct net_job *job, uint32_t vertex, uint32_t subtask);
void net_job_finish(struct net_job *job);

#endif
