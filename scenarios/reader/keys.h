#ifndef SCENARIOS_KEYS_H
#define SCENARIOS_KEYS_H
/*
 * The two parts of the schema table (scenarios/reader/schema.h): Flink's keys, and the others.
 */
#include "scenarios/reader/schema.h"

extern const struct scn_key scn_flink_keys[];
extern const size_t scn_flink_key_count;

extern const struct scn_key scn_scenario_keys[];
extern const size_t scn_scenario_key_count;

#endif
