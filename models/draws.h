#ifndef MODELS_DRAWS_H
#define MODELS_DRAWS_H
/*
 * The variates of one purpose, in the order of their stream, some of which may be looked at before
 * they are taken.
 *
 * What a task will do follows from its services, sizes and keys, so a task that foresees its next
 * records looks at theirs; they stay the same and come in the same order when they are used,
 * whatever happens in between.
 */
#include <stdbool.h>
#include <stdint.h>

#include "sim/dist.h"
#include "sim/random.h"

/* How many may be looked at. */
#define NET_DRAWS_AHEAD 64u

/* Holds a stream: must not be moved once that was started. Fields but `stream` are private. */
struct net_draws {
    struct sim_stream stream; /* started by the owner */
    const struct sim_dist *dist;
    bool is_constant;
    int64_t constant;
    uint32_t head;
    uint32_t count; /* drawn and not taken */
    int64_t ahead[NET_DRAWS_AHEAD];
};

/* Variates of `dist`, which is borrowed, once the stream was started. */
static inline void net_draws_init(struct net_draws *draws, const struct sim_dist *dist)
{
    draws->dist = dist;
    draws->is_constant = dist->kind == SIM_DIST_CONSTANT;
    draws->constant = draws->is_constant ? sim_dist_draw(dist, &draws->stream) : 0;
    draws->head = 0;
    draws->count = 0;
}

/* The one that comes after `index` others; index below NET_DRAWS_AHEAD. */
static inline int64_t net_draws_peek(struct net_draws *draws, uint32_t index)
{
    if (draws->is_constant) {
        return draws->constant;
    }
    while (draws->count <= index) {
        uint32_t at = (draws->head + draws->count++) % NET_DRAWS_AHEAD;
        draws->ahead[at] = sim_dist_draw(draws->dist, &draws->stream);
    }
    return draws->ahead[(draws->head + index) % NET_DRAWS_AHEAD];
}

static inline int64_t net_draws_take(struct net_draws *draws)
{
    int64_t value = net_draws_peek(draws, 0);
    if (draws->count > 0) {
        draws->head = (draws->head + 1) % NET_DRAWS_AHEAD;
        draws->count--;
    }
    return value;
}

/* Take `count` of those that were looked at. */
static inline void net_draws_skip(struct net_draws *draws, uint32_t count)
{
    if (!draws->is_constant) {
        draws->head = (draws->head + count) % NET_DRAWS_AHEAD;
        draws->count -= count;
    }
}

#endif
