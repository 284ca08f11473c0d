#include "models/subpartition.h"

#include <stdlib.h>

#include "sim/arena.h"
#include "sim/assert.h"
#include "sim/compiler.h"

#define NO_SIZE_HINT INT32_MAX
#define END_OF_PARTITION_BYTES 4u

static struct net_consumer last_of(const struct net_subpartition *sub)
{
    return net_subpartition_at(sub, net_subpartition_length(sub) - 1);
}

void net_subpartition_group_init(struct net_subpartition_group *group, uint32_t count,
                                 uint32_t exclusive_per_channel,
                                 const struct net_recycler *recycler)
{
    *group = (struct net_subpartition_group){
        .recycler = recycler, .count = count, .has_no_exclusive = exclusive_per_channel == 0};
    group->stirred = sim_alloc(count / 64 + 1, sizeof *group->stirred);
    group->rings = sim_alloc(1, sizeof *group->rings);
}

void net_subpartition_group_finish(struct net_subpartition_group *group)
{
    free(group->stirred);
    group->stirred = NULL;
    if (group->rings != NULL) {
        net_ring_store_finish(group->rings);
    }
    free(group->rings);
    group->rings = NULL;
}

void net_subpartition_init(struct net_subpartition *sub, struct net_subpartition_group *group,
                           uint32_t index, uint32_t size_hint)
{
    *sub = (struct net_subpartition){.group = group, .index = index};
    sub->size_hint = size_hint == 0 ? NO_SIZE_HINT : size_hint;
}

void net_subpartition_finish(struct net_subpartition *sub)
{
    net_items_finish(&sub->queue);
}

static void notify_data(const struct net_subpartition *sub)
{
    if (sub->reader != NULL) {
        sub->reader->calls->on_data(sub->reader);
    }
}

void net_subpartition_attach(struct net_subpartition *sub, struct net_subpartition_reader *reader)
{
    sub->reader = reader;
}

/* SUB-2 */
uint32_t net_subpartition_finished_buffers(const struct net_subpartition *sub)
{
    uint32_t length = net_subpartition_length(sub);
    if (length == 1) {
        return sub->ends_finished ? 1 : 0;
    }
    return length == 0 ? 0 : length - 1;
}

/* SUB-3 */
bool net_subpartition_has_data(const struct net_subpartition *sub)
{
    return !sub->is_blocked &&
           (sub->is_flush_requested || net_subpartition_finished_buffers(sub) > 0);
}

/* SUB-4 */
uint32_t net_subpartition_backlog(const struct net_subpartition *sub)
{
    if (sub->is_blocked || net_subpartition_length(sub) == 0) {
        return 0;
    }
    if (sub->is_flush_requested || sub->is_finished || last_of(sub).buffer == NULL) {
        return sub->data_count;
    }
    return sub->data_count > 0 ? sub->data_count - 1 : 0;
}

/* SUB-12: the second test does not look at `blocked`; a poll then finds nothing. */
bool net_subpartition_is_available(const struct net_subpartition *sub, bool has_credit)
{
    if (has_credit) {
        return net_subpartition_has_data(sub);
    }
    return net_subpartition_length(sub) > 0 && net_subpartition_at(sub, 0).buffer == NULL;
}

static void note_added(struct net_subpartition *sub)
{
    sub->ends_finished = last_of(sub).is_finished;
    sub->group->total_buffers++;
    sub->group->queued++;
    net_subpartition_group_stir(sub->group, sub->index);
}

/* SUB-5: only the transition to exactly one finished buffer is told. */
static void notify_after_add(const struct net_subpartition *sub, bool is_final)
{
    if (is_final || (!sub->is_flush_requested && !sub->is_blocked &&
                     net_subpartition_finished_buffers(sub) == 1)) {
        notify_data(sub);
    }
}

int64_t net_subpartition_add(struct net_subpartition *sub, struct net_buffer *buffer)
{
    if (sub->is_finished || sub->is_released) {
        return -1;
    }
    const struct net_consumer consumer = {
        .buffer = buffer, .type = NET_ELEMENT_DATA, .is_finished = buffer->is_finished};
    net_items_push(&sub->queue, sub->group->rings, net_consumer_item(&consumer));
    net_buffer_reference(buffer);
    sub->data_count++;
    note_added(sub);
    int64_t hint = sub->size_hint;
    notify_after_add(sub, false);
    return hint;
}

static struct net_consumer event_of(enum net_element_type type, uint32_t bytes)
{
    return (struct net_consumer){.type = (uint8_t)type, .read = bytes, .is_finished = true};
}

/* SUB-11: behind the priority elements, before all others. */
static int64_t add_priority_event(struct net_subpartition *sub, enum net_element_type type,
                                  uint32_t bytes)
{
    const struct net_consumer consumer = event_of(type, bytes);
    net_items_insert(&sub->queue, sub->group->rings, sub->priority_count,
                     net_consumer_item(&consumer));
    sub->priority_count++;
    note_added(sub);
    if (sub->priority_count == 1 && !sub->is_blocked && sub->reader != NULL) {
        sub->reader->calls->on_priority(sub->reader, sub->sequence);
    }
    return sub->size_hint;
}

int64_t net_subpartition_add_event(struct net_subpartition *sub, enum net_element_type type,
                                   uint32_t bytes)
{
    if (sub->is_finished || sub->is_released) {
        return -1;
    }
    if (type == NET_ELEMENT_PRIORITY_EVENT) {
        int64_t hint = add_priority_event(sub, type, bytes);
        notify_after_add(sub, false); /* beside the other: it may be the first finished element */
        return hint;
    }
    const struct net_consumer consumer = event_of(type, bytes);
    net_items_push(&sub->queue, sub->group->rings, net_consumer_item(&consumer));
    note_added(sub);
    bool is_final = type == NET_ELEMENT_END;
    sub->is_finished |= is_final;
    int64_t hint = sub->size_hint;
    notify_after_add(sub, is_final);
    return hint;
}

/* WR-12 */
uint32_t net_subpartition_end(struct net_subpartition *sub)
{
    int64_t added = net_subpartition_add_event(sub, NET_ELEMENT_END, END_OF_PARTITION_BYTES);
    return added < 0 ? 0 : END_OF_PARTITION_BYTES;
}

/* SUB-14 */
void net_subpartition_set_size_hint(struct net_subpartition *sub, uint32_t bytes)
{
    sub->size_hint = bytes;
}

bool net_subpartition_has_part(const struct net_subpartition *sub)
{
    if (net_subpartition_length(sub) != 1) {
        return false;
    }
    struct net_consumer head = net_subpartition_at(sub, 0);
    return head.buffer == NULL || head.buffer->committed > head.read;
}

/* SUB-6 */
void net_subpartition_flush(struct net_subpartition *sub)
{
    uint32_t length = net_subpartition_length(sub);
    if (length == 0 || sub->is_flush_requested) {
        return;
    }
    bool tells = net_subpartition_has_part(sub);
    sub->is_flush_requested = length > 1 || tells;
    if (tells && !sub->is_blocked) {
        notify_data(sub);
    }
}

/* Up to 64 subpartitions that are about to be flushed, and what that looks at. */
static void prefetch_stirred(const struct net_subpartition *subs, uint64_t stirred)
{
    for (uint64_t bits = stirred; bits != 0; bits &= bits - 1) {
        sim_prefetch(&subs[SIM_LOWEST_BIT(bits)]);
    }
    for (uint64_t bits = stirred; bits != 0; bits &= bits - 1) {
        const struct net_subpartition *sub = &subs[SIM_LOWEST_BIT(bits)];
        if (net_items_is_alone(&sub->queue)) {
            sim_prefetch(net_subpartition_at(sub, 0).buffer);
        }
        sim_prefetch(sub->reader);
    }
    for (uint64_t bits = stirred; bits != 0; bits &= bits - 1) {
        const struct net_subpartition *sub = &subs[SIM_LOWEST_BIT(bits)];
        if (sub->reader != NULL && sub->reader->calls->expect != NULL) {
            sub->reader->calls->expect(sub->reader);
        }
    }
}

/* FLU-2. A flush changes nothing in a subpartition that has had one, until something is queued or
 * written there: a poll that withdraws the request has taken everything. */
void net_subpartition_flush_group(struct net_subpartition *subs)
{
    struct net_subpartition_group *group = subs->group;
    for (uint32_t word = 0; word <= group->count / 64; word++) {
        uint64_t bits = group->stirred[word];
        group->stirred[word] = 0;
        prefetch_stirred(&subs[word * 64], bits);
        for (; bits != 0; bits &= bits - 1) {
            net_subpartition_flush(&subs[word * 64 + SIM_LOWEST_BIT(bits)]);
        }
    }
}

/* BB-6: the bytes that are new since the last build. The slice takes a reference. */
static void build_slice(struct net_consumer *consumer, const struct net_recycler *recycler,
                        struct net_slice *slice)
{
    slice->type = (enum net_element_type)consumer->type;
    slice->buffer = consumer->buffer;
    if (consumer->buffer == NULL) {
        slice->bytes = consumer->read;
        return;
    }
    net_buffer_settle(consumer->buffer, recycler);
    slice->bytes = consumer->buffer->committed - consumer->read;
    consumer->read = consumer->buffer->committed;
    consumer->is_finished = consumer->buffer->is_finished;
    net_buffer_reference(consumer->buffer);
}

/* The consumer is closed, which drops its reference; the slices have their own. */
static void pop_head(struct net_subpartition *sub)
{
    struct net_consumer head = net_consumer_of(net_items_pop(&sub->queue, sub->group->rings));
    sub->group->queued--;
    if (sub->priority_count > 0) {
        sub->priority_count--;
    }
    if (head.buffer != NULL) {
        sub->data_count--;
        net_buffer_release(head.buffer, sub->group->recycler);
    }
}

/* SUB-7, SUB-8 */
static bool take_slice(struct net_subpartition *sub, struct net_slice *slice)
{
    /* nothing is queued meanwhile: a writer that settles has foreseen that its buffer stays open */
    for (uint32_t length = net_subpartition_length(sub); length > 0; length--) {
        struct net_consumer head = net_subpartition_at(sub, 0);
        build_slice(&head, sub->group->recycler, slice);
        if (length == 1) {
            sub->is_flush_requested = false;
        }
        if (head.is_finished) {
            pop_head(sub);
        } else {
            net_items_set(&sub->queue, 0, net_consumer_item(&head));
        }
        if (slice->bytes > 0 || (sub->group->has_no_exclusive && head.is_finished)) {
            return true;
        }
        net_buffer_release(slice->buffer, sub->group->recycler); /* events always have bytes */
        if (!head.is_finished) {
            return false;
        }
    }
    return false;
}

/* SUB-7 */
bool net_subpartition_poll(struct net_subpartition *sub, struct net_slice *slice)
{
    if (sub->is_blocked) {
        return false;
    }
    if (net_subpartition_length(sub) == 0) {
        sub->is_flush_requested = false;
        return false;
    }
    if (!take_slice(sub, slice)) {
        return false;
    }
    if (net_element_blocks(slice->type)) {
        sub->is_blocked = true; /* CHK-2 */
        const struct net_block_listener *listener = sub->group->block_listener;
        if (slice->type == NET_ELEMENT_TIMEOUT_BARRIER && listener != NULL) {
            listener->on_blocked(listener->owner);
        }
    }
    sub->total_bytes += slice->bytes;
    sub->group->polled_bytes += slice->bytes;
    slice->backlog = net_subpartition_backlog(sub);
    slice->next = NET_ELEMENT_NONE;
    if (net_subpartition_has_data(sub) && net_subpartition_length(sub) > 0) {
        slice->next = (enum net_element_type)net_subpartition_at(sub, 0).type; /* SUB-9 */
    }
    slice->sequence = sub->sequence++;
    return true;
}

/* As in Flink, the count of data buffers stays as it was. */
void net_subpartition_release(struct net_subpartition *sub)
{
    uint32_t data_count = sub->data_count;
    while (net_subpartition_length(sub) > 0) {
        pop_head(sub);
    }
    sub->data_count = data_count;
    sub->is_released = true;
    sub->reader = NULL;
}

static void visit_before(const struct net_subpartition *sub, uint32_t end,
                         net_buffer_visit_fn visit, void *arg)
{
    for (uint32_t i = 0; i < end; i++) {
        struct net_consumer consumer = net_subpartition_at(sub, i);
        if (consumer.buffer != NULL) {
            visit(arg, sub, consumer.buffer, consumer.buffer->committed - consumer.read);
        }
    }
}

/* CHK-9 */
void net_subpartition_visit(const struct net_subpartition *sub, net_buffer_visit_fn visit,
                            void *arg)
{
    visit_before(sub, net_subpartition_length(sub), visit, arg);
}

/* CHK-8 */
bool net_subpartition_overtake(struct net_subpartition *sub, uint32_t bytes,
                               net_buffer_visit_fn visit, void *arg)
{
    for (uint32_t i = 0; i < net_subpartition_length(sub); i++) {
        if (net_subpartition_at(sub, i).type != NET_ELEMENT_TIMEOUT_BARRIER) {
            continue;
        }
        visit_before(sub, i, visit, arg);
        net_items_remove(&sub->queue, sub->group->rings, i);
        sub->group->total_buffers--;
        sub->group->queued--;
        add_priority_event(sub, NET_ELEMENT_PRIORITY_EVENT, bytes);
        return true;
    }
    return false;
}

/* SUB-15 */
void net_subpartition_resume(struct net_subpartition *sub)
{
    sim_assert(NULL, sub->is_blocked);
    sub->is_blocked = false;
}

uint64_t net_subpartition_queued_bytes(const struct net_subpartition *sub)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < net_subpartition_length(sub); i++) {
        struct net_consumer consumer = net_subpartition_at(sub, i);
        bytes +=
            consumer.buffer == NULL ? consumer.read : consumer.buffer->committed - consumer.read;
    }
    return bytes;
}

uint64_t net_subpartition_unread_bytes(const struct net_subpartition *sub)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < net_subpartition_length(sub); i++) {
        struct net_consumer consumer = net_subpartition_at(sub, i);
        bytes += consumer.buffer != NULL ? consumer.buffer->committed - consumer.read : 0;
    }
    return bytes;
}

bool net_subpartition_is_passed_by(const struct net_subpartition *sub)
{
    bool is_stirred = (sub->group->stirred[sub->index / 64] >> sub->index % 64 & 1) != 0;
    return !is_stirred && !sub->is_flush_requested &&
           (net_subpartition_length(sub) > 1 || net_subpartition_has_part(sub));
}

bool net_subpartition_audit(const struct net_subpartition *sub, struct sim_err *error)
{
    uint32_t data = 0;
    if (sub->is_released) {
        return true;
    }
    for (uint32_t i = 0; i < net_subpartition_length(sub); i++) {
        struct net_consumer consumer = net_subpartition_at(sub, i);
        data += consumer.buffer != NULL;
        if (consumer.buffer != NULL && consumer.read > consumer.buffer->committed) {
            return sim_err_set(error, SIM_ERR_ANSWER,
                               "INV-11: %u bytes polled of a buffer with %u written", consumer.read,
                               consumer.buffer->committed);
        }
    }
    if (net_subpartition_length(sub) > 0 && sub->ends_finished != last_of(sub).is_finished) {
        return sim_err_set(error, SIM_ERR_ANSWER,
                           "SUB-2: whether the last element is finished is known wrongly");
    }
    uint32_t backlog = net_subpartition_backlog(sub);
    if (data != sub->data_count || backlog > data || (sub->is_blocked && backlog != 0)) {
        return sim_err_set(error, SIM_ERR_ANSWER,
                           "INV-10: backlog %u, %u data buffers counted, %u queued, blocked %d",
                           backlog, sub->data_count, data, sub->is_blocked);
    }
    return true;
}
