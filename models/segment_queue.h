#ifndef MODELS_SEGMENT_QUEUE_H
#define MODELS_SEGMENT_QUEUE_H
/*
 * First-in-first-out queues of segments.
 *
 * They are linked through the buffers of the segments, so a queue takes no memory beyond itself: a
 * segment lies in at most one queue at a time, and nobody uses its buffer meanwhile. A segment that
 * is queued twice is caught.
 */
#include <stddef.h>
#include <stdint.h>

#include "models/segment.h"
#include "sim/assert.h"

/* {0} is an empty one. */
struct net_segment_queue {
    net_segment head;
    net_segment tail;
    uint32_t count;
};

/* `buffers` are those of all segments of the task manager. */
static inline void net_segment_push(struct net_buffer *buffers, struct net_segment_queue *queue,
                                    net_segment segment)
{
    struct net_buffer *buffer = &buffers[segment];
    sim_assert(NULL, !buffer->is_queued);
    buffer->is_queued = true;
    buffer->next = NET_SEGMENT_NONE;
    if (queue->count++ == 0) {
        queue->head = segment;
    } else {
        buffers[queue->tail].next = segment;
    }
    queue->tail = segment;
}

/* NET_SEGMENT_NONE when there is none. */
static inline net_segment net_segment_pop(struct net_buffer *buffers,
                                          struct net_segment_queue *queue)
{
    if (queue->count == 0) {
        return NET_SEGMENT_NONE;
    }
    net_segment segment = queue->head;
    queue->count--;
    queue->head = buffers[segment].next;
    buffers[segment].is_queued = false;
    return segment;
}

#endif
