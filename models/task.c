#include "models/task.h"

#include "models/barriers.h"
#include "models/rank.h"
#include "models/service.h"
#include "sim/assert.h"

/* What one turn of the default action came to. */
enum turn {
    TURN_TOOK_TIME, /* a service began, or the thread blocked: the loop goes on with `step` */
    TURN_MORE,      /* an event was handled; the outputs are to be tested */
    TURN_NOTHING,
};

static void run_loop(struct net_task *task);
static void replay_step(struct net_task *task);
static void on_woken(struct net_task *task);

/* ---- time ---- */

static void set_activity(struct net_task *task, enum net_activity activity)
{
    net_time_account_set(&task->time, activity, sim_now(task->sim));
    if (activity == NET_ACTIVITY_SOFT || activity == NET_ACTIVITY_HARD) {
        task->was_paused = true;
        task->source.at.was_held_up = true;
    } else if (activity == NET_ACTIVITY_IDLE) {
        task->was_paused = true;
    }
}

/* The present, which is an earlier one while the task catches up. */
static sim_time now_of(const struct net_task *task)
{
    return task->span.is_catching_up ? task->span.now : sim_now(task->sim);
}

/* The thread waits and something came for it: it runs after the time a waiting thread takes to wake
 * up. */
static void wake(struct net_task *task)
{
    if (!sim_event_is_pending(task->sim, task->step)) {
        sim_event_schedule(task->sim, task->step, sim_now(task->sim) + task->spec->machine.wakeup);
    }
}

/* While the task catches up, it is known already when the service ends. */
static void serve_until(struct net_task *task, sim_time end)
{
    task->thread = NET_THREAD_SERVING;
    if (!task->span.is_catching_up) {
        sim_event_schedule(task->sim, task->step, net_span_foresee(task, end));
    }
}

void net_task_catch_up(struct net_task *task)
{
    struct net_span *span = &task->span;
    if (span->done == span->count || span->is_catching_up) {
        return;
    }
    span->is_catching_up = true;
    while (span->done < span->count &&
           sim_event_is_past(task->sim, task->step, span->ends[span->done])) {
        span->now = span->ends[span->done++];
        replay_step(task);
    }
    span->is_catching_up = false;
}

void net_task_on_settle(void *task)
{
    net_task_catch_up(task);
}

void net_task_interrupt(struct net_task *task)
{
    struct net_span *span = &task->span;
    net_task_catch_up(task);
    if (span->done < span->count) {
        sim_event_schedule(task->sim, task->step, span->ends[span->done]);
    }
    span->count = span->done;
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

/* WR-2, WR-8; false when the thread blocks. */
static bool write_record(struct net_output *output, const struct net_record *record)
{
    uint32_t target = net_router_next(&output->router, record->key);
    if (target != NET_ROUTER_ALL) {
        net_flow_push(output->flows[target], record);
        return net_partition_emit(&output->partition, target, record->bytes);
    }
    for (uint32_t i = 0; i < output->partition.count; i++) {
        net_flow_push(output->flows[i], record);
    }
    return net_partition_emit_broadcast(&output->partition, record->bytes);
}

static void draw_size(struct net_task *task)
{
    struct net_task *tail = task->tail;
    task->emission.record.bytes = (uint32_t)net_draws_take(&tail->sizes);
}

static void begin_emission(struct net_task *task, uint32_t records, const struct net_record *record,
                           bool is_burst)
{
    task->emission =
        (struct net_emission){.record = *record, .left = records, .is_burst = is_burst};
    if (records > 0) {
        draw_size(task);
    }
}

/* The timer is set anew once its burst is out; one that is late by then follows at once. */
static void arm_emit_timer(struct net_task *task)
{
    sim_time due = (sim_time)++task->bursts * task->vertex->emit.every;
    sim_time soonest = sim_now(task->sim) + SIM_MS;
    sim_event_schedule(task->sim, task->timer,
                       (due > soonest ? due : soonest) + task->spec->machine.timer_lateness);
}

/* Write what is left of the emission, without any check of availability in between; false when the
 * thread blocks. */
static bool emit(struct net_task *task)
{
    struct net_emission *emission = &task->emission;
    while (emission->left > 0) {
        if (emission->is_burst && emission->output == 0 && !emission->is_writing) {
            emission->record.emitted = sim_now(task->sim);
        }
        while (emission->output < task->output_count) {
            struct net_output *output = &task->outputs[emission->output];
            bool is_done = emission->is_writing ? net_partition_continue(&output->partition)
                                                : write_record(output, &emission->record);
            if (!is_done) {
                emission->is_writing = true;
                return false;
            }
            emission->is_writing = false;
            emission->output++;
        }
        emission->output = 0;
        emission->left--;
        task->tail->records_out++;
        if (emission->is_burst) {
            emission->record.key++;
        }
        if (emission->left > 0) {
            draw_size(task);
        } else if (emission->is_burst) {
            arm_emit_timer(task);
        }
    }
    return true;
}

/* WR-4 */
static void block(struct net_task *task, bool was_suspended)
{
    task->was_suspended = was_suspended;
    task->thread = NET_THREAD_BLOCKED;
    set_activity(task, NET_ACTIVITY_HARD);
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
    set_activity(task, task->suspended_as);
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
            set_activity(task, NET_ACTIVITY_BUSY);
            wake(task);
        }
    }
}

/* TSK-2, second half: what comes after a turn of the default action. */
static bool suspend_if_needed(struct net_task *task, enum turn turn)
{
    if (!net_task_has_room(task)) {
        suspend(task, true); /* TSK-6: even without any input */
        return true;
    }
    if (turn == TURN_NOTHING && !has_input(task)) {
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
    uint32_t gate = (uint32_t)(available - input->gates);
    if (input != task->served) {
        net_task_interrupt(task); /* TSK-9: its turn comes after the present record */
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

/* ---- operators ---- */

/* DBL-2: a poll found nothing; a union does not ask gates without data. */
static void note_nothing(const struct net_input *input)
{
    if (input->gate_count == 1) {
        net_gate_pause(&input->gates[0]);
    }
}

/* UIG-1: one buffer a turn from each gate that has data. */
static bool poll_input(struct net_input *input, struct net_element *element)
{
    while (input->ready_count > 0) {
        uint32_t gate = input->ready[input->ready_head];
        input->ready_head = (input->ready_head + 1) % input->gate_count;
        input->ready_count--;
        input->is_ready[gate] = false;
        bool is_taken = net_gate_poll(&input->gates[gate], element);
        if (net_gate_is_available(&input->gates[gate]) && !input->is_ready[gate]) {
            input->is_ready[gate] = true;
            input->ready[(input->ready_head + input->ready_count++) % input->gate_count] = gate;
        }
        if (is_taken) {
            return true;
        }
    }
    note_nothing(input);
    return false;
}

/* The CPU time of a record is inside its service. */
sim_time net_task_service(const struct net_task *task, const struct net_input *input,
                          sim_time drawn, sim_time now)
{
    sim_time time = net_service_time(input->service, task->subtask, drawn, now);
    sim_time least = net_task_record_cpu(task);
    return time > least ? time : least;
}

/*
 * A service waits for its planned end and is late as any sleep; the next one is planned from the
 * planned end, so lateness does not add up. One that is over already costs its CPU time alone.
 */
sim_time net_task_service_end(const struct net_task *task, sim_time planned_end, sim_time now)
{
    sim_time at_least = now + net_task_record_cpu(task);
    sim_time end = planned_end + task->spec->machine.timer_lateness;
    return planned_end > now && end > at_least ? end : at_least;
}

/* A service of `member`, the task itself or a member of its chain. It follows the previous one
 * without a gap, unless the task waited in between. */
static void begin_service(struct net_task *task, struct net_task *member, struct net_input *input,
                          const struct net_record *record)
{
    sim_time now = now_of(task);
    sim_time latency = now - record->emitted;
    sim_histogram_add(member->latency, latency, 1);
    sim_histogram_add(member->recent_latency, latency, 1);
    member->records_in++;
    member->served = input;
    member->record = *record;
    task->operating = member;
    sim_time begin = task->was_paused ? now : task->planned_end;
    task->planned_end =
        begin + net_task_service(member, input, net_draws_take(&input->services), now) +
        member->first_service_delay;
    member->first_service_delay = 0;
    task->was_paused = false;
    serve_until(task, net_task_service_end(task, task->planned_end, now));
}

/*
 * Within the record of the head, the lowest member of the chain that has records left is next: each
 * is handed down before the one above it goes on, as method calls do. False when there is none.
 */
static bool continue_chain(struct net_task *task)
{
    struct net_task *next = NULL;
    for (struct net_task *member = task->next; member != NULL; member = member->next) {
        next = member->pending > 0 ? member : next;
    }
    if (next == NULL) {
        return false;
    }
    set_activity(task, NET_ACTIVITY_BUSY);
    next->pending--;
    begin_service(task, next, next->served, &next->handed);
    return true;
}

/* What an operator emits goes to the next one of its chain, or out of the task. */
static void send_on(struct net_task *task, struct net_task *member, uint32_t records)
{
    if (member->next == NULL) {
        begin_emission(task, task->output_count > 0 ? records : 0, &member->record, false);
        return;
    }
    member->records_out += records;
    member->next->pending = records;
    member->next->handed = member->record;
}

/* DES-4: the buffer goes back in the very call that uses it up, before the record is processed. */
static bool next_record(struct net_input *input, struct net_record *record)
{
    bool is_complete = net_flow_read(input->current.channel->flow, &input->left, record);
    if (input->left == 0) {
        input->has_current = false;
        net_channel_recycle(input->current.channel, &input->current);
    }
    return is_complete;
}

static void handle_event(struct net_task *task, const struct net_element *element)
{
    if (task->barriers != NULL) {
        net_barriers_on_event(task->barriers, element);
    }
}

/* TSK-3 */
static enum turn emit_next(struct net_task *task, struct net_input *input)
{
    while (true) {
        struct net_record record;
        if (input->has_current) {
            if (next_record(input, &record)) {
                begin_service(task, task, input, &record);
                return TURN_TOOK_TIME;
            }
            continue;
        }
        struct net_element element;
        if (!poll_input(input, &element)) {
            return TURN_NOTHING;
        }
        if (!net_element_is_data((enum net_element_type)element.type)) {
            handle_event(task, &element);
            return TURN_MORE;
        }
        if (task->barriers != NULL) {
            net_barriers_on_data(task->barriers, &element);
        }
        input->current = element;
        input->left = element.bytes;
        input->has_current = true;
    }
}

/* TSK-9: inputs with data take turns, the search starts behind the one that was read last. */
static enum turn process_inputs(struct net_task *task)
{
    for (uint32_t i = 1; i <= task->input_count; i++) {
        uint32_t index = (task->last_input + i) % task->input_count;
        struct net_input *input = &task->inputs[index];
        if (!input->has_current && input->ready_count == 0) {
            note_nothing(input);
            continue;
        }
        enum turn turn = emit_next(task, input);
        if (turn != TURN_NOTHING) {
            task->last_input = index;
            return turn;
        }
    }
    return TURN_NOTHING;
}

/* The service is over: emit what the selectivity asks for. */
static void finish_service(struct net_task *task)
{
    struct net_task *member = task->operating;
    struct net_input *input = member->served;
    send_on(task, member, net_service_emits(input->service, &input->owed));
}

/* ---- sources ---- */

/* TSK-10: one record a turn, and its CPU time. */
static enum turn poll_source(struct net_task *task)
{
    sim_time now = now_of(task);
    sim_time wait_until;
    task->operating = task;
    if (task->next != NULL && task->source.at.due >= 0 && task->source.at.due < now) {
        task->source.at.was_held_up = true; /* by the rest of its chain */
    }
    if (!net_source_poll(&task->source, now, &wait_until)) {
        if (wait_until < SIM_TIME_MAX - SIM_S) {
            sim_event_schedule(task->sim, task->timer,
                               wait_until + task->spec->machine.timer_lateness);
        } else {
            sim_event_schedule(task->sim, task->timer, SIM_TIME_MAX - 1);
        }
        return TURN_NOTHING;
    }
    task->record = (struct net_record){.emitted = now, .key = net_source_key(&task->source)};
    send_on(task, task, 1);
    if (task->next != NULL) {
        net_source_advance(&task->source);
        continue_chain(task);
        return TURN_TOOK_TIME;
    }
    if (!emit(task)) {
        block(task, false);
        return TURN_TOOK_TIME;
    }
    net_source_advance(&task->source);
    serve_until(task, now + net_task_record_cpu(task));
    return TURN_TOOK_TIME;
}

/* A step that was foreseen: the record in service is over and the next one begins. Nothing else can
 * come of it. */
static void replay_step(struct net_task *task)
{
    struct net_record record;
    if (task->vertex->is_source) {
        poll_source(task);
        return;
    }
    struct net_input *input = task->served;
    finish_service(task);
    bool is_done = emit(task) && next_record(input, &record) && input->has_current;
    sim_assert(task->sim, is_done);
    begin_service(task, task, input, &record);
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
                handle_event(task, &element);
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
        struct net_record record = {.key = 0};
        begin_emission(task, task->vertex->emit.records, &record, true);
        if (!emit(task)) {
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
        set_activity(task, NET_ACTIVITY_BUSY);
        wake(task);
    } else {
        set_activity(task, task->suspended_as);
    }
}

static void run_loop(struct net_task *task)
{
    task->thread = NET_THREAD_RUNNING;
    while (true) {
        if (!run_mails(task)) {
            block(task, false);
            return;
        }
        enum turn turn = task->vertex->is_source ? poll_source(task) : process_inputs(task);
        if (turn == TURN_TOOK_TIME) {
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
    set_activity(task, NET_ACTIVITY_BUSY);
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
        finish_service(task);
        task->thread = NET_THREAD_RUNNING;
        if (!emit(task)) {
            block(task, false);
            return;
        }
        if (continue_chain(task)) {
            return;
        }
    }
    after_record(task);
}

/* LBP-8: the woken writer tries again; a task blocked within a mail returns to its suspension. */
static void on_unblocked(struct net_task *task)
{
    if (!emit(task)) {
        task->thread = NET_THREAD_BLOCKED;
        return;
    }
    if (continue_chain(task)) {
        return;
    }
    if (!run_mails(task)) {
        task->thread = NET_THREAD_BLOCKED;
        return;
    }
    set_activity(task, NET_ACTIVITY_BUSY);
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
        set_activity(task, NET_ACTIVITY_BUSY); /* TSK-7 */
        if (!run_mails(task)) {
            block(task, true);
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

void net_task_on_timer(struct sim *sim, void *owner)
{
    (void)sim;
    struct net_task *task = owner;
    if (!task->vertex->is_source) {
        on_emit_timer(task);
    } else if (is_suspended(task) && !task->waits_for_room) {
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
    sim_event_schedule(sim, output->flusher,
                       sim_now(sim) + spec->config.buffer_timeout + spec->machine.timer_lateness);
}

void net_task_start(struct net_task *task)
{
    net_time_account_init(&task->time, NET_ACTIVITY_BUSY, sim_now(task->sim),
                          task->time.clock_offset);
    task->was_paused = true;
    if (task->vertex->emit.every > 0) {
        arm_emit_timer(task);
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
