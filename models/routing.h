#ifndef MODELS_ROUTING_H
#define MODELS_ROUTING_H
/*
 * Which subpartition a record goes to (rule WR-13).
 *
 * Mirrors Flink's stream partitioners, and for `hash` its assignment of keys to key groups
 * (KeyGroupRangeAssignment, MathUtils.murmurHash). `weights` is a smooth weighted round robin of
 * our own: at each record every channel gains its weight as credit; the first one with the most
 * credit is chosen and pays the sum of all weights.
 */
#include <stdint.h>

#include "models/spec.h"
#include "sim/arena.h"

#define NET_ROUTER_ALL UINT32_MAX /* to every subpartition: a broadcast */

/* The router of one producer's output. Fields are private. */
struct net_router {
    enum net_partition_kind kind;
    uint32_t channels;
    uint32_t next;
    uint32_t max_parallelism;
    const double *weights;
    double *credit;
};

/*
 * A router over `channels` subpartitions, at least 1. `edge` gives kind and weights (as many as
 * channels; borrowed). `start`, below `channels`, is the first channel of rebalance, which Flink
 * draws at random; others ignore it. What the router needs lives in the arena.
 */
void net_router_init(struct net_router *router, const struct net_edge_spec *edge, uint32_t channels,
                     uint32_t start, struct sim_arena *arena);

/* A second router that foresees where the first one sends records; what it needs lives in the
 * arena.
 */
void net_router_clone(struct net_router *clone, const struct net_router *router,
                      struct sim_arena *arena);

/* Let a clone go on from where its router is now. */
void net_router_follow(struct net_router *clone, const struct net_router *router);

/* For kinds that are no round robin. */
uint32_t net_router_choose(struct net_router *router, int32_t key);

/* The subpartition of the next record, or NET_ROUTER_ALL; `key` matters to hash alone. */
static inline uint32_t net_router_next(struct net_router *router, int32_t key)
{
    if (router->kind != NET_PARTITION_REBALANCE && router->kind != NET_PARTITION_RESCALE) {
        return net_router_choose(router, key);
    }
    uint32_t channel = router->next;
    router->next = channel + 1 == router->channels ? 0 : channel + 1;
    return channel;
}

/* Flink's murmur hash of a Java hash code: 0 or greater. */
int32_t net_murmur(int32_t code);

/* Flink's default maximum parallelism of an operator: a power of 2, 128 .. 32768. */
uint32_t net_default_max_parallelism(uint32_t parallelism);

#endif
