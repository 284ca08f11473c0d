#ifndef MODELS_FOOTPRINT_H
#define MODELS_FOOTPRINT_H
/*
 * How much memory a run of a specification takes, told before any of it is taken.
 *
 * What a channel, a buffer, a key and a subtask take is known; how much is under way has a bound
 * (models/load_bound.h). Latencies and record sizes that spread more than usual, and what depends
 * on chance, may take somewhat more.
 */
#include <stdint.h>

#include "models/spec.h"

struct net_footprint {
    uint64_t subtasks;
    uint64_t channels;
    uint64_t buffers; /* of all task managers; 0 where Flink would not start them */
    uint64_t records; /* in flight at most */
    uint64_t keys;    /* of all sources */
    uint64_t bytes_without_records;
    uint64_t bytes; /* of all these, and of the series */
};

void net_footprint_estimate(const struct net_spec *spec, struct net_footprint *footprint);

#endif
