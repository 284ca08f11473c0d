#ifndef MODELS_PARTITION_H
#define MODELS_PARTITION_H
/*
 * A result partition with its record writer: the output of one subtask towards one vertex.
 *
 * Records are cut into buffers, one open buffer for each subpartition (or one for all when records
 * are broadcast). When the pool has no segment in the middle of a record, the writer blocks: the
 * record stays where it is and goes on with net_partition_continue(). Mirrors RecordWriter,
 * BufferWritingResultPartition and PipelinedResultPartition (rules WR).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/buffer.h"
#include "models/local_pool.h"
#include "models/subpartition.h"
#include "sim/sim.h"

struct net_partition_params {
    struct net_segments *segments;
    struct net_local_pool *pool;
    uint32_t subpartitions;
    uint32_t exclusive_per_channel; /* configured B (SUB-8) */
    uint32_t size_hint;             /* desired buffer size at the start (SUB-14); 0: none */
    bool flushes_always;            /* buffer timeout 0 (FLU-4) */
    void (*settle)(void *writer); /* called before readers see how far open buffers are written, for
                                     a writer that puts that off; may be NULL */
    void *writer;
};

/* Why a pool is unavailable. */
enum net_block_cause {
    NET_BLOCK_NONE,
    NET_BLOCK_QUOTA,         /* size used up */
    NET_BLOCK_CHANNEL_LIMIT, /* a subpartition at max-buffers-per-channel */
    NET_BLOCK_GLOBAL_POOL,   /* below its quota, the task manager has no segment */
};

/* The record that is being written. */
struct net_write {
    uint32_t subpartition;
    uint32_t left; /* bytes */
    bool is_open;  /* a record is in progress */
    bool is_broadcast;
    bool is_continued; /* some of it is already in a buffer */
};

/* Most records need the first cache line alone; who sends them needs the group's. */
struct net_partition {
    struct net_write write;
    bool flushes_always;
    struct net_buffer **builders; /* one a subpartition, NULL when none is open */
    struct net_buffer *broadcast_builder;
    struct net_local_pool *pool;
    struct net_segments *segments;
    uint64_t open_bytes; /* in builders of single subpartitions, written and not in bytes_out yet */
    struct net_subpartition_group group;
    struct net_subpartition *subs;
    uint32_t count;
    uint32_t first; /* the number of its first subpartition in the task manager */
    struct sim *sim;
    struct net_recycler recycler; /* of its buffers */
    uint64_t buffers_out;         /* finished builders, broadcast times P (MET-7) */
    uint64_t bytes_out;
    enum net_block_cause cause;
    sim_time cause_since;
    sim_time blocked_ns[4];   /* by cause, up to cause_since */
    uint64_t event_bytes_out; /* all copies */
    void (*settle)(void *writer);
    void *writer;
};

_Static_assert(offsetof(struct net_partition, group.recycler) == 64, "a cache line");

/* Storage is the caller's; what it allocates is freed by net_partition_finish(). */
void net_partition_init(struct net_partition *partition, struct sim *sim,
                        const struct net_partition_params *params);
void net_partition_finish(struct net_partition *partition);

/*
 * Write a record of `bytes` bytes (length prefix included, at least 1) to a subpartition (WR-2).
 * False when the writer blocks (WR-4): wait for the pool's future, then call
 * net_partition_continue(). No record may be in progress.
 */
bool net_partition_emit(struct net_partition *partition, uint32_t subpartition, uint32_t bytes);

/* The same, to all subpartitions in shared buffers (WR-8). */
bool net_partition_emit_broadcast(struct net_partition *partition, uint32_t bytes);

/* Whether a record of `bytes` bytes, behind `ahead` others, goes into the buffer that is open for
 * it and leaves it open: nothing else comes of it then. */
static inline bool net_partition_fits(const struct net_partition *partition,
                                      const struct net_buffer *builder, uint64_t ahead,
                                      uint32_t bytes)
{
    return builder != NULL && !partition->flushes_always &&
           ahead + bytes < builder->capacity - builder->committed;
}

/* Write `count` records of `bytes` bytes that fit so, as net_partition_emit() would one by one. */
static inline void net_partition_append_all(struct net_partition *partition, uint32_t subpartition,
                                            uint32_t bytes, uint32_t count)
{
    partition->builders[subpartition]->committed += count * bytes;
    partition->open_bytes += (uint64_t)count * bytes;
    net_subpartition_group_stir(&partition->group, subpartition);
}

/* Go on with a blocked record (LBP-8); false when it still blocks. */
bool net_partition_continue(struct net_partition *partition);

/* Close all open buffers and add a copy of the event to every subpartition (WR-11). */
void net_partition_broadcast_event(struct net_partition *partition, enum net_element_type type,
                                   uint32_t bytes);

/* End of partition (WR-12), after closing all open buffers. */
void net_partition_end(struct net_partition *partition);

/* SUB-6 on one or all subpartitions, in index order (FLU-2). */
void net_partition_flush(struct net_partition *partition, uint32_t subpartition);
void net_partition_flush_all(struct net_partition *partition);

/* The pool may have become available: look why the writer is blocked, if it is. */
void net_partition_on_recycled(struct net_partition *partition);

/* WR-14 */
static inline bool net_partition_is_available(const struct net_partition *partition)
{
    return net_local_pool_is_available(partition->pool);
}

/* INV-10 and INV-11 of its subpartitions, and in all: what was written is polled or queued. True,
 * or false with the broken rule in *err. */
bool net_partition_audit(const struct net_partition *partition, struct sim_err *err);

/* outputQueueLength (MET-6): sum of |q|. */
uint64_t net_partition_queue_length(const struct net_partition *partition);

/* outputQueueSize (MET-6): bytes written, open buffers and all copies included, and not polled. */
uint64_t net_partition_queue_bytes(const struct net_partition *partition);

/* Time that the pool was unavailable for this reason, up to now. */
sim_time net_partition_blocked(const struct net_partition *partition, enum net_block_cause cause);

#endif
