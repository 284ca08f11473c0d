#ifndef MODELS_LOCAL_POOL_H
#define MODELS_LOCAL_POOL_H
/*
 * Local buffer pool of one result partition or one input gate.
 *
 * Holds at most `size` segments of its task manager's global pool, plus overdraft; `size` is a
 * quota that the global pool changes, never a reservation. The pool is available while it has an
 * idle segment and no subpartition is at its limit: below its quota it always keeps one idle
 * segment in reserve, so it turns unavailable at the moment the last obtainable segment is handed
 * out. Mirrors LocalBufferPool (rules LBP).
 */
#include <stdbool.h>
#include <stdint.h>

#include "models/network_pool.h"
#include "sim/stats.h"

struct net_local_pool;

#define NET_NO_SUBPARTITION UINT32_MAX

struct net_buffer_listener;

/*
 * What a listener is told: one table for all of a pool. `offer` gets a segment and says whether it
 * takes it; it may request, register and recycle on the same pool. `gone` says that the pool is
 * destroyed; may be NULL.
 */
struct net_listener_calls {
    bool (*offer)(struct net_buffer_listener *listener, net_segment segment);
    void (*gone)(struct net_buffer_listener *listener);
};

/*
 * Someone who waits for a floating buffer (BufferListener), as a part of whatever waits. Storage is
 * its own; it must stay until it was notified or the pool is destroyed.
 */
struct net_buffer_listener {
    struct net_buffer_listener *next; /* owned by the pool while registered */
};

/* Destroy the pool (LBP-14, NBP-8); segments that are still out come back one by one. The memory
 * goes after the last, see net_network_pool_create_pool(). A second time does nothing. */
void net_local_pool_destroy(struct net_local_pool *pool);

/*
 * Call fn(arg) each time the pool's availability future completes: unavailable turned into
 * available, or destroyed. One subscriber; another call replaces it, NULL takes it away. The pool's
 * own state is in order when fn runs, so it may request and recycle; it must not create or destroy
 * pools or take or return exclusive segments, since it may run inside a redistribution.
 */
void net_local_pool_on_available(struct net_local_pool *pool, void (*fn)(void *arg), void *arg);

/*
 * Take one segment, for a subpartition or NET_NO_SUBPARTITION (LBP-4). NET_SEGMENT_NONE when none
 * can be had now; never waits. A writer that got none waits for on_available and tries again
 * (LBP-8).
 */
net_segment net_local_pool_request(struct net_local_pool *pool, uint32_t subpartition);

/* As net_local_pool_request(), for callers that want Flink's exception: false when the pool is
 * destroyed. */
bool net_local_pool_try_request(struct net_local_pool *pool, uint32_t subpartition,
                                net_segment *segment, struct sim_err *err);

/* Give a segment back, with the subpartition it was requested for (LBP-13); one that a listener
 * took comes back with NET_NO_SUBPARTITION. */
void net_local_pool_recycle(struct net_local_pool *pool, net_segment segment,
                            uint32_t subpartition);

/*
 * As net_local_pool_recycle(), for callers that use a pool in ways that Flink does not (listeners
 * on a pool with subpartitions, reserving late): false with Flink's exception when it finds its
 * state inconsistent. The segment is lost then, and so is the listener that was to get it.
 */
bool net_local_pool_try_recycle(struct net_local_pool *pool, net_segment segment,
                                uint32_t subpartition, struct sim_err *err);

/* How the pool's listeners are told; borrowed, and set before the first one registers. */
void net_local_pool_set_listener_calls(struct net_local_pool *pool,
                                       const struct net_listener_calls *calls);

/* Register for the next recycled segment; false when one is idle or the pool is destroyed (LBP-15).
 * A listener must not be registered twice. */
bool net_local_pool_add_listener(struct net_local_pool *pool, struct net_buffer_listener *listener);

/*
 * Make the pool hold at least `segments`, at most its guaranteed minimum (LBP-16); false with
 * Flink's exception. A no-op where the pool got its first segment when it was created, which is the
 * only use that leaves the balance right: what is taken here never counts as requested.
 */
bool net_local_pool_reserve(struct net_local_pool *pool, int64_t segments, struct sim_err *err);

/* Set the quota, which is cut to the maximum (LBP-12); false with Flink's exception when it is
 * below the minimum. Only redistribution does so in normal use. Set the limit of overdraft
 * (LBP-17). */
bool net_local_pool_set_size(struct net_local_pool *pool, int64_t size, struct sim_err *err);
void net_local_pool_set_max_overdraft(struct net_local_pool *pool, int64_t max_overdraft);

/* State (LBP-1, LBP-3, LBP-9). */
bool net_local_pool_is_available(const struct net_local_pool *pool);
bool net_local_pool_is_destroyed(const struct net_local_pool *pool);
int64_t net_local_pool_size(const struct net_local_pool *pool);
int64_t net_local_pool_required(const struct net_local_pool *pool);
int64_t net_local_pool_max(const struct net_local_pool *pool);
int64_t net_local_pool_max_overdraft(const struct net_local_pool *pool);
int64_t net_local_pool_requested(const struct net_local_pool *pool);
int64_t net_local_pool_idle(const struct net_local_pool *pool);
int64_t net_local_pool_used(const struct net_local_pool *pool);
int64_t net_local_pool_full_subpartitions(const struct net_local_pool *pool);
int64_t net_local_pool_subpartition_count(const struct net_local_pool *pool, uint32_t subpartition);
int64_t net_local_pool_listeners(const struct net_local_pool *pool);

/* The listener that is offered the next segment, the others behind it; NULL when there is none. */
const struct net_buffer_listener *net_local_pool_first_listener(const struct net_local_pool *pool);

/* Whether the pool waits for the global pool's next segment (LBP-10). */
bool net_local_pool_is_waiting(const struct net_local_pool *pool);

/* How many availability futures the pool has made so far: the same number at two instants means the
 * same future. */
uint64_t net_local_pool_futures(const struct net_local_pool *pool);

/* Buffers in use and quota over time, exact. */
const struct sim_level *net_local_pool_used_level(const struct net_local_pool *pool);
const struct sim_level *net_local_pool_size_level(const struct net_local_pool *pool);

/* Forget the maxima of these two so far; the present values stay. */
void net_local_pool_mark(struct net_local_pool *pool);

/* INV-3 to INV-5; true, or false with the broken rule named in *err. */
bool net_local_pool_audit(const struct net_local_pool *pool, struct sim_err *err);

#endif
