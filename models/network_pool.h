#ifndef MODELS_NETWORK_POOL_H
#define MODELS_NETWORK_POOL_H
/*
 * The global buffer pool of a task manager.
 *
 * Owns a fixed number of equally sized memory segments. Local pools (models/local_pool.h) and the
 * exclusive buffers of remote input channels take their segments from here. The sum of what is
 * guaranteed to anybody never exceeds the total; what is left over is shared out among the local
 * pools as their quotas, anew whenever a pool comes or goes or exclusive segments are taken or
 * returned (redistribution). Mirrors NetworkBufferPool (rules NBP and RP).
 *
 * Segments are numbers, 0 .. total - 1. The pool hands them out first in, first out, so that a
 * trace of Flink's own class can be followed segment by segment.
 */
#include <stdbool.h>
#include <stdint.h>

#include "models/segment_queue.h"
#include "sim/error.h"
#include "sim/sim.h"

struct net_network_pool;
struct net_local_pool;
struct sim_text;

#define NET_UNBOUNDED INT32_MAX

/*
 * In which order the local pools that wait for a segment are served once one comes back (NBP-10).
 * The JDK runs the callbacks of a future in reverse order of registration, but does not promise it.
 */
enum net_waiting_order {
    NET_WAITING_LAST_FIRST = 0,
    NET_WAITING_FIRST_FIRST,
};

struct net_network_pool_params {
    uint32_t segments;        /* N, 0 to 2^32 - 2 */
    uint32_t segment_bytes;   /* S */
    sim_time request_timeout; /* of exclusive buffers (NBP-5) */
    enum net_waiting_order waiting_order;
};

/* What a local pool is created with (NBP-7). All but `key` are Java integers in Flink. */
struct net_local_pool_params {
    int64_t required;       /* guaranteed minimum */
    int64_t max;            /* hard maximum, NET_UNBOUNDED for none */
    uint32_t subpartitions; /* 0 for an input gate */
    int64_t max_per_subpartition;
    int64_t max_overdraft;
    int64_t key; /* redistribution walks the pools in ascending order of key (RP-1) */
};

/*
 * The caller owns the pool, and through it the memory of its local pools: none may be used after
 * net_network_pool_free(). `simulation` gives the clock; NULL where none is needed.
 */
struct net_network_pool *net_network_pool_create(struct sim *simulation,
                                                 const struct net_network_pool_params *params);

void net_network_pool_free(struct net_network_pool *pool);

/* A buffer for each of the pool's segments, by its number; for who queues or fills what he holds.
 */
struct net_buffer *net_network_pool_buffers(const struct net_network_pool *pool);

/* Whether somebody holds the segment: it was requested, and lies in no queue. */
bool net_network_pool_is_held(const struct net_network_pool *pool, net_segment segment);

/* Take one segment, NET_SEGMENT_NONE when there is none; never waits (NBP-3). */
net_segment net_network_pool_request(struct net_network_pool *pool);

/* Give one segment back: wakes who waits for the pool (NBP-9, NBP-10). */
void net_network_pool_recycle(struct net_network_pool *pool, net_segment segment);

/*
 * Take `count` exclusive segments (NBP-4): all or none, in segments[0 .. count - 1]. On failure
 * *err has Flink's exception: code SIM_ERR_ANSWER, the class in err->file, the message in
 * err->text. A request that cannot be met at once by free segments fails with the time-out of NBP-5
 * (nothing else happens meanwhile).
 */
bool net_network_pool_request_unpooled(struct net_network_pool *pool, int64_t count,
                                       net_segment *segments, struct sim_err *err);
void net_network_pool_recycle_unpooled(struct net_network_pool *pool, int64_t count,
                                       const net_segment *segments);

/*
 * Make a local pool (NBP-7, LBP-2). NULL on failure, with *err as in
 * net_network_pool_request_unpooled(); arguments that are refused by the local pool leave its
 * guarantee added all the same, as in Flink. The pool belongs to the global pool; it must not be
 * used any more once it is destroyed and its last segment is back.
 */
struct net_local_pool *net_network_pool_create_pool(struct net_network_pool *pool,
                                                    const struct net_local_pool_params *params,
                                                    struct sim_err *err);

/* Flink's destroyAllBufferPools (NBP-11): false, with Flink's exception, when exclusive segments
 * are out. The pools are destroyed all the same. */
bool net_network_pool_destroy_all_pools(struct net_network_pool *pool, struct sim_err *err);

/*
 * Flink's destroy (NBP-11): free segments vanish, later requests fail. A local pool below its quota
 * that finds nothing waits for ever afterwards (Flink's would call itself until its stack is full).
 */
void net_network_pool_shut_down(struct net_network_pool *pool);

/* Numbers of NBP-12; `total` is 0 after the shutdown. */
uint32_t net_network_pool_total(const struct net_network_pool *pool);
uint32_t net_network_pool_available(const struct net_network_pool *pool);
int64_t net_network_pool_used(const struct net_network_pool *pool);
int64_t net_network_pool_required(const struct net_network_pool *pool);
int64_t net_network_pool_estimated(const struct net_network_pool *pool);
int64_t net_network_pool_requested_usage(const struct net_network_pool *pool); /* percent */

/* Pools that are registered, and those of them with required < max (RP-1). */
uint32_t net_network_pool_pool_count(const struct net_network_pool *pool);
uint32_t net_network_pool_resizable_count(const struct net_network_pool *pool);

/* Whether the availability future is complete, and how many incomplete ones were made so far:
 * the same number at two instants means the same future. */
bool net_network_pool_is_available(const struct net_network_pool *pool);
uint64_t net_network_pool_futures(const struct net_network_pool *pool);

/*
 * What a task manager's log would say of the usage as it is now (NBP-13): true when there is
 * something to warn of, which is appended to *text. When the log would say it again, or say that
 * the usage went back to normal, is left out.
 */
bool net_network_pool_usage_warning(const struct net_network_pool *pool, struct sim_text *text);

/* INV-1, INV-2 and the sum of sizes after a redistribution; true, or false with the broken rule
 * named in *err. Takes time in proportion to the number of local pools. */
bool net_network_pool_audit(const struct net_network_pool *pool, struct sim_err *err);

#endif
