#ifndef MODELS_SEGMENT_H
#define MODELS_SEGMENT_H
/*
 * The segments of a task manager, and what is known of each.
 *
 * Segments are numbers. There is one `struct net_buffer` for each, found by its number, which says
 * what it is used for: it lies in a queue of segments (models/segment_queue.h), or somebody holds
 * it, and then a writer may fill it and readers send it (models/buffer.h).
 */
#include <stdbool.h>
#include <stdint.h>

typedef uint32_t net_segment;
#define NET_SEGMENT_NONE UINT32_MAX

/* Millions of them: it says neither which segment it is nor whose it is. A zeroed one is held. */
struct net_buffer {
    union {
        uint32_t committed; /* held: bytes that readers can see (BB-1) */
        net_segment next;   /* in a queue of three or more: the one behind it, but for the last */
    };
    uint32_t capacity;        /* max_capacity (BB-3) */
    uint32_t subpartition;    /* it was requested for (LBP-18), of all of the task manager */
    uint32_t references : 30; /* BB-8 */
    bool is_finished : 1;     /* BB-4 */
    bool is_queued : 1;       /* free, in a pool */
};

_Static_assert(sizeof(struct net_buffer) == 16, "four buffers are a cache line");

#endif
