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

/* Read the vertices and edges. */
void scn_decode_job(struct scn_decoder *decoder, const struct scn_node *node);

/* What only shows when everything is there: the graph, the slots, the limits. */
void scn_check_graph(struct scn_decoder *decoder);
void scn_check_scenario(struct scn_decoder *decoder);

#endif
