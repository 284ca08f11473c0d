#ifndef SCENARIOS_DECODE_H
#define SCENARIOS_DECODE_H
/*
 * The steps from a tree to a specification. Each reports all it finds and goes on, so that one run
 * of the reader tells several mistakes.
 */
#include <stdbool.h>

#include "models/spec.h"
#include "scenarios/reader/value.h"

struct scn_decoder {
    struct scn_reading reading;
    struct net_spec *spec;
    const struct scn_node *root;
    const struct scn_node **vertices; /* the node of each vertex */
    const struct scn_node **edges;    /* and of each edge */
};

/* Turn nested mappings under `flink` into one mapping of dotted keys, in place. */
void scn_flink_flatten(struct sim_arena *arena, struct scn_node *root);

/* Read the configuration under `flink` (CFG, MEM-1, MEM-7, MEM-8). `node` may be NULL. */
void scn_decode_flink(struct scn_decoder *decoder, const struct scn_node *node);

/* Read links and network interfaces from the mapping `cluster`, whose keys have been checked. */
void scn_decode_links(struct scn_decoder *decoder, const struct scn_node *cluster);

/* Read the pauses from there; after the vertices, which they name. */
void scn_decode_pauses(struct scn_decoder *decoder, const struct scn_node *cluster);

/* Say that there is no vertex of that name, with the nearest one. */
void scn_report_vertex(struct scn_decoder *decoder, const struct scn_node *name);

/* A list of mappings of at most SCN_MAX_KEYS entries, or of any number of them (`is_short` false);
 * false, with a mistake reported, when it is none or empty. */
bool scn_check_list(struct scn_reading *reading, const struct scn_node *node, const char *name,
                    bool is_short);

/* The beginning and length of a window must leave room until it comes again. */
bool scn_check_window(struct scn_reading *reading, const struct scn_node *node,
                      const struct net_window *window);

/* Where the command line has set `key` of a mapping, else `otherwise`: the place of a mistake that
 * a value makes together with others. */
struct scn_place scn_place_set(const struct scn_node *node, const char *key,
                               struct scn_place otherwise);

/* Read the vertices and edges. */
void scn_decode_job(struct scn_decoder *decoder, const struct scn_node *node);

/* What only shows when everything is there: the graph, the slots, the limits. */
void scn_check_graph(struct scn_decoder *decoder);
void scn_check_scenario(struct scn_decoder *decoder);

#endif
