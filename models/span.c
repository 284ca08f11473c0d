#include "models/span.h"

#include <string.h>

#include "models/task_records.h"
#include "sim/assert.h"

/* Where a look ahead has come to. */
struct foresight {
    struct net_task *task;
    sim_time end;          /* of the service that is looked at */
    uint32_t services;     /* variates used up so far */
    uint32_t sizes;
    bool has_routers; /* the routers of the span are where those of the outputs are */
};

/* Whether every record gives one of one size that goes to the channels in turn, or to nobody. */
static bool can_be_even(const struct net_task *task)
{
    for (uint32_t i = 0; i < task->input_count; i++) {
        if (task->inputs[i].service->selectivity != 1.0) {
            return false;
        }
    }
    if (task->output_count == 0) {
        return true;
    }
    const struct net_router *router = &task->outputs[0].router;
    bool is_in_turn = router->kind == NET_PARTITION_REBALANCE ||
                      router->kind == NET_PARTITION_RESCALE || router->kind == NET_PARTITION_FORWARD;
    bool has_one_key = !task->vertex->is_source || task->source.keys.is_constant;
    return task->output_count == 1 && is_in_turn && has_one_key && task->sizes.is_constant;
}

void net_span_init(struct net_task *task, struct sim_arena *arena)
{
    struct net_span *span = &task->span;
    span->can_be_even = can_be_even(task);
    span->ends = sim_arena_alloc(arena, NET_SPAN_STEPS, sizeof *span->ends);
    span->routers = sim_arena_alloc(arena, task->output_count, sizeof *span->routers);
    for (uint32_t i = 0; i < task->output_count; i++) {
        struct net_output *output = &task->outputs[i];
        net_router_clone(&span->routers[i], &output->router, arena);
        output->foreseen =
            sim_arena_alloc(arena, output->partition.count, sizeof *output->foreseen);
    }
}

static void follow_routers(struct foresight *foresight)
{
    struct net_task *task = foresight->task;
    for (uint32_t i = 0; !foresight->has_routers && i < task->output_count; i++) {
        net_router_follow(&task->span.routers[i], &task->outputs[i].router);
    }
    foresight->has_routers = true;
}

/* Whether a record of `bytes` bytes goes into the buffer that is open for it and leaves it open. */
static bool fits(struct net_output *output, uint32_t target, uint32_t bytes, uint32_t mark)
{
    const struct net_partition *partition = &output->partition;
    const struct net_buffer *builder = target == NET_ROUTER_ALL ? partition->broadcast_builder
                                                                : partition->builders[target];
    struct net_foreseen *foreseen = &output->foreseen[target == NET_ROUTER_ALL ? 0 : target];
    if (foreseen->mark != mark) {
        *foreseen = (struct net_foreseen){.mark = mark};
    }
    bool does_fit = net_partition_fits(partition, builder, foreseen->bytes, bytes);
    foreseen->bytes += bytes;
    return does_fit;
}

/* Whether the outputs take so many records without asking for a buffer or closing one. */
static bool foresee_emission(struct foresight *foresight, uint32_t records, int32_t key)
{
    struct net_task *task = foresight->task;
    if (task->output_count == 0) {
        return true;
    }
    follow_routers(foresight);
    for (; records > 0; records--) {
        if (foresight->sizes == NET_DRAWS_AHEAD) {
            return false;
        }
        uint32_t bytes = (uint32_t)net_draws_peek(&task->sizes, foresight->sizes++);
        for (uint32_t i = 0; i < task->output_count; i++) {
            uint32_t target = net_router_next(&task->span.routers[i], key);
            if (!fits(&task->outputs[i], target, bytes, task->span.marks)) {
                return false;
            }
        }
    }
    return true;
}

/* Only the input that is read has anything, and to find nothing at the others changes nothing. */
static bool is_alone(const struct net_task *task, const struct net_input *served)
{
    for (uint32_t i = 0; i < task->input_count; i++) {
        const struct net_input *input = &task->inputs[i];
        if (input == served) {
            continue;
        }
        bool is_measured = input->gates[0].debloater != NULL && input->gates[0].throughput.is_running;
        if (input->has_current || input->ready_count > 0 || is_measured) {
            return false;
        }
    }
    return true;
}

/* How many records the open buffers take, at most `limit`, when they are dealt out in turn. */
static uint32_t even_room(const struct net_task *task, uint32_t limit)
{
    if (task->output_count == 0) {
        return limit;
    }
    const struct net_partition *partition = &task->outputs[0].partition;
    const struct net_router *router = &task->outputs[0].router;
    uint32_t bytes = (uint32_t)task->sizes.constant;
    uint32_t target = router->next;
    uint32_t most = (limit + router->channels - 1) / router->channels; /* for one of them */
    for (uint32_t i = 0; i < router->channels && i < limit; i++) {
        const struct net_buffer *builder = partition->builders[target];
        if (!net_partition_fits(partition, builder, 0, bytes)) {
            return i;
        }
        if (!net_partition_fits(partition, builder, (most - 1) * bytes, bytes)) {
            uint32_t room = builder->capacity - builder->committed;
            uint32_t full = i + router->channels * ((room - 1) / bytes);
            limit = full < limit ? full : limit;
        }
        target = target + 1 == router->channels ? 0 : target + 1;
    }
    return limit;
}

/* How long every service takes; 0 where that differs. */
static sim_time constant_service(const struct net_task *task, const struct net_input *input)
{
    bool is_constant = input->services.is_constant && net_service_is_plain(input->service);
    return is_constant ? net_task_service(task, input, input->services.constant, 0) : 0;
}

/* When services end whose records need not be looked at one by one. */
static void foresee_times(struct foresight *foresight, sim_time planned_end, uint32_t count)
{
    struct net_task *task = foresight->task;
    struct net_input *input = task->served;
    sim_time *ends = task->span.ends;
    sim_time end = foresight->end;
    sim_time cpu = net_task_record_cpu(task);
    sim_time lateness = task->spec->machine.timer_lateness;
    sim_time service = constant_service(task, input);
    bool is_constant = service > 0;
    for (uint32_t i = 0; i < count; i++) {
        ends[i] = end;
        if (!is_constant) {
            service = net_task_service(task, input, net_draws_peek(&input->services, i), end);
        }
        planned_end += service;
        end = net_service_end(planned_end, end, cpu, lateness);
    }
    task->span.count = count;
    foresight->end = end;
}

static bool is_like(const struct net_flow *flow, const struct net_record *record)
{
    return net_flow_is_even(flow) && (int32_t)(flow->shape_read >> 32 & INT32_MAX) == record->key;
}

/* The records that the current buffer has, but the one that uses it up. */
static void foresee_services(struct foresight *foresight)
{
    struct net_task *task = foresight->task;
    struct net_span *span = &task->span;
    struct net_input *input = task->served;
    if (!input->has_current || !is_alone(task, input)) {
        return;
    }
    const struct net_flow *flow = input->current.channel->flow;
    sim_time planned_end = task->planned_end;
    if (span->can_be_even && is_like(flow, &task->record)) {
        uint32_t records = net_flow_even_count(flow, input->left);
        span->is_even = true;
        records = records < NET_SPAN_STEPS ? records : NET_SPAN_STEPS;
        foresee_times(foresight, planned_end, even_room(task, records));
        return;
    }
    struct net_flow_cursor cursor;
    net_flow_look(&cursor, flow, input->left);
    struct net_record record = task->record;
    double owed = input->owed;
    while (span->count < NET_SPAN_STEPS) {
        uint32_t records = net_service_emits(input->service, &owed);
        if (!foresee_emission(foresight, records, record.key) ||
            !net_flow_look_on(&cursor, &record)) {
            return;
        }
        span->ends[span->count++] = foresight->end;
        planned_end += net_task_service(
            task, input, net_draws_peek(&input->services, foresight->services++), foresight->end);
        foresight->end = net_task_service_end(task, planned_end, foresight->end);
    }
}

/* The records that a source is asked for at once. */
static void foresee_polls(struct foresight *foresight)
{
    struct net_task *task = foresight->task;
    struct net_span *span = &task->span;
    sim_time wait_until;
    span->is_even = span->can_be_even;
    span->schedule = task->source.at;
    uint32_t limit = span->is_even ? even_room(task, NET_SPAN_STEPS) : NET_SPAN_STEPS;
    for (uint32_t i = 0; i < limit && net_source_foresee(&task->source, &span->schedule,
                                                         foresight->end, &wait_until);
         i++) {
        if (!span->is_even &&
            !foresee_emission(foresight, 1, (int32_t)net_draws_peek(&task->source.keys, i))) {
            return;
        }
        span->ends[span->count++] = foresight->end;
        net_source_foresee_next(&task->source, &span->schedule, i);
        foresight->end += net_task_record_cpu(task);
    }
}

sim_time net_span_foresee(struct net_task *task, sim_time end)
{
    struct net_span *span = &task->span;
    span->count = 0;
    span->done = 0;
    span->is_even = false;
    if (span->ends == NULL || task->next != NULL || net_task_has_mail(task) ||
        !net_task_has_room(task)) {
        return end;
    }
    struct foresight foresight = {.task = task, .end = end};
    span->marks++;
    if (task->vertex->is_source) {
        foresee_polls(&foresight);
    } else {
        foresee_services(&foresight);
    }
    return foresight.end;
}

/* ---- what was foreseen is done ---- */

static void append(struct net_output *output, uint32_t target, const struct net_record *record)
{
    struct net_partition *partition = &output->partition;
    if (target != NET_ROUTER_ALL) {
        net_flow_push(&output->flows[target], record);
        net_partition_append(partition, target, record->bytes);
        return;
    }
    for (uint32_t i = 0; i < partition->count; i++) {
        net_flow_push(&output->flows[i], record);
    }
    net_partition_append_broadcast(partition, record->bytes);
}

static void emit(struct net_task *task, uint32_t records, struct net_record record)
{
    for (; task->output_count > 0 && records > 0; records--) {
        record.bytes = (uint32_t)net_draws_take(&task->sizes);
        for (uint32_t i = 0; i < task->output_count; i++) {
            struct net_output *output = &task->outputs[i];
            append(output, net_router_next(&output->router, record.key), &record);
        }
        task->records_out++;
    }
}

/* Records that are alike, emitted at these times, to the channels in turn. */
static void deal_out(struct net_task *task, const sim_time *emitted, uint32_t count)
{
    if (task->output_count == 0) {
        return;
    }
    struct net_output *output = &task->outputs[0];
    struct net_router *router = &output->router;
    struct net_record record = task->record;
    record.bytes = (uint32_t)task->sizes.constant;
    uint32_t channels = router->channels;
    uint32_t each = count / channels;
    uint32_t one_more = count % channels; /* for the first ones */
    uint32_t target = router->next;
    for (uint32_t i = 0; i < channels && i < count; i++) {
        uint32_t records = each + (i < one_more);
        net_flow_push_all(&output->flows[target], &record, emitted + i, channels, records);
        net_partition_append_all(&output->partition, target, record.bytes, records);
        target = target + 1 == channels ? 0 : target + 1;
    }
    router->next += one_more < channels - router->next ? one_more : one_more - channels;
    task->records_out += count;
}

/* The record in service is over, and the next one begins, `count` times. */
static void replay_even_services(struct net_task *task, const sim_time *ends, uint32_t count)
{
    struct net_input *input = task->served;
    sim_time emitted[NET_SPAN_STEPS + 1];
    emitted[0] = task->record.emitted;
    input->left -= net_flow_read_all(input->current.channel->flow, emitted + 1, count);
    net_task_count_in(task, ends, emitted + 1, count);
    sim_time service = constant_service(task, input);
    task->planned_end += service * count;
    for (uint32_t i = 0; service == 0 && i < count; i++) {
        task->planned_end +=
            net_task_service(task, input, net_draws_take(&input->services), ends[i]);
    }
    deal_out(task, emitted, count);
    task->record.emitted = emitted[count];
}

static void replay_services(struct net_task *task, const sim_time *ends, uint32_t count)
{
    struct net_input *input = task->served;
    struct net_flow *flow = input->current.channel->flow;
    struct net_record record = task->record;
    bool is_whole = true;
    for (uint32_t i = 0; i < count; i++) {
        emit(task, net_service_emits(input->service, &input->owed), record);
        is_whole &= net_flow_read(flow, &input->left, &record);
        net_task_count_in(task, &ends[i], &record.emitted, 1);
        task->planned_end +=
            net_task_service(task, input, net_draws_take(&input->services), ends[i]);
    }
    sim_assert(task->sim, is_whole && input->left > 0);
    task->record = record;
}

static void replay_polls(struct net_task *task, const sim_time *ends, uint32_t count)
{
    struct net_span *span = &task->span;
    sim_time wait_until;
    bool is_due = true;
    bool is_whole = count == span->count;
    if (span->is_even) {
        deal_out(task, ends, count);
    }
    for (uint32_t i = 0; i < count && !(is_whole && span->is_even); i++) {
        is_due &= net_source_poll(&task->source, ends[i], &wait_until);
        if (!span->is_even) {
            task->record =
                (struct net_record){.emitted = ends[i], .key = net_source_key(&task->source)};
            emit(task, 1, task->record);
        }
        net_source_advance(&task->source);
    }
    if (is_whole && span->is_even) {
        net_source_follow(&task->source, &span->schedule, count);
    }
    task->record.emitted = ends[count - 1];
    sim_assert(task->sim, is_due);
}

void net_task_catch_up(struct net_task *task)
{
    struct net_span *span = &task->span;
    if (span->done == span->count) {
        return;
    }
    sim_time now = sim_now(task->sim);
    sim_time until = sim_event_is_past(task->sim, task->step, now) ? now : now - 1;
    const sim_time *ends = span->ends + span->done;
    uint32_t count = 0;
    while (span->done + count < span->count && ends[count] <= until) {
        count++;
    }
    if (count == 0) {
        return;
    }
    if (task->vertex->is_source) {
        replay_polls(task, ends, count);
    } else if (span->is_even) {
        replay_even_services(task, ends, count);
    } else {
        replay_services(task, ends, count);
    }
    span->done += count;
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
