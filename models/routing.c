#include "models/routing.h"

#include <stddef.h>
#include <string.h>

#define MIN_MAX_PARALLELISM 128u
#define MAX_MAX_PARALLELISM 32768u
#define SAME_CREDIT 1e-9 /* credits nearer than this are equal */

static uint32_t rotate_left(uint32_t value, unsigned bits)
{
    return (value << bits) | (value >> (32 - bits));
}

/* WR-13 */
int32_t net_murmur(int32_t code)
{
    uint32_t c = (uint32_t)code * 0xcc9e2d51u;
    c = rotate_left(c, 15) * 0x1b873593u;
    c = rotate_left(c, 13) * 5u + 0xe6546b64u;
    c ^= 4u;
    c ^= c >> 16;
    c *= 0x85ebca6bu;
    c ^= c >> 13;
    c *= 0xc2b2ae35u;
    c ^= c >> 16;
    if (c == 0x80000000u) {
        return 0; /* Java's smallest int has no opposite */
    }
    return c < 0x80000000u ? (int32_t)c : (int32_t)(0u - c);
}

uint32_t net_default_max_parallelism(uint32_t parallelism)
{
    uint64_t wanted = (uint64_t)parallelism + parallelism / 2;
    uint32_t result = MIN_MAX_PARALLELISM;
    while (result < wanted && result < MAX_MAX_PARALLELISM) {
        result *= 2;
    }
    return result;
}

static uint32_t key_channel(int32_t key, uint32_t max_parallelism, uint32_t channels)
{
    uint32_t group = (uint32_t)net_murmur(key) % max_parallelism;
    return (uint32_t)((uint64_t)group * channels / max_parallelism);
}

void net_router_init(struct net_router *router, const struct net_edge_spec *edge, uint32_t channels,
                     uint32_t start, struct sim_arena *arena)
{
    *router = (struct net_router){.kind = edge->partition, .channels = channels};
    switch (edge->partition) {
    case NET_PARTITION_REBALANCE:
        router->next = start;
        break;
    case NET_PARTITION_HASH:
        router->max_parallelism = net_default_max_parallelism(channels);
        break;
    case NET_PARTITION_WEIGHTS:
        router->weights = edge->weights;
        router->credit = sim_arena_alloc(arena, channels, sizeof *router->credit);
        break;
    case NET_PARTITION_FORWARD:
    case NET_PARTITION_RESCALE:
    case NET_PARTITION_BROADCAST:
        break;
    }
}

void net_router_clone(struct net_router *clone, const struct net_router *router,
                      struct sim_arena *arena)
{
    *clone = *router;
    if (router->credit != NULL) {
        clone->credit = sim_arena_alloc(arena, router->channels, sizeof *clone->credit);
    }
}

void net_router_follow(struct net_router *clone, const struct net_router *router)
{
    clone->next = router->next;
    if (router->credit != NULL) {
        memcpy(clone->credit, router->credit, router->channels * sizeof *clone->credit);
    }
}

static uint32_t next_weighted(struct net_router *router)
{
    double sum = 0.0;
    uint32_t best = 0;
    for (uint32_t i = 0; i < router->channels; i++) {
        router->credit[i] += router->weights[i];
        sum += router->weights[i];
        if (router->credit[i] > router->credit[best] + SAME_CREDIT) {
            best = i;
        }
    }
    router->credit[best] -= sum;
    return best;
}

uint32_t net_router_choose(struct net_router *router, int32_t key)
{
    switch (router->kind) {
    case NET_PARTITION_HASH:
        return key_channel(key, router->max_parallelism, router->channels);
    case NET_PARTITION_BROADCAST:
        return NET_ROUTER_ALL;
    case NET_PARTITION_WEIGHTS:
        return next_weighted(router);
    case NET_PARTITION_FORWARD:
    case NET_PARTITION_REBALANCE:
    case NET_PARTITION_RESCALE:
        break;
    }
    return 0;
}
