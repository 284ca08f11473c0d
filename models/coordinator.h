#ifndef MODELS_COORDINATOR_H
#define MODELS_COORDINATOR_H
/*
 * Triggers checkpoints and gathers their acknowledgements. Mirrors CheckpointCoordinator: one
 * checkpoint at a time, at the interval from the first on; one that is due while another is under
 * way begins when that is complete, or after the least pause.
 */
#include <stdbool.h>
#include <stdint.h>

#include "models/barriers.h"
#include "models/ring.h"
#include "sim/random.h"
#include "sim/sim.h"

/* A complete checkpoint. */
struct net_checkpoint {
    uint64_t id; /* from 1 */
    sim_time triggered_at;
    sim_time duration; /* until the last acknowledgement */
    int64_t processed_bytes;
    int64_t persisted_bytes;
    const struct net_task_checkpoint *tasks; /* of all tasks, in the world's order */
    uint32_t task_count;
};

/* `checkpoint` is valid during the call. */
typedef void (*net_checkpoint_fn)(void *arg, const struct net_checkpoint *checkpoint);

struct net_coordinator_params {
    struct net_task *tasks;
    uint32_t task_count;
    sim_time first;
    sim_time interval;
    sim_time pause;        /* from the end of one to the next at least */
    const sim_time *times; /* triggers at these instants instead; or NULL */
    uint32_t time_count;
    sim_time rpc;    /* of a trigger on its way to a source, of an acknowledgement back; mean */
    double jitter;   /* of it, the random share */
    uint32_t entity; /* of its events */
};

struct net_coordinator {
    struct sim *sim;
    struct net_coordinator_params params;
    struct net_task_checkpoint *reports;
    uint32_t outstanding; /* acknowledgements */
    uint64_t id;          /* of the last checkpoint */
    uint32_t next_time;
    sim_time triggered_at;
    sim_time last_arrival; /* of the trigger at the sources */
    sim_time last_acknowledged;
    sim_time completed_at;   /* the last one */
    struct sim_stream calls; /* how long each takes; its owner starts it where there is jitter */
    bool is_due;             /* a checkpoint waits for the one under way */
    sim_event trigger;
    sim_event complete; /* the last acknowledgement arrives */
    net_checkpoint_fn on_complete;
    void *on_complete_arg;
};

/* The tasks' barriers must report to net_coordinator_on_done() with the coordinator as argument. */
void net_coordinator_init(struct net_coordinator *coordinator, struct sim *sim,
                          const struct net_coordinator_params *params);
void net_coordinator_finish(struct net_coordinator *coordinator);
void net_coordinator_start(struct net_coordinator *coordinator);

/* Whether barriers will come, or go on, without any task having to move first: another trigger is
 * set and nothing that is under way stops it, or a trigger is on its way to the sources. */
bool net_coordinator_will_move(const struct net_coordinator *coordinator);
void net_coordinator_on_done(void *coordinator, struct net_task *task, sim_time at);

#endif
