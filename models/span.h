#ifndef MODELS_SPAN_H
#define MODELS_SPAN_H
/*
 * Records of a task that nobody else can see one by one, done at once.
 *
 * The end of a record's service is an event only where something else could come of it: a buffer is
 * asked for, filled or used up, a gate is polled, the outputs are full. All the steps up to there
 * are foreseen when a record's service begins, without doing anything: each one's time follows from
 * the services, the sizes and the keys to come. Only the last one is an event. Who looks into the
 * task before has the steps up to the present done first (net_task_catch_up()); what the task has
 * to attend to before the next record cuts the span at that record (net_task_interrupt()). So a
 * span does what an event for each record would have done, at the same times, in the same order.
 *
 * Where all records of a span are alike, what is foreseen and done is arithmetic; else it is one
 * step after the other, done by the very functions that the loop calls (models/task_records.h).
 * Outputs that are flushed with every record have no spans.
 */
#include <stdbool.h>
#include <stdint.h>

#include "models/flow.h"
#include "models/routing.h"
#include "models/source.h"
#include "sim/arena.h"
#include "sim/draws.h"
#include "sim/time.h"

struct net_task;

/* The most steps that are foreseen at once: each uses one variate of every purpose at most. */
#define NET_SPAN_STEPS SIM_DRAWS_AHEAD

/* No step is foreseen whose time is later: no run lasts as long, and a sum with one more service,
 * which is at most as long as a variate can be, is still a time. */
#define NET_SPAN_HORIZON (SIM_TIME_MAX / 4)

/* What is foreseen of an input. */
struct net_input_foresight {
    struct net_flow_cursor cursor;
    double owed;
    uint32_t services; /* variates used up */
};

/* And of a member of a chain. */
struct net_member_foresight {
    struct net_input_foresight input; /* of all but the first one */
    uint32_t pending;
    int32_t key;
};

struct net_span {
    uint32_t count;             /* steps foreseen, before the one that is an event */
    uint32_t done;              /* of them */
    bool can_be_even;           /* every record emits one of one size, dealt out in turn, or none */
    bool is_even;               /* and the records of this span are alike */
    sim_time *ends;             /* their times, NET_SPAN_STEPS places; NULL: one event a record */
    struct net_router *routers; /* one an output: where it will be then */
    struct net_input_foresight *inputs;   /* one an input */
    struct net_member_foresight *members; /* one a member of the chain, the first one included */
    struct net_source_schedule schedule;  /* of a source, behind all of them */
    uint32_t marks; /* of the present look ahead (struct net_output, foreseen) */
};

/* Let a task, whose outputs are made, foresee its records. Storage is taken from the arena. */
void net_span_init(struct net_task *task, struct sim_arena *arena);

/* A service has begun: foresee the steps from its end on; returns when the first one comes that is
 * an event. */
sim_time net_span_foresee(struct net_task *task);

#endif
