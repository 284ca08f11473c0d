/*
 * What lies between the tasks and under them: links, network interfaces, pauses.
 */
#include "scenarios/reader/decode.h"

#include <string.h>

#include "scenarios/reader/distribution.h"

bool scn_check_list(struct scn_reading *reading, const struct scn_node *node, const char *name,
                    bool is_short)
{
    if (node->kind != SCN_SEQUENCE || node->count == 0) {
        scn_error(reading->list, node->place,
                  "'%s' must be a list with at least one entry, found %s", name,
                  node->kind == SCN_SEQUENCE ? "an empty one"
                                             : scn_node_describe(reading->arena, node));
        return false;
    }
    if (is_short && node->count > SCN_MAX_KEYS) {
        scn_error(reading->list, node->place, "'%s' has %u entries, the limit is %u", name,
                  node->count, SCN_MAX_KEYS);
        return false;
    }
    return true;
}

bool scn_check_window(struct scn_reading *reading, const struct scn_node *node,
                      const struct net_window *window)
{
    if (window->every == 0 || window->every > window->length) {
        return true;
    }
    scn_error(reading->list, scn_node_get(node, "every")->place,
              "'every' must be longer than 'for'");
    return false;
}

static void read_slow(struct scn_reading *reading, const struct scn_node *node,
                      struct net_link_spec *link)
{
    if (!scn_check_list(reading, node, "slow", true)) {
        return;
    }
    struct net_link_phase *phases = sim_arena_alloc(reading->arena, node->count, sizeof(*phases));
    uint32_t count = 0;
    for (const struct scn_entry *entry = node->first; entry; entry = entry->next) {
        if (scn_read_fields(reading, entry->value, SCN_SLOW, &phases[count])) {
            scn_check_window(reading, entry->value, &phases[count].window);
        }
        count++;
    }
    link->slow = phases;
    link->slow_count = count;
}

/* Jitter and slow times; what is not given stays as it is. */
static void read_link(struct scn_reading *reading, const struct scn_node *node,
                      struct net_link_spec *link)
{
    const struct scn_node *jitter = scn_node_get(node, "jitter");
    const struct scn_node *slow = scn_node_get(node, "slow");
    if (jitter && scn_check_keys(reading, jitter, SCN_DISTRIBUTION)) {
        scn_read_distribution(reading, jitter, SCN_DISTRIBUTION, &link->jitter);
    }
    if (slow) {
        read_slow(reading, slow, link);
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
    if (!scn_check_list(reading, node, "links", true)) {
        return;
    }
    struct net_link_override *pairs = sim_arena_alloc(reading->arena, node->count, sizeof(*pairs));
    for (const struct scn_entry *entry = node->first; entry; entry = entry->next) {
        struct net_link_override *pair = &pairs[cluster->override_count];
        pair->link = cluster->link;
        if (scn_read_fields(reading, entry->value, SCN_LINK_PAIR, pair)) {
            check_pair(decoder, pairs, cluster->override_count, entry->value);
            read_link(reading, entry->value, &pair->link);
        }
        cluster->override_count++;
    }
    cluster->overrides = pairs;
}

void scn_decode_links(struct scn_decoder *decoder, const struct scn_node *cluster)
{
    const struct scn_node *link = scn_node_get(cluster, "link");
    const struct scn_node *links = scn_node_get(cluster, "links");
    const struct scn_node *nic = scn_node_get(cluster, "nic");
    if (link && !scn_node_is_null(link)) {
        scn_read_fields(&decoder->reading, link, SCN_LINK, decoder->spec);
        read_link(&decoder->reading, link, &decoder->spec->cluster.link);
    }
    if (links && !scn_node_is_null(links)) {
        read_pairs(decoder, links);
    }
    if (nic && !scn_node_is_null(nic)) {
        scn_read_fields(&decoder->reading, nic, SCN_NIC, decoder->spec);
    }
}

static uint32_t find_vertex(struct scn_decoder *decoder, const struct scn_node *name)
{
    const struct net_spec *spec = decoder->spec;
    const struct scn_key *key = scn_schema_find(SCN_PAUSE, "vertex");
    if (!scn_read_value(&decoder->reading, key, name, NULL)) {
        return NET_ANYWHERE;
    }
    for (uint32_t i = 0; i < spec->vertex_count; i++) {
        if (strcmp(spec->vertices[i].name, name->text) == 0) {
            return i;
        }
    }
    scn_report_vertex(decoder, name);
    return NET_ANYWHERE;
}

static void read_pause(struct scn_decoder *decoder, const struct scn_node *node,
                       struct net_pause_spec *pause)
{
    struct scn_reading *reading = &decoder->reading;
    const struct net_spec *spec = decoder->spec;
    *pause = (struct net_pause_spec){
        .taskmanager = NET_ANYWHERE, .vertex = NET_ANYWHERE, .subtask = NET_ANYWHERE};
    if (!scn_read_fields(reading, node, SCN_PAUSE, pause) ||
        !scn_check_window(reading, node, &pause->window)) {
        return;
    }
    const struct scn_node *taskmanager = scn_node_get(node, "taskmanager");
    const struct scn_node *vertex = scn_node_get(node, "vertex");
    const struct scn_node *subtask = scn_node_get(node, "subtask");
    if (taskmanager && pause->taskmanager >= spec->cluster.taskmanagers) {
        scn_error(reading->list, taskmanager->place,
                  "there is no task manager %u: the cluster has %u, counted from 0",
                  pause->taskmanager, spec->cluster.taskmanagers);
    }
    if (vertex) {
        pause->vertex = find_vertex(decoder, vertex);
    }
    if (subtask && !vertex) {
        scn_error(reading->list, subtask->place, "'subtask' needs 'vertex'");
    } else if (subtask && pause->vertex != NET_ANYWHERE &&
               pause->subtask >= spec->vertices[pause->vertex].parallelism) {
        scn_error(reading->list, subtask->place,
                  "there is no subtask %u: '%s' has %u, counted from 0", pause->subtask,
                  spec->vertices[pause->vertex].name, spec->vertices[pause->vertex].parallelism);
    }
}

void scn_decode_pauses(struct scn_decoder *decoder, const struct scn_node *cluster)
{
    const struct scn_node *node = scn_node_get(cluster, "pauses");
    if (!node || scn_node_is_null(node) ||
        !scn_check_list(&decoder->reading, node, "pauses", true)) {
        return;
    }
    struct net_pause_spec *pauses =
        sim_arena_alloc(decoder->reading.arena, node->count, sizeof(*pauses));
    uint32_t count = 0;
    for (const struct scn_entry *entry = node->first; entry; entry = entry->next) {
        read_pause(decoder, entry->value, &pauses[count++]);
    }
    decoder->spec->cluster.pauses = pauses;
    decoder->spec->cluster.pause_count = count;
}
