#include "scenarios/reader/decode.h"

#include <string.h>

static void flatten_into(struct sim_arena *arena, struct scn_node *flat, const char *prefix,
                         const struct scn_node *node)
{
    /* One more than allowed, so that it shows. */
    for (const struct scn_entry *entry = node->first; entry && flat->count <= SCN_MAX_KEYS;
         entry = entry->next) {
        struct sim_text name = {0};
        sim_text_add(&name, "%s%s%s", prefix, prefix[0] ? "." : "", entry->key->text);
        char *text = sim_arena_strdup(arena, sim_text_get(&name));
        sim_text_finish(&name);
        if (entry->value->kind == SCN_MAPPING && entry->value->count > 0) {
            flatten_into(arena, flat, text, entry->value);
            continue;
        }
        struct scn_node *key = sim_arena_alloc(arena, 1, sizeof(*key));
        *key = *entry->key;
        key->text = text;
        scn_node_append(arena, flat, key, entry->value);
    }
}

void scn_flink_flatten(struct sim_arena *arena, struct scn_node *root)
{
    struct scn_entry *entry = scn_node_find(root, "flink");
    if (!entry || entry->value->kind != SCN_MAPPING) {
        return;
    }
    struct scn_node *flat = sim_arena_alloc(arena, 1, sizeof(*flat));
    flat->kind = SCN_MAPPING;
    flat->text = "";
    flat->place = entry->value->place;
    flatten_into(arena, flat, "", entry->value);
    entry->value = flat;
}

static const char *version_name(enum net_version version)
{
    return version == NET_FLINK_1_20 ? "1.20" : "2.2";
}

/* The entry of a key under its own or its older name. */
static const struct scn_entry *find_entry(const struct scn_node *node, const char *name)
{
    const struct scn_entry *entry = scn_node_find(node, name);
    const struct scn_key *key = scn_schema_find(SCN_FLINK, name);
    return entry || !key->alias ? entry : scn_node_find(node, key->alias);
}

/* CFG-3: a value that the version ignores is simulated as written, which must not pass for Flink.
 */
static void warn_constant(struct scn_decoder *decoder, const struct scn_key *key,
                          const struct scn_entry *entry)
{
    struct scn_reading *reading = &decoder->reading;
    struct scn_key copy = *key;
    int64_t constant = 0;
    int64_t written = 0;
    copy.offset = 0;
    struct scn_node node = {.kind = SCN_SCALAR, .text = scn_schema_fallback(key, reading->version)};
    scn_read_value(reading, &copy, &node, &constant);
    memcpy(&written, (const char *)decoder->spec + key->offset, sizeof(written));
    if (constant != written) {
        scn_warning(reading->list, entry->key->place,
                    "Flink %s ignores '%s' and always uses %s; simulated as written",
                    version_name(reading->version), entry->key->text, node.text);
    }
}

static void read_entry(struct scn_decoder *decoder, const struct scn_node *node,
                       const struct scn_entry *entry)
{
    struct scn_reading *reading = &decoder->reading;
    const struct scn_key *key = scn_schema_find(SCN_FLINK, entry->key->text);
    if (!key) {
        return;
    }
    enum scn_support support = key->support[reading->version];
    if (strcmp(key->name, entry->key->text) != 0 && scn_node_find(node, key->name)) {
        scn_warning(reading->list, entry->key->place,
                    "'%s' is ignored: it is the older name of '%s', which is set too",
                    entry->key->text, key->name);
        return;
    }
    if (support == SCN_NO_EFFECT) {
        scn_warning(reading->list, entry->key->place, "'%s' has no influence on the simulation: %s",
                    entry->key->text, key->help);
        return;
    }
    struct scn_key written = *key; /* mistakes are told of the name that stands there */
    written.name = entry->key->text;
    if (!scn_read_value(reading, &written, entry->value, decoder->spec)) {
        return;
    }
    if (support == SCN_CONSTANT) {
        warn_constant(decoder, key, entry);
    } else if (support == SCN_UNKNOWN) {
        scn_warning(reading->list, entry->key->place,
                    "Flink %s does not know '%s' and ignores it; simulated as written",
                    version_name(reading->version), entry->key->text);
    }
}

/* MEM-7 */
static void check_order(struct scn_decoder *decoder, const struct scn_node *node, const char *low,
                        const char *high)
{
    const struct scn_key *low_key = scn_schema_find(SCN_FLINK, low);
    const struct scn_key *high_key = scn_schema_find(SCN_FLINK, high);
    int64_t low_bytes;
    int64_t high_bytes;
    memcpy(&low_bytes, (const char *)decoder->spec + low_key->offset, sizeof(low_bytes));
    memcpy(&high_bytes, (const char *)decoder->spec + high_key->offset, sizeof(high_bytes));
    if (low_bytes <= high_bytes) {
        return;
    }
    const struct scn_entry *low_entry = find_entry(node, low);
    const struct scn_entry *high_entry = find_entry(node, high);
    scn_error(decoder->reading.list, (high_entry ? high_entry : low_entry)->value->place,
              "'%s' (%lld bytes) is more than '%s' (%lld bytes)",
              low_entry ? low_entry->key->text : low, (long long)low_bytes,
              high_entry ? high_entry->key->text : high, (long long)high_bytes);
}

/* MEM-8, in Flink's words. */
static void check_segment_size(struct scn_decoder *decoder, const struct scn_node *node)
{
    const char *name = "taskmanager.memory.segment-size";
    int64_t size = decoder->spec->config.memory.segment_size;
    bool is_power = (size & (size - 1)) == 0;
    if (size >= 4096 && is_power) {
        return;
    }
    const struct scn_entry *entry = find_entry(node, name);
    scn_error(decoder->reading.list, entry->value->place,
              "Invalid configuration value for %s : %lld - %s", name, (long long)size,
              size < 4096 ? "Minimum memory segment size is 4096"
                          : "Memory segment size must be a power of 2.");
}

static void finish_memory(struct net_memory_config *memory, const struct scn_node *node)
{
    memory->network_fraction_is_set = find_entry(node, "taskmanager.memory.network.fraction");
    memory->network_min_is_set = find_entry(node, "taskmanager.memory.network.min");
    memory->network_max_is_set = find_entry(node, "taskmanager.memory.network.max");
    /* The process size of Flink's sample configuration stands in only where nothing else tells how
     * much there is (MEM-2). */
    bool is_fine_grained = memory->task_heap_size != NET_UNSET && memory->managed_size != NET_UNSET;
    if (!find_entry(node, "taskmanager.memory.process.size") &&
        (memory->flink_size != NET_UNSET || is_fine_grained)) {
        memory->process_size = NET_UNSET;
    }
}

void scn_decode_flink(struct scn_decoder *decoder, const struct scn_node *node)
{
    struct net_config *config = &decoder->spec->config;
    struct net_memory_config *memory = &config->memory;
    scn_store_defaults(&decoder->reading, SCN_FLINK, decoder->spec);
    if (!node || scn_node_is_null(node)) {
        return;
    }
    if (node->kind == SCN_MAPPING && node->count > SCN_MAX_KEYS) {
        scn_error(decoder->reading.list, node->place, "'flink' has more than %u keys",
                  SCN_MAX_KEYS);
        return;
    }
    scn_check_keys(&decoder->reading, node, SCN_FLINK);
    if (node->kind != SCN_MAPPING) {
        return;
    }
    for (const struct scn_entry *entry = node->first; entry; entry = entry->next) {
        read_entry(decoder, node, entry);
    }
    const struct scn_node *enabled = scn_node_get(node, "execution.buffer-timeout.enabled");
    if (enabled && (strcmp(enabled->text, "false") == 0 || strcmp(enabled->text, "False") == 0 ||
                    strcmp(enabled->text, "FALSE") == 0)) {
        config->buffer_timeout = -1; /* CFG-4 */
    }
    if (config->tcp_connections < 1) {
        config->tcp_connections = 1; /* CFG-1: max(1, v) */
    }
    finish_memory(memory, node);
    check_segment_size(decoder, node);
    check_order(decoder, node, "taskmanager.memory.jvm-overhead.min",
                "taskmanager.memory.jvm-overhead.max");
    bool follows =
        memory->is_local_execution && !(memory->network_min_is_set && memory->network_max_is_set);
    if (!follows) { /* MEM-10 */
        check_order(decoder, node, "taskmanager.memory.network.min",
                    "taskmanager.memory.network.max");
    }
}
