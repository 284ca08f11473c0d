#include "models/flow.h"

static struct net_flow_chunk *take_chunk(struct net_flow_store *store)
{
    struct net_flow_chunk *chunk = store->free;
    if (chunk == NULL) {
        return sim_arena_alloc_aligned(store->arena, 1, sizeof *chunk);
    }
    store->free = chunk->next;
    return chunk;
}

void net_flow_extend(struct net_flow *flow)
{
    struct net_flow_chunk *chunk = take_chunk(flow->store);
    chunk->next = NULL;
    if (flow->tail == NULL) {
        flow->head = chunk;
        flow->head_at = 0;
    } else {
        flow->tail->next = chunk;
    }
    flow->tail = chunk;
    flow->tail_left = NET_FLOW_WORDS;
}

void net_flow_shrink(struct net_flow *flow)
{
    struct net_flow_chunk *chunk = flow->head;
    flow->head = chunk->next;
    flow->head_at = 0;
    if (flow->head == NULL) {
        flow->tail = NULL;
        flow->tail_left = 0;
    }
    chunk->next = flow->store->free;
    flow->store->free = chunk;
}
