#ifndef MODELS_BUFFER_H
#define MODELS_BUFFER_H
/*
 * A memory segment while a writer fills it and readers send it: builder, consumers, slices.
 *
 * A buffer is what is known of a segment that somebody holds (models/segment.h), so taking one
 * allocates nothing. It is referenced by the open builder, by every consumer that is queued in a
 * subpartition and by every slice on its way; with the last reference it goes to the recycler of
 * its partition, which gives the segment back to the pool it came from. Whoever has a buffer knows
 * its partition and names the recycler. Bytes are only counted, never stored. Mirrors
 * NetworkBuffer, BufferBuilder and BufferConsumer (rules BB).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/network_pool.h"

/* What a queued element or a message is (SUB-16). */
enum net_element_type {
    NET_ELEMENT_NONE,
    NET_ELEMENT_DATA,
    NET_ELEMENT_EVENT,           /* does not block, no priority */
    NET_ELEMENT_PRIORITY_EVENT,  /* unaligned barrier, announcement */
    NET_ELEMENT_PLAIN_BARRIER,   /* at least once: a plain event that the receiver counts */
    NET_ELEMENT_BARRIER,         /* aligned: blocks its subpartition when polled */
    NET_ELEMENT_TIMEOUT_BARRIER, /* aligned with a time-out: blocks, announced */
    NET_ELEMENT_END,             /* end of partition */
    NET_ELEMENT_ANNOUNCEMENT,    /* of a timeoutable barrier, at its receiver: priority (CHK-6) */
};

static inline bool net_element_is_data(enum net_element_type type)
{
    return type == NET_ELEMENT_DATA;
}

static inline bool net_element_blocks(enum net_element_type type)
{
    return type == NET_ELEMENT_BARRIER || type == NET_ELEMENT_TIMEOUT_BARRIER;
}

/* Where a buffer goes that nobody references any more (BufferRecycler). */
struct net_recycler {
    void (*recycle)(void *owner, struct net_buffer *buffer);
    void (*settle)(void *owner); /* somebody is about to read how far an unfinished buffer was
                                    written; may be NULL */
    void *owner;
};

/* The segments of a task manager: its global pool, and the pool's buffer for each of them. */
struct net_segments {
    struct net_network_pool *pool;
    struct net_buffer *buffers;
    uint32_t segment_bytes;
    uint32_t subpartitions; /* of all its partitions: they are numbered through */
};

/* Make a pool, on the heap; net_segments_finish() frees it. */
void net_segments_init(struct net_segments *segments, struct sim *sim,
                       const struct net_network_pool_params *params);
void net_segments_finish(struct net_segments *segments);

/* The number of the segment that a buffer is. */
static inline net_segment net_segments_number(const struct net_segments *segments,
                                              const struct net_buffer *buffer)
{
    return (net_segment)(buffer - segments->buffers);
}

/* Begin to fill a buffer of `capacity` bytes; the builder holds the first reference (BB-1). Its
 * subpartition stays as it is. */
void net_buffer_open(struct net_buffer *buffer, uint32_t capacity);

/* The same for a segment that was just taken from a pool for `subpartition`, which is counted
 * through all partitions of the task manager. */
struct net_buffer *net_buffer_open_segment(struct net_segments *segments, net_segment segment,
                                           uint32_t subpartition);

/* Copy as much of `bytes` as fits; returns how much did (BB-2). */
uint32_t net_buffer_append(struct net_buffer *buffer, uint32_t bytes);

/* Change the capacity to `bytes`, not below what is written nor above a segment (BB-3). */
void net_buffer_trim(struct net_buffer *buffer, uint32_t bytes, uint32_t segment_bytes);

/* Nothing is appended any more (BB-4). The builder still holds its reference: release it next. */
static inline void net_buffer_finish(struct net_buffer *buffer)
{
    buffer->is_finished = true;
}

/* Let the writer of an unfinished buffer say how far it is, before `committed` is read. */
static inline void net_buffer_settle(const struct net_buffer *buffer,
                                     const struct net_recycler *recycler)
{
    if (!buffer->is_finished && recycler->settle != NULL) {
        recycler->settle(recycler->owner);
    }
}

static inline bool net_buffer_is_full(const struct net_buffer *buffer)
{
    return buffer->committed == buffer->capacity;
}

static inline void net_buffer_reference(struct net_buffer *buffer)
{
    buffer->references++;
}

/* Drop a reference; with the last the buffer goes to the recycler (BB-8). */
void net_buffer_release(struct net_buffer *buffer, const struct net_recycler *recycler);

#endif
