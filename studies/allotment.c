#include "studies/allotment.h"

static bool is_all_to_all(enum net_partition_kind kind)
{
    return kind != NET_PARTITION_FORWARD && kind != NET_PARTITION_RESCALE;
}

/* What the pools of the edge may have. */
static void read_demand(struct study_allotment *allotment, const struct net_demand *demand)
{
    for (uint32_t i = 0; i < demand->pool_count; i++) {
        const struct net_pool_demand *pool = &demand->pools[i];
        int64_t exclusive = pool->exclusive * pool->remote_channels;

        if (pool->edge != allotment->edge) {
            continue;
        }
        if (!pool->is_input) {
            allotment->subpartitions = pool->channels;
            allotment->partition_required = pool->required;
            allotment->partition_max = pool->max;
        } else if (pool->max + exclusive > allotment->gate_max) {
            allotment->channels = pool->channels;
            allotment->exclusive = pool->exclusive;
            allotment->floating = pool->max;
            allotment->gate_exclusive = exclusive;
            allotment->gate_max = pool->max + exclusive;
        }
    }
}

uint32_t study_lead_of(const struct net_spec *spec, uint32_t vertex)
{
    for (uint32_t e = 0; e < spec->edge_count; e++) {
        if (spec->edges[e].is_chained && spec->edges[e].to == vertex) {
            return study_lead_of(spec, spec->edges[e].from);
        }
    }
    return vertex;
}

/* What they had, and what stopped the producers. */
static void read_outcome(struct study_allotment *allotment, const struct study_outcome *outcome)
{
    uint32_t lead = study_lead_of(outcome->spec, allotment->from);
    const struct study_vertex *from = &outcome->vertices[lead];
    const struct study_vertex *to = &outcome->vertices[allotment->to];

    for (uint32_t s = 0; s < from->parallelism; s++) {
        const struct net_task_totals *task = &outcome->tasks[outcome->first[lead] + s];
        double share;
        enum study_limit limit = study_limit_of(task, &share);

        if (task->out_used_max > allotment->partition_most) {
            allotment->partition_most = task->out_used_max;
        }
        if (share > allotment->limit_share) {
            allotment->limit = limit;
            allotment->limit_share = share;
        }
    }
    for (uint32_t s = 0; s < to->parallelism; s++) {
        const struct net_task_totals *task = &outcome->tasks[outcome->first[allotment->to] + s];

        if (task->in_used_max > allotment->gate_most) {
            allotment->gate_most = task->in_used_max;
        }
    }
    allotment->partition_used = from->out_used_mean / from->parallelism;
    allotment->gate_used = to->in_used_mean / to->parallelism;
}

bool study_allotments(const struct study_outcome *outcome, struct sim_arena *arena,
                      struct study_allotment **allotments, uint32_t *count, struct sim_err *err)
{
    const struct net_spec *spec = outcome->spec;
    struct net_demand demand;
    struct study_allotment *list;
    uint32_t used = 0;

    if (!net_demand_make(&demand, spec, arena, err)) {
        return false;
    }
    list = sim_arena_alloc(arena, spec->edge_count, sizeof *list);
    for (uint32_t e = 0; e < spec->edge_count; e++) {
        struct study_allotment *allotment = &list[used];

        if (!is_all_to_all(spec->edges[e].partition)) {
            continue;
        }
        allotment->edge = e;
        allotment->from = spec->edges[e].from;
        allotment->to = spec->edges[e].to;
        read_demand(allotment, &demand);
        allotment->rule = allotment->channels * (spec->config.buffers_per_channel +
                                                 spec->config.floating_buffers_per_gate);
        read_outcome(allotment, outcome);
        used++;
    }
    *allotments = list;
    *count = used;
    return true;
}
