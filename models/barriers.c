#include "models/barriers.h"

#include "models/delay.h"
#include "models/rank.h"
#include "models/task.h"
#include "sim/assert.h"

#define BARRIER_BYTES 38u /* WR-11 */

static sim_time now_of(const struct net_barriers *barriers)
{
    return sim_now(barriers->task->sim);
}

static struct net_gate *gate_at(const struct net_task *task, uint32_t index)
{
    for (uint32_t i = 0; i < task->input_count; i++) {
        if (index < task->inputs[i].gate_count) {
            return &task->inputs[i].gates[index];
        }
        index -= task->inputs[i].gate_count;
    }
    return NULL;
}

/* ---- output ---- */

static void persist_output(void *arg, const struct net_subpartition *sub, struct net_buffer *buffer,
                           uint32_t bytes)
{
    struct net_barriers *barriers = arg;
    if (bytes > 0) { /* an emptied buffer is handed over too, but there is nothing to be written */
        net_state_add_output(&barriers->state, sub, buffer, bytes);
    }
}

static sim_time timeout_at(const struct net_barriers *barriers)
{
    sim_time at = barriers->created_at + barriers->params.timeout;
    sim_time now = now_of(barriers);
    return (at > now ? at : now) + barriers->task->spec->machine.timer_lateness;
}

/* CHK-1: of one output; an edge that does not support it gets aligned ones without a time-out. */
static enum net_element_type barrier_of(const struct net_barriers *barriers,
                                        const struct net_output *output, bool is_unaligned)
{
    if (barriers->params.mode == NET_BARRIER_PLAIN) {
        return NET_ELEMENT_PLAIN_BARRIER;
    }
    if (!output->supports_unaligned || barriers->params.mode == NET_BARRIER_ALIGNED) {
        return NET_ELEMENT_BARRIER;
    }
    return is_unaligned ? NET_ELEMENT_PRIORITY_EVENT : NET_ELEMENT_TIMEOUT_BARRIER;
}

/* CHK-3, WR-11; an unaligned barrier overtakes and persists what is queued (CHK-9). */
static void broadcast(struct net_barriers *barriers, bool is_unaligned)
{
    struct net_task *task = barriers->task;
    for (uint32_t i = 0; i < task->output_count; i++) {
        struct net_partition *partition = &task->outputs[i].partition;
        enum net_element_type type = barrier_of(barriers, &task->outputs[i], is_unaligned);
        barriers->awaited += type == NET_ELEMENT_TIMEOUT_BARRIER ? partition->count : 0;
        net_partition_broadcast_event(partition, type, BARRIER_BYTES);
        for (uint32_t j = 0; type == NET_ELEMENT_PRIORITY_EVENT && j < partition->count; j++) {
            net_subpartition_visit(&partition->subs[j], persist_output, barriers);
        }
    }
    if (barriers->awaited > 0) {
        sim_event_schedule(task->sim, barriers->output_timer, timeout_at(barriers));
    }
}

static bool is_emitting(const struct net_barriers *barriers)
{
    return barriers->must_emit || sim_event_is_pending(barriers->task->sim, barriers->emission);
}

static void acknowledge(struct net_barriers *barriers);

/* CHK-8: one of the task's timeoutable barriers was polled. */
static void on_blocked(void *owner)
{
    struct net_barriers *barriers = owner;
    if (barriers->awaited > 0) {
        barriers->awaited--;
        acknowledge(barriers);
    }
}

/* CHK-8: barriers that were not polled yet overtake what is in front of them. */
static void time_out_output(struct net_barriers *barriers)
{
    struct net_task *task = barriers->task;
    for (uint32_t i = 0; i < task->output_count; i++) {
        struct net_partition *partition = &task->outputs[i].partition;
        for (uint32_t j = 0; j < partition->count; j++) {
            if (net_subpartition_overtake(&partition->subs[j], BARRIER_BYTES, persist_output,
                                          barriers)) {
                barriers->awaited--;
            }
        }
    }
    acknowledge(barriers);
}

/* ---- done ---- */

/*
 * CHK-11: all barriers are here, and all state is handed in. Whether there is output state is known
 * when the barriers have left or were turned (CHK-8).
 */
static void acknowledge(struct net_barriers *barriers)
{
    if (!barriers->is_complete || is_emitting(barriers) || barriers->awaited > 0) {
        return;
    }
    barriers->is_complete = false;
    barriers->completed_at = now_of(barriers);
    sim_event_cancel(barriers->task->sim, barriers->output_timer);
    barriers->output_timed_out = false;
    barriers->report.persisted_bytes = barriers->state.bytes;
    net_state_complete(&barriers->state);
}

/* The acknowledgement waits for the state to be written. */
static void on_state_closed(void *owner, sim_time at)
{
    struct net_barriers *barriers = owner;
    barriers->report.state_writing = at - barriers->completed_at;
    barriers->params.done(barriers->params.done_arg, barriers->task, at);
}

static void reset_channels(struct net_barriers *barriers)
{
    struct net_gate *gate;
    for (uint32_t i = 0; (gate = gate_at(barriers->task, i)) != NULL; i++) {
        for (uint32_t j = 0; j < gate->count; j++) {
            struct net_channel *channel = &gate->channels[j];
            bool was_blocked = channel->is_blocked;
            channel->has_barrier = false;
            channel->is_barrier_processed = false;
            channel->is_blocked = false;
            if (was_blocked) {
                net_channel_resume(channel); /* CHK-4: after the barrier is forwarded */
            }
        }
    }
}

/* The task's own barriers leave (CHK-3); CHK-4: then the channels go on. */
static void emit(struct net_barriers *barriers)
{
    barriers->must_emit = false;
    broadcast(barriers, barriers->emits_unaligned);
    if (barriers->is_complete) {
        reset_channels(barriers);
        acknowledge(barriers);
    }
}

static void on_emission(struct sim *sim, void *owner)
{
    (void)sim;
    struct net_barriers *barriers = owner;
    barriers->must_emit = true;
    net_task_wake_for_mail(barriers->task);
}

/* It takes the thread a moment to get its checkpoint ready (SIM-2). What it does meanwhile is of no
 * account: behind aligned barriers there is nothing to read. */
static void prepare(struct net_barriers *barriers, bool is_unaligned)
{
    struct sim *sim = barriers->task->sim;
    const struct net_machine_spec *machine = &barriers->task->spec->machine;
    sim_time delay = net_delay_draw(machine->barrier_delay, machine->jitter / 2, &barriers->delays);
    barriers->emits_unaligned = is_unaligned;
    if (delay > 0) {
        sim_event_schedule(sim, barriers->emission, sim_now(sim) + delay);
    } else {
        emit(barriers);
    }
}

/* The last barrier was processed. */
static void complete(struct net_barriers *barriers)
{
    barriers->report.alignment = now_of(barriers) - barriers->first_at;
    sim_event_cancel(barriers->task->sim, barriers->input_timer);
    barriers->input_timed_out = false;
    bool has_emitted = barriers->is_started;
    barriers->is_pending = false;
    barriers->is_started = false;
    barriers->is_switched = false;
    barriers->processed = 0;
    barriers->is_complete = true;
    if (!has_emitted) {
        /* CHK-1: behind edges that were forced to align it may be unaligned again. */
        prepare(barriers, barriers->params.mode == NET_BARRIER_UNALIGNED);
    } else if (!is_emitting(barriers)) {
        reset_channels(barriers);
        acknowledge(barriers);
    }
}

/* ---- input ---- */

static void persist_received(void *arg, struct net_channel *channel,
                             const struct net_received *received)
{
    struct net_barriers *barriers = arg;
    net_state_add_input(&barriers->state, channel, received->segment, received->is_exclusive,
                        received->bytes);
}

/* CHK-10: what the deserialisers have: the rest of the current buffer, and spanning records. */
static void persist_deserialisers(struct net_barriers *barriers)
{
    const struct net_task *task = barriers->task;
    struct net_gate *gate;
    for (uint32_t i = 0; i < task->input_count; i++) {
        if (task->inputs[i].has_current) {
            net_state_add_bytes(&barriers->state, task->inputs[i].left);
        }
    }
    for (uint32_t i = 0; (gate = gate_at(task, i)) != NULL; i++) {
        for (uint32_t j = 0; j < gate->count; j++) {
            net_state_add_bytes(&barriers->state, gate->channels[j].flow->gathered);
        }
    }
}

/* CHK-10: the state of the inputs is written before that of the outputs (CHK-9). */
static void start_unaligned(struct net_barriers *barriers)
{
    struct net_gate *gate;
    barriers->is_started = true;
    barriers->is_switched = true;
    persist_deserialisers(barriers);
    for (uint32_t i = 0; (gate = gate_at(barriers->task, i)) != NULL; i++) {
        for (uint32_t j = 0; j < gate->count; j++) {
            net_channel_visit_received(&gate->channels[j], persist_received, barriers);
        }
    }
    prepare(barriers, true);
}

/* CHK-7: announced barriers go to the front of their queues. */
static void prioritise(struct net_barriers *barriers)
{
    struct net_gate *gate;
    for (uint32_t i = 0; (gate = gate_at(barriers->task, i)) != NULL; i++) {
        for (uint32_t j = 0; j < gate->count; j++) {
            net_channel_prioritise_barrier(&gate->channels[j]);
        }
    }
}

/* CHK-7: the timer fired and not all barriers are here. */
static void time_out_input(struct net_barriers *barriers)
{
    if (!barriers->is_pending || barriers->is_switched) {
        return;
    }
    barriers->is_switched = true;
    prioritise(barriers);
    if (barriers->processed > 0 && !barriers->is_started) {
        start_unaligned(barriers);
    }
}

/* The first announcement or barrier of a checkpoint; only of one that may time out is there a timer
 * (CHK-7). */
static void begin(struct net_barriers *barriers, enum net_element_type type)
{
    if (barriers->is_pending) {
        return;
    }
    barriers->is_pending = true;
    net_state_begin(&barriers->state);
    if (type == NET_ELEMENT_TIMEOUT_BARRIER || type == NET_ELEMENT_ANNOUNCEMENT) {
        sim_event_schedule(barriers->task->sim, barriers->input_timer, timeout_at(barriers));
    }
}

/* CHK-7: also without the timer, a barrier that comes too late, unless it is the last, or an
 * unaligned one. */
static bool must_start(const struct net_barriers *barriers, enum net_element_type type)
{
    if (barriers->is_started) {
        return false;
    }
    if (type == NET_ELEMENT_PRIORITY_EVENT || barriers->is_switched) {
        return true;
    }
    return type == NET_ELEMENT_TIMEOUT_BARRIER && barriers->processed < barriers->channels &&
           barriers->params.timeout < now_of(barriers) - barriers->created_at;
}

static void on_barrier(struct net_barriers *barriers, const struct net_element *element)
{
    enum net_element_type type = (enum net_element_type)element->type;
    struct net_channel *channel = element->channel;
    begin(barriers, type);
    channel->is_barrier_processed = true;
    channel->is_blocked = net_element_blocks(type);
    if (barriers->processed++ == 0) {
        barriers->first_at = now_of(barriers);
        barriers->report =
            (struct net_task_checkpoint){.start_delay = barriers->first_at - barriers->created_at};
    }
    if (must_start(barriers, type)) {
        start_unaligned(barriers);
        prioritise(barriers);
    }
    if (barriers->processed == barriers->channels) {
        complete(barriers);
    }
}

/* CHK-6: an announcement starts the timer and aligns nothing. */
static void on_announcement(struct net_barriers *barriers, struct net_channel *channel)
{
    if (channel->is_barrier_processed) {
        return;
    }
    begin(barriers, NET_ELEMENT_ANNOUNCEMENT);
    if (barriers->is_switched) {
        net_channel_prioritise_barrier(channel);
    }
}

void net_barriers_on_event(struct net_barriers *barriers, const struct net_element *element)
{
    switch ((enum net_element_type)element->type) {
    case NET_ELEMENT_PLAIN_BARRIER:
    case NET_ELEMENT_BARRIER:
    case NET_ELEMENT_TIMEOUT_BARRIER:
    case NET_ELEMENT_PRIORITY_EVENT:
        on_barrier(barriers, element);
        break;
    case NET_ELEMENT_ANNOUNCEMENT:
        on_announcement(barriers, element->channel);
        break;
    case NET_ELEMENT_NONE:
    case NET_ELEMENT_DATA:
    case NET_ELEMENT_EVENT:
    case NET_ELEMENT_END:
        break;
    }
}

/* CHK-13: bytes during the alignment; CHK-10: slices of local channels whose barrier is out. */
void net_barriers_on_data(struct net_barriers *barriers, const struct net_element *element)
{
    if (!barriers->is_pending || barriers->processed == 0) {
        return;
    }
    barriers->report.processed_bytes += element->bytes;
    if (barriers->is_started && !element->channel->is_remote &&
        !element->channel->is_barrier_processed) {
        net_state_add_output(&barriers->state, element->channel->sub, element->buffer,
                             element->bytes);
    }
}

/* CHK-10: every data buffer until the channel's barrier. */
void net_barriers_on_arrival(struct net_barriers *barriers, struct net_channel *channel,
                             const struct net_received *received)
{
    if (barriers->is_started && !channel->has_barrier && !channel->is_barrier_processed) {
        persist_received(barriers, channel, received);
    }
}

/* ---- mails ---- */

static void on_trigger(struct sim *sim, void *owner)
{
    (void)sim;
    struct net_barriers *barriers = owner;
    barriers->has_triggered = true;
    net_task_wake_for_mail(barriers->task);
}

void net_barriers_trigger(struct net_barriers *barriers, sim_time at)
{
    sim_event_schedule(barriers->task->sim, barriers->trigger, at);
}

void net_barriers_expect(struct net_barriers *barriers, sim_time created_at)
{
    barriers->created_at = created_at;
}

/* A source takes its checkpoint at once: it has no input. */
static void start_source(struct net_barriers *barriers)
{
    net_state_begin(&barriers->state);
    barriers->report =
        (struct net_task_checkpoint){.start_delay = now_of(barriers) - barriers->created_at};
    barriers->is_complete = true;
    prepare(barriers, barriers->params.mode == NET_BARRIER_UNALIGNED);
}

bool net_barriers_has_mail(const struct net_barriers *barriers)
{
    return barriers->has_triggered || barriers->must_emit || barriers->input_timed_out ||
           barriers->output_timed_out;
}

void net_barriers_run_mail(struct net_barriers *barriers)
{
    if (barriers->has_triggered) {
        barriers->has_triggered = false;
        start_source(barriers);
    }
    if (barriers->must_emit) {
        emit(barriers);
    }
    if (barriers->input_timed_out) {
        barriers->input_timed_out = false;
        time_out_input(barriers);
    }
    if (barriers->output_timed_out) {
        barriers->output_timed_out = false;
        time_out_output(barriers);
    }
}

static void on_input_timer(struct sim *sim, void *owner)
{
    (void)sim;
    struct net_barriers *barriers = owner;
    barriers->input_timed_out = true;
    net_task_wake_for_mail(barriers->task);
}

static void on_output_timer(struct sim *sim, void *owner)
{
    (void)sim;
    struct net_barriers *barriers = owner;
    barriers->output_timed_out = true;
    net_task_wake_for_mail(barriers->task);
}

void net_barriers_init(struct net_barriers *barriers, struct net_task *task, struct sim *sim,
                       const struct net_barriers_params *params)
{
    *barriers = (struct net_barriers){.task = task, .params = *params};
    barriers->state = (struct net_state_member){.on_closed = on_state_closed, .owner = barriers};
    if (params->writer != NULL) {
        net_state_writer_join(params->writer, &barriers->state);
    }
    barriers->trigger = sim_event_create(sim, NET_RANK_CONTROL, task->entity, on_trigger, barriers);
    barriers->emission = sim_event_create(sim, NET_RANK_TIMER, task->entity, on_emission, barriers);
    barriers->input_timer =
        sim_event_create(sim, NET_RANK_TIMER, task->entity, on_input_timer, barriers);
    barriers->output_timer =
        sim_event_create(sim, NET_RANK_TIMER, task->entity, on_output_timer, barriers);
    struct net_gate *gate;
    for (uint32_t i = 0; (gate = gate_at(task, i)) != NULL; i++) {
        barriers->channels += gate->count;
    }
    barriers->on_blocked = (struct net_block_listener){.on_blocked = on_blocked, .owner = barriers};
    for (uint32_t i = 0; i < task->output_count; i++) {
        task->outputs[i].partition.group.block_listener = &barriers->on_blocked;
    }
}
