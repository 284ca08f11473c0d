#include "models/span.h"

#include <string.h>

#include "models/span_even.h"
#include "models/task_records.h"
#include "sim/assert.h"

/* Where a look ahead has come to. */
struct foresight {
    struct net_task *task;
    sim_time end; /* of the service that is looked at */
    sim_time planned_end;
    struct net_task *operating; /* whose service it is */
    int32_t key;                /* of its record */
    uint32_t place;             /* of the member in its chain */
    uint32_t last_input;
    uint32_t sizes; /* variates used up so far */
    uint32_t polls;
};

static uint32_t chain_length(const struct net_task *task)
{
    uint32_t length = 1;
    for (const struct net_task *member = task->next; member != NULL; member = member->next) {
        length++;
    }
    return length;
}

void net_span_init(struct net_task *task, struct sim_arena *arena)
{
    struct net_span *span = &task->span;
    span->can_be_even = net_span_can_be_even(task);
    span->ends = sim_arena_alloc(arena, NET_SPAN_STEPS, sizeof *span->ends);
    span->routers = sim_arena_alloc(arena, task->output_count, sizeof *span->routers);
    span->inputs = sim_arena_alloc(arena, task->input_count, sizeof *span->inputs);
    span->members = sim_arena_alloc(arena, chain_length(task), sizeof *span->members);
    for (uint32_t i = 0; i < task->output_count; i++) {
        struct net_output *output = &task->outputs[i];
        net_router_clone(&span->routers[i], &output->router, arena);
        output->foreseen =
            sim_arena_alloc(arena, output->partition.count, sizeof *output->foreseen);
    }
}

/* Whether a record of `bytes` bytes goes into the buffer that is open for it and leaves it open. */
static bool fits(struct net_output *output, uint32_t target, uint32_t bytes, uint32_t mark)
{
    const struct net_partition *partition = &output->partition;
    const struct net_buffer *builder =
        target == NET_ROUTER_ALL ? partition->broadcast_builder : partition->builders[target];
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
    for (; task->output_count > 0 && records > 0; records--) {
        if (foresight->sizes == SIM_DRAWS_AHEAD) {
            return false;
        }
        uint32_t bytes = (uint32_t)sim_draws_peek(&task->tail->sizes, foresight->sizes++);
        for (uint32_t i = 0; i < task->output_count; i++) {
            uint32_t target = net_router_next(&task->span.routers[i], key);
            if (!fits(&task->outputs[i], target, bytes, task->span.marks)) {
                return false;
            }
        }
    }
    return true;
}

/* What was foreseen before does not count any more. */
static void renew_mark(struct net_task *task)
{
    if (++task->span.marks > 0) {
        return;
    }
    for (uint32_t i = 0; i < task->output_count; i++) {
        struct net_output *output = &task->outputs[i];
        memset(output->foreseen, 0, output->partition.count * sizeof *output->foreseen);
    }
    task->span.marks = 1;
}

/* Where everything is that the look ahead goes on from. */
static void begin_foresight(struct foresight *foresight)
{
    struct net_task *task = foresight->task;
    struct net_span *span = &task->span;
    renew_mark(task);
    for (uint32_t i = 0; i < task->output_count; i++) {
        net_router_follow(&span->routers[i], &task->outputs[i].router);
    }
    for (uint32_t i = 0; i < task->input_count; i++) {
        const struct net_input *input = &task->inputs[i];
        span->inputs[i] = (struct net_input_foresight){.owed = input->owed};
        if (input->has_current) {
            net_flow_look(&span->inputs[i].cursor, input->current.channel->flow, input->left);
        }
    }
    uint32_t place = 0;
    for (struct net_task *member = task; member != NULL; member = member->next, place++) {
        struct net_member_foresight *foreseen = &span->members[place];
        foresight->place = member == task->operating ? place : foresight->place;
        *foreseen =
            (struct net_member_foresight){.pending = member->pending, .key = member->handed.key};
        if (place > 0) {
            foreseen->input.owed = member->served->owed;
        }
    }
    if (task->vertex->is_source) {
        span->schedule = task->source.at;
    }
}

/* What is foreseen of the input that a service of the operating member is of. */
static struct net_input_foresight *served_input(const struct foresight *foresight)
{
    const struct net_task *task = foresight->task;
    return foresight->place == 0 ? &task->span.inputs[foresight->last_input]
                                 : &task->span.members[foresight->place].input;
}

static const struct net_input *real_input(const struct foresight *foresight)
{
    return foresight->place == 0 ? &foresight->task->inputs[foresight->last_input]
                                 : foresight->operating->served;
}

/* The service ends: what it emits is handed on or written. */
static bool foresee_end(struct foresight *foresight)
{
    struct net_task *task = foresight->task;
    if (foresight->operating->vertex->is_source) {
        return true;
    }
    uint32_t records =
        net_service_emits(real_input(foresight)->service, &served_input(foresight)->owed);
    if (foresight->operating->next == NULL) {
        return foresee_emission(foresight, records, foresight->key);
    }
    struct net_member_foresight *next = &task->span.members[foresight->place + 1];
    next->pending = records;
    next->key = foresight->key;
    return true;
}

/* The lowest member of the chain that has records left is next; false when there is none. */
static bool foresee_chain(struct foresight *foresight)
{
    struct net_task *task = foresight->task;
    uint32_t place = 1;
    bool is_found = false;
    for (struct net_task *member = task->next; member != NULL; member = member->next, place++) {
        if (task->span.members[place].pending > 0) {
            foresight->operating = member;
            foresight->place = place;
            is_found = true;
        }
    }
    if (is_found) {
        task->span.members[foresight->place].pending--;
        foresight->key = task->span.members[foresight->place].key;
    }
    return is_found;
}

/* TSK-10: the source has a record; false when it has none, or the outputs cannot just take it. */
static bool foresee_poll(struct foresight *foresight)
{
    struct net_task *task = foresight->task;
    struct net_source_schedule *schedule = &task->span.schedule;
    sim_time wait_until;
    if (foresight->polls == SIM_DRAWS_AHEAD) {
        return false;
    }
    if (task->next != NULL && schedule->due < foresight->end) {
        schedule->was_held_up = true;
    }
    if (!net_source_foresee(&task->source, schedule, foresight->end, &wait_until)) {
        return false;
    }
    foresight->operating = task;
    foresight->place = 0;
    foresight->key = (int32_t)sim_draws_peek(&task->source.keys, foresight->polls);
    if (task->next == NULL) {
        if (!foresee_emission(foresight, 1, foresight->key)) {
            return false;
        }
    } else {
        task->span.members[1].pending = 1;
        task->span.members[1].key = foresight->key;
    }
    net_source_foresee_next(&task->source, schedule, foresight->polls++);
    return task->next == NULL || foresee_chain(foresight);
}

/* TSK-9: the next record of the input whose turn it is; false when its buffer is used up by that,
 * or it has none. To find nothing at the others changes nothing, unless they are being measured. */
static bool foresee_input(struct foresight *foresight)
{
    const struct net_task *task = foresight->task;
    foresight->operating = foresight->task;
    foresight->place = 0;
    for (uint32_t i = 0; i < task->input_count; i++) {
        uint32_t index = foresight->last_input + 1;
        foresight->last_input = index < task->input_count ? index : 0;
        const struct net_input *input = &task->inputs[foresight->last_input];
        if (input->has_current) {
            struct net_record record;
            bool is_there =
                net_flow_look_on(&task->span.inputs[foresight->last_input].cursor, &record);
            foresight->key = is_there ? record.key : 0;
            return is_there;
        }
        const struct net_gate *gate = &input->gates[0];
        if (input->ready_count > 0 || (gate->debloater != NULL && gate->throughput.is_running)) {
            return false;
        }
    }
    return false;
}

/* The end of the service that begins next. */
static bool foresee_service(struct foresight *foresight)
{
    struct net_task *member = foresight->operating;
    if (member->vertex->is_source) {
        foresight->end += net_task_record_cpu(foresight->task);
        return true;
    }
    struct net_input_foresight *foreseen = served_input(foresight);
    struct net_input *input = member == foresight->task
                                  ? &foresight->task->inputs[foresight->last_input]
                                  : member->served;
    if (member->first_service_delay > 0 || foreseen->services == SIM_DRAWS_AHEAD) {
        return false;
    }
    foresight->planned_end += net_task_service(
        member, input, sim_draws_peek(&input->services, foreseen->services++), foresight->end);
    foresight->end = net_task_service_end(foresight->task, foresight->planned_end, foresight->end);
    return true;
}

/* One step after the other, as the loop will do them. */
static void foresee_steps(struct foresight *foresight)
{
    struct net_task *task = foresight->task;
    struct net_span *span = &task->span;
    while (span->count < NET_SPAN_STEPS && foresight->end < NET_SPAN_HORIZON &&
           foresee_end(foresight)) {
        sim_time end = foresight->end;
        bool goes_on =
            foresee_chain(foresight) ||
            (task->vertex->is_source ? foresee_poll(foresight) : foresee_input(foresight));
        if (!goes_on || !foresee_service(foresight)) {
            return;
        }
        span->ends[span->count++] = end;
    }
}

/* Whether the step at the end of this service is an event for sure: a source that has no record
 * then, an operator that has to poll its gate. */
static bool ends_with_this(const struct net_task *task)
{
    if (task->next != NULL) {
        return false;
    }
    if (task->vertex->is_source) {
        return task->source.at.due > task->service_end;
    }
    return task->input_count == 1 && !task->inputs[0].has_current;
}

sim_time net_span_foresee(struct net_task *task)
{
    struct net_span *span = &task->span;
    span->count = 0;
    span->done = 0;
    span->is_even = false;
    bool is_held_up = net_task_has_mail(task) || !net_task_has_room(task);
    if (span->ends == NULL || is_held_up || ends_with_this(task)) {
        return task->service_end;
    }
    if (net_span_is_even(task)) {
        return net_span_foresee_even(task);
    }
    struct foresight foresight = {.task = task,
                                  .end = task->service_end,
                                  .planned_end = task->planned_end,
                                  .operating = task->operating,
                                  .key = task->operating->record.key,
                                  .last_input = task->last_input};
    begin_foresight(&foresight);
    foresee_steps(&foresight);
    return foresight.end;
}

/* ---- what was foreseen is done ---- */

/* The step at `now`, which takes no turn but this one. */
static void replay_step(struct net_task *task, sim_time now)
{
    bool is_polled = task->vertex->is_source && task->operating == task;
    if (!is_polled) {
        net_task_finish_service(task);
        bool is_written = net_task_emit(task);
        sim_assert(task->sim, is_written);
        if (net_task_continue_chain(task, now)) {
            return;
        }
    }
    enum net_turn turn = task->vertex->is_source ? net_task_poll_source(task, now)
                                                 : net_task_process_inputs(task, now);
    sim_assert(task->sim, turn == NET_TURN_TOOK_TIME && task->thread == NET_THREAD_SERVING);
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
    if (span->is_even) {
        net_span_replay_even(task, ends, count);
    } else {
        for (uint32_t i = 0; i < count; i++) {
            replay_step(task, ends[i]);
        }
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
