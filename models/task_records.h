#ifndef MODELS_TASK_RECORDS_H
#define MODELS_TASK_RECORDS_H
/*
 * What the thread of a task does with records: takes them from its gates or its source, serves them
 * and emits what comes of it. Internal to the task, whose loop (models/task.c) says when.
 */
#include <stdbool.h>
#include <stdint.h>

#include "models/task.h"

/* What one turn of the default action came to. */
enum net_turn {
    NET_TURN_TOOK_TIME, /* a service began, or the thread blocked: the loop goes on with `step` */
    NET_TURN_MORE,      /* an event was handled; the outputs are to be tested */
    NET_TURN_NOTHING,
};

/*
 * One turn of an operator (TSK-3, TSK-9) or a source (TSK-10) at `now`, which is an earlier time
 * while the task catches up. A service that begins ends at `service_end`.
 */
enum net_turn net_task_process_inputs(struct net_task *task, sim_time now);
enum net_turn net_task_poll_source(struct net_task *task, sim_time now);

/* The service is over: what is emitted goes to the next one of the chain, or into the emission. */
void net_task_finish_service(struct net_task *task);

/* Serve what a member of the chain still has of the present record; false when none has any. */
bool net_task_continue_chain(struct net_task *task, sim_time now);

/* Records of the timer, with keys 0, 1, ..., into the emission. */
void net_task_begin_burst(struct net_task *task);

/* The timer's first burst, or its next one. */
void net_task_arm_emit_timer(struct net_task *task);

/* Write what is left of the emission, without any check of availability in between; false when the
 * thread blocks. */
bool net_task_emit(struct net_task *task);

void net_task_handle_event(struct net_task *task, const struct net_element *element);

/* The latencies that were noted last go into a histogram. */
void net_task_count_latencies(struct net_task *member);

/* Records come to their service, at most NET_TASK_LATENCIES, at these times. */
static inline void net_task_count_in(struct net_task *member, const sim_time *now,
                                     const sim_time *emitted, uint32_t count)
{
    if (member->latency_count + count > NET_TASK_LATENCIES) {
        net_task_count_latencies(member);
    }
    sim_time *latencies = member->latencies + member->latency_count;
    for (uint32_t i = 0; i < count; i++) {
        latencies[i] = now[i] - emitted[i];
    }
    member->latency_count += count;
    member->records_in += count;
}

/* models/task.c: the thread turns to something else, and blocks in a buffer request (WR-4). */
void net_task_set_activity(struct net_task *task, enum net_activity activity);
void net_task_block(struct net_task *task, bool was_suspended);

#endif
