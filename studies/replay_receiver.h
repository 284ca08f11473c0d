#ifndef STUDIES_REPLAY_RECEIVER_H
#define STUDIES_REPLAY_RECEIVER_H
/*
 * The receiving side of a replay: a gate of remote channels with exclusive buffers, on a global
 * pool of its own, and the task that polls and recycles.
 *
 * Operations name channels by their index in the gate. The recorder asked channels, not the gate,
 * so the gate's queue is filled but not read.
 */
#include "models/gate.h"
#include "studies/replay_kind.h"

struct study_receiver_params {
    int64_t channels;
    int64_t exclusive; /* of each channel */
    int64_t floating_min;
    int64_t floating_max;
    int64_t segments;
    int64_t segment_bytes;
    struct net_client client;
};

/* Starts as {0}. */
struct study_receiver {
    struct sim *sim; /* its clock stands at 0 */
    struct net_segments segments;
    struct net_local_pool *floating;
    struct net_gate gate;
    struct net_client client;
    struct net_element *held; /* by segment: what the task polled; no channel where it has none */
    bool is_made;
};

/* Whether the numbers are within the limits of a replay; a text in *err if not. */
bool study_receiver_check(const struct study_receiver_params *params, struct sim_err *err);

/* Make it as SingleInputGate does: the floating pool, one segment reserved, then the exclusive
 * buffers of the channels in order. False, with a text, when the pool is too small. */
bool study_receiver_init(struct study_receiver *receiver,
                         const struct study_receiver_params *params, struct sim_err *err);
void study_receiver_finish(struct study_receiver *receiver);

/* The channel that the operation names first; NULL, with an error, when there is none. */
struct net_channel *study_receiver_channel(struct study_receiver *receiver,
                                           const struct study_replay_step *step,
                                           struct sim_err *err);

/* The task polls a channel and keeps the buffer of data. False when there is nothing; then the
 * result is written. */
bool study_receiver_poll(struct study_receiver *receiver, struct net_channel *channel,
                         struct study_replay_step *step, struct net_element *element);

/* "recycle C B": the task gives a polled buffer back. False when it does not have it. */
bool study_receiver_recycle(struct study_receiver *receiver, struct study_replay_step *step,
                            struct sim_err *err);

/* The lines of the channels ("h ..."). */
void study_receiver_write(const struct study_receiver *receiver, struct study_state *state);

/* INV-1 to INV-5 of its pools, INV-7, INV-8, INV-13 and INV-14 of its gate. */
bool study_receiver_audit(const struct study_receiver *receiver, struct sim_err *err);

#endif
