#ifndef TESTS_SUPPORT_SMALL_JOB_H
#define TESTS_SUPPORT_SMALL_JOB_H
/*
 * A source and a sink on two task managers, as a specification that tests may change: random
 * arrivals at 200 records a second, services of 2 ms on average.
 */
#include "models/spec.h"

struct small_job {
    struct net_rate_phase phase;
    struct net_service_spec service;
    struct net_vertex_spec vertices[2];
    struct net_edge_spec edge;
    struct net_spec spec;
};

static inline void small_job_make(struct small_job *job)
{
    *job = (struct small_job){.phase = {SIM_TIME_MAX, 200}};
    job->service.time = (struct sim_dist){.kind = SIM_DIST_EXPONENTIAL, .a = 2e6};
    job->service.selectivity = 1;
    job->vertices[0] = (struct net_vertex_spec){
        .name = "source", .parallelism = 1, .taskmanager = 0, .is_source = true};
    job->vertices[0].source = (struct net_source_spec){
        .phases = &job->phase, .phase_count = 1, .is_poisson = true, .seed = 1};
    job->vertices[0].record_size = (struct sim_dist){.kind = SIM_DIST_CONSTANT, .a = 1000};
    job->vertices[1] = (struct net_vertex_spec){.name = "sink",
                                                .parallelism = 1,
                                                .taskmanager = 1,
                                                .services = &job->service,
                                                .service_count = 1};
    job->vertices[1].record_size = (struct sim_dist){.kind = SIM_DIST_CONSTANT, .a = 100};
    job->edge = (struct net_edge_spec){0, 1, NET_PARTITION_REBALANCE, NULL, 0, false, 0};
    job->spec = (struct net_spec){.name = "small",
                                  .description = "",
                                  .vertices = job->vertices,
                                  .vertex_count = 2,
                                  .edges = &job->edge,
                                  .edge_count = 1};
    net_config_init(&job->spec.config, NET_FLINK_1_20);
    net_machine_init(&job->spec.machine);
    job->spec.cluster = (struct net_cluster_spec){.taskmanagers = 2, .slots = 2};
    job->spec.cluster.link.bytes_per_second = 1.25e9;
    job->spec.cluster.link.latency = SIM_MS / 10;
    job->spec.run = (struct net_run_spec){
        .duration = 8 * SIM_S, .warmup = 1 * SIM_S, .sample = SIM_S / 2, .seed = 7};
    job->spec.run.has_warmup = true;
}

#endif
