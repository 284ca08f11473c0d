#ifndef MODELS_SOURCE_H
#define MODELS_SOURCE_H
/*
 * When a source's subtask has its next record, and with which key.
 *
 * Records are due at times that follow from a cycle of rates; a record that back pressure held up
 * shifts all later ones, unless the source catches up. Asked for a record before one is due, the
 * source is not available until then. Mirrors a FLIP-27 reader (rule TSK-10).
 */
#include <stdbool.h>
#include <stdint.h>

#include "models/spec.h"
#include "sim/arena.h"
#include "sim/dist.h"
#include "sim/draws.h"
#include "sim/time.h"

/* A phase of a source's rates, and when it began: where the last look was. */
struct net_rate_cursor {
    uint32_t index;
    sim_time begin;
    sim_time gap;        /* of one record, from `begin` on: */
    sim_time even_until; /* where this begins, it is over after the gap */
};

/* Where a source is in its schedule. */
struct net_source_schedule {
    struct net_rate_cursor cursor;
    sim_time due;     /* of the next record; -1 before the first question, SIM_TIME_MAX: never */
    uint64_t count;   /* records before the next one */
    sim_time emitted; /* when the present record was emitted */
    bool was_held_up; /* back-pressured since the last question */
    bool is_late; /* the record that is emitted was held up: the next one is due after it, not after
                     its due time */
};

struct net_source {
    const struct net_source_spec *spec;
    uint32_t subtask;
    uint32_t parallelism;
    sim_time cycle;   /* of the phases */
    sim_time start;   /* not asked before (start delay) */
    sim_time horizon; /* records due after it do not matter: the end of the run */
    struct net_source_schedule at;
    struct sim_draws keys;
    struct sim_draws gaps; /* between Poisson arrivals, in billionths of the mean gap */
};

/* What to make streams from. */
struct net_stream_name {
    uint64_t seed;
    uint64_t replication;
    const char *entity;
};

/* `keys` is made by net_keys_prepare(). Must not be moved afterwards (streams). */
void net_source_init(struct net_source *source, const struct net_source_spec *spec,
                     uint32_t subtask, uint32_t parallelism, const struct sim_dist *keys,
                     const struct net_stream_name *name);

/* The distribution of a source's keys, to be shared by its subtasks; values and weights live in the
 * arena. The caller finishes it. */
void net_keys_prepare(struct sim_dist *dist, const struct net_keys_spec *keys,
                      struct sim_arena *arena);

/*
 * Ask for a record. True when one is due at `now`: emit it, then call net_source_advance(). If not,
 * *wait_until says when to ask again (SIM_TIME_MAX: never).
 */
bool net_source_poll(struct net_source *source, sim_time now, sim_time *wait_until);

/* The same of a schedule that runs ahead of the source's own: a copy of it, taken when it had been
 * asked once at least. */
bool net_source_foresee(const struct net_source *source, struct net_source_schedule *schedule,
                        sim_time now, sim_time *wait_until);

/* The record is foreseen: find when the next one is due. It comes after `index` other ones that
 * were foreseen from the same copy, below SIM_DRAWS_AHEAD. */
void net_source_foresee_next(struct net_source *source, struct net_source_schedule *schedule,
                             uint32_t index);

/* Go on where a copy has come to that foresaw `count` records. */
void net_source_follow(struct net_source *source, const struct net_source_schedule *schedule,
                       uint32_t count);

/* The key of the record that is emitted now. */
int32_t net_source_key(struct net_source *source);

/* The record is emitted: find when the next one is due. */
void net_source_advance(struct net_source *source);

/* Whether it has emitted all of its records. */
bool net_source_has_ended(const struct net_source *source);

/* Records that are due up to `now` and not emitted: the lag of a source that catches up. 0 for
 * unlimited rates. */
double net_source_lag(const struct net_source *source, sim_time now);

#endif
