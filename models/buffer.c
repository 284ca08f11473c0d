#include "models/buffer.h"

#include "models/partition.h"

struct net_buffer *net_buffer_open(struct net_segments *segments, struct net_local_pool *pool,
                                   net_segment segment, uint32_t subpartition)
{
    struct net_buffer *buffer = &segments->buffers[segment];
    buffer->pool = pool;
    buffer->partition = NULL;
    buffer->segment = segment;
    buffer->subpartition = subpartition;
    buffer->committed = 0;
    buffer->capacity = segments->segment_bytes;
    buffer->references = 1;
    buffer->is_finished = false;
    return buffer;
}

uint32_t net_buffer_append(struct net_buffer *buffer, uint32_t bytes)
{
    uint32_t room = buffer->capacity - buffer->committed;
    uint32_t copied = bytes < room ? bytes : room;
    buffer->committed += copied;
    return copied;
}

void net_buffer_trim(struct net_buffer *buffer, uint32_t bytes, uint32_t segment_bytes)
{
    uint32_t capacity = bytes > buffer->committed ? bytes : buffer->committed;
    buffer->capacity = capacity < segment_bytes ? capacity : segment_bytes;
}

void net_buffer_release(struct net_buffer *buffer)
{
    if (--buffer->references > 0) {
        return;
    }
    struct net_partition *partition = buffer->partition;
    net_local_pool_recycle(buffer->pool, buffer->segment, buffer->subpartition);
    if (partition != NULL) {
        net_partition_on_recycled(partition);
    }
}
