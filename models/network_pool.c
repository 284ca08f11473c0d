#include "models/network_pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/memory.h"
#include "models/pool_internal.h"
#include "sim/arena.h"
#include "sim/text.h"

#define USAGE_WARNING_PERCENT 100

static const char destroyed_text[] = "Network buffer pool has already been destroyed.";

bool net_exception_set(struct sim_err *err, const char *class_name, const char *format, ...)
{
    char text[sizeof err->text];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return sim_err_set_at(err, SIM_ERR_ANSWER, class_name, 0, 0, "%s", text);
}

/* The part that NBP-5 and NBP-6 have in common; Flink's own words. */
static void describe_configuration(const struct net_network_pool *pool, char *text, size_t size)
{
    (void)snprintf(text, size,
                   "The total number of network buffers is currently set to %u of %u bytes each. "
                   "You can increase this number by setting the configuration keys "
                   "'taskmanager.memory.network.fraction', 'taskmanager.memory.network.min', and "
                   "'taskmanager.memory.network.max'",
                   pool->params.segments, pool->params.segment_bytes);
}

/* NBP-6 */
static bool fail_insufficient(const struct net_network_pool *pool, int64_t required,
                              struct sim_err *err)
{
    char configuration[512];
    describe_configuration(pool, configuration, sizeof configuration);
    return net_exception_set(
        err, "IOException",
        "Insufficient number of network buffers: required %lld, but only %lld available. %s.",
        (long long)required, (long long)pool->params.segments - (long long)pool->total_required,
        configuration);
}

/* NBP-5 */
static bool fail_timeout(const struct net_network_pool *pool, struct sim_err *err)
{
    char configuration[512];
    describe_configuration(pool, configuration, sizeof configuration);
    return net_exception_set(
        err, "IOException",
        "Timeout triggered when requesting exclusive buffers: %s,  or you may increase the "
        "timeout which is %lldms by setting the key "
        "'taskmanager.network.memory.buffers-request-timeout'.",
        configuration, (long long)(pool->params.request_timeout / SIM_MS));
}

/* NBP-1 */
struct net_network_pool *net_network_pool_create(struct sim *simulation,
                                                 const struct net_network_pool_params *params)
{
    sim_assert(simulation, params->segments < NET_SEGMENT_NONE);
    struct net_network_pool *pool = sim_alloc(1, sizeof *pool);
    pool->simulation = simulation;
    pool->params = *params;
    pool->available = params->segments;
    pool->buffers = sim_alloc(params->segments, sizeof *pool->buffers);
    pool->is_available = true;
    return pool;
}

void net_network_pool_free(struct net_network_pool *pool)
{
    if (pool == NULL) {
        return;
    }
    while (pool->all != NULL) {
        net_local_pool_release(pool->all);
    }
    free(pool->pools);
    free(pool->buffers);
    free(pool);
}

struct net_buffer *net_network_pool_buffers(const struct net_network_pool *pool)
{
    return pool->buffers;
}

bool net_network_pool_is_held(const struct net_network_pool *pool, net_segment segment)
{
    return segment < pool->fresh && !pool->buffers[segment].is_queued;
}

uint32_t net_network_pool_available(const struct net_network_pool *pool)
{
    return pool->available;
}

/* In ascending order at first, then as they came back. The memory of segments that nobody has ever
 * taken is not touched. */
static net_segment take_free(struct net_network_pool *pool)
{
    if (pool->available == 0) {
        return NET_SEGMENT_NONE;
    }
    pool->available--;
    return pool->fresh < pool->params.segments && !pool->is_destroyed
               ? pool->fresh++
               : net_segment_pop_free(pool->buffers, &pool->returned);
}

/* NBP-3 */
net_segment net_network_pool_request(struct net_network_pool *pool)
{
    net_segment segment = take_free(pool);
    if (segment != NET_SEGMENT_NONE && pool->available == 0 && pool->is_available) {
        pool->is_available = false;
        pool->futures++;
    }
    return segment;
}

/* Put a list of waiting pools into the order of registration. */
static struct net_local_pool *reverse_waiting(struct net_local_pool *list)
{
    struct net_local_pool *reversed = NULL;
    while (list != NULL) {
        struct net_local_pool *next = list->next_waiting;
        list->next_waiting = reversed;
        reversed = list;
        list = next;
    }
    return reversed;
}

/*
 * NBP-10. The callbacks belong to the future that was completed; whoever finds nothing attaches
 * himself to the next one, which may be completed in turn before this loop is through.
 */
static void complete_future(struct net_network_pool *pool, struct net_local_pool *waiting)
{
    if (pool->params.waiting_order == NET_WAITING_FIRST_FIRST) {
        waiting = reverse_waiting(waiting);
    }
    pool->callback_depth++;
    while (waiting != NULL) {
        struct net_local_pool *local = waiting;
        waiting = local->next_waiting;
        local->next_waiting = NULL;
        net_local_pool_global_available(local);
    }
    pool->callback_depth--;
}

static void put_back(struct net_network_pool *pool, int64_t count, const net_segment *segments)
{
    struct net_local_pool *waiting = NULL;
    if (pool->available == 0 && count > 0) {
        waiting = pool->waiting;
        pool->waiting = NULL;
        pool->is_available = true;
    }
    for (int64_t i = 0; i < count; i++) {
        sim_assert(pool->simulation, net_network_pool_is_held(pool, segments[i]));
        net_segment_push_free(pool->buffers, &pool->returned, segments[i]);
        pool->available++;
    }
    if (waiting != NULL) {
        complete_future(pool, waiting);
    }
}

/* NBP-9 */
void net_network_pool_recycle(struct net_network_pool *pool, net_segment segment)
{
    put_back(pool, 1, &segment);
}

void net_network_pool_wait(struct net_network_pool *pool, struct net_local_pool *local)
{
    local->next_waiting = pool->waiting;
    pool->waiting = local;
}

/*
 * NBP-5. A request that cannot be met takes what there is, waits and puts all of it back in the
 * order in which it was taken. Nobody can have waited for a future that was not there before, so
 * its only effect is one more future.
 */
bool net_network_pool_collect(struct net_network_pool *pool, int64_t count, net_segment *segments,
                              struct sim_err *err)
{
    if (pool->is_destroyed) {
        return net_exception_set(err, "IllegalStateException", "Buffer pool is destroyed.");
    }
    if (count > pool->available) {
        pool->futures += pool->available > 0;
        return fail_timeout(pool, err);
    }
    for (int64_t i = 0; i < count; i++) {
        segments[i] = net_network_pool_request(pool);
    }
    return true;
}

static bool is_resizable(const struct net_local_pool *local)
{
    return local->required < local->max;
}

/* How much of `spare` a pool could use; an unbounded pool counts as `spare` (RP-3). */
static int64_t capacity_of(const struct net_local_pool *local, int64_t spare)
{
    int64_t excess = local->max - local->required;
    return spare < excess ? spare : excess;
}

static int64_t total_capacity(const struct net_network_pool *pool, int64_t spare)
{
    int64_t capacity = 0;
    for (uint32_t i = 0; i < pool->pool_count; i++) {
        if (is_resizable(pool->pools[i])) {
            capacity += capacity_of(pool->pools[i], spare);
        }
    }
    return capacity;
}

static void set_size(struct net_local_pool *local, int64_t size)
{
    bool is_set = net_local_pool_set_size(local, size, NULL);
    sim_assert(local->global->simulation, is_set);
}

/* RP-3: the running sum spreads the remainder of the division along the order of the keys (RP-1).
 */
static void share_out(struct net_network_pool *pool, int64_t spare)
{
    int64_t capacity = spare == 0 ? 0 : total_capacity(pool, spare);
    int64_t give = spare < capacity ? spare : capacity;
    int64_t parts = 0;
    int64_t given = 0;
    for (uint32_t i = 0; i < pool->pool_count; i++) {
        struct net_local_pool *local = pool->pools[i];
        if (!is_resizable(local)) {
            continue;
        }
        int64_t mine = 0;
        if (capacity > 0) {
            parts += capacity_of(local, spare);
            mine = (int64_t)((sim_int128)give * parts / capacity) - given;
            given += mine;
        }
        set_size(local, local->required + mine);
    }
    sim_assert(pool->simulation, given == give);
}

/* RP-2 to RP-4 */
static void redistribute(struct net_network_pool *pool)
{
    sim_assert(pool->simulation, !pool->is_redistributing);
    pool->spare = (int64_t)pool->params.segments - pool->total_required;
    pool->is_shared_out = pool->resizable_count > 0;
    if (!pool->is_shared_out) {
        return;
    }
    pool->is_redistributing = true;
    share_out(pool, pool->spare);
    pool->is_redistributing = false;
}

/* NBP-4 */
bool net_network_pool_request_unpooled(struct net_network_pool *pool, int64_t count,
                                       net_segment *segments, struct sim_err *err)
{
    if (count < 0) {
        return net_exception_set(err, "IllegalArgumentException",
                                 "Number of buffers to request must be non-negative.");
    }
    if (pool->is_destroyed) {
        return net_exception_set(err, "IllegalStateException", "%s", destroyed_text);
    }
    if (count == 0) {
        return true;
    }
    if (pool->total_required + count > pool->params.segments) {
        return fail_insufficient(pool, count, err);
    }
    pool->total_required += count;
    redistribute(pool);
    if (!net_network_pool_collect(pool, count, segments, err)) {
        pool->total_required -= count;
        redistribute(pool);
        return false;
    }
    pool->exclusive += (uint32_t)count;
    return true;
}

void net_network_pool_recycle_unpooled(struct net_network_pool *pool, int64_t count,
                                       const net_segment *segments)
{
    sim_assert(pool->simulation, count >= 0 && count <= pool->exclusive);
    pool->exclusive -= (uint32_t)count;
    put_back(pool, count, segments);
    pool->total_required -= count;
    redistribute(pool);
}

/* Behind all pools with the same or a smaller key (RP-1). */
static void register_pool(struct net_network_pool *pool, struct net_local_pool *local)
{
    if (pool->pool_count == pool->pool_capacity) {
        pool->pool_capacity = pool->pool_capacity == 0 ? 16 : 2 * pool->pool_capacity;
        pool->pools = sim_realloc(pool->pools, pool->pool_capacity, sizeof *pool->pools);
    }
    uint32_t place = pool->pool_count++;
    for (; place > 0 && pool->pools[place - 1]->key > local->key; place--) {
        pool->pools[place] = pool->pools[place - 1];
    }
    pool->pools[place] = local;
    local->is_registered = true;
    pool->resizable_count += is_resizable(local);
}

void net_network_pool_unregister(struct net_network_pool *pool, struct net_local_pool *local)
{
    uint32_t place = 0;
    while (place < pool->pool_count && pool->pools[place] != local) {
        place++;
    }
    if (place == pool->pool_count) {
        return;
    }
    local->is_registered = false;
    pool->pool_count--;
    memmove(&pool->pools[place], &pool->pools[place + 1],
            (pool->pool_count - place) * sizeof *pool->pools);
    pool->resizable_count -= is_resizable(local);
    pool->total_required -= local->required;
    redistribute(pool);
}

/* Free the pools that nobody can name any more. */
static void release_gone_pools(struct net_network_pool *pool)
{
    if (pool->callback_depth > 0) {
        return;
    }
    struct net_local_pool *local = pool->all;
    while (local != NULL) {
        struct net_local_pool *next = local->next_all;
        if (local->is_destroyed && local->held == 0 && !local->is_registered &&
            !local->is_waiting_global) {
            net_local_pool_release(local);
        }
        local = next;
    }
}

/* NBP-7. What is guaranteed is raised before the other arguments are looked at, and stays so. */
struct net_local_pool *net_network_pool_create_pool(struct net_network_pool *pool,
                                                    const struct net_local_pool_params *params,
                                                    struct sim_err *err)
{
    release_gone_pools(pool);
    if (pool->is_destroyed) {
        net_exception_set(err, "IllegalStateException", "%s", destroyed_text);
        return NULL;
    }
    if (pool->total_required + params->required > pool->params.segments) {
        fail_insufficient(pool, params->required, err);
        return NULL;
    }
    pool->total_required += params->required;
    struct net_local_pool *local = net_local_pool_construct(pool, params, err);
    if (local != NULL) {
        register_pool(pool, local);
        redistribute(pool);
    }
    return local;
}

/* NBP-11 */
bool net_network_pool_destroy_all_pools(struct net_network_pool *pool, struct sim_err *err)
{
    uint32_t count = pool->pool_count;
    struct net_local_pool **copy = sim_alloc(count, sizeof *copy);
    for (uint32_t i = 0; i < count; i++) {
        copy[i] = pool->pools[i];
    }
    for (uint32_t i = 0; i < count; i++) {
        net_local_pool_destroy(copy[i]);
    }
    free(copy);
    if (pool->pool_count > 0 || pool->total_required > 0 || pool->resizable_count > 0) {
        return net_exception_set(
            err, "IllegalStateException",
            "NetworkBufferPool is not empty after destroying all LocalBufferPools");
    }
    return true;
}

/* NBP-11. The future is left as it is. */
void net_network_pool_shut_down(struct net_network_pool *pool)
{
    pool->freed = pool->available;
    pool->available = 0;
    pool->is_destroyed = true;
    while (net_segment_pop_free(pool->buffers, &pool->returned) != NET_SEGMENT_NONE) {
    }
}

/* NBP-12 */
uint32_t net_network_pool_total(const struct net_network_pool *pool)
{
    return pool->is_destroyed ? 0 : pool->params.segments;
}

int64_t net_network_pool_used(const struct net_network_pool *pool)
{
    return (int64_t)net_network_pool_total(pool) - (int64_t)pool->available;
}

int64_t net_network_pool_required(const struct net_network_pool *pool)
{
    return pool->total_required;
}

bool net_network_pool_is_available(const struct net_network_pool *pool)
{
    return pool->is_available;
}

uint64_t net_network_pool_futures(const struct net_network_pool *pool)
{
    return pool->futures;
}

uint32_t net_network_pool_pool_count(const struct net_network_pool *pool)
{
    return pool->pool_count;
}

uint32_t net_network_pool_resizable_count(const struct net_network_pool *pool)
{
    return pool->resizable_count;
}

int64_t net_network_pool_estimated(const struct net_network_pool *pool)
{
    int64_t estimated = 0;
    for (uint32_t i = 0; i < pool->pool_count; i++) {
        const struct net_local_pool *local = pool->pools[i];
        estimated += local->max < NET_UNBOUNDED ? local->max : 2 * local->required;
    }
    return estimated;
}

int64_t net_network_pool_requested_usage(const struct net_network_pool *pool)
{
    uint32_t total = net_network_pool_total(pool);
    return total == 0 ? 0 : 100 * net_network_pool_estimated(pool) / total;
}

/* NBP-13 */
bool net_network_pool_usage_warning(const struct net_network_pool *pool, struct sim_text *text)
{
    int64_t usage = net_network_pool_requested_usage(pool);
    int64_t total = (int64_t)net_network_pool_total(pool) * pool->params.segment_bytes;
    int64_t requested = net_network_pool_estimated(pool) * pool->params.segment_bytes;
    char total_text[64];
    char requested_text[64];
    char missing_text[64];
    if (usage < USAGE_WARNING_PERCENT) {
        return false;
    }
    net_memory_format(total_text, sizeof total_text, total);
    net_memory_format(requested_text, sizeof requested_text, requested);
    net_memory_format(missing_text, sizeof missing_text, requested - total);
    sim_text_add(text,
                 "Memory usage [%lld%%] is too high to satisfy all of the requests. This can "
                 "severely impact network throughput. Please consider increasing available "
                 "network memory, or decreasing configured size of network buffer pools. "
                 "(totalMemory=%s, requestedMemory=%s, missingMemory=%s)",
                 (long long)usage, total_text, requested_text, missing_text);
    return true;
}

/* The sizes that the last redistribution must have left: their sum does not depend on the order. */
static bool audit_sizes(const struct net_network_pool *pool, struct sim_err *err)
{
    int64_t expected = 0;
    int64_t shared = 0;
    int64_t sizes = 0;
    for (uint32_t i = 0; i < pool->pool_count; i++) {
        const struct net_local_pool *local = pool->pools[i];
        sizes += local->size;
        if (is_resizable(local)) {
            expected += local->required;
            shared += local->size;
        } else if (local->size != local->required) {
            return sim_err_set(err, SIM_ERR_ANSWER, "RP-1: a pool of fixed size %lld has size %lld",
                               (long long)local->required, (long long)local->size);
        }
    }
    int64_t capacity = total_capacity(pool, pool->spare);
    expected += pool->spare < capacity ? pool->spare : capacity;
    if (pool->is_shared_out && shared != expected) {
        return sim_err_set(err, SIM_ERR_ANSWER,
                           "RP-3: the sizes of the resizable pools sum up to %lld, not %lld",
                           (long long)shared, (long long)expected);
    }
    if (sizes + pool->exclusive > pool->params.segments) {
        return sim_err_set(err, SIM_ERR_ANSWER,
                           "INV-2: sizes %lld and exclusive segments %u exceed the total %u",
                           (long long)sizes, pool->exclusive, pool->params.segments);
    }
    return true;
}

bool net_network_pool_audit(const struct net_network_pool *pool, struct sim_err *err)
{
    int64_t segments = (int64_t)pool->available + pool->exclusive + pool->freed;
    for (const struct net_local_pool *local = pool->all; local != NULL; local = local->next_all) {
        segments += local->requested;
    }
    if (segments != pool->params.segments) {
        return sim_err_set(err, SIM_ERR_ANSWER,
                           "INV-1: free, requested and exclusive segments sum up to %lld, not %u",
                           (long long)segments, pool->params.segments);
    }
    if (pool->total_required > pool->params.segments) {
        return sim_err_set(err, SIM_ERR_ANSWER,
                           "INV-2: %lld segments are guaranteed, but there are %u",
                           (long long)pool->total_required, pool->params.segments);
    }
    return audit_sizes(pool, err);
}
