/*
 * Replay of the pools: NetworkBufferPool and LocalBufferPool.
 *
 * Besides the model this keeps what the recorder kept: who holds which segment, and which
 * availability futures were incomplete before the operation, since only their completion is told.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "models/local_pool.h"
#include "models/network_pool.h"
#include "sim/arena.h"
#include "studies/replay_kind.h"

#define MAX_SEGMENTS (1 << 24)
#define MAX_SUBPARTITIONS (1 << 20) /* of all pools that are there */
#define HELD_BY_NOBODY (-1)
#define HELD_UNPOOLED (-2)
#define NO_SUBPARTITION (-1)

struct replay_pool {
    struct pool_replay *replay;
    struct net_local_pool *pool;
    int64_t id;
    uint32_t subpartitions;
    bool is_new;      /* its counters were not written down yet: they start at 0 */
    uint32_t held;    /* segments that its users have */
    bool is_watched;  /* its future was incomplete when the operation began */
    uint64_t watched; /* the number of that future */
};

/* Who has a segment. */
struct holder {
    int32_t pool;
    int32_t subpartition;
};

enum listener_policy { POLICY_KEEP, POLICY_REJECT, POLICY_BOUNCE, POLICY_GRAB };

struct replay_listener {
    struct net_buffer_listener listener; /* first: a listener is one of these */
    struct replay_pool *pool;
    int64_t id;
    enum listener_policy policy;
    int64_t wanted; /* by a grabbing one, in all */
    int64_t got;
    struct replay_listener *next; /* in the list of all */
};

struct pool_replay {
    struct net_network_pool_params params;
    bool has_order;
    struct net_network_pool *global;
    struct holder *holders;     /* by segment */
    struct replay_pool **pools; /* ascending by id: alive, or with buffers still out */
    size_t pool_count;
    size_t pool_capacity;
    int64_t last_id;
    uint64_t subpartitions;
    struct replay_listener *listeners;
    struct study_replay_step *step; /* the present one */
    bool has_failed;                /* an exception on its way out of a listener */
    struct sim_err failure;
    bool is_watched; /* the global future, as for a pool */
    uint64_t watched;
};

static void *create_replay(void)
{
    struct pool_replay *replay = sim_alloc(1, sizeof *replay);
    replay->last_id = -1;
    return replay;
}

static void destroy_replay(void *model)
{
    struct pool_replay *replay = model;
    net_network_pool_free(replay->global);
    while (replay->listeners != NULL) {
        struct replay_listener *next = replay->listeners->next;
        free(replay->listeners);
        replay->listeners = next;
    }
    for (size_t i = 0; i < replay->pool_count; i++) {
        free(replay->pools[i]);
    }
    free(replay->pools);
    free(replay->holders);
    free(replay);
}

static bool read_order(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct pool_replay *replay = model;
    replay->has_order = true;
    if (strcmp(step->call->word, "creation") != 0 && strcmp(step->call->word, "key") != 0) {
        return study_trace_fail(step->trace, step->call->line, err,
                                "order: '%.40s'; expected creation or key", step->call->word);
    }
    return true;
}

static bool read_global(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct pool_replay *replay = model;
    const int64_t *values = step->call->values;
    if (values[0] < 1 || values[0] > MAX_SEGMENTS || values[1] < 1 || values[2] < 1) {
        return study_trace_fail(step->trace, step->call->line, err,
                                "global: expected 1 to %d segments, a size and a time-out",
                                MAX_SEGMENTS);
    }
    replay->params = (struct net_network_pool_params){.segments = (uint32_t)values[0],
                                                      .segment_bytes = (uint32_t)values[1],
                                                      .request_timeout = values[2] * SIM_MS};
    return true;
}

static bool begin_replay(void *model, struct sim_err *err)
{
    struct pool_replay *replay = model;
    if (!replay->has_order || replay->params.segments == 0) {
        return sim_err_set(err, SIM_ERR_INPUT,
                           "expected the lines 'order ...' and 'global ...' before the state");
    }
    replay->global = net_network_pool_create(NULL, &replay->params);
    replay->holders = sim_alloc(replay->params.segments, sizeof *replay->holders);
    for (uint32_t i = 0; i < replay->params.segments; i++) {
        replay->holders[i].pool = HELD_BY_NOBODY;
    }
    return true;
}

/* Remember which futures are incomplete: the recorder only sees those complete. */
static void watch(struct pool_replay *replay, struct study_replay_step *step)
{
    replay->step = step;
    replay->has_failed = false;
    replay->is_watched = !net_network_pool_is_available(replay->global);
    replay->watched = net_network_pool_futures(replay->global);
    for (size_t i = 0; i < replay->pool_count; i++) {
        struct replay_pool *entry = replay->pools[i];
        entry->is_watched = !net_local_pool_is_available(entry->pool);
        entry->watched = net_local_pool_futures(entry->pool);
    }
}

static void on_available(void *arg)
{
    struct replay_pool *entry = arg;
    if (entry->is_watched && net_local_pool_futures(entry->pool) == entry->watched) {
        entry->is_watched = false;
        sim_text_add(&entry->replay->step->events, "fut %" PRId64 "\n", entry->id);
    }
}

static void write_result(struct pool_replay *replay, const char *result)
{
    sim_text_clear(&replay->step->result);
    sim_text_add(&replay->step->result, "%s", result);
}

static void write_exception(struct pool_replay *replay, const struct sim_err *exception)
{
    sim_text_clear(&replay->step->result);
    sim_text_add(&replay->step->result, "ex %s %s", exception->file, exception->text);
}

/* The recorder tells of the global future last, whenever it completed. */
static void conclude(struct pool_replay *replay)
{
    if (replay->is_watched && (net_network_pool_is_available(replay->global) ||
                               net_network_pool_futures(replay->global) != replay->watched)) {
        sim_text_add(&replay->step->events, "gfut\n");
    }
}

/* Finish an operation that has no result but an exception. */
static bool conclude_ok(struct pool_replay *replay, bool is_ok, const struct sim_err *exception)
{
    if (is_ok) {
        write_result(replay, "ok");
    } else {
        write_exception(replay, exception);
    }
    conclude(replay);
    return true;
}

/* The pool that the operation names first; NULL, with an error, when there is none. */
static struct replay_pool *find_pool(struct pool_replay *replay,
                                     const struct study_replay_step *step, struct sim_err *err)
{
    int64_t id = step->call->values[0];
    for (size_t i = 0; i < replay->pool_count; i++) {
        if (replay->pools[i]->id == id) {
            return replay->pools[i];
        }
    }
    study_trace_fail(step->trace, step->call->line, err, "%s: there is no pool %" PRId64,
                     step->call->name, id);
    return NULL;
}

/* The same, for an operation that has nothing more to check: it begins. */
static struct replay_pool *begin_with_pool(struct pool_replay *replay,
                                           struct study_replay_step *step, struct sim_err *err)
{
    struct replay_pool *entry = find_pool(replay, step, err);
    if (entry != NULL) {
        watch(replay, step);
    }
    return entry;
}

static void hold(struct pool_replay *replay, net_segment segment, struct replay_pool *entry,
                 int32_t subpartition)
{
    replay->holders[segment] = (struct holder){(int32_t)entry->id, subpartition};
    entry->held++;
}

static bool check_create(const struct pool_replay *replay, const struct study_replay_step *step,
                         struct sim_err *err)
{
    const int64_t *values = step->call->values;
    if (values[0] <= replay->last_id) {
        return study_trace_fail(step->trace, step->call->line, err,
                                "create: pool %" PRId64 " is not behind pool %" PRId64, values[0],
                                replay->last_id);
    }
    if (values[4] < 0 || replay->subpartitions + (uint64_t)values[4] > MAX_SUBPARTITIONS) {
        return study_trace_fail(step->trace, step->call->line, err,
                                "create: %" PRId64 " subpartitions; expected 0 to %d in all",
                                values[4], MAX_SUBPARTITIONS);
    }
    return true;
}

static void add_pool(struct pool_replay *replay, int64_t id, uint32_t subpartitions,
                     struct net_local_pool *pool)
{
    if (replay->pool_count == replay->pool_capacity) {
        replay->pool_capacity = replay->pool_capacity == 0 ? 16 : 2 * replay->pool_capacity;
        replay->pools = sim_realloc(replay->pools, replay->pool_capacity, sizeof *replay->pools);
    }
    struct replay_pool *entry = sim_alloc(1, sizeof *entry);
    *entry = (struct replay_pool){
        .replay = replay, .pool = pool, .id = id, .subpartitions = subpartitions, .is_new = true};
    replay->subpartitions += subpartitions;
    replay->pools[replay->pool_count++] = entry;
    net_local_pool_on_available(pool, on_available, entry);
}

static bool run_create(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct pool_replay *replay = model;
    const int64_t *values = step->call->values;
    if (!check_create(replay, step, err)) {
        return false;
    }
    watch(replay, step);
    replay->last_id = values[0];
    struct net_local_pool_params params = {.key = values[1],
                                           .required = values[2],
                                           .max = values[3],
                                           .subpartitions = (uint32_t)values[4],
                                           .max_per_subpartition = values[5],
                                           .max_overdraft = values[6]};
    struct sim_err exception = {0};
    struct net_local_pool *pool = net_network_pool_create_pool(replay->global, &params, &exception);
    if (pool != NULL) {
        add_pool(replay, values[0], params.subpartitions, pool);
    }
    return conclude_ok(replay, pool != NULL, &exception);
}

/* -1 stands for none. */
static bool check_subpartition(const struct replay_pool *entry,
                               const struct study_replay_step *step, int64_t subpartition,
                               struct sim_err *err)
{
    if (subpartition < NO_SUBPARTITION || subpartition >= (int64_t)entry->subpartitions) {
        return study_trace_fail(step->trace, step->call->line, err,
                                "%s: there is no subpartition %" PRId64 " in pool %" PRId64,
                                step->call->name, subpartition, entry->id);
    }
    return true;
}

static bool run_request(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct pool_replay *replay = model;
    struct replay_pool *entry = find_pool(replay, step, err);
    int64_t subpartition = step->call->values[1];
    if (entry == NULL || !check_subpartition(entry, step, subpartition, err)) {
        return false;
    }
    watch(replay, step);
    struct sim_err exception = {0};
    net_segment segment = NET_SEGMENT_NONE;
    if (!net_local_pool_try_request(entry->pool,
                                    subpartition < 0 ? NET_NO_SUBPARTITION : (uint32_t)subpartition,
                                    &segment, &exception)) {
        write_exception(replay, &exception);
    } else if (segment == NET_SEGMENT_NONE) {
        write_result(replay, "null");
    } else {
        hold(replay, segment, entry, (int32_t)subpartition);
        sim_text_add(&step->result, "buf %" PRIu32, segment);
    }
    conclude(replay);
    return true;
}

/* The holder gives a segment up; false, with an error, when he does not have it. */
static bool give_up(struct pool_replay *replay, const struct study_replay_step *step,
                    int64_t segment, struct holder holder, struct sim_err *err)
{
    if (segment < 0 || segment >= (int64_t)replay->params.segments ||
        replay->holders[segment].pool != holder.pool ||
        (holder.pool >= 0 && replay->holders[segment].subpartition != holder.subpartition)) {
        return study_trace_fail(step->trace, step->call->line, err,
                                "%s: segment %" PRId64 " is not held like that", step->call->name,
                                segment);
    }
    replay->holders[segment].pool = HELD_BY_NOBODY;
    return true;
}

static bool run_recycle(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct pool_replay *replay = model;
    struct replay_pool *entry = find_pool(replay, step, err);
    const int64_t *values = step->call->values;
    if (entry == NULL || !check_subpartition(entry, step, values[2], err) ||
        !give_up(replay, step, values[1], (struct holder){(int32_t)entry->id, (int32_t)values[2]},
                 err)) {
        return false;
    }
    watch(replay, step);
    entry->held--;
    struct sim_err exception = {0};
    bool is_ok = net_local_pool_try_recycle(
        entry->pool, (net_segment)values[1],
        values[2] < 0 ? NET_NO_SUBPARTITION : (uint32_t)values[2], &exception);
    if (replay->has_failed) {
        is_ok = false;
        exception = replay->failure;
    }
    return conclude_ok(replay, is_ok, &exception);
}

static bool run_unpooled(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct pool_replay *replay = model;
    int64_t count = step->call->values[0];
    watch(replay, step);
    size_t room = count < 0                                  ? 0
                  : count > (int64_t)replay->params.segments ? replay->params.segments
                                                             : (size_t)count;
    net_segment *segments = sim_alloc(room, sizeof *segments);
    struct sim_err exception = {0};
    if (net_network_pool_request_unpooled(replay->global, count, segments, &exception)) {
        sim_text_add(&step->result, "segs %" PRId64, count);
        for (int64_t i = 0; i < count; i++) {
            replay->holders[segments[i]].pool = HELD_UNPOOLED;
            sim_text_add(&step->result, " %" PRIu32, segments[i]);
        }
    } else {
        write_exception(replay, &exception);
    }
    free(segments);
    conclude(replay);
    return true;
}

static bool run_recycle_unpooled(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct pool_replay *replay = model;
    int64_t count = step->call->values[0];
    if (count < 0) {
        return study_trace_fail(step->trace, step->call->line, err,
                                "recycle_unpooled: %" PRId64 " segments", count);
    }
    net_segment *segments = sim_alloc((size_t)count, sizeof *segments);
    for (int64_t i = 0; i < count; i++) {
        int64_t segment = step->call->values[1 + i];
        if (!give_up(replay, step, segment, (struct holder){HELD_UNPOOLED, NO_SUBPARTITION}, err)) {
            free(segments);
            return false;
        }
        segments[i] = (net_segment)segment;
    }
    watch(replay, step);
    net_network_pool_recycle_unpooled(replay->global, count, segments);
    free(segments);
    return conclude_ok(replay, true, NULL);
}

static bool run_destroy(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct pool_replay *replay = model;
    struct replay_pool *entry = begin_with_pool(replay, step, err);
    if (entry == NULL) {
        return false;
    }
    net_local_pool_destroy(entry->pool);
    return conclude_ok(replay, true, NULL);
}

static bool run_reserve(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct pool_replay *replay = model;
    struct replay_pool *entry = begin_with_pool(replay, step, err);
    if (entry == NULL) {
        return false;
    }
    struct sim_err exception = {0};
    bool is_ok = net_local_pool_reserve(entry->pool, step->call->values[1], &exception);
    return conclude_ok(replay, is_ok, &exception);
}

static bool run_set_overdraft(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct pool_replay *replay = model;
    struct replay_pool *entry = begin_with_pool(replay, step, err);
    if (entry == NULL) {
        return false;
    }
    net_local_pool_set_max_overdraft(entry->pool, step->call->values[1]);
    return conclude_ok(replay, true, NULL);
}

static bool run_set_size(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct pool_replay *replay = model;
    struct replay_pool *entry = begin_with_pool(replay, step, err);
    if (entry == NULL) {
        return false;
    }
    struct sim_err exception = {0};
    bool is_ok = net_local_pool_set_size(entry->pool, step->call->values[1], &exception);
    return conclude_ok(replay, is_ok, &exception);
}

/* Take more until it has all it wants, the way BufferManager does. */
static void grab_more(struct replay_listener *listener)
{
    struct replay_pool *entry = listener->pool;
    struct sim_text *events = &entry->replay->step->events;
    while (listener->got < listener->wanted && !net_local_pool_is_destroyed(entry->pool)) {
        net_segment segment = net_local_pool_request(entry->pool, NET_NO_SUBPARTITION);
        if (segment != NET_SEGMENT_NONE) {
            sim_text_add(events, "grab %" PRId64 " %" PRIu32 "\n", listener->id, segment);
            hold(entry->replay, segment, entry, NO_SUBPARTITION);
            listener->got++;
            continue;
        }
        bool is_listening = net_local_pool_add_listener(entry->pool, &listener->listener);
        sim_text_add(events, "relisten %" PRId64 " %d\n", listener->id, is_listening);
        if (is_listening) {
            return;
        }
    }
}

static bool offer(struct net_buffer_listener *base, net_segment segment)
{
    struct replay_listener *listener = (struct replay_listener *)base;
    struct replay_pool *entry = listener->pool;
    struct pool_replay *replay = entry->replay;
    sim_text_add(&replay->step->events, "notify %" PRId64 " %" PRIu32 " %d\n", listener->id,
                 segment, listener->policy != POLICY_REJECT);
    if (listener->policy == POLICY_REJECT) {
        return false;
    }
    if (listener->policy == POLICY_BOUNCE) {
        struct sim_err exception = {0};
        if (!net_local_pool_try_recycle(entry->pool, segment, NET_NO_SUBPARTITION, &exception)) {
            replay->has_failed = true;
            replay->failure = exception;
        }
        return true;
    }
    hold(replay, segment, entry, NO_SUBPARTITION);
    listener->got++;
    if (listener->policy == POLICY_GRAB) {
        grab_more(listener);
    }
    return true;
}

static void gone(struct net_buffer_listener *base)
{
    struct replay_listener *listener = (struct replay_listener *)base;
    sim_text_add(&listener->pool->replay->step->events, "gone %" PRId64 "\n", listener->id);
}

static bool read_policy(const struct study_replay_step *step, enum listener_policy *policy,
                        struct sim_err *err)
{
    static const char *const names[] = {"keep", "reject", "bounce", "grab"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(step->call->word, names[i]) == 0) {
            *policy = (enum listener_policy)i;
            return true;
        }
    }
    return study_trace_fail(step->trace, step->call->line, err,
                            "listen: '%.40s'; expected keep, reject, bounce or grab",
                            step->call->word);
}

static bool run_listen(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct pool_replay *replay = model;
    struct replay_pool *entry = find_pool(replay, step, err);
    static const struct net_listener_calls calls = {.offer = offer, .gone = gone};
    enum listener_policy policy = POLICY_KEEP;
    if (entry == NULL || !read_policy(step, &policy, err)) {
        return false;
    }
    watch(replay, step);
    struct replay_listener *listener = sim_alloc(1, sizeof *listener);
    *listener = (struct replay_listener){
        .pool = entry,
        .id = step->call->values[1],
        .policy = policy,
        .wanted = step->call->values[2],
        .next = replay->listeners,
    };
    replay->listeners = listener;
    net_local_pool_set_listener_calls(entry->pool, &calls);
    bool is_listening = net_local_pool_add_listener(entry->pool, &listener->listener);
    write_result(replay, is_listening ? "true" : "false");
    conclude(replay);
    return true;
}

static bool run_destroy_all(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct pool_replay *replay = model;
    watch(replay, step);
    struct sim_err exception = {0};
    bool is_ok = net_network_pool_destroy_all_pools(replay->global, &exception);
    return conclude_ok(replay, is_ok, &exception);
}

static bool run_shut_down(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct pool_replay *replay = model;
    watch(replay, step);
    net_network_pool_shut_down(replay->global);
    return conclude_ok(replay, true, NULL);
}

static void write_pool(struct replay_pool *entry, struct study_state *state)
{
    const struct net_local_pool *pool = entry->pool;
    int64_t size = net_local_pool_size(pool);
    int64_t requested = net_local_pool_requested(pool);
    study_state_line(state, 2,
                     "p %" PRId64 " %d %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64
                     " %d %d %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64,
                     entry->id, net_local_pool_is_destroyed(pool), size, requested,
                     net_local_pool_idle(pool), net_local_pool_used(pool),
                     net_local_pool_is_available(pool), net_local_pool_is_waiting(pool),
                     net_local_pool_full_subpartitions(pool), net_local_pool_listeners(pool),
                     net_local_pool_max_overdraft(pool), requested > size ? requested - size : 0);
    for (uint32_t i = 0; i < entry->subpartitions; i++) {
        if (entry->is_new) {
            study_state_known(state, 3, "c %" PRId64 " %" PRIu32 " 0", entry->id, i);
        }
        study_state_line(state, 3, "c %" PRId64 " %" PRIu32 " %" PRId64, entry->id, i,
                         net_local_pool_subpartition_count(pool, i));
    }
    entry->is_new = false;
}

/* A destroyed pool without buffers out is never named again. */
static void forget_gone_pools(struct pool_replay *replay)
{
    size_t kept = 0;
    for (size_t i = 0; i < replay->pool_count; i++) {
        struct replay_pool *entry = replay->pools[i];
        if (net_local_pool_is_destroyed(entry->pool) && entry->held == 0) {
            net_local_pool_on_available(entry->pool, NULL, NULL);
            replay->subpartitions -= entry->subpartitions;
            free(entry);
        } else {
            replay->pools[kept++] = entry;
        }
    }
    replay->pool_count = kept;
}

static void write_state(void *model, struct study_state *state)
{
    struct pool_replay *replay = model;
    const struct net_network_pool *global = replay->global;
    study_state_line(state, 1, "g %" PRIu32 " %" PRId64 " %" PRIu32 " %" PRIu32 " %d %" PRId64,
                     net_network_pool_available(global), net_network_pool_required(global),
                     net_network_pool_pool_count(global), net_network_pool_resizable_count(global),
                     net_network_pool_is_available(global), net_network_pool_estimated(global));
    for (size_t i = 0; i < replay->pool_count; i++) {
        write_pool(replay->pools[i], state);
    }
    forget_gone_pools(replay);
}

/* INV-1 to INV-5 */
static bool audit(void *model, struct sim_err *err)
{
    const struct pool_replay *replay = model;
    for (size_t i = 0; i < replay->pool_count; i++) {
        if (!net_local_pool_audit(replay->pools[i]->pool, err)) {
            return false;
        }
    }
    return net_network_pool_audit(replay->global, err);
}

static const struct study_replay_operation parameters[] = {
    {"order", "w", read_order}, {"global", "iii", read_global}, {0}};

static const struct study_replay_operation operations[] = {
    {"create", "iiiiiii", run_create},
    {"request", "ii", run_request},
    {"recycle", "iii", run_recycle},
    {"unpooled", "i", run_unpooled},
    {"recycle_unpooled", "n", run_recycle_unpooled},
    {"destroy", "i", run_destroy},
    {"reserve", "ii", run_reserve},
    {"setod", "ii", run_set_overdraft},
    {"setnum", "ii", run_set_size},
    {"listen", "iiwi", run_listen},
    {"destroy_all", "", run_destroy_all},
    {"shutdown", "", run_shut_down},
    {0},
};

const struct study_replay_kind study_replay_pool = {
    .name = "pooltrace",
    .parameters = parameters,
    .operations = operations,
    .create = create_replay,
    .destroy = destroy_replay,
    .begin = begin_replay,
    .write_state = write_state,
    .audit = audit,
};
