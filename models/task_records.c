#include "models/task_records.h"

#include "models/barriers.h"

/* ---- output ---- */

/* WR-2, WR-8; false when the thread blocks. */
static bool write_record(struct net_output *output, const struct net_record *record)
{
    uint32_t target = net_router_next(&output->router, record->key);
    if (target != NET_ROUTER_ALL) {
        net_flow_push(&output->flows[target], record);
        return net_partition_emit(&output->partition, target, record->bytes);
    }
    for (uint32_t i = 0; i < output->partition.count; i++) {
        net_flow_push(&output->flows[i], record);
    }
    return net_partition_emit_broadcast(&output->partition, record->bytes);
}

static void draw_size(struct net_task *task)
{
    struct net_task *tail = task->tail;
    task->emission.record.bytes = (uint32_t)sim_draws_take(&tail->sizes);
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

void net_task_begin_burst(struct net_task *task)
{
    struct net_record record = {.key = 0};
    begin_emission(task, task->vertex->emit.records, &record, true);
}

/* The timer is set anew once its burst is out; one that is late by then follows at once. */
void net_task_arm_emit_timer(struct net_task *task)
{
    sim_time due = (sim_time)++task->bursts * task->vertex->emit.every;
    sim_time soonest = sim_now(task->sim) + SIM_MS;
    sim_event_schedule(task->sim, task->timer,
                       (due > soonest ? due : soonest) + task->spec->machine.timer_lateness);
}

bool net_task_emit(struct net_task *task)
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
            net_task_arm_emit_timer(task);
        }
    }
    return true;
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

void net_task_count_latencies(struct net_task *member)
{
    sim_histogram_add_all(member->new_latency, member->latencies, member->latency_count);
    member->latency_count = 0;
}

void net_task_settle_latencies(struct net_task *task)
{
    net_task_count_latencies(task);
    sim_histogram_merge(task->latency, task->new_latency);
    sim_histogram_merge(task->recent_latency, task->new_latency);
    sim_histogram_clear(task->new_latency);
}

/* A service of `member`, the task itself or a member of its chain. It follows the previous one
 * without a gap, unless the task waited in between. */
static void begin_service(struct net_task *task, struct net_task *member, struct net_input *input,
                          const struct net_record *record, sim_time now)
{
    net_task_count_in(member, &now, &record->emitted, 1);
    member->served = input;
    member->record = *record;
    task->operating = member;
    sim_time begin = task->was_paused ? now : task->planned_end;
    task->planned_end = begin +
                        net_task_service(member, input, sim_draws_take(&input->services), now) +
                        member->first_service_delay;
    member->first_service_delay = 0;
    task->was_paused = false;
    task->thread = NET_THREAD_SERVING;
    task->service_end = net_task_service_end(task, task->planned_end, now);
}

/*
 * Within the record of the head, the lowest member of the chain that has records left is next: each
 * is handed down before the one above it goes on, as method calls do. False when there is none.
 */
bool net_task_continue_chain(struct net_task *task, sim_time now)
{
    struct net_task *next = NULL;
    for (struct net_task *member = task->next; member != NULL; member = member->next) {
        next = member->pending > 0 ? member : next;
    }
    if (next == NULL) {
        return false;
    }
    net_task_set_activity(task, NET_ACTIVITY_BUSY);
    next->pending--;
    begin_service(task, next, next->served, &next->handed, now);
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

void net_task_handle_event(struct net_task *task, const struct net_element *element)
{
    if (task->barriers != NULL) {
        net_barriers_on_event(task->barriers, element);
    }
}

/* TSK-3 */
static enum net_turn emit_next(struct net_task *task, struct net_input *input, sim_time now)
{
    while (true) {
        struct net_record record;
        if (input->has_current) {
            if (next_record(input, &record)) {
                begin_service(task, task, input, &record, now);
                return NET_TURN_TOOK_TIME;
            }
            continue;
        }
        struct net_element element;
        if (!poll_input(input, &element)) {
            return NET_TURN_NOTHING;
        }
        if (!net_element_is_data((enum net_element_type)element.type)) {
            net_task_handle_event(task, &element);
            return NET_TURN_MORE;
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
enum net_turn net_task_process_inputs(struct net_task *task, sim_time now)
{
    uint32_t index = task->last_input;
    for (uint32_t i = 0; i < task->input_count; i++) {
        index = index + 1 < task->input_count ? index + 1 : 0;
        struct net_input *input = &task->inputs[index];
        if (!input->has_current && input->ready_count == 0) {
            note_nothing(input);
            continue;
        }
        enum net_turn turn = emit_next(task, input, now);
        if (turn != NET_TURN_NOTHING) {
            task->last_input = index;
            return turn;
        }
    }
    return NET_TURN_NOTHING;
}

void net_task_finish_service(struct net_task *task)
{
    struct net_task *member = task->operating;
    struct net_input *input = member->served;
    send_on(task, member, net_service_emits(input->service, &input->owed));
}

/* ---- sources ---- */

/* TSK-10: one record a turn, and its CPU time. */
enum net_turn net_task_poll_source(struct net_task *task, sim_time now)
{
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
        return NET_TURN_NOTHING;
    }
    task->record = (struct net_record){.emitted = now, .key = net_source_key(&task->source)};
    send_on(task, task, 1);
    if (task->next != NULL) {
        net_source_advance(&task->source);
        net_task_continue_chain(task, now);
        return NET_TURN_TOOK_TIME;
    }
    if (!net_task_emit(task)) {
        net_task_block(task, false);
        return NET_TURN_TOOK_TIME;
    }
    net_source_advance(&task->source);
    task->thread = NET_THREAD_SERVING;
    task->service_end = now + net_task_record_cpu(task);
    return NET_TURN_TOOK_TIME;
}
