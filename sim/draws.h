#ifndef SIM_DRAWS_H
#define SIM_DRAWS_H
/*
 * The variates of one purpose, in the order of their stream, drawn many at a time and ahead of
 * their use.
 *
 * Many at a time are several times as cheap as one by one, and one that is there already is at hand
 * as soon as it is asked for. They may be looked at before they are taken: what a task will do
 * follows from its services, sizes and keys, so a task that foresees its next records looks at
 * theirs; they stay the same and come in the same order when they are used, whatever happens in
 * between.
 */
#include <stdbool.h>
#include <stdint.h>

#include "sim/compiler.h"
#include "sim/dist.h"
#include "sim/random.h"

/* How many may be looked at. */
#define SIM_DRAWS_AHEAD 64u

/* Holds a stream: must not be moved once that was started. Fields are private, but for the stream
 * and the constant. One that is constant is in the first cache line. */
struct sim_draws {
    uint32_t taken; /* so far; both go over the end of the ring, and of their range */
    uint32_t drawn;
    uint32_t mask; /* of a place in the ring; 0 where all are the same: it has one place then */
    bool is_constant;
    union {
        int64_t constant; /* what all are then */
        int64_t ahead[SIM_DRAWS_AHEAD];
    };
    const struct sim_dist *dist;
    struct sim_stream stream; /* started by the owner; nothing else draws from it */
};

/* Variates of `dist`, which is borrowed and stays as it is, once the stream was started. */
static inline void sim_draws_init(struct sim_draws *draws, const struct sim_dist *dist)
{
    draws->dist = dist;
    draws->is_constant = dist->kind == SIM_DIST_CONSTANT;
    draws->mask = draws->is_constant ? 0 : SIM_DRAWS_AHEAD - 1;
    draws->constant = draws->is_constant ? sim_dist_draw(dist, &draws->stream) : 0;
    draws->taken = 0;
    draws->drawn = 0;
}

/* Fill the ring. Called by those below. */
void sim_draws_fill(struct sim_draws *draws);

/* The one that comes after `index` others; index below SIM_DRAWS_AHEAD. */
static inline int64_t sim_draws_peek(struct sim_draws *draws, uint32_t index)
{
    if (SIM_UNLIKELY(draws->drawn - draws->taken <= index)) {
        sim_draws_fill(draws);
    }
    return draws->ahead[(draws->taken + index) & draws->mask];
}

static inline int64_t sim_draws_take(struct sim_draws *draws)
{
    int64_t value = sim_draws_peek(draws, 0);
    draws->taken++;
    return value;
}

/* Take `count` of those that were looked at. */
static inline void sim_draws_skip(struct sim_draws *draws, uint32_t count)
{
    draws->taken += count;
}

#endif
