/*
 * What a scenario must keep as a whole: limits before memory is taken, slots, the run.
 */
#include "scenarios/reader/decode.h"

#include <string.h>

#include "models/memory.h"
#include "models/topology.h"

/* Rows of a series. */
#define MAX_SAMPLES 1000000

static struct scn_place place_of(const struct scn_decoder *decoder, const char *map,
                                 const char *key)
{
    const struct scn_node *node = scn_node_get(decoder->root, map);
    const struct scn_node *value = node ? scn_node_get(node, key) : NULL;
    return value ? value->place : node ? node->place : decoder->root->place;
}

struct scn_place scn_place_set(const struct scn_node *node, const char *key,
                               struct scn_place otherwise)
{
    const struct scn_node *value = scn_node_get(node, key);
    return value && value->place.source && value->place.source->is_override ? value->place
                                                                            : otherwise;
}

static bool check_limits(struct scn_decoder *decoder)
{
    const struct net_spec *spec = decoder->spec;
    struct scn_diagnostics *list = decoder->reading.list;
    uint64_t subtasks = 0;
    uint64_t channels = 0;
    for (uint32_t i = 0; i < spec->vertex_count; i++) {
        subtasks += spec->vertices[i].parallelism;
    }
    for (uint32_t i = 0; i < spec->edge_count; i++) {
        const struct net_edge_spec *edge = &spec->edges[i];
        uint64_t from = spec->vertices[edge->from].parallelism;
        uint64_t to = spec->vertices[edge->to].parallelism;
        bool is_pointwise =
            edge->partition == NET_PARTITION_FORWARD || edge->partition == NET_PARTITION_RESCALE;
        channels += !is_pointwise ? from * to : from > to ? from : to;
    }
    if (subtasks > NET_MAX_SUBTASKS) {
        scn_error(list, place_of(decoder, "job", "vertices"),
                  "the job has %llu subtasks, the limit is %u; lower the parallelism",
                  (unsigned long long)subtasks, NET_MAX_SUBTASKS);
        return false;
    }
    if (channels > NET_MAX_CHANNELS) {
        scn_error(list, place_of(decoder, "job", "edges"),
                  "the job has %llu channels, the limit is %u; lower the parallelism",
                  (unsigned long long)channels, NET_MAX_CHANNELS);
        return false;
    }
    return true;
}

static bool check_taskmanagers(struct scn_decoder *decoder)
{
    const struct net_spec *spec = decoder->spec;
    bool is_good = true;
    for (uint32_t i = 0; i < spec->vertex_count; i++) {
        uint32_t index = spec->vertices[i].taskmanager;
        if (index == NET_ANYWHERE || index < spec->cluster.taskmanagers) {
            continue;
        }
        const struct scn_node *node = scn_node_get(decoder->vertices[i], "taskmanager");
        scn_error(decoder->reading.list, node->place,
                  "there is no task manager %u: the cluster has %u, counted from 0", index,
                  spec->cluster.taskmanagers);
        is_good = false;
    }
    return is_good;
}

/* Where the model found a vertex or edge wrong; several of them may stand in one line. */
static struct scn_place place_of_error(const struct scn_decoder *decoder, const struct sim_err *err)
{
    const struct net_spec *spec = decoder->spec;
    for (uint32_t i = 0; i < spec->vertex_count; i++) {
        const char *found = strstr(err->text, spec->vertices[i].name);
        bool is_named = found && found > err->text && found[-1] == '\'' &&
                        found[strlen(spec->vertices[i].name)] == '\'';
        if (is_named && spec->vertices[i].line == err->line) {
            return scn_place_set(decoder->vertices[i], "parallelism", decoder->vertices[i]->place);
        }
    }
    for (uint32_t i = 0; i < spec->edge_count; i++) {
        if (spec->edges[i].line == err->line) {
            return decoder->edges[i]->place;
        }
    }
    return decoder->root->place;
}

static void check_slots(struct scn_decoder *decoder)
{
    struct net_placement placement;
    struct sim_err err = {0};
    struct sim_arena *arena = sim_arena_create();
    if (!net_placement_make(&placement, decoder->spec, arena, &err)) {
        scn_error(decoder->reading.list, place_of_error(decoder, &err), "%s", err.text);
    }
    sim_arena_destroy(arena);
}

/* A memory that cannot be (MEM-2 to MEM-5) is not a mistake here: Flink says so when it starts. */
static void check_segments(struct scn_decoder *decoder)
{
    struct net_memory memory;
    struct sim_err err = {0};
    uint64_t taskmanagers = decoder->spec->cluster.taskmanagers;
    if (!net_memory_derive(&decoder->spec->config, &memory, &err)) {
        return;
    }
    uint64_t segments = (uint64_t)memory.segments * taskmanagers;
    if (segments > NET_MAX_SEGMENTS) {
        scn_error(decoder->reading.list, place_of(decoder, "flink", ""),
                  "the cluster has %llu buffers, the limit is %u; lower the network memory",
                  (unsigned long long)segments, NET_MAX_SEGMENTS);
    }
}

/* What ends a run before its time. */
static void check_until(struct scn_decoder *decoder)
{
    const struct net_spec *spec = decoder->spec;
    struct scn_diagnostics *list = decoder->reading.list;
    struct scn_place place = place_of(decoder, "run", "until");
    if ((spec->run.until_records > 0 || spec->run.until_drained) && !spec->run.is_terminating) {
        scn_error(list, place,
                  "'until' goes with 'study: terminating': a steady study ends at 'duration'");
    }
    if (!spec->run.until_drained) {
        return;
    }
    if (spec->config.buffer_timeout < 0) {
        scn_error(list, place,
                  "without a buffer timeout the last buffers never leave, so nothing is ever "
                  "drained: set execution.buffer-timeout.interval");
    }
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        if (spec->vertices[v].is_source && spec->vertices[v].source.records == 0) {
            scn_error(list, place,
                      "source '%s' has no end: give it 'records', or leave 'drained' out",
                      spec->vertices[v].name);
        }
    }
}

static void check_run(struct scn_decoder *decoder)
{
    const struct net_run_spec *run = &decoder->spec->run;
    struct scn_diagnostics *list = decoder->reading.list;
    if (run->duration == 0) { /* it was wrong itself */
        return;
    }
    if (run->is_terminating && run->warmup > 0) {
        scn_error(list, place_of(decoder, "run", "warmup"),
                  "a terminating study has no warm-up: leave 'warmup' out, or say 'study: steady'");
    }
    check_until(decoder);
    if (run->warmup >= run->duration) {
        scn_error(list, place_of(decoder, "run", "warmup"),
                  "'warmup' must be shorter than 'duration'");
    }
    if (run->duration / run->sample > MAX_SAMPLES) {
        scn_error(list, place_of(decoder, "run", "sample"),
                  "%lld samples are more than %d; choose a longer 'sample'",
                  (long long)(run->duration / run->sample), MAX_SAMPLES);
    }
}

/* What Flink did not have, or did in another way, when it had no credits (LEG). */
static void warn_of_transport(struct scn_decoder *decoder)
{
    const struct net_config *config = &decoder->spec->config;
    const struct scn_node *node = scn_node_get(decoder->root, "transport");
    struct scn_diagnostics *list = decoder->reading.list;
    bool has_checkpoints =
        config->checkpoint_interval > 0 || decoder->spec->run.checkpoint_count > 0;
    if (config->transport != NET_TRANSPORT_TCP || !node) {
        return;
    }
    if (has_checkpoints && config->is_unaligned) {
        scn_warning(list, node->place,
                    "unaligned checkpoints came with Flink 1.11, long after transport 'tcp' had "
                    "gone: simulated as a what-if, in which barriers overtake at the sender only");
    } else if (has_checkpoints) {
        scn_warning(list, node->place,
                    "checkpoints over transport 'tcp': barriers wait in the connection behind the "
                    "data, as they did; but a sender stops behind its barrier, as with credits, "
                    "where receivers of that time put aside what came behind it");
    }
    if (config->has_debloating) {
        scn_warning(list, node->place,
                    "buffer debloating came with Flink 1.14, long after transport 'tcp' had gone: "
                    "simulated as a what-if");
    }
}

/* Which vertices may emit records of different keys: their own, or those that they are sent. */
static bool *find_keyed(const struct net_spec *spec, struct sim_arena *arena)
{
    bool *is_keyed = sim_arena_alloc(arena, spec->vertex_count, sizeof *is_keyed);
    bool is_new = true;
    for (uint32_t i = 0; i < spec->vertex_count; i++) {
        const struct net_vertex_spec *vertex = &spec->vertices[i];
        is_keyed[i] = vertex->is_source ? vertex->source.keys.count > 1 : vertex->emit.every > 0;
    }
    while (is_new) {
        is_new = false;
        for (uint32_t i = 0; i < spec->edge_count; i++) {
            const struct net_edge_spec *edge = &spec->edges[i];
            is_new |= is_keyed[edge->from] && !is_keyed[edge->to];
            is_keyed[edge->to] |= is_keyed[edge->from];
        }
    }
    return is_keyed;
}

static void warn_of_missing_keys(struct scn_decoder *decoder)
{
    const struct net_spec *spec = decoder->spec;
    struct sim_arena *arena = sim_arena_create();
    const bool *is_keyed = find_keyed(spec, arena);
    for (uint32_t i = 0; i < spec->edge_count; i++) {
        const struct net_edge_spec *edge = &spec->edges[i];
        const struct net_vertex_spec *to = &spec->vertices[edge->to];
        if (edge->partition == NET_PARTITION_HASH && to->parallelism > 1 && !is_keyed[edge->from]) {
            scn_warning(decoder->reading.list, decoder->edges[i]->place,
                        "'hash' over records without keys: all have key 0, and one of the %u "
                        "subtasks of '%s' gets them all; give the source 'keys', or choose "
                        "'rebalance'",
                        to->parallelism, to->name);
        }
    }
    sim_arena_destroy(arena);
}

void scn_check_scenario(struct scn_decoder *decoder)
{
    check_run(decoder);
    if (decoder->reading.list->errors > 0) {
        return;
    }
    if (check_limits(decoder) && check_taskmanagers(decoder)) {
        check_slots(decoder);
    }
    check_segments(decoder);
    warn_of_transport(decoder);
    warn_of_missing_keys(decoder);
}
