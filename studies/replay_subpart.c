/*
 * Replay of a subpartition: PipelinedSubpartition with its view.
 *
 * The writer's buffers are no segments of a pool here; their recycler writes down that
 * nobody references it any more.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "models/buffer.h"
#include "models/subpartition.h"
#include "sim/arena.h"
#include "studies/replay_kind.h"

#define EVENT_BYTES 4
#define BARRIER_BYTES 38

struct replay_buffer {
    struct net_buffer buffer;
    int64_t id;
    struct replay_buffer *next; /* in the list of all that are referenced */
    struct replay_buffer *previous;
};

struct subpart_replay {
    struct net_subpartition_reader reader; /* first */
    bool has_parameters;
    uint32_t exclusive;
    uint32_t size_hint;
    uint32_t memory_bytes;
    struct net_subpartition sub;
    bool is_made;
    bool has_view;
    struct net_subpartition_group group;
    struct net_block_listener block_listener;
    struct net_recycler recycler;
    struct net_buffer *open; /* the buffer that the writer fills, or NULL */
    struct replay_buffer *buffers;
    struct study_replay_step *step;
};

static void *create_replay(void)
{
    return sim_alloc(1, sizeof(struct subpart_replay));
}

static void destroy_replay(void *model)
{
    struct subpart_replay *replay = model;
    if (replay->is_made) {
        net_subpartition_finish(&replay->sub);
        net_subpartition_group_finish(&replay->group);
    }
    while (replay->buffers != NULL) {
        struct replay_buffer *next = replay->buffers->next;
        free(replay->buffers);
        replay->buffers = next;
    }
    free(replay);
}

static bool read_subpartition(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct subpart_replay *replay = model;
    const int64_t *values = step->call->values;
    if (values[0] < 0 || values[1] < 1 || values[2] < 1) {
        return study_trace_fail(step->trace, step->call->line, err,
                                "subpartition: expected exclusive buffers (0 or more), a starting "
                                "size and a size of memory (1 or more)");
    }
    replay->has_parameters = true;
    replay->exclusive = (uint32_t)values[0];
    replay->size_hint = (uint32_t)values[1];
    replay->memory_bytes = (uint32_t)values[2];
    return true;
}

static void on_data(struct net_subpartition_reader *reader)
{
    struct subpart_replay *replay = (struct subpart_replay *)reader;
    sim_text_add(&replay->step->events, "data\n");
}

static void on_priority(struct net_subpartition_reader *reader, uint32_t sequence)
{
    struct subpart_replay *replay = (struct subpart_replay *)reader;
    sim_text_add(&replay->step->events, "prio %" PRIu32 "\n", sequence);
}

/* CHK-8: a barrier that may time out was polled, so the checkpoint has no state of this one. */
static void on_blocked(void *owner)
{
    struct subpart_replay *replay = owner;
    sim_text_add(&replay->step->events, "state\n");
}

static void recycle(void *owner, struct net_buffer *buffer)
{
    struct subpart_replay *replay = owner;
    void *first = buffer; /* member of what the replay made */
    struct replay_buffer *entry = first;
    sim_text_add(&replay->step->events, "free %" PRId64 "\n", entry->id);
    if (entry->next != NULL) {
        entry->next->previous = entry->previous;
    }
    if (entry->previous != NULL) {
        entry->previous->next = entry->next;
    } else {
        replay->buffers = entry->next;
    }
    free(entry);
}

static bool begin_replay(void *model, struct sim_err *err)
{
    struct subpart_replay *replay = model;
    if (!replay->has_parameters) {
        return sim_err_set(err, SIM_ERR_INPUT, "expected the line 'subpartition ...'");
    }
    net_subpartition_group_init(&replay->group, 1, replay->exclusive, &replay->recycler);
    replay->block_listener = (struct net_block_listener){.on_blocked = on_blocked, .owner = replay};
    replay->group.block_listener = &replay->block_listener;
    net_subpartition_init(&replay->sub, &replay->group, 0, replay->size_hint);
    replay->is_made = true;
    replay->recycler = (struct net_recycler){.recycle = recycle, .owner = replay};
    return true;
}

static bool conclude_ok(struct study_replay_step *step)
{
    sim_text_add(&step->result, "ok");
    return true;
}

/* A call that no recorder can have made. */
static bool refuse(const struct study_replay_step *step, const char *why, struct sim_err *err)
{
    return study_trace_fail(step->trace, step->call->line, err, "%s: %s", step->call->name, why);
}

static bool run_view(void *model, struct study_replay_step *step, struct sim_err *err)
{
    static const struct net_reader_calls calls = {.on_data = on_data, .on_priority = on_priority};
    struct subpart_replay *replay = model;
    if (replay->has_view || replay->sub.is_released) {
        return refuse(step, "there is a reader already, or the subpartition is released", err);
    }
    replay->has_view = true;
    replay->step = step;
    replay->reader.calls = &calls;
    net_subpartition_attach(&replay->sub, &replay->reader);
    return conclude_ok(step);
}

static struct net_buffer *make_buffer(struct subpart_replay *replay, int64_t id)
{
    struct replay_buffer *entry = sim_alloc(1, sizeof *entry);
    entry->id = id;
    entry->next = replay->buffers;
    if (entry->next != NULL) {
        entry->next->previous = entry;
    }
    replay->buffers = entry;
    net_buffer_open(&entry->buffer, replay->memory_bytes);
    return &entry->buffer;
}

static bool run_add(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct subpart_replay *replay = model;
    const int64_t *values = step->call->values;
    bool is_finished = values[2] != 0;
    if (replay->open != NULL) {
        return refuse(step, "the buffer before is not finished", err);
    }
    if (values[0] < 0 || values[1] < 0 || values[2] < 0 || values[2] > 1) {
        return refuse(step, "expected a number, bytes, and 0 or 1", err);
    }
    replay->step = step;
    struct net_buffer *buffer = make_buffer(replay, values[0]);
    (void)net_buffer_append(buffer, (uint32_t)values[1]);
    if (is_finished) {
        net_buffer_finish(buffer);
    }
    sim_text_add(&step->result, "size %" PRId64, net_subpartition_add(&replay->sub, buffer));
    if (is_finished) {
        net_buffer_release(buffer, &replay->recycler);
    } else {
        replay->open = buffer;
    }
    return true;
}

static bool run_append(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct subpart_replay *replay = model;
    int64_t bytes = step->call->values[0];
    if (replay->open == NULL || bytes < 0) {
        return refuse(step, "expected an open buffer, and bytes", err);
    }
    sim_text_add(&step->result, "appended %" PRIu32,
                 net_buffer_append(replay->open, (uint32_t)bytes));
    return true;
}

static bool run_finish(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct subpart_replay *replay = model;
    if (replay->open == NULL) {
        return refuse(step, "no buffer is open", err);
    }
    replay->step = step;
    struct net_buffer *buffer = replay->open;
    replay->open = NULL;
    net_buffer_finish(buffer);
    net_buffer_release(buffer, &replay->recycler);
    return conclude_ok(step);
}

static bool run_flush(void *model, struct study_replay_step *step, struct sim_err *err)
{
    (void)err;
    struct subpart_replay *replay = model;
    replay->step = step;
    net_subpartition_flush(&replay->sub);
    return conclude_ok(step);
}

static bool run_event(void *model, struct study_replay_step *step, struct sim_err *err)
{
    (void)err;
    struct subpart_replay *replay = model;
    replay->step = step;
    sim_text_add(&step->result, "size %" PRId64,
                 net_subpartition_add_event(&replay->sub, NET_ELEMENT_EVENT, EVENT_BYTES));
    return true;
}

static bool run_barrier(void *model, struct study_replay_step *step, struct sim_err *err)
{
    (void)err;
    struct subpart_replay *replay = model;
    replay->step = step;
    sim_text_add(&step->result, "size %" PRId64,
                 net_subpartition_add_event(&replay->sub, NET_ELEMENT_BARRIER, BARRIER_BYTES));
    return true;
}

/* Data that becomes state, in front of the barrier. */
static void note_state(void *arg, const struct net_subpartition *sub, struct net_buffer *buffer,
                       uint32_t bytes)
{
    (void)sub;
    struct sim_text *state = arg;
    (void)buffer;
    sim_text_add(state, " %" PRIu32, bytes);
}

static void write_persisted(struct study_replay_step *step, const struct sim_text *state)
{
    sim_text_add(&step->events, "state%s\n", state->length > 0 ? sim_text_get(state) : "");
}

/* CHK-9: Flink persists before it tells the reader. */
static bool run_priority(void *model, struct study_replay_step *step, struct sim_err *err)
{
    (void)err;
    struct subpart_replay *replay = model;
    struct sim_text state = {0};
    replay->step = step;
    if (!replay->sub.is_finished && !replay->sub.is_released) {
        net_subpartition_visit(&replay->sub, note_state, &state);
    }
    if (state.length > 0) {
        write_persisted(step, &state);
    }
    sim_text_finish(&state);
    sim_text_add(
        &step->result, "size %" PRId64,
        net_subpartition_add_event(&replay->sub, NET_ELEMENT_PRIORITY_EVENT, BARRIER_BYTES));
    return true;
}

static bool run_timeoutable(void *model, struct study_replay_step *step, struct sim_err *err)
{
    (void)err;
    struct subpart_replay *replay = model;
    replay->step = step;
    sim_text_add(
        &step->result, "size %" PRId64,
        net_subpartition_add_event(&replay->sub, NET_ELEMENT_TIMEOUT_BARRIER, BARRIER_BYTES));
    return true;
}

/* CHK-8 */
static bool run_overtake(void *model, struct study_replay_step *step, struct sim_err *err)
{
    (void)err;
    struct subpart_replay *replay = model;
    struct sim_text state = {0};
    struct sim_text told = {0};
    replay->step = step;
    bool has_overtaken = net_subpartition_overtake(&replay->sub, BARRIER_BYTES, note_state, &state);
    sim_text_add_bytes(&told, step->events.bytes, step->events.length);
    sim_text_clear(&step->events);
    if (has_overtaken) {
        write_persisted(step, &state);
    }
    sim_text_add_bytes(&step->events, told.bytes, told.length);
    sim_text_finish(&state);
    sim_text_finish(&told);
    return conclude_ok(step);
}

static bool run_buffer_size(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct subpart_replay *replay = model;
    if (step->call->values[0] < 0) {
        return refuse(step, "expected a size", err);
    }
    net_subpartition_set_size_hint(&replay->sub, (uint32_t)step->call->values[0]);
    return conclude_ok(step);
}

/* Flink's names of SUB-16. */
static const char *name_of(enum net_element_type type)
{
    switch (type) {
    case NET_ELEMENT_DATA:
        return "DATA_BUFFER";
    case NET_ELEMENT_EVENT:
    case NET_ELEMENT_PLAIN_BARRIER:
        return "EVENT_BUFFER";
    case NET_ELEMENT_PRIORITY_EVENT:
        return "PRIORITIZED_EVENT_BUFFER";
    case NET_ELEMENT_BARRIER:
        return "ALIGNED_CHECKPOINT_BARRIER";
    case NET_ELEMENT_TIMEOUT_BARRIER:
        return "TIMEOUTABLE_ALIGNED_CHECKPOINT_BARRIER";
    case NET_ELEMENT_END:
        return "END_OF_PARTITION";
    case NET_ELEMENT_NONE:
    case NET_ELEMENT_ANNOUNCEMENT: /* made by a receiver */
        break;
    }
    return "NONE";
}

static bool run_poll(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct subpart_replay *replay = model;
    if (!replay->has_view || replay->sub.is_released) {
        return refuse(step, "there is no reader", err);
    }
    replay->step = step;
    struct net_slice slice;
    if (!net_subpartition_poll(&replay->sub, &slice)) {
        sim_text_add(&step->result, "none");
        return true;
    }
    sim_text_add(&step->result, "%s %" PRIu32 " %" PRIu32 " %s %" PRIu32,
                 slice.type == NET_ELEMENT_DATA ? "buf" : "event", slice.bytes, slice.backlog,
                 name_of(slice.next), slice.sequence);
    if (slice.buffer != NULL) {
        net_buffer_release(slice.buffer, &replay->recycler);
    }
    return true;
}

static bool run_resume(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct subpart_replay *replay = model;
    if (!replay->has_view || !replay->sub.is_blocked) {
        return refuse(step, "the subpartition is not blocked", err);
    }
    net_subpartition_resume(&replay->sub);
    return conclude_ok(step);
}

static bool run_finish_partition(void *model, struct study_replay_step *step, struct sim_err *err)
{
    (void)err;
    struct subpart_replay *replay = model;
    replay->step = step;
    sim_text_add(&step->result, "bytes %" PRIu32, net_subpartition_end(&replay->sub));
    return true;
}

static bool run_release(void *model, struct study_replay_step *step, struct sim_err *err)
{
    (void)err;
    struct subpart_replay *replay = model;
    replay->step = step;
    net_subpartition_release(&replay->sub);
    return conclude_ok(step);
}

static void write_state(void *model, struct study_state *state)
{
    const struct net_subpartition *sub = &((struct subpart_replay *)model)->sub;
    study_state_line(
        state, 1, "s %" PRIu32 " %" PRIu32 " %" PRIu32 " %d %d %d %d %d %d %" PRIu64 " %" PRIu64,
        net_subpartition_length(sub), sub->data_count, net_subpartition_backlog(sub),
        net_subpartition_is_available(sub, true), net_subpartition_is_available(sub, false),
        sub->is_flush_requested, sub->is_blocked, sub->is_finished, sub->is_released,
        sub->group->total_buffers, sub->total_bytes);
}

static bool audit(void *model, struct sim_err *err)
{
    return net_subpartition_audit(&((struct subpart_replay *)model)->sub, err);
}

static const struct study_replay_operation parameters[] = {
    {"subpartition", "iii", read_subpartition}, {0}};

static const struct study_replay_operation operations[] = {
    {"view", "", run_view},
    {"add", "iii", run_add},
    {"append", "i", run_append},
    {"finish", "", run_finish},
    {"flush", "", run_flush},
    {"event", "", run_event},
    {"barrier", "", run_barrier},
    {"priority", "", run_priority},
    {"timeoutable", "", run_timeoutable},
    {"overtake", "", run_overtake},
    {"buffersize", "i", run_buffer_size},
    {"poll", "", run_poll},
    {"resume", "", run_resume},
    {"finishpart", "", run_finish_partition},
    {"release", "", run_release},
    {0},
};

const struct study_replay_kind study_replay_subpart = {
    .name = "subparttrace",
    .parameters = parameters,
    .operations = operations,
    .create = create_replay,
    .destroy = destroy_replay,
    .begin = begin_replay,
    .write_state = write_state,
    .audit = audit,
};
