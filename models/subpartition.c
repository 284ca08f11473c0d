#include "models/subpartition.h"

#include <stdlib.h>

#include "sim/arena.h"
#include "sim/assert.h"
#include "sim/compiler.h"

#define NO_SIZE_HINT INT32_MAX
#define END_OF_PARTITION_BYTES 4u

static struct net_consumer *consumer_at(const struct net_subpartition *sub, uint32_t index)
{
    return net_ring_at(&sub->queue, index, sizeof(struct net_consumer));
}

void net_subpartition_group_init(struct net_subpartition_group *group, uint32_t count,
                                 uint32_t exclusive_per_channel,
                                 const struct net_recycler *recycler)
{
    *group = (struct net_subpartition_group){
        .recycler = recycler, .count = count, .has_no_exclusive = exclusive_per_channel == 0};
    group->stirred = sim_alloc(count / 64 + 1, sizeof *group->stirred);
}

void net_subpartition_group_finish(struct net_subpartition_group *group)
{
    free(group->stirred);
    group->stirred = NULL;
}

void net_subpartition_init(struct net_subpartition *sub, struct net_subpartition_group *group,
                           uint32_t index, uint32_t size_hint)
{
    *sub = (struct net_subpartition){.group = group, .index = index};
    sub->size_hint = size_hint == 0 ? NO_SIZE_HINT : size_hint;
}

void net_subpartition_finish(struct net_subpartition *sub)
{
    net_ring_finish(&sub->queue);
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
    if (sub->queue.count == 1) {
        return sub->ends_finished ? 1 : 0;
    }
    return sub->queue.count == 0 ? 0 : sub->queue.count - 1;
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
    if (sub->is_blocked || sub->queue.count == 0) {
        return 0;
    }
    const struct net_consumer *last = consumer_at(sub, sub->queue.count - 1);
    if (sub->is_flush_requested || sub->is_finished || last->buffer == NULL) {
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
    return sub->queue.count > 0 && consumer_at(sub, 0)->buffer == NULL;
}

static void note_added(struct net_subpartition *sub)
{
    sub->ends_finished = consumer_at(sub, sub->queue.count - 1)->is_finished;
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
    struct net_consumer *consumer = net_ring_push(&sub->queue, sizeof *consumer);
    *consumer = (struct net_consumer){
        .buffer = buffer, .type = NET_ELEMENT_DATA, .is_finished = buffer->is_finished};
    net_buffer_reference(buffer);
    sub->data_count++;
    note_added(sub);
    int64_t hint = sub->size_hint;
    notify_after_add(sub, false);
    return hint;
}

/* SUB-11: behind the priority elements, before all others. */
static int64_t add_priority_event(struct net_subpartition *sub, enum net_element_type type,
                                  uint32_t bytes)
{
    struct net_consumer *consumer =
        net_ring_insert(&sub->queue, sub->priority_count, sizeof *consumer);
    *consumer = (struct net_consumer){.type = (uint8_t)type, .read = bytes, .is_finished = true};
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
    struct net_consumer *consumer = net_ring_push(&sub->queue, sizeof *consumer);
    *consumer = (struct net_consumer){.type = (uint8_t)type, .read = bytes, .is_finished = true};
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

/* SUB-6: whether the element that is alone in the queue has bytes that were not polled. */
static bool has_part(const struct net_subpartition *sub)
{
    const struct net_consumer *head = consumer_at(sub, 0);
    return sub->queue.count == 1 && (head->buffer == NULL || head->buffer->committed > head->read);
}

/* SUB-6 */
void net_subpartition_flush(struct net_subpartition *sub)
{
    if (sub->queue.count == 0 || sub->is_flush_requested) {
        return;
    }
    bool tells = has_part(sub);
    sub->is_flush_requested = sub->queue.count > 1 || tells;
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
        sim_prefetch(subs[SIM_LOWEST_BIT(bits)].queue.items);
        sim_prefetch(subs[SIM_LOWEST_BIT(bits)].reader);
    }
    for (uint64_t bits = stirred; bits != 0; bits &= bits - 1) {
        const struct net_subpartition *sub = &subs[SIM_LOWEST_BIT(bits)];
        if (sub->queue.count > 0) {
            sim_prefetch(consumer_at(sub, 0)->buffer);
        }
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
    struct net_consumer head = *(struct net_consumer *)net_ring_pop(&sub->queue, sizeof head);
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
    while (sub->queue.count > 0) {
        struct net_consumer *head = consumer_at(sub, 0);
        build_slice(head, sub->group->recycler, slice);
        bool is_finished = head->is_finished;
        if (sub->queue.count == 1) {
            sub->is_flush_requested = false;
        }
        if (is_finished) {
            pop_head(sub);
        }
        if (slice->bytes > 0 || (sub->group->has_no_exclusive && is_finished)) {
            return true;
        }
        net_buffer_release(slice->buffer, sub->group->recycler); /* events always have bytes */
        if (!is_finished) {
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
    if (sub->queue.count == 0) {
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
    if (net_subpartition_has_data(sub) && sub->queue.count > 0) {
        slice->next = (enum net_element_type)consumer_at(sub, 0)->type; /* SUB-9 */
    }
    slice->sequence = sub->sequence++;
    return true;
}

/* As in Flink, the count of data buffers stays as it was. */
void net_subpartition_release(struct net_subpartition *sub)
{
    uint32_t data_count = sub->data_count;
    while (sub->queue.count > 0) {
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
        const struct net_consumer *consumer = consumer_at(sub, i);
        if (consumer->buffer != NULL) {
            visit(arg, sub, consumer->buffer, consumer->buffer->committed - consumer->read);
        }
    }
}

/* CHK-9 */
void net_subpartition_visit(const struct net_subpartition *sub, net_buffer_visit_fn visit,
                            void *arg)
{
    visit_before(sub, sub->queue.count, visit, arg);
}

/* CHK-8 */
bool net_subpartition_overtake(struct net_subpartition *sub, uint32_t bytes,
                               net_buffer_visit_fn visit, void *arg)
{
    for (uint32_t i = 0; i < sub->queue.count; i++) {
        if (consumer_at(sub, i)->type != NET_ELEMENT_TIMEOUT_BARRIER) {
            continue;
        }
        visit_before(sub, i, visit, arg);
        net_ring_remove(&sub->queue, i, sizeof(struct net_consumer));
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
    for (uint32_t i = 0; i < sub->queue.count; i++) {
        const struct net_consumer *consumer = consumer_at(sub, i);
        bytes += consumer->buffer == NULL ? consumer->read
                                          : consumer->buffer->committed - consumer->read;
    }
    return bytes;
}

uint64_t net_subpartition_unread_bytes(const struct net_subpartition *sub)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < sub->queue.count; i++) {
        const struct net_consumer *consumer = consumer_at(sub, i);
        bytes += consumer->buffer != NULL ? consumer->buffer->committed - consumer->read : 0;
    }
    return bytes;
}

bool net_subpartition_is_passed_by(const struct net_subpartition *sub)
{
    bool is_stirred = (sub->group->stirred[sub->index / 64] >> sub->index % 64 & 1) != 0;
    return !is_stirred && !sub->is_flush_requested && sub->queue.count > 0 &&
           (sub->queue.count > 1 || has_part(sub));
}

bool net_subpartition_audit(const struct net_subpartition *sub, struct sim_err *error)
{
    uint32_t data = 0;
    if (sub->is_released) {
        return true;
    }
    for (uint32_t i = 0; i < sub->queue.count; i++) {
        const struct net_consumer *consumer = consumer_at(sub, i);
        data += consumer->buffer != NULL;
        if (consumer->buffer != NULL && consumer->read > consumer->buffer->committed) {
            return sim_err_set(error, SIM_ERR_ANSWER,
                               "INV-11: %u bytes polled of a buffer with %u written",
                               consumer->read, consumer->buffer->committed);
        }
    }
    if (sub->queue.count > 0 &&
        sub->ends_finished != consumer_at(sub, sub->queue.count - 1)->is_finished) {
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
