#include "models/state_writer.h"

#include "models/rank.h"

/* A buffer that is held until it is written. */
struct net_pin {
    struct net_buffer *buffer; /* of a sender, or NULL */
    union {
        const struct net_subpartition *sub; /* of the sender's buffer */
        struct net_channel *channel;        /* of a receive buffer */
    };
    net_segment segment;
    bool is_exclusive;
    sim_time written_at;
};

static void on_written(struct sim *sim, void *owner)
{
    struct net_state_writer *writer = owner;
    struct net_pin pin = *(struct net_pin *)net_ring_pop(&writer->pins, sizeof pin);
    if (writer->pins.count > 0) {
        const struct net_pin *next = net_ring_at(&writer->pins, 0, sizeof *next);
        sim_event_schedule(sim, writer->written, next->written_at);
    }
    if (pin.buffer != NULL) {
        net_buffer_release(pin.buffer, pin.sub->group->recycler);
    } else {
        net_channel_unpin(pin.channel, pin.segment, pin.is_exclusive);
    }
}

void net_state_writer_init(struct net_state_writer *writer, struct sim *sim,
                           double bytes_per_second, sim_time latency, uint32_t entity)
{
    *writer = (struct net_state_writer){
        .sim = sim, .bytes_per_second = bytes_per_second, .latency = latency};
    writer->written = sim_event_create(sim, NET_RANK_WRITTEN, entity, on_written, writer);
}

void net_state_writer_finish(struct net_state_writer *writer)
{
    net_ring_finish(&writer->pins);
}

void net_state_writer_join(struct net_state_writer *writer, struct net_state_member *member)
{
    member->writer = writer;
    member->next = writer->first;
    writer->first = member;
    writer->members++;
}

/* CHK-16: a file has a place for each of its subtasks, whoever begins first. */
void net_state_begin(struct net_state_member *member)
{
    struct net_state_writer *writer = member->writer;
    member->bytes = 0;
    if (writer->awaited == 0) {
        writer->awaited = writer->members;
        writer->bytes = 0;
    }
}

void net_state_add_bytes(struct net_state_member *member, uint32_t bytes)
{
    struct net_state_writer *writer = member->writer;
    sim_time now = sim_now(writer->sim);
    sim_time from = writer->done_at > now ? writer->done_at : now;
    writer->done_at = from + (sim_time)((double)bytes * 1e9 / writer->bytes_per_second + 0.5);
    writer->bytes += bytes;
    member->bytes += bytes;
}

static void push_pin(struct net_state_writer *writer, const struct net_pin *pin)
{
    *(struct net_pin *)net_ring_push(&writer->pins, sizeof *pin) = *pin;
    if (writer->pins.count == 1) {
        sim_event_schedule(writer->sim, writer->written, pin->written_at);
    }
}

/* CHK-12 */
void net_state_add_output(struct net_state_member *member, const struct net_subpartition *sub,
                          struct net_buffer *buffer, uint32_t bytes)
{
    net_state_add_bytes(member, bytes);
    net_buffer_reference(buffer);
    struct net_pin pin = {.buffer = buffer, .sub = sub, .written_at = member->writer->done_at};
    push_pin(member->writer, &pin);
}

void net_state_add_input(struct net_state_member *member, struct net_channel *channel,
                         net_segment segment, bool is_exclusive, uint32_t bytes)
{
    net_state_add_bytes(member, bytes);
    net_channel_pin(channel, segment);
    struct net_pin pin = {.channel = channel,
                          .segment = segment,
                          .is_exclusive = is_exclusive,
                          .written_at = member->writer->done_at};
    push_pin(member->writer, &pin);
}

/* CHK-16 */
void net_state_complete(struct net_state_member *member)
{
    struct net_state_writer *writer = member->writer;
    if (--writer->awaited > 0) {
        return;
    }
    sim_time at = sim_now(writer->sim);
    if (writer->bytes > 0) {
        at = (writer->done_at > at ? writer->done_at : at) + writer->latency;
    }
    for (struct net_state_member *each = writer->first; each != NULL; each = each->next) {
        each->on_closed(each->owner, at);
    }
}
