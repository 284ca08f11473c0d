/*
 * The graph of a job: edges that lead somewhere, no cycles, operators with the inputs they need.
 */
#include "scenarios/reader/decode.h"

#include <stdlib.h>
#include <string.h>

#define NOWHERE UINT32_MAX

struct named {
    const char *name;
    uint32_t index;
};

static int compare_names(const void *a, const void *b)
{
    const struct named *left = a;
    const struct named *right = b;
    int order = strcmp(left->name, right->name);
    return order ? order : (left->index > right->index) - (left->index < right->index);
}

static int compare_name_only(const void *a, const void *b)
{
    const struct named *left = a;
    const struct named *right = b;
    return strcmp(left->name, right->name);
}

static struct scn_place field_place(const struct scn_node *node, const char *key)
{
    const struct scn_node *value = scn_node_get(node, key);
    return value ? value->place : node->place;
}

/* The vertices sorted by name; names that stand there twice are reported. */
static struct named *sort_names(struct scn_decoder *decoder)
{
    const struct net_spec *spec = decoder->spec;
    struct named *names =
        sim_arena_alloc(decoder->reading.arena, spec->vertex_count, sizeof(*names));
    for (uint32_t i = 0; i < spec->vertex_count; i++) {
        names[i] = (struct named){spec->vertices[i].name, i};
    }
    qsort(names, spec->vertex_count, sizeof(*names), compare_names);
    for (uint32_t i = 1; i < spec->vertex_count; i++) {
        if (names[i].name[0] && strcmp(names[i - 1].name, names[i].name) == 0) {
            uint32_t first = names[i - 1].index;
            scn_error(decoder->reading.list, field_place(decoder->vertices[names[i].index], "name"),
                      "there are two vertices '%s', the first in line %u", names[i].name,
                      decoder->vertices[first]->place.line);
        }
    }
    return names;
}

void scn_report_vertex(struct scn_decoder *decoder, const struct scn_node *node)
{
    const struct net_spec *spec = decoder->spec;
    const char *shown = scn_node_describe(decoder->reading.arena, node);
    if (scn_diagnostics_are_full(decoder->reading.list)) {
        scn_error(decoder->reading.list, node->place, "there is no vertex %s", shown);
        return;
    }
    const char **candidates =
        sim_arena_alloc(decoder->reading.arena, spec->vertex_count, sizeof(*candidates));
    for (uint32_t i = 0; i < spec->vertex_count; i++) {
        candidates[i] = spec->vertices[i].name;
    }
    int nearest = sim_text_nearest(node->text, candidates, spec->vertex_count);
    if (nearest >= 0) {
        scn_error(decoder->reading.list, node->place, "there is no vertex %s, did you mean '%s'?",
                  shown, candidates[nearest]);
    } else {
        scn_error(decoder->reading.list, node->place, "there is no vertex %s", shown);
    }
}

static uint32_t find_vertex(struct scn_decoder *decoder, const struct named *names,
                            const struct scn_node *edge, const char *end)
{
    const struct net_spec *spec = decoder->spec;
    const struct scn_node *node = scn_node_get(edge, end);
    if (!node || !scn_read_value(&decoder->reading, scn_schema_find(SCN_EDGE, end), node, NULL)) {
        return NOWHERE;
    }
    struct named wanted = {node->text, 0};
    const struct named *found =
        bsearch(&wanted, names, spec->vertex_count, sizeof(*names), compare_name_only);
    if (found) {
        return found->index;
    }
    scn_report_vertex(decoder, node);
    return NOWHERE;
}

/* The edges of one vertex, counted. */
struct degree {
    uint32_t in;
    uint32_t out;
    uint32_t waiting;  /* inputs from vertices that are not yet in order */
    uint32_t an_input; /* an edge that comes from such a vertex */
};

/* Name the cycle that the vertices still waiting contain. */
static void report_cycle(struct scn_decoder *decoder, struct degree *degrees, uint32_t start)
{
    const struct net_spec *spec = decoder->spec;
    /* Going backwards among waiting vertices never ends, so after vertex_count steps it is on a
     * cycle. */
    uint32_t at = start;
    for (uint32_t i = 0; i < spec->vertex_count; i++) {
        at = spec->edges[degrees[at].an_input].from;
    }
    uint32_t *path = sim_arena_alloc(decoder->reading.arena, spec->vertex_count, sizeof(*path));
    uint32_t length = 0;
    uint32_t end = at;
    do {
        path[length++] = at;
        at = spec->edges[degrees[at].an_input].from;
    } while (at != end);
    struct sim_text text = {0};
    sim_text_add(&text, "%s", spec->vertices[end].name);
    for (uint32_t i = length; i-- > 0;) {
        if (length > 10 && i == length - 6) {
            sim_text_add(&text, " -> ...");
        }
        if (length <= 10 || i > length - 6 || i < 5) {
            sim_text_add(&text, " -> %s", spec->vertices[path[i]].name);
        }
    }
    const struct scn_node *edge = decoder->edges[degrees[end].an_input];
    scn_error(decoder->reading.list, field_place(edge, "to"), "the edges form a cycle: %s",
              sim_text_get(&text));
    sim_text_finish(&text);
}

/* Take vertices away whose inputs are all taken away; what stays has a cycle. */
static void check_cycles(struct scn_decoder *decoder, struct degree *degrees)
{
    const struct net_spec *spec = decoder->spec;
    struct sim_arena *arena = decoder->reading.arena;
    uint32_t *first = sim_arena_alloc(arena, spec->vertex_count, sizeof(*first));
    uint32_t *next = sim_arena_alloc(arena, spec->edge_count, sizeof(*next));
    uint32_t *ready = sim_arena_alloc(arena, spec->vertex_count, sizeof(*ready));
    uint32_t ready_count = 0;
    for (uint32_t i = 0; i < spec->vertex_count; i++) {
        first[i] = NOWHERE;
        degrees[i].waiting = degrees[i].in;
        if (degrees[i].in == 0) {
            ready[ready_count++] = i;
        }
    }
    for (uint32_t i = 0; i < spec->edge_count; i++) {
        next[i] = first[spec->edges[i].from];
        first[spec->edges[i].from] = i;
    }
    for (uint32_t done = 0; done < ready_count; done++) {
        for (uint32_t i = first[ready[done]]; i != NOWHERE; i = next[i]) {
            if (--degrees[spec->edges[i].to].waiting == 0) {
                ready[ready_count++] = spec->edges[i].to;
            }
        }
    }
    uint32_t stuck = NOWHERE;
    for (uint32_t i = 0; i < spec->edge_count; i++) {
        if (degrees[spec->edges[i].from].waiting > 0) {
            degrees[spec->edges[i].to].an_input = i;
            stuck = spec->edges[i].to;
        }
    }
    if (stuck != NOWHERE) {
        report_cycle(decoder, degrees, stuck);
    }
}

static void check_edge(struct scn_decoder *decoder, uint32_t index)
{
    const struct net_spec *spec = decoder->spec;
    const struct net_edge_spec *edge = &spec->edges[index];
    const struct net_vertex_spec *from = &spec->vertices[edge->from];
    const struct net_vertex_spec *to = &spec->vertices[edge->to];
    struct scn_place place = field_place(decoder->edges[index], "partition");
    /* A partition that is missing or wrong has been reported and must not count as forward. */
    const struct scn_node *written = scn_node_get(decoder->edges[index], "partition");
    bool is_forward = written && strcmp(written->text, "forward") == 0;
    place = scn_place_set(decoder->vertices[edge->from], "parallelism", place);
    place = scn_place_set(decoder->vertices[edge->to], "parallelism", place);
    if (is_forward && from->parallelism != to->parallelism) {
        scn_error(decoder->reading.list, place,
                  "'forward' needs equal parallelism, but '%s' has %u and '%s' has %u; use rescale "
                  "or rebalance",
                  from->name, from->parallelism, to->name, to->parallelism);
    }
    if (edge->weights && edge->weight_count != to->parallelism) {
        scn_error(decoder->reading.list, place, "%u weights for the %u subtasks of '%s'",
                  edge->weight_count, to->parallelism, to->name);
    }
}

static void check_degrees(struct scn_decoder *decoder, const struct degree *degrees)
{
    const struct net_spec *spec = decoder->spec;
    struct scn_diagnostics *list = decoder->reading.list;
    for (uint32_t i = 0; i < spec->vertex_count; i++) {
        const struct net_vertex_spec *vertex = &spec->vertices[i];
        struct scn_place place = field_place(decoder->vertices[i], "name");
        if (vertex->is_source && degrees[i].in > 0) {
            scn_error(list, place, "the source '%s' cannot have an input", vertex->name);
        }
        if (vertex->is_source && degrees[i].out == 0) {
            scn_error(list, place, "no edge leaves the source '%s'", vertex->name);
        }
        if (vertex->service_count > 0 && degrees[i].in == 0) {
            scn_error(list, place, "no edge leads into '%s', and it is no source", vertex->name);
        }
        if (vertex->is_connect && degrees[i].in > 0 && degrees[i].in != 2) {
            scn_error(list, field_place(decoder->vertices[i], "process"),
                      "'connect' needs two inputs, but %u %s into '%s'", degrees[i].in,
                      degrees[i].in == 1 ? "edge leads" : "edges lead", vertex->name);
        }
    }
}

void scn_check_graph(struct scn_decoder *decoder)
{
    struct net_spec *spec = decoder->spec;
    if (spec->vertex_count == 0 || spec->edge_count == 0) {
        return;
    }
    struct named *names = sort_names(decoder);
    struct degree *degrees =
        sim_arena_alloc(decoder->reading.arena, spec->vertex_count, sizeof(*degrees));
    bool is_whole = true;
    for (uint32_t i = 0; i < spec->edge_count; i++) {
        struct net_edge_spec *edge = &spec->edges[i];
        edge->from = find_vertex(decoder, names, decoder->edges[i], "from");
        edge->to = find_vertex(decoder, names, decoder->edges[i], "to");
        if (edge->from == NOWHERE || edge->to == NOWHERE) {
            is_whole = false;
            continue;
        }
        degrees[edge->from].out++;
        degrees[edge->to].in++;
        check_edge(decoder, i);
    }
    /* An edge that leads nowhere would make others look like mistakes too. */
    if (is_whole) {
        check_degrees(decoder, degrees);
        check_cycles(decoder, degrees);
    }
}
