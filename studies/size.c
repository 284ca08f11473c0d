#include "studies/size.h"

#include "studies/size_print.h"

struct net_spec *study_size_quick_spec(const struct study_size_quick *quick,
                                       struct sim_arena *arena)
{
    struct net_spec *spec = sim_arena_alloc(arena, 1, sizeof *spec);
    spec->vertices = sim_arena_alloc(arena, 2, sizeof *spec->vertices);
    spec->vertex_count = 2;
    spec->edges = sim_arena_alloc(arena, 1, sizeof *spec->edges);
    spec->edge_count = 1;
    spec->vertices[0] = (struct net_vertex_spec){.name = "producer",
                                                 .parallelism = quick->producers,
                                                 .taskmanager = NET_ANYWHERE,
                                                 .is_source = true};
    spec->vertices[1] = (struct net_vertex_spec){
        .name = "consumer", .parallelism = quick->consumers, .taskmanager = NET_ANYWHERE};
    spec->edges[0] = (struct net_edge_spec){.from = 0, .to = 1, .partition = quick->partition};
    spec->name = "quick look";
    spec->config = quick->config;

    uint32_t more = quick->producers > quick->consumers ? quick->producers : quick->consumers;
    uint32_t needed = quick->has_slot_sharing ? more : quick->producers + quick->consumers;
    spec->cluster = (struct net_cluster_spec){
        .taskmanagers = needed / quick->slots + (needed % quick->slots != 0),
        .slots = quick->slots,
        .has_slot_sharing = quick->has_slot_sharing,
    };
    return spec;
}

int64_t study_size_required(const struct net_pool_demand *pool)
{
    return pool->required + pool->exclusive * pool->remote_channels;
}

int64_t study_size_maximum(const struct net_pool_demand *pool)
{
    return pool->max + pool->exclusive * pool->remote_channels;
}

int64_t study_size_configured(const struct net_config *config, uint32_t channels)
{
    return channels * config->buffers_per_channel + config->floating_buffers_per_gate;
}

int64_t study_size_rule_of_thumb(const struct net_config *config, uint32_t channels)
{
    return channels * (config->buffers_per_channel + config->floating_buffers_per_gate);
}

int64_t study_size_bytes(const struct study_size *size, int64_t segments)
{
    int64_t segment = size->demand.memory.segment_size;
    return segments > INT64_MAX / segment ? INT64_MAX : segments * segment;
}

bool study_size_make(struct study_size *size, const struct net_spec *spec, struct sim_arena *arena,
                     struct sim_err *err)
{
    struct study_size result = {.spec = spec};
    if (!net_demand_make(&result.demand, spec, arena, err)) {
        return false;
    }
    for (uint32_t i = 0; i < result.demand.pool_count; i++) {
        int64_t thumb = study_size_rule_of_thumb(&spec->config, result.demand.pools[i].channels);
        if (thumb > result.rule_of_thumb) {
            result.rule_of_thumb = thumb;
        }
    }
    result.autoscaler_bytes = net_autoscaler_bytes(spec);
    if (!result.demand.starts) {
        net_demand_refuse(&result.demand, &result.refusal);
    }
    *size = result;
    return true;
}

void study_size_print(const struct study_size *size, enum study_size_format format, FILE *out)
{
    switch (format) {
    case STUDY_SIZE_TABLE:
        study_size_print_report(size, false, out);
        break;
    case STUDY_SIZE_MD:
        study_size_print_report(size, true, out);
        break;
    case STUDY_SIZE_CSV:
        study_size_print_csv(size, out);
        break;
    case STUDY_SIZE_JSON:
        study_size_print_json(size, out);
        break;
    }
}
