#ifndef MODELS_FOOTPRINT_H
#define MODELS_FOOTPRINT_H
/*
 * How much memory a run of a specification takes, told before any of it is taken.
 *
 * What a channel, a buffer and a subtask take is known; how many records are in flight is bounded
 * by the buffers that the pools may take (SIZ-8, overdraft included), and by what the sources emit.
 * So it is what a run may take at most, but for little things.
 */
#include <stdint.h>

#include "models/spec.h"

struct net_footprint {
    uint64_t subtasks;
    uint64_t channels;
    uint64_t buffers; /* of all task managers; 0 where Flink would not start them */
    uint64_t taken;   /* of them, by pools and channels at most */
    uint64_t entries; /* of queues with buffers: a broadcast one is in several, an unused in none */
    uint64_t records; /* in flight at most */
    uint64_t bytes_without_records;
    uint64_t bytes; /* of all these, and of the series */
};

void net_footprint_estimate(const struct net_spec *spec, struct net_footprint *footprint);

#endif
