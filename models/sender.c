#include "models/sender.h"

#include <stddef.h>

#include "models/gate.h"
#include "sim/assert.h"

#define BACKLOG_ANNOUNCEMENT_BYTES 29u

void net_sender_init(struct net_sender *sender, struct sim *sim, const struct net_wire *wire)
{
    *sender = (struct net_sender){.sim = sim, .wire = *wire};
}

/* PRQ-2 */
static void notify(struct net_reader *reader)
{
    reader->sender->wire.post(reader->sender->wire.owner, reader);
}

static struct net_reader *owner_of(struct net_subpartition_reader *reader)
{
    return (struct net_reader *)((uintptr_t)reader - offsetof(struct net_reader, reader));
}

static void on_data(struct net_subpartition_reader *reader)
{
    notify(owner_of(reader));
}

static void expect(const struct net_subpartition_reader *reader)
{
    const struct net_reader *mine =
        (const struct net_reader *)((uintptr_t)reader - offsetof(struct net_reader, reader));
    for (uintptr_t at = 0; at < NET_SENDER_REACH; at += 64) {
        sim_prefetch((const void *)((uintptr_t)mine->sender + at));
    }
}

static void on_priority(struct net_subpartition_reader *reader, uint32_t sequence)
{
    (void)sequence;
    notify(owner_of(reader));
}

void net_reader_init(struct net_reader *reader, struct net_sender *sender,
                     struct net_subpartition *sub, struct net_channel *channel,
                     uint32_t initial_credit)
{
    *reader = (struct net_reader){
        .sub = sub,
        .sender = sender,
        .channel = channel,
        .credit = (int32_t)initial_credit,
        .has_no_first = initial_credit == 0,
    };
}

void net_reader_subscribe(struct net_reader *reader)
{
    static const struct net_reader_calls calls = {
        .on_data = on_data, .on_priority = on_priority, .expect = expect};
    reader->reader.calls = &calls;
    net_subpartition_attach(reader->sub, &reader->reader);
}

/* PRQ-8 */
void net_reader_attach(struct net_reader *reader)
{
    net_reader_subscribe(reader);
    notify(reader);
}

void net_reader_open(struct net_reader *reader)
{
    reader->is_closed = false;
    notify(reader);
}

/* CRD-3 */
static bool is_available(const struct net_reader *reader)
{
    return !reader->is_closed && net_subpartition_is_available(reader->sub, reader->credit > 0);
}

/* CRD-6 */
static bool must_announce_backlog(const struct net_reader *reader)
{
    return reader->has_no_first && reader->credit == 0;
}

static void note_starved(struct net_reader *reader)
{
    bool is_starved =
        !reader->is_registered && reader->credit <= 0 && net_subpartition_has_data(reader->sub);
    if (is_starved == reader->is_starved) {
        return;
    }
    struct net_waiting *waiting = &reader->sub->group->for_credit;
    if (is_starved) {
        net_waiting_begin(waiting, sim_now(reader->sender->sim));
    } else {
        net_waiting_end(waiting, sim_now(reader->sender->sim));
    }
    reader->is_starved = is_starved;
}

static void push_ready(struct net_sender *sender, struct net_reader *reader)
{
    reader->is_registered = true;
    sender->ready_count++;
    note_starved(reader);
    net_waiting_begin(&reader->sub->group->for_link, sim_now(sender->sim));
    reader->next = NULL;
    if (sender->ready_head == NULL) {
        sender->ready_head = reader;
    } else {
        sender->ready_tail->next = reader;
    }
    sender->ready_tail = reader;
}

static struct net_reader *pop_ready(struct net_sender *sender)
{
    struct net_reader *reader = sender->ready_head;
    if (reader != NULL) {
        sender->ready_head = reader->next;
        sender->ready_count--;
        reader->is_registered = false;
        net_waiting_end(&reader->sub->group->for_link, sim_now(sender->sim));
    }
    return reader;
}

/* PRQ-7 */
static void announce_backlog(struct net_sender *sender, struct net_reader *reader, uint32_t backlog)
{
    struct net_message message = {
        .reader = reader, .kind = NET_MESSAGE_BACKLOG, .backlog = backlog};
    sender->wire.write(sender->wire.owner, &message);
}

/* PRQ-3 */
void net_sender_enqueue(struct net_sender *sender, struct net_reader *reader)
{
    if (reader->is_registered) {
        return;
    }
    if (!is_available(reader)) {
        note_starved(reader);
        uint32_t backlog =
            must_announce_backlog(reader) ? net_subpartition_backlog(reader->sub) : 0;
        if (backlog > 0) {
            announce_backlog(sender, reader, backlog);
        }
        return;
    }
    bool was_empty = sender->ready_head == NULL;
    push_ready(sender, reader);
    if (was_empty) {
        net_sender_write_next(sender);
    }
}

/* CRD-2, CRD-4; false when there is nothing to take. */
static bool take(struct net_reader *reader, struct net_slice *slice, bool *more)
{
    if (!net_subpartition_poll(reader->sub, slice)) {
        return false;
    }
    if (net_element_is_data(slice->type)) {
        reader->credit--;
        sim_assert(reader->sender->sim, reader->credit >= 0); /* INV-9 */
    }
    *more = slice->next != NET_ELEMENT_NONE &&
            (reader->credit > 0 || !net_element_is_data(slice->next));
    return true;
}

/* PRQ-4 */
void net_sender_write_next(struct net_sender *sender)
{
    if (!sender->wire.is_writable(sender->wire.owner)) {
        return;
    }
    struct net_reader *reader;
    while ((reader = pop_ready(sender)) != NULL) {
        struct net_slice slice;
        bool more = false;
        if (!take(reader, &slice, &more)) {
            continue;
        }
        if (more) {
            push_ready(sender, reader);
        } else {
            note_starved(reader);
        }
        struct net_message message = {
            .reader = reader,
            .buffer = slice.buffer,
            .bytes = slice.bytes,
            .sequence = slice.sequence,
            .backlog = slice.backlog,
            .kind = NET_MESSAGE_BUFFER,
            .type = (uint8_t)slice.type,
        };
        sender->wire.write(sender->wire.owner, &message);
        return;
    }
}

void net_sender_on_written(struct net_sender *sender, const struct net_message *message)
{
    if (message->buffer != NULL) {
        net_buffer_release(message->buffer, message->reader->sub->group->recycler);
    }
    if (message->kind == NET_MESSAGE_BUFFER) {
        net_sender_write_next(sender);
    }
}

/* CRD-5 */
void net_reader_add_credit(struct net_reader *reader, uint32_t credit)
{
    reader->credit += (int32_t)credit;
    net_sender_enqueue(reader->sender, reader);
    note_starved(reader);
}

/* CRD-7 */
void net_reader_resume(struct net_reader *reader)
{
    if (reader->has_no_first) {
        reader->credit = 0;
    }
    net_subpartition_resume(reader->sub);
    net_sender_enqueue(reader->sender, reader);
}

uint32_t net_message_wire_bytes(const struct net_message *message, uint32_t header)
{
    return message->kind == NET_MESSAGE_BACKLOG ? BACKLOG_ANNOUNCEMENT_BYTES
                                                : header + message->bytes;
}

void net_under_way_add(struct net_under_way *under_way, const struct net_reader *reader,
                       const struct net_message *message)
{
    if (message->reader == reader && message->kind == NET_MESSAGE_BUFFER) {
        under_way->data += net_element_is_data((enum net_element_type)message->type);
        under_way->bytes += message->bytes;
    }
}

bool net_reader_audit(const struct net_reader *reader, const struct net_under_way *under_way,
                      struct sim_err *err)
{
    const struct net_channel *channel = reader->channel;
    if (reader->credit < 0) {
        return sim_err_set(err, SIM_ERR_ANSWER, "INV-9: channel %u: the sender's credit is %d",
                           channel->index, reader->credit);
    }
    if (channel->is_released) {
        return true;
    }
    uint64_t claims =
        (uint64_t)reader->credit + under_way->credit + channel->unannounced + under_way->data;
    if (channel->gate->exclusive > 0 && claims != net_channel_free(channel)) {
        return sim_err_set(err, SIM_ERR_ANSWER,
                           "INV-6: channel %u: %u buffers free, %d credits, %llu announced, %u not "
                           "announced, %llu data messages sent",
                           channel->index, net_channel_free(channel), reader->credit,
                           (unsigned long long)under_way->credit, channel->unannounced,
                           (unsigned long long)under_way->data);
    }
    uint32_t arrived = channel->received_bytes + (uint32_t)under_way->bytes;
    if ((uint32_t)reader->sub->total_bytes != arrived) {
        return sim_err_set(
            err, SIM_ERR_ANSWER,
            "INV-11: channel %u: %llu bytes polled, %u received or in transit, modulo 2^32",
            channel->index, (unsigned long long)reader->sub->total_bytes, arrived);
    }
    return true;
}

bool net_sender_audit(const struct net_sender *sender, struct sim_err *err)
{
    uint32_t queued = 0;
    const struct net_reader *last = NULL;
    for (const struct net_reader *reader = sender->ready_head;
         reader != NULL && queued <= sender->ready_count; reader = reader->next) {
        queued += reader->is_registered;
        last = reader;
    }
    if (queued != sender->ready_count || (last != NULL && last != sender->ready_tail)) {
        return sim_err_set(err, SIM_ERR_ANSWER, "INV-13: %u readers queued, %u counted", queued,
                           sender->ready_count);
    }
    return true;
}
