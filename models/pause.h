#ifndef MODELS_PAUSE_H
#define MODELS_PAUSE_H
/*
 * Pauses: every task of a task manager, or a single one, stands still for a while, as in a stop of
 * the garbage collector or during a slow synchronous call.
 *
 * Only the tasks' threads stop: connections and output flushers go on, as those of another process
 * do, so what a pause shows is how long the pools carry the others over it. A service under way
 * ends that much later; what wakes a thread up meanwhile is handled at the end of the pause.
 */
#include "models/spec.h"
#include "sim/sim.h"

struct net_world;

/* One pause of the specification at work. */
struct net_pause {
    struct net_world *world;
    const struct net_pause_spec *spec; /* borrowed */
    sim_event begin;
};

/* Schedule its first beginning. Storage is the caller's and must not be moved. `entity` is that of
 * its event. */
void net_pause_start(struct net_pause *pause, struct net_world *world,
                     const struct net_pause_spec *spec, uint32_t entity);

#endif
