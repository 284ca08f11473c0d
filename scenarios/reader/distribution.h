#ifndef SCENARIOS_DISTRIBUTION_H
#define SCENARIOS_DISTRIBUTION_H
/*
 * Distributions of service times and record sizes, as a scenario writes them: one key that names
 * the distribution, with its parameters.
 */
#include <stdbool.h>

#include "scenarios/reader/value.h"
#include "sim/dist.h"

/* Values that the distributions of a scenario may list, in it or in files: as many as can be
 * written out with it. */
#define SCN_MAX_VALUES 50000

/*
 * Read the distribution in a mapping of the group SCN_SERVICE or SCN_DISTRIBUTION, whose keys have
 * been checked, and prepare it. On success the caller finishes *dist.
 */
bool scn_read_distribution(struct scn_reading *reading, const struct scn_node *node,
                           enum scn_group group, struct sim_dist *dist);

/* Read a record size: a plain size in the range of `key`, or a mapping. */
bool scn_read_record_size(struct scn_reading *reading, const struct scn_key *key,
                          const struct scn_node *node, struct sim_dist *dist);

#endif
