#ifndef MODELS_TASK_H
#define MODELS_TASK_H
/*
 * One subtask: its thread with the mailbox loop, its inputs and outputs.
 *
 * The loop runs all mails, then the default action: take a record and process it. Whether the
 * outputs are available is tested after a record, not before it; a task without room is suspended
 * (soft back pressure), and a record that needs more buffers than there are blocks the thread (hard
 * back pressure). Mirrors StreamTask, MailboxProcessor and the input processors (rules TSK, UIG,
 * DES).
 *
 * The thread is a state machine with one event, `step`, which stands for the next instant at which
 * the thread does something of its own: the end of a service, or the end of a wake-up. Everything
 * else that happens to a task (data, room, a timer) is a call that notes the fact and wakes the
 * thread if it waits for it.
 *
 * A chain of vertices is one task with one thread: its lead, the first one, has the gates and the
 * partitions of all, and a `struct net_task` for each of the others counts what passes through it.
 * Records go from one to the next by a method call, so their services add up.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/flow.h"
#include "models/gate.h"
#include "models/partition.h"
#include "models/routing.h"
#include "models/service.h"
#include "models/source.h"
#include "models/span.h"
#include "models/spec.h"
#include "models/timer_gauge.h"
#include "sim/draws.h"
#include "sim/histogram.h"
#include "sim/random.h"
#include "sim/sim.h"

struct net_barriers;
struct net_task;

/* What the thread is doing. */
enum net_thread {
    NET_THREAD_RUNNING,   /* within the loop, at this instant */
    NET_THREAD_SERVING,   /* processing a record: `step` is the end of the service */
    NET_THREAD_SUSPENDED, /* the default action is suspended (TSK-2) */
    NET_THREAD_BLOCKED,   /* in a buffer request, within a record (WR-4) */
};

/* What a subpartition's open buffer will have got: of a look ahead with that mark. */
struct net_foreseen {
    uint32_t mark;
    uint32_t bytes;
};

/* One result partition of a task, with what routes records to it. */
struct net_output {
    struct net_task *task;
    struct net_router router;
    struct net_flow *flows; /* one a subpartition */
    struct net_reader
        *readers; /* likewise; those of local channels have no sender. NULL: all are */
    struct net_foreseen *foreseen; /* one a subpartition (models/span.h) */
    struct net_partition partition;
    sim_event flusher;       /* FLU-1; SIM_EVENT_NONE without one */
    bool is_awaited;         /* the suspended task waits for this one's future */
    bool supports_unaligned; /* its barriers may overtake (CHK-1) */
    struct sim_stream start; /* start channel of rebalance */
};

_Static_assert(offsetof(struct net_output, partition) == 64, "a cache line");

/* One logical input: a gate, or the union of several (UIG-1). */
struct net_input {
    struct net_task *task;
    struct net_gate *gates;
    uint32_t *ready; /* gates with data, FIFO of gate_count places */
    bool *is_ready;  /* per gate: in `ready` */
    uint32_t gate_count;
    uint32_t ready_head;
    uint32_t ready_count;
    uint32_t left; /* unread bytes of `current` */
    const struct net_service_spec *service;
    double owed; /* running sum of the selectivity */

    struct net_element current; /* being deserialised */
    bool has_current;
    bool is_only_ready;  /* of a single gate: the place of `is_ready` */
    uint32_t only_ready; /* and that of `ready` */
    struct sim_draws services;
};

_Static_assert(offsetof(struct net_input, current) == 64, "a cache line");

/* Records that are being emitted in one go. */
struct net_emission {
    struct net_record record;
    uint32_t left;   /* records, the present one included; 0: nothing is being emitted */
    uint32_t output; /* the present record goes here next */
    bool is_writing; /* it is partly written there */
    bool is_burst;   /* of a timer: new keys 0, 1, ... (`emit`) */
};

/* What waits in the mailbox; checked between two records (TSK-1). */
struct net_mails {
    bool burst;    /* of the `emit` timer */
    bool debloat;  /* DBL-1 */
    bool priority; /* a gate has priority events (SIG-4) */
};

#define NET_TASK_LATENCIES 64u

/* What most events look at comes first, in whole cache lines; what grows large comes last. */
struct net_task {
    _Alignas(64) struct sim *sim;
    const struct net_spec *spec;
    const struct net_vertex_spec *vertex;
    struct net_output *outputs;
    struct net_input *inputs;
    uint32_t output_count;
    uint32_t input_count;
    sim_event step;
    sim_event timer; /* source: the next record is due; operator: `emit` */
    enum net_thread thread;
    bool was_suspended;  /* BLOCKED: the record came from a mail of a suspended task */
    bool is_resuming;    /* the awaited future completed, the thread is being woken (TSK-8) */
    bool waits_for_room; /* SUSPENDED: for output, else for input */
    bool was_paused;     /* idle or back-pressured since the last service */

    sim_time planned_end;
    sim_time service_end;  /* with lateness */
    sim_time paused_until; /* the thread stands still before */
    sim_time first_service_delay;
    struct net_barriers *barriers; /* NULL without checkpoints */
    struct net_task *tail;         /* of its chain */
    struct net_task *next;         /* in its chain, or NULL */
    struct net_task *operating;    /* lead: the member whose service it is */

    struct net_record record; /* in service */
    struct net_emission emission;
    struct net_input *served; /* whose record is in service; of a member: its only one */
    uint32_t subtask;
    uint8_t suspended_as; /* enum net_activity */
    struct net_mails mails;

    struct sim_stream wakeups; /* of the thread */
    uint64_t records_in;
    uint32_t latency_count;
    uint32_t last_input; /* TSK-9 */

    struct net_span span;
    uint64_t records_out;

    struct net_time_account time;

    struct net_task *lead;    /* of its chain; itself, where it is first or alone */
    uint32_t pending;         /* member: records that the one before it has for it */
    struct net_record handed; /* member: these */
    uint64_t bursts;          /* of the timer so far */
    uint32_t vertex_index;
    uint32_t taskmanager;
    uint32_t entity;
    sim_event debloat_timer;              /* DBL-1; SIM_EVENT_NONE without debloating */
    struct sim_histogram *latency;        /* since the mark */
    struct sim_histogram *recent_latency; /* since the last look, for the series */
    struct sim_histogram *new_latency;    /* to be merged with both */
    _Alignas(64) struct net_source source;
    _Alignas(64) struct sim_draws sizes; /* of emitted records */
    /* of the last records, that are in none yet */
    _Alignas(64) sim_time latencies[NET_TASK_LATENCIES];
};

_Static_assert(offsetof(struct net_task, planned_end) == 64, "a cache line");
_Static_assert(offsetof(struct net_task, record) == 128, "two cache lines");
_Static_assert(offsetof(struct net_task, wakeups) == 192, "three cache lines");
_Static_assert(offsetof(struct net_source, keys.ahead[1]) == 128, "two cache lines at work");
_Static_assert(offsetof(struct net_task, time) % 64 == 0, "it has two cache lines at work");

/* Called by the world after the task's storage, inputs and outputs are filled in. */
void net_task_start(struct net_task *task);

/* A gate of an input has data: on_available of net_gate_params (owner: the input). */
void net_input_on_gate(void *input, struct net_gate *gate);

/* The future of an output's pool completed (owner: the output); for net_local_pool_on_available().
 */
void net_output_on_available(void *output);

/* The thread stands still until `until`; a service under way ends that much later. */
void net_task_pause(struct net_task *task, sim_time until);
/* A gate has priority events: on_priority of net_gate_params (owner: the input). */
void net_input_on_priority(void *input, struct net_gate *gate);

/* Data arrived at a channel of the input: on_received of a gate. */
void net_input_on_received(void *input, struct net_channel *channel,
                           const struct net_received *received);

/* Something was put into the mailbox: a waiting thread is woken for it, a busy one attends to it
 * after the present record. */
void net_task_wake_for_mail(struct net_task *task);

/* Whether there is something. */
bool net_task_has_mail(const struct net_task *task);

/* Do what a span (models/span.h) puts off, up to the present: before the records and buffers of a
 * task are looked at. */
void net_task_catch_up(struct net_task *task);

/* Count the latencies of a member of a chain, or of a task alone, in its histograms: before these
 * are read. */
void net_task_settle_latencies(struct net_task *task);

/* Catch up for a partition's readers: net_partition_params, settle. */
void net_task_on_settle(void *task);

/* End a span with the record in service. */
void net_task_interrupt(struct net_task *task);

/* The CPU time of a record, at least a nanosecond. */
static inline sim_time net_task_record_cpu(const struct net_task *task)
{
    return task->spec->machine.record_cpu > 0 ? task->spec->machine.record_cpu : 1;
}

/* WR-14 */
bool net_task_has_room(const struct net_task *task);

/* How long a service of that variate takes that begins at `now`. The CPU time of a record is
 * inside. */
static inline sim_time net_task_service(const struct net_task *task, const struct net_input *input,
                                        sim_time drawn, sim_time now)
{
    sim_time time = net_service_time(input->service, task->subtask, drawn, now);
    sim_time least = net_task_record_cpu(task);
    return time > least ? time : least;
}

/*
 * A service waits for its planned end and is late as any sleep; the next one is planned from the
 * planned end, so lateness does not add up. One that is over already costs its CPU time alone.
 */
static inline sim_time net_service_end(sim_time planned_end, sim_time now, sim_time cpu,
                                       sim_time lateness)
{
    sim_time at_least = now + cpu;
    sim_time end = planned_end + lateness;
    return planned_end > now && end > at_least ? end : at_least;
}

static inline sim_time net_task_service_end(const struct net_task *task, sim_time planned_end,
                                            sim_time now)
{
    return net_service_end(planned_end, now, net_task_record_cpu(task),
                           task->spec->machine.timer_lateness);
}

/* Event handlers, for the world to create the events with (owner: the task, or the output for the
 * flusher). */
void net_task_on_step(struct sim *sim, void *task);
void net_task_on_timer(struct sim *sim, void *task);
void net_task_on_debloat_timer(struct sim *sim, void *task);
void net_output_on_flush(struct sim *sim, void *output);

#endif
