#ifndef STUDIES_WINDOWS_H
#define STUDIES_WINDOWS_H
/*
 * The stretches of a run that are summed up one by one, so that it can be said afterwards from
 * where on they count: where the warm-up is given there is one, from there to the end; where it is
 * to be found there are many of equal length. Their number does not grow with the run.
 */
#include <stdint.h>

#include "sim/time.h"

#define STUDY_NO_WINDOW UINT32_MAX

struct study_windows {
    sim_time from;   /* the first begins here */
    sim_time length; /* of each but the last, which has no end; count > 1: above 0 */
    uint32_t count;  /* at least 1 */
};

/* When a window begins. */
static inline sim_time study_window_begin(const struct study_windows *windows, uint32_t index)
{
    return windows->from + (sim_time)index * windows->length;
}

/* The window that an instant lies in; STUDY_NO_WINDOW before the first. */
static inline uint32_t study_window_at(const struct study_windows *windows, sim_time now)
{
    if (now < windows->from) {
        return STUDY_NO_WINDOW;
    }
    if (windows->count == 1 || (now - windows->from) / windows->length >= windows->count) {
        return windows->count - 1;
    }
    return (uint32_t)((now - windows->from) / windows->length);
}

#endif
