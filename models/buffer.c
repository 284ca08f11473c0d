#include "models/buffer.h"

#include <stddef.h>

#include "sim/assert.h"

void net_segments_init(struct net_segments *segments, struct sim *sim,
                       const struct net_network_pool_params *params)
{
    struct net_network_pool *pool = net_network_pool_create(sim, params);
    *segments = (struct net_segments){.pool = pool,
                                      .buffers = net_network_pool_buffers(pool),
                                      .segment_bytes = params->segment_bytes};
}

void net_segments_finish(struct net_segments *segments)
{
    net_network_pool_free(segments->pool);
    *segments = (struct net_segments){0};
}

void net_buffer_open(struct net_buffer *buffer, uint32_t capacity)
{
    buffer->committed = 0;
    buffer->capacity = capacity;
    buffer->references = 1;
    buffer->is_finished = false;
}

struct net_buffer *net_buffer_open_segment(struct net_segments *segments, net_segment segment,
                                           uint32_t subpartition)
{
    struct net_buffer *buffer = &segments->buffers[segment];
    net_buffer_open(buffer, segments->segment_bytes);
    buffer->subpartition = subpartition;
    return buffer;
}

/* BB-2 */
uint32_t net_buffer_append(struct net_buffer *buffer, uint32_t bytes)
{
    sim_assert(NULL, !buffer->is_finished); /* BB-4 */
    uint32_t room = buffer->capacity - buffer->committed;
    uint32_t copied = bytes < room ? bytes : room;
    buffer->committed += copied;
    return copied;
}

/* BB-3 */
void net_buffer_trim(struct net_buffer *buffer, uint32_t bytes, uint32_t segment_bytes)
{
    uint32_t capacity = bytes > buffer->committed ? bytes : buffer->committed;
    buffer->capacity = capacity < segment_bytes ? capacity : segment_bytes;
}

void net_buffer_release(struct net_buffer *buffer, const struct net_recycler *recycler)
{
    sim_assert(NULL, buffer->references > 0);
    if (--buffer->references == 0) {
        recycler->recycle(recycler->owner, buffer);
    }
}
