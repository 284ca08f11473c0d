#include "models/deadlock.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/world_internal.h"

/* Who may still go on. */
struct search {
    const struct net_world *world;
    bool *is_alive;       /* per task */
    bool *gives_segments; /* per task manager: someone alive may give a segment back */
    bool has_changed;
};

static uint32_t producer_of(const struct net_link_end *link)
{
    return net_link_end_output(link)->task->entity;
}

static const struct net_task *consumer_task(const struct net_link_end *link)
{
    const struct net_input *input = link->channel->gate->owner;
    return input->task;
}

static uint32_t consumer_of(const struct net_link_end *link)
{
    return consumer_task(link)->entity;
}

static const struct net_subpartition *sub_of(const struct net_link_end *link)
{
    return net_link_end_sub(link);
}

/* ---- what a task waits for ---- */

static bool is_waiting_for_room(const struct net_task *task)
{
    return task->thread == NET_THREAD_BLOCKED ||
           (task->thread == NET_THREAD_SUSPENDED && task->waits_for_room);
}

static bool is_waiting_for_data(const struct net_task *task)
{
    return task->thread == NET_THREAD_SUSPENDED && !task->waits_for_room;
}

/* The output that holds the task up: the one it writes to, or the first without room. */
static const struct net_output *awaited_output(const struct net_task *task)
{
    if (task->thread == NET_THREAD_BLOCKED && task->emission.output < task->output_count) {
        return &task->outputs[task->emission.output];
    }
    for (uint32_t i = 0; i < task->output_count; i++) {
        if (!net_partition_is_available(&task->outputs[i].partition)) {
            return &task->outputs[i];
        }
    }
    return NULL;
}

static enum net_wait_kind kind_of(const struct net_task *task)
{
    const struct net_output *output = awaited_output(task);
    if (!is_waiting_for_room(task) || output == NULL) {
        return NET_WAIT_DATA;
    }
    const struct net_local_pool *pool = output->partition.pool;
    if (net_local_pool_requested(pool) >= net_local_pool_size(pool) &&
        net_local_pool_idle(pool) == 0) {
        return NET_WAIT_QUOTA;
    }
    return net_local_pool_idle(pool) > 0 ? NET_WAIT_CHANNEL_LIMIT : NET_WAIT_GLOBAL_POOL;
}

/*
 * Whether what is at max-buffers-per-channel is open buffers alone: nobody has anything to read,
 * only the writer could fill them up, and it waits. Possible where one buffer is the limit (LBP-5).
 */
static bool is_held_by_itself(const struct net_task *task)
{
    if (kind_of(task) != NET_WAIT_CHANNEL_LIMIT) {
        return false;
    }
    const struct net_partition *partition = &awaited_output(task)->partition;
    for (uint32_t i = 0; i < partition->count; i++) {
        bool is_open = partition->builders[i] != NULL || partition->broadcast_builder != NULL;
        if (net_local_pool_subpartition_count(partition->pool, i) > 0 &&
            (!is_open || net_subpartition_unread_bytes(&partition->subs[i]) > 0)) {
            return false;
        }
    }
    return true;
}

/* ---- who may go on ---- */

static void revive(struct search *search, uint32_t task)
{
    if (!search->is_alive[task]) {
        search->is_alive[task] = true;
        search->has_changed = true;
    }
}

/* Something of its own lies ahead of the task. */
static bool is_active(const struct net_task *task)
{
    if (task->lead != task) {
        return false; /* it has no thread of its own */
    }
    if (task->thread == NET_THREAD_RUNNING || task->thread == NET_THREAD_SERVING ||
        sim_event_is_pending(task->sim, task->step)) {
        return true;
    }
    if (task->vertex->is_source) {
        return is_waiting_for_data(task) && sim_event_is_pending(task->sim, task->timer) &&
               sim_event_time(task->sim, task->timer) < SIM_TIME_MAX - 1;
    }
    const struct net_emit_spec *emit = &task->vertex->emit;
    return emit->every > 0 && emit->records > 0 && task->output_count > 0 &&
           task->thread != NET_THREAD_BLOCKED;
}

/* A flush, or a barrier that closes the open buffer, would send something. */
static bool is_flushable(const struct search *search, const struct net_link_end *link)
{
    const struct net_subpartition *sub = sub_of(link);
    bool may_flush = net_link_end_output(link)->flusher != SIM_EVENT_NONE ||
                     search->world->spec->config.checkpoint_interval > 0;
    if (!may_flush || sub->is_flush_requested || sub->is_blocked) {
        return false;
    }
    return net_subpartition_has_part(sub) &&
           (!link->channel->is_remote || link->channel->reader->credit > 0);
}

static bool is_moving(const struct search *search, const struct net_link_end *link)
{
    if (link->channel->is_remote && net_connection_is_busy(link->channel->client->owner)) {
        return true;
    }
    return is_flushable(search, link);
}

/* LEG-3: all channels of a connection wait for the one that it has no buffer for. */
static bool waits_for_living(const struct search *search, const struct net_link_end *link)
{
    if (!link->channel->is_remote) {
        return false;
    }
    const struct net_connection *connection = link->channel->client->owner;
    if (connection->stalled_by == NULL) {
        return false;
    }
    const struct net_input *input = connection->stalled_by->gate->owner;
    return search->is_alive[input->task->entity] ||
           search->gives_segments[input->task->taskmanager];
}

/* One channel: how its two ends help each other. */
static void help_along(struct search *search, const struct net_link_end *link)
{
    const struct net_task *producer = net_link_end_output(link)->task;
    const struct net_task *consumer = consumer_task(link);
    bool *gives = search->gives_segments;
    if (waits_for_living(search, link)) {
        revive(search, producer->entity);
        revive(search, consumer->entity);
    }
    if (search->is_alive[consumer->entity]) {
        if (net_subpartition_length(sub_of(link)) > 0) {
            gives[producer->taskmanager] = true;
        }
        if (is_waiting_for_room(producer) &&
            awaited_output(producer) == net_link_end_output(link)) {
            revive(search, producer->entity);
        }
    }
    if (is_waiting_for_data(consumer) &&
        (search->is_alive[producer->entity] ||
         (link->channel->is_waiting && gives[consumer->taskmanager]))) {
        revive(search, consumer->entity);
    }
}

static void spread(struct search *search)
{
    const struct net_world *world = search->world;
    do {
        search->has_changed = false;
        for (uint32_t i = 0; i < world->task_count; i++) {
            const struct net_task *task = &world->tasks[i];
            if (search->is_alive[i]) {
                search->gives_segments[task->taskmanager] = true;
            } else if (kind_of(task) == NET_WAIT_GLOBAL_POOL &&
                       search->gives_segments[task->taskmanager]) {
                revive(search, i);
            }
        }
        for (uint32_t i = 0; i < world->link_count; i++) {
            help_along(search, &world->links[i]);
        }
    } while (search->has_changed);
}

static void find_alive(struct search *search)
{
    const struct net_world *world = search->world;
    for (uint32_t i = 0; i < world->task_count; i++) {
        search->is_alive[i] = is_active(&world->tasks[i]);
    }
    for (uint32_t i = 0; i < world->link_count; i++) {
        if (is_moving(search, &world->links[i])) {
            revive(search, producer_of(&world->links[i]));
            revive(search, consumer_of(&world->links[i]));
        }
    }
    spread(search);
}

/* ---- the chain ---- */

static int64_t overdraft_of(const struct net_local_pool *pool)
{
    int64_t over = net_local_pool_requested(pool) - net_local_pool_size(pool);
    return over > 0 ? over : 0;
}

static int64_t overdraft_of_task(const struct net_task *task)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < task->output_count; i++) {
        sum += overdraft_of(task->outputs[i].partition.pool);
    }
    return sum;
}

/* Who took most beyond his quota of the segments of a task manager; NULL: nobody. */
static const struct net_task *largest_overdraft(const struct net_world *world, uint32_t taskmanager)
{
    const struct net_task *largest = NULL;
    for (uint32_t i = 0; i < world->task_count; i++) {
        const struct net_task *task = &world->tasks[i];
        if (task->taskmanager == taskmanager && overdraft_of_task(task) > 0 &&
            (largest == NULL || overdraft_of_task(task) > overdraft_of_task(largest))) {
            largest = task;
        }
    }
    return largest;
}

/* Prefer who waits for room: his reason explains more than "has no data". */
static const struct net_task *better(const struct net_task *known, const struct net_task *other)
{
    return known == NULL || (!is_waiting_for_room(known) && is_waiting_for_room(other)) ? other
                                                                                        : known;
}

/* Who would have to move for the task to go on; all that may are stuck. NULL: nobody can. */
static const struct net_task *helper_of(const struct search *search, const struct net_task *task)
{
    const struct net_world *world = search->world;
    enum net_wait_kind kind = kind_of(task);
    const struct net_task *helper = NULL;
    if (is_held_by_itself(task)) {
        return NULL;
    }
    if (kind == NET_WAIT_GLOBAL_POOL) {
        helper = largest_overdraft(world, task->taskmanager);
    }
    for (uint32_t i = 0; helper == NULL && i < world->link_count; i++) {
        const struct net_link_end *link = &world->links[i];
        if (kind != NET_WAIT_DATA && net_link_end_output(link) == awaited_output(task) &&
            net_subpartition_length(sub_of(link)) > 0) {
            helper = better(helper, consumer_task(link));
        } else if (kind == NET_WAIT_DATA && consumer_task(link) == task) {
            helper = better(helper, net_link_end_output(link)->task);
        }
    }
    return helper;
}

static void add_text(struct net_deadlock *deadlock, const char *format, ...) SIM_PRINTF(2, 3);

static void add_text(struct net_deadlock *deadlock, const char *format, ...)
{
    size_t length = strlen(deadlock->text);
    va_list args;
    va_start(args, format);
    vsnprintf(deadlock->text + length, sizeof deadlock->text - length, format, args);
    va_end(args);
}

static const char *target_name(const struct net_world *world, const struct net_output *output)
{
    for (uint32_t i = 0; i < world->link_count; i++) {
        if (net_link_end_output(&world->links[i]) == output) {
            return consumer_task(&world->links[i])->vertex->name;
        }
    }
    return "?";
}

/* "map/0 is blocked within a record: the pool of its output to 'sink' ..." */
static void describe(const struct net_world *world, const struct net_task *task,
                     const struct net_task *helper, struct net_deadlock *deadlock)
{
    enum net_wait_kind kind = kind_of(task);
    add_text(deadlock, "%s/%u ", task->vertex->name, task->subtask);
    if (kind == NET_WAIT_DATA) {
        add_text(deadlock, "waits for data");
    } else {
        const struct net_output *output = awaited_output(task);
        const struct net_local_pool *pool = output->partition.pool;
        add_text(
            deadlock, "%s: the pool of its output to '%s' has %" PRId64 " of %" PRId64 " buffers",
            task->thread == NET_THREAD_BLOCKED ? "is blocked within a record" : "is back-pressured",
            target_name(world, output), net_local_pool_requested(pool), net_local_pool_size(pool));
        if (kind == NET_WAIT_CHANNEL_LIMIT) {
            add_text(deadlock, ", %" PRId64 " of its subpartitions at max-buffers-per-channel",
                     net_local_pool_full_subpartitions(pool));
        } else if (kind == NET_WAIT_GLOBAL_POOL) {
            add_text(deadlock, " and task manager %u has none left", task->taskmanager);
        }
    }
    if (is_held_by_itself(task)) {
        add_text(deadlock, ", each with the buffer that %s/%u itself has begun to fill\n",
                 task->vertex->name, task->subtask);
    } else if (helper == NULL) {
        add_text(deadlock, "; nobody can free it\n");
    } else if (kind == NET_WAIT_GLOBAL_POOL) {
        add_text(deadlock, "; %s/%u holds %" PRId64 " beyond its quota\n", helper->vertex->name,
                 helper->subtask, overdraft_of_task(helper));
    } else {
        add_text(deadlock, kind == NET_WAIT_DATA ? " of %s/%u\n" : "; %s/%u would have to read\n",
                 helper->vertex->name, helper->subtask);
    }
}

static uint32_t index_of_wait(const struct net_deadlock *deadlock, const struct net_task *task)
{
    for (uint32_t i = 0; i < deadlock->wait_count; i++) {
        if (deadlock->waits[i].vertex == task->vertex_index &&
            deadlock->waits[i].subtask == task->subtask) {
            return i;
        }
    }
    return UINT32_MAX;
}

/* From one stuck task to whom it waits for, and on, until nobody new comes up. */
static void follow(const struct search *search, const struct net_task *task,
                   struct net_deadlock *deadlock)
{
    while (task != NULL && deadlock->wait_count < NET_DEADLOCK_WAITS) {
        uint32_t seen = index_of_wait(deadlock, task);
        if (seen != UINT32_MAX) {
            deadlock->cycle_from = seen;
            return;
        }
        const struct net_task *helper = helper_of(search, task);
        struct net_wait *wait = &deadlock->waits[deadlock->wait_count++];
        deadlock->cycle_from = deadlock->wait_count;
        *wait = (struct net_wait){.vertex = task->vertex_index,
                                  .subtask = task->subtask,
                                  .kind = kind_of(task),
                                  .is_blocked = task->thread == NET_THREAD_BLOCKED,
                                  .is_for_someone = helper != NULL};
        if (helper != NULL) {
            wait->for_vertex = helper->vertex_index;
            wait->for_subtask = helper->subtask;
        }
        describe(search->world, task, helper, deadlock);
        task = helper;
    }
}

/*
 * Quotas never add up to more than a task manager has (INV-2), so one below its quota that finds no
 * segment misses what others hold beyond theirs. With a limit of one buffer a subpartition the one
 * that is being filled stops its own writer; with two it cannot, for readers empty the others.
 */
static void find_remedy(const struct search *search, struct net_deadlock *deadlock)
{
    const struct net_world *world = search->world;
    for (uint32_t i = 0; i < world->task_count; i++) {
        const struct net_task *task = &world->tasks[i];
        if (search->is_alive[i]) {
            continue;
        }
        if (is_held_by_itself(task)) {
            snprintf(deadlock->remedy, sizeof deadlock->remedy,
                     "set taskmanager.network.memory.max-buffers-per-channel to 2 or more (now "
                     "%" PRId64 "): the buffer that is being filled counts",
                     world->spec->config.max_buffers_per_channel);
            return;
        }
        if (kind_of(task) != NET_WAIT_GLOBAL_POOL) {
            continue;
        }
        const struct net_task *taker = largest_overdraft(world, task->taskmanager);
        if (taker != NULL) {
            snprintf(deadlock->remedy, sizeof deadlock->remedy,
                     "set taskmanager.network.memory.max-overdraft-buffers-per-gate to 0 (now "
                     "%" PRId64 "): the overdraft of %s/%u takes segments of task manager %u that "
                     "%s/%u has a right to",
                     world->spec->config.max_overdraft_per_gate, taker->vertex->name,
                     taker->subtask, task->taskmanager, task->vertex->name, task->subtask);
            return;
        }
    }
}

static void gather(const struct search *search, struct net_deadlock *deadlock)
{
    const struct net_world *world = search->world;
    const struct net_task *first = NULL;
    *deadlock = (struct net_deadlock){.records = net_world_records_in_flight(world)};
    for (uint32_t i = 0; i < world->task_count; i++) {
        const struct net_task *task = &world->tasks[i];
        if (search->is_alive[i] || !is_waiting_for_room(task)) {
            continue;
        }
        deadlock->stuck++;
        deadlock->since = task->time.since > deadlock->since ? task->time.since : deadlock->since;
        if (first == NULL ||
            (task->thread == NET_THREAD_BLOCKED && first->thread != NET_THREAD_BLOCKED)) {
            first = task;
        }
    }
    if (first != NULL) {
        follow(search, first, deadlock);
        find_remedy(search, deadlock);
    }
}

bool net_world_find_deadlock(const struct net_world *world, struct net_deadlock *deadlock)
{
    if (net_world_has_checkpoints(world) && net_coordinator_will_move(&world->coordinator)) {
        return false; /* a barrier closes open buffers, which can free who waits (WR-11) */
    }
    struct search search = {
        .world = world,
        .is_alive = sim_alloc(world->task_count, sizeof *search.is_alive),
        .gives_segments =
            sim_alloc(world->spec->cluster.taskmanagers, sizeof *search.gives_segments),
    };
    find_alive(&search);
    struct net_deadlock *found = sim_alloc(1, sizeof *found);
    gather(&search, found);
    bool is_found = found->stuck > 0;
    if (is_found) {
        *deadlock = *found;
    }
    free(found);
    free(search.is_alive);
    free(search.gives_segments);
    return is_found;
}
