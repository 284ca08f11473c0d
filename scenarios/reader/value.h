#ifndef SCENARIOS_VALUE_H
#define SCENARIOS_VALUE_H
/*
 * Nodes of the tree as values of the schema's types, with everything that can be wrong with them
 * reported.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scenarios/reader/schema.h"
#include "scenarios/reader/tree.h"

/* What a reader carries along. */
struct scn_reading {
    struct sim_arena *arena;
    struct scn_diagnostics *list;
    const char *directory;    /* where files of the scenario are; NULL: none may be read */
    enum net_version version; /* whose defaults hold */
    size_t listed_values;     /* of empirical and discrete distributions so far */
    size_t trace_rows;        /* of the rates of sources so far */
    bool is_size;             /* what a SCN_QUANTITY is at the moment: a size or a duration */
};

/*
 * Check the keys of a mapping against a group: unknown ones (with the nearest right one), ones that
 * stand there twice, required ones that are missing. False when the node is no mapping at all.
 */
bool scn_check_keys(struct scn_reading *reading, const struct scn_node *node, enum scn_group group);

/*
 * Check the keys of a mapping and store its plain values, and the defaults of those that it does
 * not have, in `target`, the struct of the group. False when there was a mistake.
 */
bool scn_read_fields(struct scn_reading *reading, const struct scn_node *node, enum scn_group group,
                     void *target);

/* Store the defaults of a group without any node. */
void scn_store_defaults(struct scn_reading *reading, enum scn_group group, void *target);

/* Store one plain value. False, with a mistake reported, when it is not of the key's type or range.
 */
bool scn_read_value(struct scn_reading *reading, const struct scn_key *key,
                    const struct scn_node *node, void *target);

/* A list of numbers, or of durations or sizes, into the arena. */
bool scn_read_numbers(struct scn_reading *reading, const struct scn_key *key,
                      const struct scn_node *node, double **values, uint32_t *count);

/* A duration or size (SCN_QUANTITY), whole nanoseconds or bytes, within the key's range. */
bool scn_read_quantity(struct scn_reading *reading, const struct scn_key *key,
                       const struct scn_node *node, int64_t *value);

/* A rate; INFINITY for `unlimited`, 0 for `0` or `0/s`. */
bool scn_read_rate(struct scn_reading *reading, const struct scn_key *key,
                   const struct scn_node *node, double *rate);

#endif
