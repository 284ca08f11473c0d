#include "scenarios/reader/scenario.h"

#include <string.h>

#include "scenarios/reader/decode.h"
#include "scenarios/reader/file.h"
#include "scenarios/reader/override.h"

/* The version has to be known before any default is; mistakes in it are reported later. */
static enum net_version peek_version(const struct scn_node *root)
{
    const struct scn_key *key = scn_schema_find(SCN_TOP, "flink-version");
    const struct scn_node *node = scn_node_get(root, key->name);
    int index = node ? scn_choice_find(key->choices, node->text) : -1;
    if (index < 0) {
        index = scn_choice_find(key->choices, key->fallback);
    }
    return (enum net_version)index;
}

/* The mapping of a top-level key; NULL when it is absent or has nothing in it. */
static const struct scn_node *section(const struct scn_node *root, const char *name)
{
    const struct scn_node *node = scn_node_get(root, name);
    return node && scn_node_is_null(node) ? NULL : node;
}

static void read_section(struct scn_decoder *decoder, const char *name, enum scn_group group)
{
    const struct scn_node *node = section(decoder->root, name);
    if (node) {
        scn_read_fields(&decoder->reading, node, group, decoder->spec);
    } else {
        scn_store_defaults(&decoder->reading, group, decoder->spec);
    }
}

static bool is_pair_twice(const struct net_link_override *pairs, uint32_t index)
{
    for (uint32_t i = 0; i < index; i++) {
        if (pairs[i].from == pairs[index].from && pairs[i].to == pairs[index].to) {
            return true;
        }
    }
    return false;
}

static void check_pair(struct scn_decoder *decoder, const struct net_link_override *pairs,
                       uint32_t index, const struct scn_node *node)
{
    struct scn_diagnostics *list = decoder->reading.list;
    const struct net_link_override *pair = &pairs[index];
    uint32_t count = decoder->spec->cluster.taskmanagers;
    if (pair->from >= count || pair->to >= count) {
        scn_error(list, node->place,
                  "there is no task manager %u: the cluster has %u, counted from 0",
                  pair->from >= count ? pair->from : pair->to, count);
    } else if (pair->from == pair->to) {
        scn_error(list, node->place, "a link leads from one task manager to another");
    } else if (is_pair_twice(pairs, index)) {
        scn_error(list, node->place, "the link from %u to %u stands here twice", pair->from,
                  pair->to);
    }
}

static void read_pairs(struct scn_decoder *decoder, const struct scn_node *node)
{
    struct scn_reading *reading = &decoder->reading;
    struct net_cluster_spec *cluster = &decoder->spec->cluster;
    if (node->kind != SCN_SEQUENCE || node->count > SCN_MAX_KEYS) {
        scn_error(reading->list, node->place, "'links' must be a list of at most %d links",
                  SCN_MAX_KEYS);
        return;
    }
    struct net_link_override *pairs = sim_arena_alloc(reading->arena, node->count, sizeof(*pairs));
    for (const struct scn_entry *entry = node->first; entry; entry = entry->next) {
        struct net_link_override *pair = &pairs[cluster->override_count];
        pair->link = cluster->link;
        if (scn_read_fields(reading, entry->value, SCN_LINK_PAIR, pair)) {
            check_pair(decoder, pairs, cluster->override_count, entry->value);
        }
        cluster->override_count++;
    }
    cluster->overrides = pairs;
}

static void decode(struct scn_decoder *decoder)
{
    struct net_spec *spec = decoder->spec;
    decoder->reading.version = peek_version(decoder->root);
    net_config_init(&spec->config, decoder->reading.version);
    net_machine_init(&spec->machine);
    if (!scn_read_fields(&decoder->reading, decoder->root, SCN_TOP, spec) &&
        decoder->root->kind != SCN_MAPPING) {
        return;
    }
    const struct scn_node *cluster = section(decoder->root, "cluster");
    const struct scn_node *link = cluster ? section(cluster, "link") : NULL;
    const struct scn_node *links = cluster ? section(cluster, "links") : NULL;
    read_section(decoder, "cluster", SCN_CLUSTER);
    scn_store_defaults(&decoder->reading, SCN_LINK, spec);
    if (link) {
        scn_read_fields(&decoder->reading, link, SCN_LINK, spec);
    }
    if (links) {
        read_pairs(decoder, links);
    }
    scn_decode_flink(decoder, section(decoder->root, "flink"));
    const struct scn_node *job = scn_node_get(decoder->root, "job");
    const struct scn_node *run = scn_node_get(decoder->root, "run");
    if (job) {
        scn_decode_job(decoder, job);
    }
    if (run) {
        scn_read_fields(&decoder->reading, run, SCN_RUN, spec);
    }
    read_section(decoder, "machine", SCN_MACHINE);
    scn_check_graph(decoder);
    scn_check_scenario(decoder);
}

static const char *name_of(struct sim_arena *arena, const char *label)
{
    const char *slash = strrchr(label, '/');
    const char *base = slash ? slash + 1 : label;
    const char *dot = strrchr(base, '.');
    return dot && dot > base ? sim_arena_strndup(arena, base, (size_t)(dot - base))
                             : sim_arena_strdup(arena, base);
}

static bool read_source(struct scn_scenario *scenario, const struct scn_source *source,
                        const struct scn_options *options)
{
    struct scn_diagnostics *list = &scenario->diagnostics;
    struct scn_decoder decoder = {.spec = &scenario->spec};
    decoder.reading.arena = scenario->arena;
    decoder.reading.list = list;
    decoder.reading.directory = options->directory;
    struct scn_node *root = scn_tree_parse(source, 0, list);
    if (root) {
        scn_flink_flatten(scenario->arena, root);
        for (size_t i = 0; i < options->override_count; i++) {
            scn_override_apply(scenario->arena, root, options->overrides[i], list);
        }
        decoder.root = root;
        scenario->spec.name = name_of(scenario->arena, source->label);
        decode(&decoder);
    }
    scn_diagnostics_sort(list);
    if (list->errors > 0) {
        scenario->code = SIM_ERR_INPUT;
        return false;
    }
    return true;
}

static void start(struct scn_scenario *scenario)
{
    memset(scenario, 0, sizeof(*scenario));
    scenario->arena = sim_arena_create();
    scenario->diagnostics.arena = scenario->arena;
}

bool scn_scenario_read_text(struct scn_scenario *scenario, const char *text, size_t length,
                            const struct scn_options *options)
{
    const struct scn_options none = {0};
    start(scenario);
    options = options ? options : &none;
    struct scn_source *source = sim_arena_alloc(scenario->arena, 1, sizeof(*source));
    source->label = sim_arena_strdup(scenario->arena, options->label ? options->label : "scenario");
    source->text = sim_arena_strndup(scenario->arena, text, length);
    source->length = length;
    return read_source(scenario, source, options);
}

bool scn_scenario_read_file(struct scn_scenario *scenario, const char *path,
                            const struct scn_options *options)
{
    struct sim_err err = {0};
    struct scn_options beside = options ? *options : (struct scn_options){0};
    start(scenario);
    struct scn_source *source = sim_arena_alloc(scenario->arena, 1, sizeof(*source));
    source->label = sim_arena_strdup(scenario->arena, path);
    source->text = scn_file_read(scenario->arena, path, SCN_MAX_TEXT, &source->length, &err);
    if (!source->text) {
        scn_error(&scenario->diagnostics, (struct scn_place){0}, "%s", err.text);
        scenario->code = err.code == SIM_ERR_SYSTEM ? SIM_ERR_SYSTEM : SIM_ERR_INPUT;
        return false;
    }
    const char *slash = strrchr(path, '/');
    beside.directory = !slash ? "."
                       : slash == path
                           ? "/"
                           : sim_arena_strndup(scenario->arena, path, (size_t)(slash - path));
    return read_source(scenario, source, &beside);
}

void scn_scenario_finish(struct scn_scenario *scenario)
{
    for (uint32_t i = 0; i < scenario->spec.vertex_count; i++) {
        struct net_vertex_spec *vertex = &scenario->spec.vertices[i];
        sim_dist_finish(&vertex->record_size);
        for (uint32_t k = 0; k < vertex->service_count; k++) {
            struct net_service_spec service = vertex->services[k];
            sim_dist_finish(&service.time);
        }
    }
    sim_arena_destroy(scenario->arena);
    memset(scenario, 0, sizeof(*scenario));
}
