#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/net_job.h"

void net_job_init(struct net_job *job)
{
    *job = (struct net_job){0};
    struct net_spec *spec = &job->spec;
    spec->name = "job";
    net_config_init(&spec->config, NET_FLINK_2_2);
    spec->cluster = (struct net_cluster_spec){
        .taskmanagers = 2,
        .slots = 32,
        .link = {.bytes_per_second = 1.25e9, .latency = 100 * SIM_US},
    };
    spec->vertices = job->vertices;
    spec->edges = job->edges;
    spec->run = (struct net_run_spec){.duration = 3600 * SIM_S, .sample = 500 * SIM_MS, .seed = 1};
    spec->machine.record_cpu = 1;
}

uint32_t net_job_source(struct net_job *job, const char *name, uint32_t parallelism,
                        uint32_t taskmanager, double rate, uint32_t record_bytes)
{
    uint32_t index = job->spec.vertex_count++;
    job->phases[index] = (struct net_rate_phase){.length = SIM_TIME_MAX / 4, .per_second = rate};
    job->vertices[index] = (struct net_vertex_spec){
        .name = name,
        .parallelism = parallelism,
        .taskmanager = taskmanager,
        .is_source = true,
        .source = {.phases = &job->phases[index], .phase_count = 1, .seed = 1},
        .record_size = {.a = record_bytes},
    };
    return index;
}

uint32_t net_job_operator(struct net_job *job, const char *name, uint32_t parallelism,
                          uint32_t taskmanager, sim_time service, double selectivity,
                          uint32_t record_bytes)
{
    uint32_t index = job->spec.vertex_count++;
    for (uint32_t i = 0; i < 2; i++) {
        job->services[index][i] =
            (struct net_service_spec){.time = {.a = (double)service}, .selectivity = selectivity};
    }
    job->vertices[index] = (struct net_vertex_spec){
        .name = name,
        .parallelism = parallelism,
        .taskmanager = taskmanager,
        .services = job->services[index],
        .service_count = 1,
        .record_size = {.a = record_bytes},
    };
    return index;
}

void net_job_edge(struct net_job *job, uint32_t from, uint32_t to,
                  enum net_partition_kind partition)
{
    job->edges[job->spec.edge_count++] =
        (struct net_edge_spec){.from = from, .to = to, .partition = partition};
}

void net_job_start(struct net_job *job)
{
    struct net_world_params params = {.seed = job->spec.run.seed,
                                      .has_audits = !job->is_without_audits,
                                      .per_record = job->per_record};
    struct sim_err err = {0};
    job->sim = sim_create();
    job->world = net_world_create(job->sim, &job->spec, &params, &err);
    assert_string_equal(err.text, "");
    assert_non_null(job->world);
    net_world_start(job->world);
}

void net_job_run(struct net_job *job, sim_time until)
{
    sim_run(job->sim, until);
}

void net_job_warm_up(struct net_job *job, sim_time until)
{
    net_job_start(job);
    net_job_run(job, until);
    net_world_mark(job->world);
}

struct net_task_totals net_job_totals(const struct net_job *job, uint32_t vertex, uint32_t subtask)
{
    struct net_task_totals totals;
    net_world_task_totals(job->world, vertex, subtask, &totals);
    return totals;
}

void net_job_finish(struct net_job *job)
{
    net_world_destroy(job->world);
    sim_destroy(job->sim);
}
