#ifndef MODELS_SEGMENT_QUEUE_H
#define MODELS_SEGMENT_QUEUE_H
/*
 * First-in-first-out queues of segments.
 *
 * Segments are numbers, so all queues of the segments of a task manager share one array of links: a
 * segment lies in at most one queue at a time, and a queue takes no memory beyond itself. The links
 * of segments that somebody holds say so, which catches a segment that is queued twice.
 */
#include <stddef.h>
#include <stdint.h>

#include "sim/assert.h"

typedef uint32_t net_segment;
#define NET_SEGMENT_NONE UINT32_MAX

/* The link of a segment that lies in no queue. */
#define NET_SEGMENT_HELD (UINT32_MAX - 1)

/* {0} is an empty one. */
struct net_segment_queue {
    net_segment head;
    net_segment tail;
    uint32_t count;
};

static inline void net_segment_push(uint32_t *links, struct net_segment_queue *queue,
                                    net_segment segment)
{
    sim_assert(NULL, links[segment] == NET_SEGMENT_HELD);
    links[segment] = NET_SEGMENT_NONE;
    if (queue->count++ == 0) {
        queue->head = segment;
    } else {
        links[queue->tail] = segment;
    }
    queue->tail = segment;
}

/* NET_SEGMENT_NONE when there is none. */
static inline net_segment net_segment_pop(uint32_t *links, struct net_segment_queue *queue)
{
    if (queue->count == 0) {
        return NET_SEGMENT_NONE;
    }
    net_segment segment = queue->head;
    queue->count--;
    queue->head = links[segment];
    links[segment] = NET_SEGMENT_HELD;
    return segment;
}

#endif
