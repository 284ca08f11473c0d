#include "models/span_even.h"

#include "models/task_records.h"
#include "sim/assert.h"

bool net_span_can_be_even(const struct net_task *task)
{
    bool is_operator = !task->vertex->is_source;
    if (task->next != NULL || (is_operator && task->input_count != 1)) {
        return false;
    }
    if (task->output_count == 0) {
        return true; /* whatever its selectivity: nobody gets anything */
    }
    if (is_operator && task->inputs[0].service->selectivity != 1.0) {
        return false;
    }
    const struct net_router *router = &task->outputs[0].router;
    bool is_in_turn = router->kind == NET_PARTITION_REBALANCE ||
                      router->kind == NET_PARTITION_RESCALE ||
                      router->kind == NET_PARTITION_FORWARD;
    bool has_one_key = is_operator || task->source.keys.is_constant;
    return task->output_count == 1 && is_in_turn && has_one_key && task->sizes.is_constant;
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
        if (!net_partition_fits(partition, builder, (uint64_t)(most - 1) * bytes, bytes)) {
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
static sim_time foresee_services(struct net_task *task, uint32_t count)
{
    struct net_input *input = task->served;
    sim_time *ends = task->span.ends;
    sim_time end = task->service_end;
    sim_time planned_end = task->planned_end;
    sim_time cpu = net_task_record_cpu(task);
    sim_time lateness = task->spec->machine.timer_lateness;
    sim_time service = constant_service(task, input);
    bool is_constant = service > 0;
    uint32_t i;
    for (i = 0; i < count && end < NET_SPAN_HORIZON; i++) {
        ends[i] = end;
        if (!is_constant) {
            service = net_task_service(task, input, sim_draws_peek(&input->services, i), end);
        }
        planned_end += service;
        end = net_service_end(planned_end, end, cpu, lateness);
    }
    task->span.count = i;
    return end;
}

/* The records that a source is asked for at once, and that are alike. */
static sim_time foresee_polls(struct net_task *task)
{
    struct net_span *span = &task->span;
    sim_time wait_until;
    sim_time end = task->service_end;
    uint32_t limit = even_room(task, NET_SPAN_STEPS);
    span->schedule = task->source.at;
    while (span->count < limit && end < NET_SPAN_HORIZON &&
           net_source_foresee(&task->source, &span->schedule, end, &wait_until)) {
        span->ends[span->count] = end;
        net_source_foresee_next(&task->source, &span->schedule, span->count++);
        end += net_task_record_cpu(task);
    }
    return end;
}

bool net_span_is_even(const struct net_task *task)
{
    if (!task->span.can_be_even || task->vertex->is_source) {
        return task->span.can_be_even;
    }
    if (!task->served->has_current) {
        return false;
    }
    const struct net_flow *flow = task->served->current.channel->flow;
    return net_flow_is_even(flow) && net_flow_even_key(flow) == task->record.key;
}

sim_time net_span_foresee_even(struct net_task *task)
{
    task->span.is_even = true;
    if (task->vertex->is_source) {
        return foresee_polls(task);
    }
    const struct net_input *input = task->served;
    uint32_t records = net_flow_even_count(input->current.channel->flow, input->left);
    records = records < NET_SPAN_STEPS ? records : NET_SPAN_STEPS;
    return foresee_services(task, even_room(task, records));
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
static void replay_services(struct net_task *task, const sim_time *ends, uint32_t count)
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
            net_task_service(task, input, sim_draws_take(&input->services), ends[i]);
    }
    deal_out(task, emitted, count);
    task->record.emitted = emitted[count];
}

static void replay_polls(struct net_task *task, const sim_time *ends, uint32_t count)
{
    sim_time wait_until;
    bool is_due = true;
    deal_out(task, ends, count);
    task->record.emitted = ends[count - 1];
    if (count == task->span.count) {
        net_source_follow(&task->source, &task->span.schedule, count);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        is_due &= net_source_poll(&task->source, ends[i], &wait_until);
        net_source_advance(&task->source);
    }
    sim_assert(task->sim, is_due);
}

void net_span_replay_even(struct net_task *task, const sim_time *ends, uint32_t count)
{
    if (task->vertex->is_source) {
        replay_polls(task, ends, count);
    } else {
        replay_services(task, ends, count);
    }
}
