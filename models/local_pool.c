#include "models/local_pool.h"

#include <stdlib.h>

#include "models/pool_internal.h"
#include "sim/arena.h"

static const char destroyed_text[] = "Buffer pool has already been destroyed.";

/* LBP-9 */
static int64_t used_of(const struct net_local_pool *pool)
{
    int64_t used = pool->requested - (int64_t)pool->idle.count;
    return used > 0 ? used : 0;
}

static void note_used(struct net_local_pool *pool)
{
    sim_level_set(&pool->used_level, used_of(pool), net_network_pool_now(pool->global));
}

/* LBP-3 */
static bool should_be_available(const struct net_local_pool *pool)
{
    return pool->idle.count > 0 && pool->full == 0;
}

/* True when this completed a future; the caller runs its callback once his own work is done. */
static bool turn_available(struct net_local_pool *pool)
{
    bool was_available = pool->is_available;
    pool->is_available = true;
    return !was_available;
}

static void run_callback(struct net_local_pool *pool)
{
    if (pool->on_available != NULL) {
        pool->on_available(pool->on_available_arg);
    }
}

/* LBP-10; true when the future was completed. */
static bool update_availability(struct net_local_pool *pool)
{
    bool needs_callback = false;
    if (pool->idle.count == 0 && pool->requested < pool->size) {
        net_segment segment = net_network_pool_request(pool->global);
        if (segment != NET_SEGMENT_NONE) {
            pool->requested++;
            net_segment_push_free(pool->buffers, &pool->idle, segment);
        } else {
            needs_callback = !pool->is_waiting_global;
        }
    }
    bool completed = false;
    if (should_be_available(pool)) {
        completed = turn_available(pool);
    } else if (pool->is_available) {
        pool->is_available = false;
        pool->futures++;
    }
    if (needs_callback) {
        pool->is_waiting_global = true;
        net_network_pool_wait(pool->global, pool);
    }
    return completed;
}

/* LBP-11: a pool that has a segment leaves this one to the others. */
void net_local_pool_global_available(struct net_local_pool *pool)
{
    pool->is_waiting_global = false;
    if (pool->is_destroyed || pool->is_available) {
        return;
    }
    if (update_availability(pool)) {
        run_callback(pool);
    }
}

/* NBP-7: the checks of the constructor, in its order. */
static bool check_params(const struct net_local_pool_params *params, struct sim_err *err)
{
    if (params->required <= 0) {
        return net_exception_set(
            err, "IllegalArgumentException",
            "Required number of memory segments (%lld) should be larger than 0.",
            (long long)params->required);
    }
    if (params->max < params->required) {
        return net_exception_set(
            err, "IllegalArgumentException",
            "Maximum number of memory segments (%lld) should not be smaller than minimum (%lld).",
            (long long)params->max, (long long)params->required);
    }
    if (params->subpartitions > 0 && params->max_per_subpartition <= 0) {
        return net_exception_set(
            err, "IllegalArgumentException",
            "Maximum number of buffers for each channel (%lld) should be larger than 0.",
            (long long)params->max_per_subpartition);
    }
    if (params->subpartitions > 0 && params->max_overdraft < 0) {
        return net_exception_set(
            err, "IllegalArgumentException",
            "Maximum number of overdraft buffers for each gate (%lld) should not be less than 0.",
            (long long)params->max_overdraft);
    }
    return true;
}

/* LBP-1, LBP-2 */
struct net_local_pool *net_local_pool_construct(struct net_network_pool *global,
                                                const struct net_local_pool_params *params,
                                                struct sim_err *err)
{
    if (!check_params(params, err)) {
        return NULL;
    }
    struct net_local_pool *pool = sim_alloc_lines(1, sizeof *pool);
    pool->buffers = global->buffers;
    pool->global = global;
    pool->required = params->required;
    pool->max = params->max;
    pool->size = params->required;
    pool->max_overdraft = params->max_overdraft;
    pool->max_per_subpartition = params->max_per_subpartition;
    pool->subpartitions = params->subpartitions;
    pool->counts = sim_alloc(params->subpartitions, sizeof *pool->counts);
    pool->key = params->key;
    pool->futures = 1;
    pool->next_all = global->all;
    if (global->all != NULL) {
        global->all->previous_all = pool;
    }
    global->all = pool;
    sim_level_init(&pool->used_level, 0, net_network_pool_now(global));
    sim_level_init(&pool->size_level, pool->size, net_network_pool_now(global));
    (void)update_availability(pool);
    return pool;
}

void net_local_pool_release(struct net_local_pool *pool)
{
    if (pool->next_all != NULL) {
        pool->next_all->previous_all = pool->previous_all;
    }
    if (pool->previous_all != NULL) {
        pool->previous_all->next_all = pool->next_all;
    } else {
        pool->global->all = pool->next_all;
    }
    free(pool->counts);
    free(pool);
}

void net_local_pool_on_available(struct net_local_pool *pool, void (*fn)(void *arg), void *arg)
{
    pool->on_available = fn;
    pool->on_available_arg = arg;
}

/* LBP-5, LBP-18: only the step to the limit and the step back from it count. */
static void count_out(struct net_local_pool *pool, uint32_t subpartition)
{
    pool->held++;
    if (subpartition == NET_NO_SUBPARTITION) {
        pool->held_plain++;
        return;
    }
    sim_assert(pool->global->simulation, subpartition < pool->subpartitions);
    pool->full += ++pool->counts[subpartition] == pool->max_per_subpartition;
}

static void count_in(struct net_local_pool *pool, uint32_t subpartition)
{
    if (subpartition == NET_NO_SUBPARTITION) {
        return;
    }
    sim_assert(pool->global->simulation, subpartition < pool->subpartitions);
    pool->full -= pool->counts[subpartition]-- == pool->max_per_subpartition;
}

/* LBP-7 */
static net_segment request_overdraft(struct net_local_pool *pool)
{
    if (pool->requested - pool->size >= pool->max_overdraft) {
        return NET_SEGMENT_NONE;
    }
    net_segment segment = net_network_pool_request(pool->global);
    pool->requested += segment != NET_SEGMENT_NONE;
    return segment;
}

/* LBP-4. A future that this completes is left alone, as Flink does: it happens in no normal use. */
net_segment net_local_pool_request(struct net_local_pool *pool, uint32_t subpartition)
{
    if (pool->is_destroyed) {
        return NET_SEGMENT_NONE;
    }
    net_segment segment = net_segment_pop_free(pool->buffers, &pool->idle);
    if (segment == NET_SEGMENT_NONE && pool->requested >= pool->size) {
        segment = request_overdraft(pool);
    }
    if (segment == NET_SEGMENT_NONE) {
        return NET_SEGMENT_NONE;
    }
    count_out(pool, subpartition);
    note_used(pool);
    (void)update_availability(pool);
    return segment;
}

static bool check_destroyed(const struct net_local_pool *pool, struct sim_err *err)
{
    return !pool->is_destroyed ||
           net_exception_set(err, "CancelTaskException", "%s", destroyed_text);
}

bool net_local_pool_try_request(struct net_local_pool *pool, uint32_t subpartition,
                                net_segment *segment, struct sim_err *err)
{
    if (!check_destroyed(pool, err)) {
        return false;
    }
    *segment = net_local_pool_request(pool, subpartition);
    return true;
}

static void return_segment(struct net_local_pool *pool, net_segment segment)
{
    pool->requested--;
    note_used(pool);
    net_network_pool_recycle(pool->global, segment);
}

static struct net_buffer_listener *pop_listener(struct net_local_pool *pool)
{
    struct net_buffer_listener *listener = pool->first_listener;
    if (listener != NULL) {
        pool->first_listener = listener->next;
        if (pool->first_listener == NULL) {
            pool->last_listener = NULL;
        }
        listener->next = NULL;
        pool->listener_count--;
    }
    return listener;
}

/* LBP-13: keep the segment, since nobody waits for it. */
static void keep_segment(struct net_local_pool *pool, net_segment segment)
{
    net_segment_push_free(pool->buffers, &pool->idle, segment);
    note_used(pool);
    if (!pool->is_available && should_be_available(pool)) {
        pool->is_available = true;
        run_callback(pool);
    }
}

/*
 * LBP-13: offer the segment to listener after listener. The subpartition's counter goes down for
 * each of them; pools with subpartitions have no listeners in normal use (LBP-13 d).
 */
static bool offer_segment(struct net_local_pool *pool, net_segment segment, uint32_t subpartition,
                          struct sim_err *err)
{
    for (;;) {
        count_in(pool, subpartition);
        if (pool->is_destroyed || pool->requested > pool->size) {
            pool->held--;
            return_segment(pool, segment);
            return true;
        }
        struct net_buffer_listener *listener = pop_listener(pool);
        if (listener == NULL) {
            pool->held--;
            keep_segment(pool, segment);
            return true;
        }
        if (pool->is_available != should_be_available(pool)) {
            return net_exception_set(err, "IllegalStateException",
                                     "Inconsistent availability: expected %s",
                                     should_be_available(pool) ? "true" : "false");
        }
        pool->held_plain++;
        if (pool->listener_calls->offer(listener, segment)) {
            return true;
        }
        pool->held_plain--;
    }
}

bool net_local_pool_try_recycle(struct net_local_pool *pool, net_segment segment,
                                uint32_t subpartition, struct sim_err *err)
{
    sim_assert(pool->global->simulation, net_network_pool_is_held(pool->global, segment));
    if (subpartition == NET_NO_SUBPARTITION) {
        pool->held_plain--;
    }
    return offer_segment(pool, segment, subpartition, err);
}

void net_local_pool_recycle(struct net_local_pool *pool, net_segment segment, uint32_t subpartition)
{
    bool is_consistent = net_local_pool_try_recycle(pool, segment, subpartition, NULL);
    sim_assert(pool->global->simulation, is_consistent);
}

void net_local_pool_set_listener_calls(struct net_local_pool *pool,
                                       const struct net_listener_calls *calls)
{
    pool->listener_calls = calls;
}

/* LBP-15 */
bool net_local_pool_add_listener(struct net_local_pool *pool, struct net_buffer_listener *listener)
{
    if (pool->idle.count > 0 || pool->is_destroyed) {
        return false;
    }
    listener->next = NULL;
    if (pool->last_listener == NULL) {
        pool->first_listener = listener;
    } else {
        pool->last_listener->next = listener;
    }
    pool->last_listener = listener;
    pool->listener_count++;
    return true;
}

/* LBP-14 */
void net_local_pool_destroy(struct net_local_pool *pool)
{
    if (pool->is_destroyed) {
        return;
    }
    net_segment segment;
    while ((segment = net_segment_pop_free(pool->buffers, &pool->idle)) != NET_SEGMENT_NONE) {
        return_segment(pool, segment);
    }
    struct net_buffer_listener *listener;
    while ((listener = pop_listener(pool)) != NULL) {
        if (pool->listener_calls->gone != NULL) {
            pool->listener_calls->gone(listener);
        }
    }
    pool->is_destroyed = true;
    if (turn_available(pool)) {
        run_callback(pool);
    }
    net_network_pool_unregister(pool->global, pool);
}

/* LBP-16: as in Flink the segments go into the pool without counting as requested, and the pool
 * turns available without a look at its subpartitions. */
bool net_local_pool_reserve(struct net_local_pool *pool, int64_t segments, struct sim_err *err)
{
    if (segments > pool->required) {
        return net_exception_set(err, "IllegalArgumentException",
                                 "Can not reserve more segments than number of required segments.");
    }
    if (!check_destroyed(pool, err)) {
        return false;
    }
    if (pool->requested >= segments) {
        return true;
    }
    int64_t count = segments - pool->requested;
    if (count > net_network_pool_available(pool->global)) {
        return net_network_pool_collect(pool->global, count, NULL, err);
    }
    net_segment *taken = sim_alloc((size_t)count, sizeof *taken);
    bool is_taken = net_network_pool_collect(pool->global, count, taken, err);
    for (int64_t i = 0; is_taken && i < count; i++) {
        net_segment_push_free(pool->buffers, &pool->idle, taken[i]);
    }
    free(taken);
    note_used(pool);
    if (is_taken && turn_available(pool)) {
        run_callback(pool);
    }
    return is_taken;
}

/* LBP-12 */
bool net_local_pool_set_size(struct net_local_pool *pool, int64_t size, struct sim_err *err)
{
    if (size < pool->required) {
        return net_exception_set(
            err, "IllegalArgumentException",
            "Buffer pool needs at least %lld buffers, but tried to set to %lld",
            (long long)pool->required, (long long)size);
    }
    pool->size = size < pool->max ? size : pool->max;
    sim_level_set(&pool->size_level, pool->size, net_network_pool_now(pool->global));
    while (pool->requested > pool->size) {
        net_segment segment = net_segment_pop_free(pool->buffers, &pool->idle);
        if (segment == NET_SEGMENT_NONE) {
            break;
        }
        return_segment(pool, segment);
    }
    if (!pool->is_destroyed && update_availability(pool)) {
        run_callback(pool);
    }
    return true;
}

/* LBP-17 */
void net_local_pool_set_max_overdraft(struct net_local_pool *pool, int64_t max_overdraft)
{
    pool->max_overdraft = max_overdraft;
}

bool net_local_pool_is_available(const struct net_local_pool *pool)
{
    return pool->is_available;
}

bool net_local_pool_is_destroyed(const struct net_local_pool *pool)
{
    return pool->is_destroyed;
}

const struct net_buffer_listener *net_local_pool_first_listener(const struct net_local_pool *pool)
{
    return pool->first_listener;
}

bool net_local_pool_is_waiting(const struct net_local_pool *pool)
{
    return pool->is_waiting_global;
}

uint64_t net_local_pool_futures(const struct net_local_pool *pool)
{
    return pool->futures;
}

int64_t net_local_pool_size(const struct net_local_pool *pool)
{
    return pool->size;
}

int64_t net_local_pool_required(const struct net_local_pool *pool)
{
    return pool->required;
}

int64_t net_local_pool_max(const struct net_local_pool *pool)
{
    return pool->max;
}

int64_t net_local_pool_max_overdraft(const struct net_local_pool *pool)
{
    return pool->max_overdraft;
}

int64_t net_local_pool_requested(const struct net_local_pool *pool)
{
    return pool->requested;
}

int64_t net_local_pool_idle(const struct net_local_pool *pool)
{
    return pool->idle.count;
}

int64_t net_local_pool_used(const struct net_local_pool *pool)
{
    return used_of(pool);
}

int64_t net_local_pool_full_subpartitions(const struct net_local_pool *pool)
{
    return (int32_t)pool->full;
}

int64_t net_local_pool_subpartition_count(const struct net_local_pool *pool, uint32_t subpartition)
{
    sim_assert(pool->global->simulation, subpartition < pool->subpartitions);
    return pool->counts[subpartition];
}

int64_t net_local_pool_listeners(const struct net_local_pool *pool)
{
    return pool->listener_count;
}

const struct sim_level *net_local_pool_used_level(const struct net_local_pool *pool)
{
    return &pool->used_level;
}

const struct sim_level *net_local_pool_size_level(const struct net_local_pool *pool)
{
    return &pool->size_level;
}

/* INV-5: the counters of the subpartitions, and what was handed out without one. */
static bool audit_counts(const struct net_local_pool *pool, struct sim_err *err)
{
    int64_t full = 0;
    int64_t counted = pool->held_plain;
    for (uint32_t i = 0; i < pool->subpartitions; i++) {
        full += pool->counts[i] >= pool->max_per_subpartition;
        counted += pool->counts[i];
    }
    if (full != net_local_pool_full_subpartitions(pool)) {
        return sim_err_set(err, SIM_ERR_ANSWER,
                           "INV-5: %lld subpartitions are at their limit, but %lld are counted",
                           (long long)full, (long long)net_local_pool_full_subpartitions(pool));
    }
    if (counted != used_of(pool) || pool->held != counted) {
        return sim_err_set(err, SIM_ERR_ANSWER,
                           "INV-5: %lld buffers are used, %lld are counted, %lld are out",
                           (long long)used_of(pool), (long long)counted, (long long)pool->held);
    }
    return true;
}

bool net_local_pool_audit(const struct net_local_pool *pool, struct sim_err *err)
{
    if (pool->requested > pool->size && pool->idle.count > 0) {
        return sim_err_set(err, SIM_ERR_ANSWER,
                           "INV-3: %lld segments of %lld are requested, but %u lie idle",
                           (long long)pool->requested, (long long)pool->size, pool->idle.count);
    }
    if (!pool->is_destroyed && pool->is_available != should_be_available(pool)) {
        return sim_err_set(err, SIM_ERR_ANSWER,
                           "INV-4: the pool is %s with %u idle segments and %lld full ones",
                           pool->is_available ? "available" : "unavailable", pool->idle.count,
                           (long long)net_local_pool_full_subpartitions(pool));
    }
    return audit_counts(pool, err);
}

void net_local_pool_mark(struct net_local_pool *pool)
{
    sim_level_mark(&pool->used_level);
    sim_level_mark(&pool->size_level);
}
