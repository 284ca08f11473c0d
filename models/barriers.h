#ifndef MODELS_BARRIERS_H
#define MODELS_BARRIERS_H
/*
 * What one task does in a checkpoint: emit barriers, align them or let them overtake, persist what
 * is in flight, and acknowledge.
 *
 * One checkpoint is under way at a time, and it is not given up, so a barrier needs no number and
 * none is ever obsolete (CHK-14 does not occur). Mirrors SubtaskCheckpointCoordinatorImpl,
 * SingleCheckpointBarrierHandler and ChannelStatePersister (rules CHK).
 */
#include <stdbool.h>
#include <stdint.h>

#include "models/channel.h"
#include "models/state_writer.h"
#include "sim/random.h"
#include "sim/sim.h"

struct net_task;

/* How checkpoints are taken (CHK-1). */
enum net_barrier_mode {
    NET_BARRIER_PLAIN, /* at least once: nothing is blocked while barriers are counted */
    NET_BARRIER_ALIGNED,
    NET_BARRIER_UNALIGNED,
    NET_BARRIER_TIMEOUT, /* aligned, and unaligned after aligned-checkpoint-timeout */
};

/* What a task reports with its acknowledgement. */
struct net_task_checkpoint {
    sim_time start_delay;    /* first barrier processed, since the trigger (CHK-13) */
    sim_time alignment;      /* first to last barrier */
    sim_time state_writing;  /* "async": until the state was written */
    int64_t processed_bytes; /* polled during the alignment */
    int64_t persisted_bytes; /* of buffers in flight */
    sim_time acknowledged;   /* at the coordinator, since the trigger */
};

/* Told when a task is done with its checkpoint, at `at` (not before now). */
typedef void (*net_barriers_done_fn)(void *arg, struct net_task *task, sim_time at);

struct net_barriers_params {
    enum net_barrier_mode mode;
    sim_time timeout;
    struct net_state_writer *writer; /* of the file for its channel state; NULL inside a chain */
    net_barriers_done_fn done;
    void *done_arg;
};

struct net_barriers {
    struct net_task *task;
    struct net_barriers_params params;
    struct net_state_member state;
    uint32_t channels;   /* of all gates */
    uint32_t processed;  /* barriers, of this checkpoint */
    sim_time created_at; /* the checkpoint's trigger */
    sim_time first_at;
    sim_time completed_at; /* all state is handed in */
    uint32_t awaited; /* subpartitions whose timeoutable barrier was neither polled nor turned */
    bool is_complete; /* all inputs are aligned; the acknowledgement waits for `awaited` */
    struct net_block_listener on_blocked;
    bool is_pending;          /* an announcement or a barrier came, and the last one has not */
    bool is_started;          /* unaligned: the task's barrier is out, inputs are being persisted */
    bool is_switched;         /* CHK-7: the time-out has come */
    bool has_triggered;       /* a source's trigger waits in the mailbox */
    bool input_timed_out;     /* CHK-7: the timer's mail waits */
    bool output_timed_out;    /* CHK-8: likewise */
    struct sim_stream delays; /* of its own barriers; its owner starts it where there is jitter */
    sim_event trigger;        /* a source's is on its way */
    sim_event emission;       /* its own barriers are ready */
    bool must_emit;           /* its mail waits */
    bool emits_unaligned;
    sim_event input_timer;
    sim_event output_timer;
    struct net_task_checkpoint report;
};

void net_barriers_init(struct net_barriers *barriers, struct net_task *task, struct sim *sim,
                       const struct net_barriers_params *params);

/* The coordinator's trigger reaches a source at `at`. */
void net_barriers_trigger(struct net_barriers *barriers, sim_time at);

/* All tasks: a checkpoint was triggered at `created_at`; what comes now belongs to it. */
void net_barriers_expect(struct net_barriers *barriers, sim_time created_at);

/* Whether it has work for the task's thread, and that work (TSK-1, TSK-7). */
bool net_barriers_has_mail(const struct net_barriers *barriers);
void net_barriers_run_mail(struct net_barriers *barriers);

/* The task polled an event (CHK-4, CHK-6, CHK-7). */
void net_barriers_on_event(struct net_barriers *barriers, const struct net_element *element);

/* The task polled data. */
void net_barriers_on_data(struct net_barriers *barriers, const struct net_element *element);

/* Data arrived at a remote channel (CHK-10). */
void net_barriers_on_arrival(struct net_barriers *barriers, struct net_channel *channel,
                             const struct net_received *received);

#endif
