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

static void decode_thresholds(struct scn_decoder *decoder, const struct scn_node *node)
{
    struct scn_reading *reading = &decoder->reading;
    struct net_threshold_spec *list;
    if (!scn_check_list(reading, node, "thresholds", false)) {
        return;
    }
    list = sim_arena_alloc(reading->arena, node->count, sizeof(*list));
    decoder->spec->thresholds = list;
    for (const struct scn_entry *entry = node->first; entry; entry = entry->next) {
        struct net_threshold_spec *threshold = &list[decoder->spec->threshold_count++];
        threshold->file = entry->value->place.source->label;
        if (!entry->value->place.source->is_override) {
            threshold->line = entry->value->place.line;
            threshold->column = scn_place_column(&entry->value->place);
        }
        if (scn_read_fields(reading, entry->value, SCN_THRESHOLD, threshold) &&
            !threshold->at_least && !threshold->at_most) {
            scn_error(reading->list, entry->value->place,
                      "a threshold needs 'at-least' or 'at-most'");
        }
    }
}

static void decode(struct scn_decoder *decoder)
{
    struct net_spec *spec = decoder->spec;
    decoder->reading.version = peek_version(decoder->root);
    net_config_init(&spec->config, decoder->reading.version);
    net_machine_init(&spec->machine);
    if (decoder->root->kind == SCN_MAPPING && decoder->root->count == 0) {
        scn_error(decoder->reading.list, decoder->root->place,
                  "there is no scenario here; it needs at least the keys 'job' and 'run'");
        return;
    }
    if (!scn_read_fields(&decoder->reading, decoder->root, SCN_TOP, spec) &&
        decoder->root->kind != SCN_MAPPING) {
        return;
    }
    const struct scn_node *cluster = section(decoder->root, "cluster");
    read_section(decoder, "cluster", SCN_CLUSTER);
    scn_store_defaults(&decoder->reading, SCN_LINK, spec);
    if (cluster) {
        scn_decode_links(decoder, cluster);
    }
    scn_decode_flink(decoder, section(decoder->root, "flink"));
    const struct scn_node *job = scn_node_get(decoder->root, "job");
    const struct scn_node *run = scn_node_get(decoder->root, "run");
    if (job) {
        scn_decode_job(decoder, job);
    }
    if (run) {
        scn_read_fields(&decoder->reading, run, SCN_RUN, spec);
        spec->run.has_warmup = scn_node_get(run, "warmup") != NULL;
        const struct scn_node *until = section(run, "until");
        if (until) {
            scn_read_fields(&decoder->reading, until, SCN_UNTIL, spec);
        }
    }
    const struct scn_node *thresholds = section(decoder->root, "thresholds");
    if (thresholds) {
        decode_thresholds(decoder, thresholds);
    }
    read_section(decoder, "machine", SCN_MACHINE);
    if (cluster) {
        scn_decode_pauses(decoder, cluster);
    }
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
            scn_override_apply(scenario->arena, root,
                               options->origins ? options->origins[i] : "--set",
                               options->overrides[i], list);
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
    struct net_cluster_spec *cluster = &scenario->spec.cluster;
    for (uint32_t i = 0; i < cluster->override_count; i++) {
        struct sim_dist jitter = cluster->overrides[i].link.jitter;
        if (jitter.table != cluster->link.jitter.table) { /* else it was taken from the link */
            sim_dist_finish(&jitter);
        }
    }
    sim_dist_finish(&cluster->link.jitter);
    sim_arena_destroy(scenario->arena);
    memset(scenario, 0, sizeof(*scenario));
}
