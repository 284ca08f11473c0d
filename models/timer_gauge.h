#ifndef MODELS_TIMER_GAUGE_H
#define MODELS_TIMER_GAUGE_H
/*
 * Where a task's time goes: exact, and as Flink's one-minute gauges see it.
 *
 * At every instant a task is in exactly one activity. Flink measures three of them with timers in
 * whole milliseconds, stores what passed in the last 5 s in a ring of 12, and reports the mean over
 * that minute; busy is what is left. Mirrors TimerGauge and TaskIOMetricGroup (rules MET-10 to
 * MET-12).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/time.h"

enum net_activity {
    NET_ACTIVITY_BUSY,
    NET_ACTIVITY_IDLE, /* suspended for input */
    NET_ACTIVITY_SOFT, /* suspended for output */
    NET_ACTIVITY_HARD, /* blocked within a record */
};

#define NET_ACTIVITIES 4
#define NET_GAUGE_INTERVAL (5 * SIM_S)
#define NET_GAUGE_SLOTS 12

/* What Flink's timer of an activity has measured, in whole ms. */
struct net_timer {
    int64_t total_ms;   /* since the start, the running stretch up to the last update */
    int64_t longest_ms; /* stretch that ended or was running in this interval (MET-12) */
};

/* The one-minute gauge of an activity. */
struct net_timer_gauge {
    int64_t slots[NET_GAUGE_SLOTS];
    uint32_t next;
    uint32_t filled;
    int64_t value;       /* ms per second, as reported */
    int64_t reported_ms; /* the longest stretch of the last interval (MET-12) */
    int64_t stored_ms;   /* of the timer's total: up to this interval */
};

/* A task changes its activity with every other event: what that takes is two cache lines. */
struct net_time_account {
    uint32_t activity;              /* enum net_activity */
    uint32_t clock_offset;          /* of the wall clock's milliseconds, 0 to 999,999 ns */
    sim_time since;                 /* of the present stretch */
    sim_time measured_from;         /* where the running stretch was cut last */
    uint64_t changes;               /* of activity, since the start */
    sim_time total[NET_ACTIVITIES]; /* ended stretches, exact */
    struct net_timer timers[NET_ACTIVITIES];
    struct net_timer_gauge gauges[NET_ACTIVITIES];
    sim_time started;
};

_Static_assert(offsetof(struct net_time_account, gauges) == 128, "two cache lines");

void net_time_account_init(struct net_time_account *account, enum net_activity activity,
                           sim_time now, sim_time clock_offset);

/* The task turns to another activity. */
void net_time_account_set(struct net_time_account *account, enum net_activity activity,
                          sim_time now);

/* Exact time in an activity up to `now`, the running stretch included. */
sim_time net_time_account_total(const struct net_time_account *account, enum net_activity activity,
                                sim_time now);

/* Every 5 s: store the interval and renew the reported values (MET-10). */
void net_time_account_update(struct net_time_account *account, sim_time now);

/* The longest single stretch that ended or was running in the last 5 s interval, ms (MET-12). */
int64_t net_time_account_longest(const struct net_time_account *account,
                                 enum net_activity activity);

/* Time since the start as Flink adds it up, ms, at the last change or update; busy is what is left
 * of the running time (MET-12). */
int64_t net_time_account_accumulated(const struct net_time_account *account,
                                     enum net_activity activity, sim_time now);

/* The gauges (MET-11), ms per second. Backpressured is soft plus hard. */
int64_t net_time_account_gauge(const struct net_time_account *account, enum net_activity activity);

#endif
