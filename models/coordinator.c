#include "models/coordinator.h"

#include <stdlib.h>

#include "models/delay.h"
#include "models/rank.h"
#include "models/task.h"
#include "sim/arena.h"

static bool is_under_way(const struct net_coordinator *coordinator)
{
    return coordinator->outstanding > 0 ||
           sim_event_is_pending(coordinator->sim, coordinator->complete);
}

static sim_time call(struct net_coordinator *coordinator)
{
    return net_delay_draw(coordinator->params.rpc, coordinator->params.jitter, &coordinator->calls);
}

/* Sources hear of it a moment later; all others will know its barriers by it. */
static void begin(struct net_coordinator *coordinator)
{
    sim_time now = sim_now(coordinator->sim);
    coordinator->id++;
    coordinator->is_due = false;
    coordinator->triggered_at = now;
    coordinator->last_acknowledged = now;
    coordinator->outstanding = 0;
    coordinator->last_arrival = now + call(coordinator); /* all calls leave at once */
    for (uint32_t i = 0; i < coordinator->params.task_count; i++) {
        struct net_task *task = &coordinator->params.tasks[i];
        coordinator->outstanding += task->lead == task; /* a chain answers once */
        net_barriers_expect(task->barriers, now);
        if (task->vertex->is_source) {
            net_barriers_trigger(task->barriers, coordinator->last_arrival);
        }
    }
}

static void schedule_next(struct net_coordinator *coordinator)
{
    const struct net_coordinator_params *params = &coordinator->params;
    if (params->times == NULL) {
        sim_event_schedule(coordinator->sim, coordinator->trigger,
                           sim_now(coordinator->sim) + params->interval);
    } else if (coordinator->next_time < params->time_count) {
        sim_time at = params->times[coordinator->next_time++];
        sim_time now = sim_now(coordinator->sim);
        sim_event_schedule(coordinator->sim, coordinator->trigger, at > now ? at : now);
    }
}

/* A trigger that comes too soon after a checkpoint comes again when the pause is over, and the
 * interval counts from there. Given times are kept. */
static bool must_pause(struct net_coordinator *coordinator)
{
    const struct net_coordinator_params *params = &coordinator->params;
    sim_time soonest = coordinator->completed_at + params->pause;
    if (params->times != NULL || coordinator->id == 0 || soonest <= sim_now(coordinator->sim)) {
        return false;
    }
    coordinator->is_due = false;
    sim_event_schedule(coordinator->sim, coordinator->trigger, soonest);
    return true;
}

static void on_trigger(struct sim *sim, void *owner)
{
    (void)sim;
    struct net_coordinator *coordinator = owner;
    if (is_under_way(coordinator)) {
        coordinator->is_due = true;
    } else if (must_pause(coordinator)) {
        return;
    } else {
        begin(coordinator);
    }
    schedule_next(coordinator);
}

void net_coordinator_on_done(void *owner, struct net_task *task, sim_time at)
{
    struct net_coordinator *coordinator = owner;
    sim_time acknowledged = at + call(coordinator);
    struct net_task_checkpoint *report = &coordinator->reports[task - coordinator->params.tasks];
    *report = task->barriers->report;
    report->acknowledged = acknowledged - coordinator->triggered_at;
    coordinator->last_acknowledged = sim_time_later(coordinator->last_acknowledged, acknowledged);
    if (--coordinator->outstanding == 0) {
        sim_event_schedule(coordinator->sim, coordinator->complete, coordinator->last_acknowledged);
    }
}

static void on_complete(struct sim *sim, void *owner)
{
    struct net_coordinator *coordinator = owner;
    struct net_checkpoint checkpoint = {
        .id = coordinator->id,
        .triggered_at = coordinator->triggered_at,
        .duration = sim_now(sim) - coordinator->triggered_at,
        .tasks = coordinator->reports,
        .task_count = coordinator->params.task_count,
    };
    for (uint32_t i = 0; i < coordinator->params.task_count; i++) {
        checkpoint.processed_bytes += coordinator->reports[i].processed_bytes;
        checkpoint.persisted_bytes += coordinator->reports[i].persisted_bytes;
    }
    if (coordinator->on_complete != NULL) {
        coordinator->on_complete(coordinator->on_complete_arg, &checkpoint);
    }
    coordinator->completed_at = sim_now(sim);
    if (coordinator->is_due && !must_pause(coordinator)) {
        begin(coordinator);
    }
}

void net_coordinator_init(struct net_coordinator *coordinator, struct sim *sim,
                          const struct net_coordinator_params *params)
{
    *coordinator = (struct net_coordinator){.sim = sim, .params = *params};
    coordinator->reports = sim_alloc(params->task_count, sizeof *coordinator->reports);
    uint32_t entity = params->entity;
    coordinator->trigger = sim_event_create(sim, NET_RANK_TIMER, entity, on_trigger, coordinator);
    coordinator->complete =
        sim_event_create(sim, NET_RANK_CONTROL, entity, on_complete, coordinator);
}

void net_coordinator_finish(struct net_coordinator *coordinator)
{
    free(coordinator->reports);
}

bool net_coordinator_will_move(const struct net_coordinator *coordinator)
{
    const struct sim *sim = coordinator->sim;
    if (coordinator->last_arrival >= sim_now(sim)) {
        return true;
    }
    bool is_set = coordinator->is_due || sim_event_is_pending(sim, coordinator->trigger);
    return is_set && coordinator->outstanding == 0;
}

void net_coordinator_start(struct net_coordinator *coordinator)
{
    const struct net_coordinator_params *params = &coordinator->params;
    if (params->times == NULL) {
        sim_event_schedule(coordinator->sim, coordinator->trigger, params->first);
    } else {
        schedule_next(coordinator);
    }
}
