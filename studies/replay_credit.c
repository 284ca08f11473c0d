/*
 * Replay of the receiver of credit based flow control: SingleInputGate, RemoteInputChannel and
 * BufferManager, without a sender, and with a second local pool that takes segments away.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "models/local_pool.h"
#include "models/network_pool.h"
#include "sim/arena.h"
#include "studies/replay_receiver.h"

#define SEGMENT_BYTES 64 /* the trace does not tell, and nothing depends on it */
#define DATA_BYTES 1
#define EVENT_BYTES 4
#define BARRIER_BYTES 38
#define MAX_BACKLOG (1 << 30)

struct credit_replay {
    struct study_receiver receiver;
    struct study_receiver_params params;
    bool has_parameters;
    bool is_destroyed;            /* the floating pool is */
    struct net_local_pool *rival; /* NULL when there is none */
    int64_t rivals;               /* that there were */
    bool *is_rivals;              /* by segment: the rival's user has it */
    int64_t rival_held;
    struct study_replay_step *step;
};

static void *create_replay(void)
{
    return sim_alloc(1, sizeof(struct credit_replay));
}

static void destroy_replay(void *model)
{
    struct credit_replay *replay = model;
    study_receiver_finish(&replay->receiver);
    free(replay->is_rivals);
    free(replay);
}

static void tell(struct credit_replay *replay, const char *what, const struct net_channel *channel)
{
    sim_text_add(&replay->step->events, "%s %" PRIu32 "\n", what, channel->index);
}

static void on_credit(void *owner, struct net_channel *channel)
{
    tell(owner, "credit", channel);
}

static void on_resume(void *owner, struct net_channel *channel)
{
    tell(owner, "resume", channel);
}

static void on_close(void *owner, struct net_channel *channel)
{
    tell(owner, "close", channel);
}

static bool read_gate(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct credit_replay *replay = model;
    const int64_t *values = step->call->values;
    replay->params = (struct study_receiver_params){
        .channels = values[0],
        .exclusive = values[1],
        .floating_min = values[2],
        .floating_max = values[3],
        .segments = values[4],
        .segment_bytes = SEGMENT_BYTES,
        .client = {.on_credit = on_credit, .resume = on_resume, .close = on_close, .owner = replay},
    };
    struct sim_err wrong = {0};
    replay->has_parameters = study_receiver_check(&replay->params, &wrong);
    return replay->has_parameters ||
           study_trace_fail(step->trace, step->call->line, err, "gate: %s", wrong.text);
}

static bool begin_replay(void *model, struct sim_err *err)
{
    struct credit_replay *replay = model;
    if (!replay->has_parameters) {
        return sim_err_set(err, SIM_ERR_INPUT, "expected the line 'gate ...' before the state");
    }
    replay->is_rivals = sim_alloc((size_t)replay->params.segments, sizeof *replay->is_rivals);
    return study_receiver_init(&replay->receiver, &replay->params, err);
}

/* A call that no recorder can have made. */
static bool refuse(const struct study_replay_step *step, const char *why, struct sim_err *err)
{
    return study_trace_fail(step->trace, step->call->line, err, "%s: %s", step->call->name, why);
}

/* The channel of an operation of which the floating pool is a part; NULL when there is none, or the
 * second number is no backlog. */
static struct net_channel *begin(struct credit_replay *replay, struct study_replay_step *step,
                                 struct sim_err *err)
{
    replay->step = step;
    if (replay->is_destroyed) {
        refuse(step, "the floating pool is destroyed", err);
        return NULL;
    }
    if (step->call->count > 1 &&
        (step->call->values[1] < 0 || step->call->values[1] > MAX_BACKLOG)) {
        refuse(step, "expected a backlog of 0 or more", err);
        return NULL;
    }
    return study_receiver_channel(&replay->receiver, step, err);
}

static bool conclude_ok(struct study_replay_step *step)
{
    sim_text_add(&step->result, "ok");
    return true;
}

static bool run_backlog(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct net_channel *channel = begin(model, step, err);
    if (channel == NULL) {
        return false;
    }
    net_channel_on_backlog(channel, (uint32_t)step->call->values[1]);
    return conclude_ok(step);
}

static bool receive(struct credit_replay *replay, struct study_replay_step *step, uint32_t bytes,
                    struct sim_err *err)
{
    struct net_channel *channel = begin(replay, step, err);
    if (channel == NULL) {
        return false;
    }
    if (channel->is_released) {
        return refuse(step, "the channel is released", err);
    }
    struct net_received message = {
        .bytes = bytes, .sequence = channel->expected_sequence, .type = NET_ELEMENT_DATA};
    if (net_channel_receive(channel, &message, (uint32_t)step->call->values[1])) {
        sim_text_add(&step->result, "buf %" PRIu32, message.segment);
    } else {
        sim_text_add(&step->result, "null");
    }
    return true;
}

static bool run_recv(void *model, struct study_replay_step *step, struct sim_err *err)
{
    return receive(model, step, DATA_BYTES, err);
}

static bool run_empty(void *model, struct study_replay_step *step, struct sim_err *err)
{
    return receive(model, step, 0, err);
}

static bool receive_event(struct credit_replay *replay, struct study_replay_step *step,
                          struct net_received message, struct sim_err *err)
{
    struct net_channel *channel = begin(replay, step, err);
    if (channel == NULL) {
        return false;
    }
    message.sequence = channel->expected_sequence;
    uint32_t backlog = step->call->count > 1 ? (uint32_t)step->call->values[1] : 0;
    (void)net_channel_receive(channel, &message, backlog);
    return conclude_ok(step);
}

static bool run_event(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct net_received message = {.bytes = EVENT_BYTES, .type = NET_ELEMENT_EVENT};
    return receive_event(model, step, message, err);
}

static bool run_barrier(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct net_received message = {.bytes = BARRIER_BYTES, .type = NET_ELEMENT_BARRIER};
    return receive_event(model, step, message, err);
}

/* CHK-9: an unaligned barrier. */
static bool run_priority(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct net_received message = {.bytes = BARRIER_BYTES, .type = NET_ELEMENT_PRIORITY_EVENT};
    return receive_event(model, step, message, err);
}

/* CHK-6: it is announced. */
static bool run_timeoutable(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct net_received message = {.bytes = BARRIER_BYTES, .type = NET_ELEMENT_TIMEOUT_BARRIER};
    return receive_event(model, step, message, err);
}

/* CHK-7 */
static bool run_prioritise(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct net_channel *channel = begin(model, step, err);
    if (channel == NULL) {
        return false;
    }
    net_channel_prioritise_barrier(channel);
    return conclude_ok(step);
}

static bool run_resume(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct net_channel *channel = begin(model, step, err);
    if (channel == NULL) {
        return false;
    }
    if (channel->is_released) {
        return refuse(step, "the channel is released", err);
    }
    net_channel_resume(channel);
    return conclude_ok(step);
}

static bool run_credit(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct net_channel *channel = begin(model, step, err);
    if (channel == NULL) {
        return false;
    }
    sim_text_add(&step->result, "credit %" PRIu32, net_channel_take_credit(channel));
    return true;
}

static bool run_poll(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct credit_replay *replay = model;
    struct net_channel *channel = begin(replay, step, err);
    if (channel == NULL) {
        return false;
    }
    struct net_element element;
    if (!study_receiver_poll(&replay->receiver, channel, step, &element)) {
        return true;
    }
    if (element.segment != NET_SEGMENT_NONE) {
        sim_text_add(&step->result, "buf %" PRIu32, element.segment);
    } else {
        sim_text_add(&step->result, "event");
    }
    sim_text_add(&step->result, " %d %" PRIu32, element.next_type != NET_ELEMENT_NONE,
                 element.sequence);
    return true;
}

static bool run_recycle(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct credit_replay *replay = model;
    replay->step = step;
    return study_receiver_recycle(&replay->receiver, step, err);
}

static bool run_release(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct net_channel *channel = begin(model, step, err);
    if (channel == NULL) {
        return false;
    }
    net_channel_release(channel);
    return conclude_ok(step);
}

static bool run_rival_create(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct credit_replay *replay = model;
    replay->step = step;
    if (replay->rival != NULL || replay->is_destroyed) {
        return refuse(step, "there is a rival already, or the floating pool is destroyed", err);
    }
    struct net_local_pool_params params = {
        .required = step->call->values[0], .max = step->call->values[1], .key = ++replay->rivals};
    struct sim_err exception = {0};
    replay->rival =
        net_network_pool_create_pool(replay->receiver.segments.pool, &params, &exception);
    if (replay->rival == NULL) {
        sim_text_add(&step->result, "ex %s %s", exception.file, exception.text);
        return true;
    }
    return conclude_ok(step);
}

static bool run_rival_take(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct credit_replay *replay = model;
    replay->step = step;
    if (replay->rival == NULL) {
        return refuse(step, "there is no rival", err);
    }
    net_segment segment = net_local_pool_request(replay->rival, NET_NO_SUBPARTITION);
    if (segment == NET_SEGMENT_NONE) {
        sim_text_add(&step->result, "null");
        return true;
    }
    replay->is_rivals[segment] = true;
    replay->rival_held++;
    sim_text_add(&step->result, "buf %" PRIu32, segment);
    return true;
}

static bool run_rival_give(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct credit_replay *replay = model;
    int64_t segment = step->call->values[0];
    replay->step = step;
    if (segment < 0 || segment >= replay->params.segments || !replay->is_rivals[segment]) {
        return refuse(step, "the rival does not have that buffer", err);
    }
    replay->is_rivals[segment] = false;
    replay->rival_held--;
    net_local_pool_recycle(replay->rival, (net_segment)segment, NET_NO_SUBPARTITION);
    return conclude_ok(step);
}

static bool run_rival_destroy(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct credit_replay *replay = model;
    replay->step = step;
    if (replay->rival == NULL || replay->rival_held > 0) {
        return refuse(step, "there is no rival, or it has buffers out", err);
    }
    net_local_pool_destroy(replay->rival);
    replay->rival = NULL;
    return conclude_ok(step);
}

static bool run_destroy(void *model, struct study_replay_step *step, struct sim_err *err)
{
    (void)err;
    struct credit_replay *replay = model;
    replay->step = step;
    replay->is_destroyed = true;
    net_local_pool_destroy(replay->receiver.floating);
    return conclude_ok(step);
}

static void write_state(void *model, struct study_state *state)
{
    const struct credit_replay *replay = model;
    const struct net_network_pool *global = replay->receiver.segments.pool;
    const struct net_local_pool *floating = replay->receiver.floating;
    study_state_line(state, 1, "g %" PRIu32 " %" PRId64, net_network_pool_available(global),
                     net_network_pool_required(global));
    study_state_line(state, 1, "f %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %d",
                     net_local_pool_size(floating), net_local_pool_requested(floating),
                     net_local_pool_idle(floating), net_local_pool_listeners(floating),
                     net_local_pool_is_available(floating));
    if (replay->rival != NULL) {
        study_state_line(
            state, 1, "r %" PRId64 " %" PRId64 " %" PRId64, net_local_pool_size(replay->rival),
            net_local_pool_requested(replay->rival), net_local_pool_idle(replay->rival));
    }
    study_receiver_write(&replay->receiver, state);
    study_state_line(state, 1, "u %" PRIu64, net_gate_buffers_in_use(&replay->receiver.gate));
}

static bool audit(void *model, struct sim_err *err)
{
    const struct credit_replay *replay = model;
    return (replay->rival == NULL || net_local_pool_audit(replay->rival, err)) &&
           study_receiver_audit(&replay->receiver, err);
}

static const struct study_replay_operation parameters[] = {{"gate", "iiiii", read_gate}, {0}};

static const struct study_replay_operation operations[] = {
    {"backlog", "ii", run_backlog},
    {"recv", "ii", run_recv},
    {"empty", "ii", run_empty},
    {"event", "ii", run_event},
    {"barrier", "i", run_barrier},
    {"priority", "ii", run_priority},
    {"timeoutable", "i", run_timeoutable},
    {"prioritise", "i", run_prioritise},
    {"resume", "i", run_resume},
    {"credit", "i", run_credit},
    {"poll", "i", run_poll},
    {"recycle", "ii", run_recycle},
    {"release", "i", run_release},
    {"rival_create", "ii", run_rival_create},
    {"rival_take", "", run_rival_take},
    {"rival_give", "i", run_rival_give},
    {"rival_destroy", "", run_rival_destroy},
    {"destroy", "", run_destroy},
    {0},
};

const struct study_replay_kind study_replay_credit = {
    .name = "credittrace",
    .parameters = parameters,
    .operations = operations,
    .create = create_replay,
    .destroy = destroy_replay,
    .begin = begin_replay,
    .write_state = write_state,
    .audit = audit,
};
