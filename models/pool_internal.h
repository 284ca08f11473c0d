#ifndef MODELS_POOL_INTERNAL_H
#define MODELS_POOL_INTERNAL_H
/*
 * What the global pool and the local pools know of each other. Only for network_pool.c and
 * local_pool.c.
 *
 * The availability of either pool is a CompletableFuture in Flink. Here a future is a flag and a
 * number: turning unavailable makes a new future, turning available completes it. Whoever completes
 * one first brings his own state in order, then runs the callbacks.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/local_pool.h"
#include "models/network_pool.h"
#include "models/segment_queue.h"
#include "sim/assert.h"
#include "sim/sim.h"

struct net_network_pool {
    net_segment fresh; /* this segment and those above it were never taken, and are the next */
    struct net_segment_queue returned; /* free ones behind them (NBP-1) */
    uint32_t available;                /* free ones of both kinds */
    struct net_buffer *buffers;        /* of every segment */
    bool is_available;                 /* the future is complete (NBP-3, NBP-9) */
    bool is_destroyed;
    bool is_redistributing;
    uint64_t futures;               /* made so far */
    struct net_local_pool *waiting; /* of the present future, last registered first (NBP-10) */
    uint32_t callback_depth;
    struct net_network_pool_params params;
    struct sim *simulation; /* NULL: the clock stands at 0 */
    int64_t total_required;
    uint32_t exclusive;            /* unpooled segments that are out */
    struct net_local_pool **pools; /* registered, ascending by key */
    uint32_t pool_count;
    uint32_t pool_capacity;
    uint32_t resizable_count;
    struct net_local_pool *all; /* every pool whose memory is still there */
    int64_t spare;              /* N - total_required at the last redistribution */
    bool is_shared_out;         /* a redistribution gave `spare` to the resizable pools */
    uint32_t freed;             /* segments that were free at the shutdown (NBP-11) */
};

/* A buffer that is asked for or comes back needs the first two cache lines. */
struct net_local_pool {
    struct net_segment_queue idle;
    bool is_available; /* the future is complete */
    bool is_destroyed;
    bool is_registered; /* with the global pool */
    bool is_waiting_global;
    struct net_buffer *buffers; /* those of the global pool */
    struct net_network_pool *global;
    int64_t requested;
    int64_t size;
    int64_t held;       /* segments that somebody outside holds */
    int64_t held_plain; /* those of them that belong to no subpartition */
    struct sim_level used_level;
    int32_t *counts; /* per subpartition: may go below 0 when a listener declines (LBP-13 d) */
    struct net_buffer_listener *first_listener;
    uint32_t subpartitions;
    uint32_t full;
    int64_t max_overdraft;
    int64_t max_per_subpartition;
    uint64_t futures; /* made so far */
    void (*on_available)(void *arg);
    void *on_available_arg;
    const struct net_listener_calls *listener_calls;
    struct net_buffer_listener *last_listener;
    uint32_t listener_count;
    struct net_local_pool *next_waiting; /* in the list of the global pool's future */
    int64_t required;
    int64_t max;
    int64_t key;
    struct net_local_pool *next_all;
    struct net_local_pool *previous_all;
    struct sim_level size_level;
};

_Static_assert(offsetof(struct net_local_pool, subpartitions) == 128, "two cache lines");

static inline sim_time net_network_pool_now(const struct net_network_pool *pool)
{
    return pool->simulation != NULL ? sim_now(pool->simulation) : 0;
}

/* Write one of Flink's exceptions to *err: its class goes where a file would. Always returns false.
 */
bool net_exception_set(struct sim_err *err, const char *class_name, const char *format, ...)
    SIM_PRINTF(3, 4);

/* Collect `count` segments as NBP-5 does. */
bool net_network_pool_collect(struct net_network_pool *pool, int64_t count, net_segment *segments,
                              struct sim_err *err);

/* Attach a local pool to the present future of the global pool (NBP-10). */
void net_network_pool_wait(struct net_network_pool *pool, struct net_local_pool *local);

/* NBP-8: forget a local pool and redistribute; nothing happens when it is not registered. */
void net_network_pool_unregister(struct net_network_pool *pool, struct net_local_pool *local);

/* The constructor of LocalBufferPool (LBP-2): NULL on failure. */
struct net_local_pool *net_local_pool_construct(struct net_network_pool *global,
                                                const struct net_local_pool_params *params,
                                                struct sim_err *err);

/* LBP-11. */
void net_local_pool_global_available(struct net_local_pool *pool);

/* Give the memory back. */
void net_local_pool_release(struct net_local_pool *pool);

#endif
