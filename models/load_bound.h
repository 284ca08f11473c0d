#ifndef MODELS_LOAD_BOUND_H
#define MODELS_LOAD_BOUND_H
/*
 * How much a job has under way at most, told from its specification.
 *
 * Pools and channels take what Flink allots them (SIZ-8), and a partition takes no more once a
 * subpartition has its limit (LBP-5). Each buffer they take waits in one queue, one of a broadcast
 * in that of every subpartition. Records are as many as these buffers, and the sockets of plain
 * TCP, hold; or as the sources can emit, and selectivities, timers and broadcasts make of it, each
 * counted once for every edge.
 */
#include <stdbool.h>
#include <stdint.h>

#include "models/spec.h"

struct net_load_bound {
    uint64_t taken;    /* buffers of pools and channels */
    uint64_t queued;   /* how often these lie in queues */
    uint64_t messages; /* in the sockets of plain TCP (LEG-2), which hold no buffers */
    uint64_t records;  /* in queues and sockets; at most 10^15 */
    bool is_slow;      /* seconds may lie between the records of a channel */
};

/* With so many segments a task manager. */
struct net_load_bound net_load_bound_of(const struct net_spec *spec, uint64_t segments);

#endif
