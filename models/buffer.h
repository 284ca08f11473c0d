#ifndef MODELS_BUFFER_H
#define MODELS_BUFFER_H
/*
 * A memory segment while a writer fills it and readers send it: builder, consumers, slices.
 *
 * There is one `struct net_buffer` for each segment of a task manager, found by the segment's
 * number, so taking a buffer allocates nothing. It is referenced by the open builder, by every
 * consumer that is queued in a subpartition and by every slice on its way; with the last reference
 * the segment goes back to the pool it came from. Bytes are only counted, never stored. Mirrors
 * NetworkBuffer, BufferBuilder and BufferConsumer (rules BB).
 */
#include <stdbool.h>
#include <stdint.h>

#include "models/local_pool.h"
#include "models/network_pool.h"

struct net_partition;

/* What a queued element or a message is (SUB-16). */
enum net_element_type {
    NET_ELEMENT_NONE,
    NET_ELEMENT_DATA,
    NET_ELEMENT_EVENT,           /* does not block, no priority */
    NET_ELEMENT_PRIORITY_EVENT,  /* unaligned barrier, announcement */
    NET_ELEMENT_BARRIER,         /* aligned: blocks its subpartition when polled */
    NET_ELEMENT_TIMEOUT_BARRIER, /* aligned with a time-out: blocks, announced */
    NET_ELEMENT_END,             /* end of partition */
};

static inline bool net_element_is_data(enum net_element_type type)
{
    return type == NET_ELEMENT_DATA;
}

static inline bool net_element_blocks(enum net_element_type type)
{
    return type == NET_ELEMENT_BARRIER || type == NET_ELEMENT_TIMEOUT_BARRIER;
}

struct net_buffer {
    struct net_local_pool *pool;
    struct net_partition *partition; /* told when the segment goes back; NULL where nobody asks */
    net_segment segment;
    uint32_t subpartition; /* it was requested for (LBP-18) */
    uint32_t committed;    /* bytes that readers can see (BB-1) */
    uint32_t capacity;     /* max_capacity (BB-3) */
    uint32_t references;   /* BB-8 */
    bool is_finished;      /* BB-4 */
};

/* The segments of a task manager: its global pool, and a buffer for each of them. */
struct net_segments {
    struct net_network_pool *pool;
    struct net_buffer *buffers;
    uint32_t segment_bytes;
};

/* Begin to fill a segment that was just taken from `pool`; the builder holds the first reference
 * (BB-1). */
struct net_buffer *net_buffer_open(struct net_segments *segments, struct net_local_pool *pool,
                                   net_segment segment, uint32_t subpartition);

/* Copy as much of `bytes` as fits; returns how much did (BB-2). */
uint32_t net_buffer_append(struct net_buffer *buffer, uint32_t bytes);

/* Change the capacity to `bytes`, not below what is written nor above a segment (BB-3). */
void net_buffer_trim(struct net_buffer *buffer, uint32_t bytes, uint32_t segment_bytes);

static inline bool net_buffer_is_full(const struct net_buffer *buffer)
{
    return buffer->committed == buffer->capacity;
}

static inline void net_buffer_reference(struct net_buffer *buffer)
{
    buffer->references++;
}

/* Drop a reference; with the last the segment is recycled to its pool (BB-8). */
void net_buffer_release(struct net_buffer *buffer);

#endif
