#include "models/pause.h"

#include "models/rank.h"
#include "models/world_internal.h"

static bool concerns(const struct net_pause_spec *spec, const struct net_task *task)
{
    return (spec->taskmanager == NET_ANYWHERE || spec->taskmanager == task->taskmanager) &&
           (spec->vertex == NET_ANYWHERE || spec->vertex == task->vertex_index) &&
           (spec->subtask == NET_ANYWHERE || spec->subtask == task->subtask);
}

static void on_begin(struct sim *sim, void *owner)
{
    struct net_pause *pause = owner;
    const struct net_window *window = &pause->spec->window;
    sim_time now = sim_now(sim);
    for (uint32_t i = 0; i < pause->world->task_count; i++) {
        if (concerns(pause->spec, &pause->world->tasks[i])) {
            net_task_pause(&pause->world->tasks[i], now + window->length);
        }
    }
    if (window->every > 0) {
        sim_event_schedule(sim, pause->begin, now + window->every);
    }
}

void net_pause_start(struct net_pause *pause, struct net_world *world,
                     const struct net_pause_spec *spec, uint32_t entity)
{
    *pause = (struct net_pause){.world = world, .spec = spec};
    pause->begin = sim_event_create(world->sim, NET_RANK_TIMER, entity, on_begin, pause);
    sim_event_schedule(world->sim, pause->begin, spec->window.at);
}
