#ifndef MODELS_SPAN_EVEN_H
#define MODELS_SPAN_EVEN_H
/*
 * Spans of records that are alike: each gives one record of one size, which goes to the channels in
 * turn, or to nobody. How many the open buffers and the one that is read have room for is a
 * division, and what goes to one channel is written there at once. Internal to models/span.h.
 */
#include <stdbool.h>
#include <stdint.h>

#include "sim/time.h"

struct net_task;

/* Whether a task can have such spans, and whether its next one is. */
bool net_span_can_be_even(const struct net_task *task);
bool net_span_is_even(const struct net_task *task);

/* As net_span_foresee(). */
sim_time net_span_foresee_even(struct net_task *task);

/* Do the next `count` steps, at these times. */
void net_span_replay_even(struct net_task *task, const sim_time *ends, uint32_t count);

#endif
