#include "models/task.h"

#include "models/barriers.h"
#include "models/delay.h"
#include "models/rank.h"
#include "models/task_records.h"
#include "sim/assert.h"

static void run_loop(struct net_task *task);
static void on_woken(struct net_task *task);

/* ---- time ---- */

void net_task_set_activity(struct net_task *task, enum net_activity activity)
{
    net_time_account_set(&task->time, activity, sim_now(task->sim));
    if (activity == NET_ACTIVITY_SOFT || activity == NET_ACTIVITY_HARD) {
        task->was_paused = true;
        task->source.at.was_held_up = true;
    } else if (activity == NET_ACTIVITY_IDLE) {
        task->was_paused = true;
    }
}

/* What an event of a thread needs of it, all at once instead of one after the other. */
static void fetch_thread(const struct net_task *task)
{
    sim_prefetch(&task->planned_end);
    sim_prefetch(&task->record);
    sim_prefetch(&task->span);
    sim_prefetch(&task->time);
    sim_prefetch(&task->time.timers);
}

/* What a thread that is woken will need, and nothing that happens before has brought into the
 * cache. */
static void fetch_woken(const struct net_task *task)
{
    fetch_thread(task);
    if (task->vertex->is_source) {
        sim_prefetch(&task->source);
        sim_prefetch(&task->source.keys);
        sim_prefetch(&task->sizes);
    } else {
        sim_prefetch(&task->latencies[task->latency_count % NET_TASK_LATENCIES]);
        for (uint32_t i = 0; i < task->input_count; i++) {
            sim_prefetch(&task->inputs[i].current);
        }
    }
}

/* The thread waits and something came for it: it runs after the time a waiting thread takes to wake
 * up. */
static void wake(struct net_task *task)
{
    if (!sim_event_is_pending(task->sim, task->step)) {
        fetch_woken(task);
        sim_time delay =
            net_delay_draw(task->spec->machine.wakeup, task->spec->machine.jitter, &task->wakeups);
        sim_event_schedule(task->sim, task->step, sim_now(task->sim) + delay);
    }
}

/* ---- output ---- */

/* WR-14; LEG-5: before credits nothing but a buffer request held a task up. */
bool net_task_has_room(const struct net_task *task)
{
    if (task->spec->config.transport == NET_TRANSPORT_TCP) {
        return true;
    }
    for (uint32_t i = 0; i < task->output_count; i++) {
        if (!net_partition_is_available(&task->outputs[i].partition)) {
            return false;
        }
    }
    return true;
}

/* WR-4 */
void net_task_block(struct net_task *task, bool was_suspended)
{
    task->was_suspended = was_suspended;
    task->thread = NET_THREAD_BLOCKED;
    net_task_set_activity(task, NET_ACTIVITY_HARD);
    sim_trace(task->sim, NET_TRACE_BLOCKED, task->entity, task->emission.output);
}

/* ---- suspension ---- */

static bool has_input(const struct net_task *task)
{
    if (task->vertex->is_source) {
        return !sim_event_is_pending(task->sim, task->timer);
    }
    for (uint32_t i = 0; i < task->input_count; i++) {
        if (task->inputs[i].has_current || task->inputs[i].ready_count > 0) {
            return true;
        }
    }
    return false;
}

static void suspend(struct net_task *task, bool waits_for_room)
{
    task->thread = NET_THREAD_SUSPENDED;
    task->waits_for_room = waits_for_room;
    task->is_resuming = false;
    task->suspended_as = waits_for_room ? NET_ACTIVITY_SOFT : NET_ACTIVITY_IDLE;
    net_task_set_activity(task, (enum net_activity)task->suspended_as);
    for (uint32_t i = 0; waits_for_room && i < task->output_count; i++) {
        task->outputs[i].is_awaited = !net_partition_is_available(&task->outputs[i].partition);
    }
}

/* TSK-8: the suspension timer stops here, in the thread that completes the future. */
static void resume(struct net_task *task)
{
    if (!task->is_resuming) {
        task->is_resuming = true;
        task->suspended_as = NET_ACTIVITY_BUSY;
        if (task->thread == NET_THREAD_SUSPENDED) {
            net_task_set_activity(task, NET_ACTIVITY_BUSY);
            wake(task);
        }
    }
}

/* TSK-2, second half: what comes after a turn of the default action. */
static bool suspend_if_needed(struct net_task *task, enum net_turn turn)
{
    if (!net_task_has_room(task)) {
        suspend(task, true); /* TSK-6: even without any input */
        return true;
    }
    if (turn == NET_TURN_NOTHING && !has_input(task)) {
        suspend(task, false);
        return true;
    }
    return false;
}

static bool is_suspended(const struct net_task *task)
{
    return task->thread == NET_THREAD_SUSPENDED ||
           (task->thread == NET_THREAD_BLOCKED && task->was_suspended);
}

void net_output_on_available(void *owner)
{
    struct net_output *output = owner;
    struct net_task *task = output->task;
    sim_trace(task->sim, NET_TRACE_AVAILABLE, task->entity, (uint64_t)(output - task->outputs));
    net_partition_on_recycled(&output->partition);
    if (task->thread == NET_THREAD_BLOCKED && task->emission.output < task->output_count &&
        &task->outputs[task->emission.output] == output) {
        wake(task); /* LBP-8 */
    }
    if (!output->is_awaited) {
        return;
    }
    output->is_awaited = false;
    for (uint32_t i = 0; i < task->output_count; i++) {
        if (task->outputs[i].is_awaited) {
            return;
        }
    }
    if (is_suspended(task) && task->waits_for_room) {
        resume(task);
    }
}

void net_input_on_gate(void *owner, struct net_gate *available)
{
    struct net_input *input = owner;
    struct net_task *task = input->task;
    fetch_thread(task);
    sim_prefetch(&task->wakeups);
    uint32_t gate = (uint32_t)(available - input->gates);
    if (task->input_count > 1 && !input->has_current && input->ready_count == 0) {
        net_task_interrupt(task); /* TSK-9: it has a turn from now on */
    }
    if (!input->is_ready[gate]) {
        input->is_ready[gate] = true;
        input->ready[(input->ready_head + input->ready_count++) % input->gate_count] = gate;
    }
    if (is_suspended(task) && !task->waits_for_room) {
        resume(task);
    }
}

void net_task_wake_for_mail(struct net_task *task)
{
    if (task->thread == NET_THREAD_SUSPENDED) {
        wake(task);
    } else {
        net_task_interrupt(task);
    }
}

void net_input_on_priority(void *owner, struct net_gate *gate)
{
    (void)gate;
    struct net_input *input = owner;
    input->task->mails.priority = true;
    net_task_wake_for_mail(input->task);
}

void net_input_on_received(void *owner, struct net_channel *channel,
                           const struct net_received *received)
{
    struct net_input *input = owner;
    net_barriers_on_arrival(input->task->barriers, channel, received);
}

/* ---- the loop ---- */

bool net_task_has_mail(const struct net_task *task)
{
    return task->mails.burst || task->mails.debloat || task->mails.priority ||
           (task->barriers != NULL && net_barriers_has_mail(task->barriers));
}

/* SIG-4, TSK-7: the urgent mail takes nothing but priority events. */
static void process_priority_events(struct net_task *task)
{
    task->mails.priority = false;
    for (uint32_t i = 0; i < task->input_count; i++) {
        for (uint32_t j = 0; j < task->inputs[i].gate_count; j++) {
            struct net_gate *gate = &task->inputs[i].gates[j];
            struct net_element element;
            while (net_gate_has_priority(gate) && net_gate_poll(gate, &element)) {
                net_task_handle_event(task, &element);
            }
        }
    }
}

/* DBL-1: all gates, then the next timer. */
static void debloat(struct net_task *task)
{
    task->mails.debloat = false;
    for (uint32_t i = 0; i < task->input_count; i++) {
        for (uint32_t j = 0; j < task->inputs[i].gate_count; j++) {
            net_gate_debloat(&task->inputs[i].gates[j]);
        }
    }
    sim_event_schedule(task->sim, task->debloat_timer,
                       sim_now(task->sim) + task->spec->config.debloat_period +
                           task->spec->machine.timer_lateness);
}

/* TSK-1: mails first; a burst of the timer is written in one go. False when the thread blocks. */
static bool run_mails(struct net_task *task)
{
    if (task->mails.priority) {
        process_priority_events(task);
    }
    if (task->barriers != NULL && net_barriers_has_mail(task->barriers)) {
        net_barriers_run_mail(task->barriers);
    }
    if (task->mails.debloat) {
        debloat(task);
    }
    if (task->mails.burst) {
        task->mails.burst = false;
        net_task_begin_burst(task);
        if (!net_task_emit(task)) {
            return false;
        }
    }
    return true;
}

/* Back from a mail to where the default action was. */
static void return_to_suspension(struct net_task *task)
{
    task->thread = NET_THREAD_SUSPENDED;
    if (task->is_resuming) {
        net_task_set_activity(task, NET_ACTIVITY_BUSY);
        wake(task);
    } else {
        net_task_set_activity(task, (enum net_activity)task->suspended_as);
    }
}

/* The end of a service is an event only where something could come of it (models/span.h). */
static void serve(struct net_task *task)
{
    if (task->thread == NET_THREAD_SERVING) {
        sim_event_schedule(task->sim, task->step, net_span_foresee(task));
    }
}

static void run_loop(struct net_task *task)
{
    task->thread = NET_THREAD_RUNNING;
    while (true) {
        if (!run_mails(task)) {
            net_task_block(task, false);
            return;
        }
        sim_time now = sim_now(task->sim);
        enum net_turn turn = task->vertex->is_source ? net_task_poll_source(task, now)
                                                     : net_task_process_inputs(task, now);
        if (turn == NET_TURN_TOOK_TIME) {
            serve(task);
            return;
        }
        if (suspend_if_needed(task, turn)) {
            return;
        }
    }
}

/* The record is written (and its CPU time spent): test the output, then go on (TSK-3, TSK-4). */
static void after_record(struct net_task *task)
{
    net_task_set_activity(task, NET_ACTIVITY_BUSY);
    if (net_task_has_room(task)) {
        run_loop(task);
        return;
    }
    suspend(task, true);
    if (net_task_has_mail(task)) {
        on_woken(task); /* the thread is awake */
    }
}

static void on_served(struct net_task *task)
{
    if (!task->vertex->is_source || task->operating != task) {
        net_task_finish_service(task);
        task->thread = NET_THREAD_RUNNING;
        if (!net_task_emit(task)) {
            net_task_block(task, false);
            return;
        }
        if (net_task_continue_chain(task, sim_now(task->sim))) {
            serve(task);
            return;
        }
    }
    after_record(task);
}

/* LBP-8: the woken writer tries again; a task blocked within a mail returns to its suspension. */
static void on_unblocked(struct net_task *task)
{
    if (!net_task_emit(task)) {
        task->thread = NET_THREAD_BLOCKED;
        return;
    }
    if (net_task_continue_chain(task, sim_now(task->sim))) {
        serve(task);
        return;
    }
    if (!run_mails(task)) {
        task->thread = NET_THREAD_BLOCKED;
        return;
    }
    net_task_set_activity(task, NET_ACTIVITY_BUSY);
    if (task->was_suspended) {
        task->was_suspended = false;
        return_to_suspension(task);
        return;
    }
    if (task->vertex->is_source && task->next == NULL) {
        net_source_advance(&task->source);
    }
    after_record(task);
}

/* The suspended thread was woken, by a mail, by what it waited for, or both. */
static void on_woken(struct net_task *task)
{
    if (net_task_has_mail(task)) {
        net_task_set_activity(task, NET_ACTIVITY_BUSY); /* TSK-7 */
        if (!run_mails(task)) {
            net_task_block(task, true);
            return;
        }
        if (!task->is_resuming) {
            return_to_suspension(task);
            return;
        }
    }
    if (task->is_resuming) {
        task->is_resuming = false;
        run_loop(task);
    }
}

void net_task_pause(struct net_task *member, sim_time until)
{
    struct net_task *task = member->lead;
    sim_time now = sim_now(task->sim);
    sim_time from = task->paused_until > now ? task->paused_until : now;
    if (until <= from) {
        return;
    }
    net_task_interrupt(task);
    task->paused_until = until;
    if (sim_event_is_pending(task->sim, task->step)) {
        sim_event_schedule(task->sim, task->step,
                           sim_event_time(task->sim, task->step) + (until - from));
    }
    if (task->thread == NET_THREAD_SERVING) {
        task->planned_end += until - from;
    }
}

void net_task_on_step(struct sim *sim, void *owner)
{
    struct net_task *task = owner;
    fetch_thread(task);
    if (sim_now(sim) < task->paused_until) {
        sim_event_schedule(sim, task->step, task->paused_until);
        return;
    }
    net_task_catch_up(task);
    switch (task->thread) {
    case NET_THREAD_SERVING:
        on_served(task);
        break;
    case NET_THREAD_BLOCKED:
        on_unblocked(task);
        break;
    case NET_THREAD_SUSPENDED:
        on_woken(task);
        break;
    case NET_THREAD_RUNNING:
        sim_assert(task->sim, task->thread != NET_THREAD_RUNNING);
        break;
    }
}

/* A timer of the operator: its bursts are mails (TSK-7); they never come between the start and end
 * of a service. */
static void on_emit_timer(struct net_task *task)
{
    task->mails.burst = true;
    net_task_wake_for_mail(task);
}

/* A source will be awake in a moment: what its record will be written to. */
static void fetch_targets(const struct net_task *task)
{
    for (uint32_t i = 0; i < task->output_count; i++) {
        const struct net_output *output = &task->outputs[i];
        uint32_t target = output->router.next < output->router.channels ? output->router.next : 0;
        sim_prefetch(&output->flows[target]);
        sim_prefetch(&output->partition.builders[target]);
        sim_prefetch(&output->partition.group.stirred[target / 64]);
        sim_prefetch(output->partition.pool);
    }
}

void net_task_on_timer(struct sim *sim, void *owner)
{
    (void)sim;
    struct net_task *task = owner;
    sim_prefetch(&task->wakeups);
    fetch_thread(task);
    if (!task->vertex->is_source) {
        on_emit_timer(task);
        return;
    }
    fetch_targets(task);
    if (is_suspended(task) && !task->waits_for_room) {
        resume(task);
    }
}

void net_task_on_debloat_timer(struct sim *sim, void *owner)
{
    (void)sim;
    struct net_task *task = owner;
    task->mails.debloat = true;
    net_task_wake_for_mail(task);
}

/* FLU-1: the period is the timeout plus the lateness of the sleep. */
void net_output_on_flush(struct sim *sim, void *owner)
{
    struct net_output *output = owner;
    const struct net_spec *spec = output->task->spec;
    net_task_catch_up(output->task);
    net_partition_flush_all(&output->partition);
    sim_event_again(sim, sim_now(sim) + spec->config.buffer_timeout + spec->machine.timer_lateness);
}

void net_task_start(struct net_task *task)
{
    net_time_account_init(&task->time, NET_ACTIVITY_BUSY, sim_now(task->sim),
                          task->time.clock_offset);
    task->was_paused = true;
    if (task->vertex->emit.every > 0) {
        net_task_arm_emit_timer(task);
    }
    if (task->debloat_timer != SIM_EVENT_NONE) {
        sim_event_schedule(task->sim, task->debloat_timer,
                           task->spec->config.debloat_period + task->spec->machine.timer_lateness);
    }
    suspend(task, false);
    if (task->vertex->is_source || has_input(task)) {
        resume(task);
    }
}
