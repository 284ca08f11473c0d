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

void net_span_init(struct net_task *task, struct sim_arena *arena)
{
    struct net_span *span = &task->span;
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

/* The records that the current buffer has, but the one that uses it up. */
static void foresee_services(struct foresight *foresight)
{
    struct net_task *task = foresight->task;
    struct net_span *span = &task->span;
    struct net_input *input = task->served;
    if (!input->has_current || !is_alone(task, input)) {
        return;
    }
    struct net_flow_cursor cursor;
    net_flow_look(&cursor, input->current.channel->flow, input->left);
    struct net_record record = task->record;
    double owed = input->owed;
    sim_time planned_end = task->planned_end;
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
    struct net_source_schedule schedule = task->source.at;
    sim_time wait_until;
    while (span->count < NET_SPAN_STEPS &&
           net_source_foresee(&task->source, &schedule, foresight->end, &wait_until)) {
        uint32_t index = foresight->services++;
        int32_t key = (int32_t)net_draws_peek(&task->source.keys, index);
        if (!foresee_emission(foresight, 1, key)) {
            return;
        }
        span->ends[span->count++] = foresight->end;
        net_source_foresee_next(&task->source, &schedule, index);
        foresight->end += net_task_record_cpu(task);
    }
}

sim_time net_span_foresee(struct net_task *task, sim_time end)
{
    struct net_span *span = &task->span;
    span->count = 0;
    span->done = 0;
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

/* The record in service is over, and the next one begins. */
static void replay_services(struct net_task *task, sim_time until)
{
    struct net_span *span = &task->span;
    struct net_input *input = task->served;
    struct net_flow *flow = input->current.channel->flow;
    struct net_record record = task->record;
    bool is_whole = true;
    for (; span->done < span->count && span->ends[span->done] <= until; span->done++) {
        sim_time now = span->ends[span->done];
        emit(task, net_service_emits(input->service, &input->owed), record);
        is_whole &= net_flow_read(flow, &input->left, &record);
        net_task_count_in(task, &record, now);
        task->planned_end += net_task_service(task, input, net_draws_take(&input->services), now);
    }
    sim_assert(task->sim, is_whole && input->left > 0);
    task->record = record;
}

static void replay_polls(struct net_task *task, sim_time until)
{
    struct net_span *span = &task->span;
    sim_time wait_until;
    bool is_due = true;
    for (; span->done < span->count && span->ends[span->done] <= until; span->done++) {
        sim_time now = span->ends[span->done];
        is_due &= net_source_poll(&task->source, now, &wait_until);
        task->record = (struct net_record){.emitted = now, .key = net_source_key(&task->source)};
        emit(task, 1, task->record);
        net_source_advance(&task->source);
    }
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
    if (task->vertex->is_source) {
        replay_polls(task, until);
    } else {
        replay_services(task, until);
    }
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
