#ifndef MODELS_SEGMENT_QUEUE_H
#define MODELS_SEGMENT_QUEUE_H
/*
 * First-in-first-out queues of segments.
 *
 * They are linked through the buffers of the segments, so a queue takes no memory beyond itself: a
 * segment lies in at most one queue at a time, and nobody uses its buffer meanwhile. A queue of two
 * or fewer knows both ends and looks at no buffer: those of a large job are seldom in the cache. So
 * links are there from three segments on, and the push of a third one writes two.
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
    if (queue->count == 0) {
        queue->head = segment;
    } else if (queue->count >= 2) {
        if (queue->count == 2) {
            buffers[queue->head].next = queue->tail;
        }
        buffers[queue->tail].next = segment;
    }
    queue->tail = segment;
    queue->count++;
}

/* NET_SEGMENT_NONE when there is none. */
static inline net_segment net_segment_pop(const struct net_buffer *buffers,
                                          struct net_segment_queue *queue)
{
    if (queue->count == 0) {
        return NET_SEGMENT_NONE;
    }
    net_segment segment = queue->head;
    queue->head = queue->count > 2 ? buffers[segment].next : queue->tail;
    queue->count--;
    return segment;
}

/* The same for a pool's free segments: one that is queued twice is caught. */
static inline void net_segment_push_free(struct net_buffer *buffers,
                                         struct net_segment_queue *queue, net_segment segment)
{
    sim_assert(NULL, !buffers[segment].is_queued);
    buffers[segment].is_queued = true;
    net_segment_push(buffers, queue, segment);
}

static inline net_segment net_segment_pop_free(struct net_buffer *buffers,
                                               struct net_segment_queue *queue)
{
    net_segment segment = net_segment_pop(buffers, queue);
    if (segment != NET_SEGMENT_NONE) {
        buffers[segment].is_queued = false;
    }
    return segment;
}

#endif
