#ifndef MODELS_WINDOW_H
#define MODELS_WINDOW_H
/*
 * A stretch of time from `at` on, once or again and again: a pause of tasks, a stall of a link.
 */
#include <stdbool.h>

#include "sim/time.h"

struct net_window {
    sim_time at;     /* when it begins for the first time, >= 0 */
    sim_time length; /* > 0 */
    sim_time every;  /* from one beginning to the next, longer than `length`; 0: once */
};

/* Since the beginning that came last; negative before the first. */
static inline sim_time net_window_since(const struct net_window *window, sim_time now)
{
    sim_time since = now - window->at;
    return since >= 0 && window->every > 0 ? since % window->every : since;
}

/* Whether `now` lies in it; its end does not. */
static inline bool net_window_is_open(const struct net_window *window, sim_time now)
{
    sim_time since = net_window_since(window, now);
    return since >= 0 && since < window->length;
}

/* The next beginning or end after `now`; SIM_TIME_MAX when there is none. */
static inline sim_time net_window_next(const struct net_window *window, sim_time now)
{
    sim_time since = net_window_since(window, now);
    if (since < 0) {
        return window->at;
    }
    if (since < window->length) {
        return now - since + window->length;
    }
    return window->every > 0 ? now - since + window->every : SIM_TIME_MAX;
}

#endif
