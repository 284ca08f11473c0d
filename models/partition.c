#include "models/partition.h"

#include <stdlib.h>

#include "models/rank.h"
#include "sim/arena.h"
#include "sim/assert.h"

/* BB-8: the segment goes back to its pool, counted at the subpartition it was requested for. */
static void recycle(void *owner, struct net_buffer *buffer)
{
    struct net_partition *partition = owner;
    net_segment segment = net_segments_number(partition->segments, buffer);
    uint32_t subpartition = buffer->subpartition - partition->first;
    sim_trace(partition->sim, NET_TRACE_RECYCLED, segment, subpartition);
    net_local_pool_recycle(partition->pool, segment, subpartition);
    net_partition_on_recycled(partition);
}

static void settle(void *owner)
{
    struct net_partition *partition = owner;
    partition->settle(partition->writer);
}

void net_partition_init(struct net_partition *partition, struct sim *sim,
                        const struct net_partition_params *params)
{
    *partition = (struct net_partition){
        .sim = sim,
        .segments = params->segments,
        .pool = params->pool,
        .count = params->subpartitions,
        .first = params->segments->subpartitions,
        .flushes_always = params->flushes_always,
        .settle = params->settle,
        .writer = params->writer,
    };
    partition->recycler = (struct net_recycler){
        .recycle = recycle, .settle = params->settle != NULL ? settle : NULL, .owner = partition};
    params->segments->subpartitions += params->subpartitions;
    partition->subs = sim_alloc_lines(params->subpartitions, sizeof *partition->subs);
    partition->builders = sim_alloc(params->subpartitions, sizeof *partition->builders);
    net_subpartition_group_init(&partition->group, params->subpartitions,
                                params->exclusive_per_channel, &partition->recycler);
    for (uint32_t i = 0; i < params->subpartitions; i++) {
        net_subpartition_init(&partition->subs[i], &partition->group, i, params->size_hint);
    }
}

void net_partition_finish(struct net_partition *partition)
{
    for (uint32_t i = 0; i < partition->count; i++) {
        net_subpartition_finish(&partition->subs[i]);
    }
    net_subpartition_group_finish(&partition->group);
    free(partition->subs);
    free(partition->builders);
}

static enum net_block_cause block_cause(const struct net_partition *partition)
{
    const struct net_local_pool *pool = partition->pool;
    if (net_local_pool_is_available(pool)) {
        return NET_BLOCK_NONE;
    }
    if (net_local_pool_requested(pool) >= net_local_pool_size(pool) &&
        net_local_pool_idle(pool) == 0) {
        return NET_BLOCK_QUOTA;
    }
    return net_local_pool_full_subpartitions(pool) > 0 ? NET_BLOCK_CHANNEL_LIMIT
                                                       : NET_BLOCK_GLOBAL_POOL;
}

static void note_cause(struct net_partition *partition)
{
    enum net_block_cause cause = block_cause(partition);
    if (cause != partition->cause) {
        sim_time now = sim_now(partition->sim);
        partition->blocked_ns[partition->cause] += now - partition->cause_since;
        partition->cause_since = now;
        partition->cause = cause;
    }
}

void net_partition_on_recycled(struct net_partition *partition)
{
    if (partition->cause != NET_BLOCK_NONE) {
        note_cause(partition);
    }
}

sim_time net_partition_blocked(const struct net_partition *partition, enum net_block_cause cause)
{
    sim_time blocked = partition->blocked_ns[cause];
    if (partition->cause == cause) {
        blocked += sim_now(partition->sim) - partition->cause_since;
    }
    return blocked;
}

/* WR-3 */
static void finish_builder(struct net_partition *partition, struct net_buffer **slot,
                           uint32_t copies)
{
    struct net_buffer *builder = *slot;
    if (builder == NULL) {
        return;
    }
    *slot = NULL;
    net_buffer_finish(builder);
    partition->open_bytes -= slot == &partition->broadcast_builder ? 0 : builder->committed;
    partition->bytes_out += (uint64_t)builder->committed * copies;
    partition->buffers_out += copies;
    net_buffer_release(builder, &partition->recycler);
}

static void finish_unicast_builders(struct net_partition *partition)
{
    for (uint32_t i = 0; i < partition->count; i++) {
        finish_builder(partition, &partition->builders[i], 1);
    }
}

static void finish_broadcast_builder(struct net_partition *partition)
{
    finish_builder(partition, &partition->broadcast_builder, partition->count);
}

static struct net_buffer **builder_slot(struct net_partition *partition)
{
    const struct net_write *write = &partition->write;
    return write->is_broadcast ? &partition->broadcast_builder
                               : &partition->builders[write->subpartition];
}

/* WR-4, WR-5: a new builder for the record in progress, or NULL. A broadcast counts at subpartition
 * 0 (WR-8). */
static struct net_buffer *request_builder(struct net_partition *partition)
{
    const struct net_write *write = &partition->write;
    if (write->is_broadcast) {
        finish_unicast_builders(partition);
    } else {
        finish_broadcast_builder(partition);
    }
    uint32_t counted_at = write->is_broadcast ? 0 : write->subpartition;
    net_segment segment = net_local_pool_request(partition->pool, counted_at);
    note_cause(partition);
    if (segment == NET_SEGMENT_NONE) {
        return NULL;
    }
    sim_trace(partition->sim, NET_TRACE_BUFFER, segment, counted_at);
    return net_buffer_open_segment(partition->segments, segment, partition->first + counted_at);
}

/* Queue the builder where the record goes; returns the desired size, 0 for none (WR-6). */
static uint32_t add_consumers(struct net_partition *partition, struct net_buffer *builder)
{
    const struct net_write *write = &partition->write;
    uint32_t first = write->is_broadcast ? 0 : write->subpartition;
    uint32_t last = write->is_broadcast ? partition->count - 1 : write->subpartition;
    int64_t smallest = INT32_MAX;
    for (uint32_t i = first; i <= last; i++) {
        int64_t hint = net_subpartition_add(&partition->subs[i], builder);
        if (hint > 0 && hint < smallest) {
            smallest = hint;
        }
    }
    return (uint32_t)smallest;
}

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* What a flush and the metrics have to know of bytes that were written. */
static void note_written(struct net_partition *partition, uint32_t bytes)
{
    const struct net_write *write = &partition->write;
    if (!write->is_broadcast) {
        partition->open_bytes += bytes;
        net_subpartition_group_stir(&partition->group, write->subpartition);
        return;
    }
    for (uint32_t i = 0; i < partition->count; i++) {
        net_subpartition_group_stir(&partition->group, i);
    }
}

/* WR-7: stretch a trimmed buffer when the record would otherwise need another one from an empty
 * pool. */
static void append(struct net_partition *partition, struct net_buffer *builder)
{
    struct net_write *write = &partition->write;
    uint32_t segment_bytes = partition->segments->segment_bytes;
    uint32_t writable = builder->capacity - builder->committed;
    if (write->left >= writable && builder->capacity < segment_bytes &&
        !net_partition_is_available(partition)) {
        uint64_t stretched = (uint64_t)builder->capacity + (write->left - writable) + 1;
        builder->capacity = stretched < segment_bytes ? (uint32_t)stretched : segment_bytes;
    }
    uint32_t written = net_buffer_append(builder, write->left);
    write->left -= written;
    note_written(partition, written);
}

/* WR-2: a buffer opened for a new record is queued empty, a continuation with its first bytes. */
static bool open_builder(struct net_partition *partition, struct net_buffer **slot)
{
    struct net_write *write = &partition->write;
    struct net_buffer *builder = request_builder(partition);
    if (builder == NULL) {
        return false;
    }
    *slot = builder;
    uint32_t segment_bytes = partition->segments->segment_bytes;
    if (!write->is_continued) {
        uint32_t hint = add_consumers(partition, builder);
        net_buffer_trim(builder, larger(write->left, hint), segment_bytes);
        append(partition, builder);
    } else {
        uint32_t before = write->left;
        append(partition, builder);
        uint32_t hint = add_consumers(partition, builder);
        net_buffer_trim(builder, larger(before - write->left, hint), segment_bytes);
    }
    write->is_continued = true;
    return true;
}

static void finish_slot(struct net_partition *partition, struct net_buffer **slot)
{
    finish_builder(partition, slot, partition->write.is_broadcast ? partition->count : 1);
}

/* WR-2, WR-8; false when the writer blocks. */
bool net_partition_continue(struct net_partition *partition)
{
    struct net_write *write = &partition->write;
    struct net_buffer **slot = builder_slot(partition);
    sim_assert(partition->sim, write->is_open);
    if (*slot != NULL && !write->is_continued) {
        append(partition, *slot);
        write->is_continued = true;
    } else if (*slot == NULL && !open_builder(partition, slot)) {
        return false;
    }
    while (write->left > 0) {
        finish_slot(partition, slot);
        if (!open_builder(partition, slot)) {
            return false;
        }
    }
    if (net_buffer_is_full(*slot)) {
        finish_slot(partition, slot);
    }
    write->is_open = false;
    if (!partition->flushes_always) {
        return true;
    }
    if (write->is_broadcast) {
        net_partition_flush_all(partition);
    } else {
        net_partition_flush(partition, write->subpartition);
    }
    return true;
}

bool net_partition_emit(struct net_partition *partition, uint32_t subpartition, uint32_t bytes)
{
    sim_assert(partition->sim, !partition->write.is_open);
    partition->write =
        (struct net_write){.subpartition = subpartition, .left = bytes, .is_open = true};
    return net_partition_continue(partition);
}

bool net_partition_emit_broadcast(struct net_partition *partition, uint32_t bytes)
{
    sim_assert(partition->sim, !partition->write.is_open);
    partition->write = (struct net_write){.left = bytes, .is_open = true, .is_broadcast = true};
    return net_partition_continue(partition);
}

/* WR-11 */
void net_partition_broadcast_event(struct net_partition *partition, enum net_element_type type,
                                   uint32_t bytes)
{
    finish_broadcast_builder(partition);
    finish_unicast_builders(partition);
    for (uint32_t i = 0; i < partition->count; i++) {
        if (net_subpartition_add_event(&partition->subs[i], type, bytes) >= 0) {
            partition->event_bytes_out += bytes;
        }
    }
    if (partition->flushes_always) {
        net_partition_flush_all(partition);
    }
}

/* WR-12 */
void net_partition_end(struct net_partition *partition)
{
    finish_broadcast_builder(partition);
    finish_unicast_builders(partition);
    for (uint32_t i = 0; i < partition->count; i++) {
        partition->event_bytes_out += net_subpartition_end(&partition->subs[i]);
    }
}

/* FLU-2 */
void net_partition_flush(struct net_partition *partition, uint32_t subpartition)
{
    net_subpartition_flush(&partition->subs[subpartition]);
}

void net_partition_flush_all(struct net_partition *partition)
{
    net_subpartition_flush_group(partition->subs);
}

uint64_t net_partition_queue_length(const struct net_partition *partition)
{
    return partition->group.queued;
}

static uint64_t open_bytes(const struct net_buffer *builder, uint32_t copies)
{
    return builder == NULL ? 0 : (uint64_t)builder->committed * copies;
}

/* MET-6 */
uint64_t net_partition_queue_bytes(const struct net_partition *partition)
{
    return partition->bytes_out + partition->event_bytes_out + partition->open_bytes +
           open_bytes(partition->broadcast_builder, partition->count) -
           partition->group.polled_bytes;
}

/* INV-11. Does not hold once a subpartition is released, which drops what is queued. */
bool net_partition_audit(const struct net_partition *partition, struct sim_err *err)
{
    uint64_t finished = partition->bytes_out + partition->event_bytes_out;
    uint64_t open = 0;
    uint64_t polled = 0;
    uint64_t queued = 0;
    uint64_t elements = 0;
    for (uint32_t i = 0; i < partition->count; i++) {
        const struct net_subpartition *sub = &partition->subs[i];
        if (!net_subpartition_audit(sub, err)) {
            return false;
        }
        if (sub->is_released) {
            return true;
        }
        if (net_subpartition_is_passed_by(sub)) {
            return sim_err_set(err, SIM_ERR_ANSWER, "FLU-2: a flush would pass by subpartition %u",
                               i);
        }
        open += open_bytes(partition->builders[i], 1);
        polled += sub->total_bytes;
        queued += net_subpartition_queued_bytes(sub);
        elements += net_subpartition_length(sub);
    }
    uint64_t written = finished + open + open_bytes(partition->broadcast_builder, partition->count);
    if (written != polled + queued) {
        return sim_err_set(
            err, SIM_ERR_ANSWER, "INV-11: %llu bytes written, %llu polled, %llu queued",
            (unsigned long long)written, (unsigned long long)polled, (unsigned long long)queued);
    }
    if (open != partition->open_bytes || polled != partition->group.polled_bytes ||
        elements != partition->group.queued) {
        return sim_err_set(err, SIM_ERR_ANSWER,
                           "MET-6: the sums of a partition are not those of its subpartitions");
    }
    return true;
}
