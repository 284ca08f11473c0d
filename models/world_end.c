/* When a run stops before its time: enough records, or none left. */
#include "models/world_internal.h"

bool net_world_has_end(const struct net_world *world)
{
    return world->spec->run.until_records > 0 || world->spec->run.until_drained;
}

enum net_stop net_world_stopped_for(const struct net_world *world)
{
    return world->stop;
}

static bool is_sink(const struct net_task *task)
{
    return !task->vertex->is_source && task->lead->output_count == 0 && task->next == NULL;
}

/* An event begins one service at most, so it takes as many events as records are missing. */
static bool has_enough(struct net_world *world)
{
    uint64_t wanted = world->spec->run.until_records;
    uint64_t taken = 0;
    if (wanted == 0) {
        return false;
    }
    if (world->events_unlooked > 0) {
        world->events_unlooked--;
        return false;
    }
    for (uint32_t i = 0; i < world->task_count; i++) {
        taken += is_sink(&world->tasks[i]) ? world->tasks[i].records_in : 0;
    }
    if (taken < wanted) {
        world->events_unlooked = wanted - taken - 1;
        return false;
    }
    return true;
}

/* Nothing in service, nothing being emitted, and no wish to. */
static bool is_at_rest(const struct net_task *task)
{
    if (task->lead != task) {
        return true;
    }
    return task->thread == NET_THREAD_SUSPENDED && !task->waits_for_room && !task->is_resuming &&
           (!task->vertex->is_source || net_source_has_ended(&task->source));
}

/* What was in use at the last look is looked at first: mostly it still is. */
static bool is_drained(struct net_world *world)
{
    const struct net_link_end *link = &world->links[world->link_in_use];
    if (!world->spec->run.until_drained || !is_at_rest(&world->tasks[world->task_in_use]) ||
        (world->link_count > 0 && net_link_end_flow(link)->count > 0)) {
        return false;
    }
    for (uint32_t i = 0; i < world->task_count; i++) {
        if (!is_at_rest(&world->tasks[i])) {
            world->task_in_use = i;
            return false;
        }
    }
    for (uint32_t i = 0; i < world->link_count; i++) {
        if (net_link_end_flow(&world->links[i])->count > 0) {
            world->link_in_use = i;
            return false;
        }
    }
    return true;
}

void net_world_look_for_end(struct net_world *world)
{
    if (has_enough(world)) {
        world->stop = NET_STOP_RECORDS;
    } else if (is_drained(world)) {
        world->stop = NET_STOP_DRAINED;
    }
    if (world->stop != NET_STOP_NONE) {
        sim_stop(world->sim);
    }
}
