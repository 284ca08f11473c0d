#include "models/connection.h"

#include "models/delay.h"
#include "models/gate.h"
#include "models/rank.h"
#include "sim/assert.h"

#define HIGH_WATERMARK 65536 /* NET-5 */
#define LOW_WATERMARK 32768
#define PART_OVERHEAD 96 /* Netty's bookkeeping for each part of a message */
#define ADD_CREDIT_BYTES 29u
#define RESUME_BYTES 25u
#define NEW_SIZE_BYTES 29u

/* With the channel and its number, so that an arrival need not look at the sender's side. */
struct net_flight {
    struct net_message message;
    sim_time written;
    sim_time arrival;
    struct net_channel *channel;
    uint32_t index; /* of the channel in the world */
    uint32_t bytes; /* on the wire */
};

_Static_assert(sizeof(struct net_flight) == 64, "a message under way takes one cache line");

struct net_post {
    struct net_reader *reader;
    sim_time due;
};

/* What a client asks of the server (NET-4). */
enum request_kind {
    REQUEST_CREDIT,
    REQUEST_RESUME,
    REQUEST_SIZE,
};

struct net_request {
    struct net_channel *channel;
    sim_time due;
    uint32_t bytes; /* REQUEST_SIZE: of the buffers wanted */
    uint8_t kind;   /* enum request_kind */
};

struct net_control {
    struct net_reader *reader;
    sim_time arrival;
    uint32_t amount; /* credit, or bytes of the buffers wanted */
    uint8_t kind;    /* enum request_kind */
};

/* NET-5: header and body are two parts, of an event as well; an announcement is one. */
static int64_t netty_bytes(const struct net_message *message, uint32_t wire_bytes)
{
    return (int64_t)wire_bytes + (message->kind == NET_MESSAGE_BUFFER ? 2 : 1) * PART_OVERHEAD;
}

static bool is_writable(void *owner)
{
    const struct net_connection *connection = owner;
    return !connection->is_unwritable;
}

static struct net_flight *flight_at(const struct net_connection *connection, uint32_t index)
{
    return net_ring_at(&connection->flights, index, sizeof(struct net_flight));
}

/* What an event needs of a connection, all at once instead of one after the other. */
static void fetch_connection(const struct net_connection *connection)
{
    sim_prefetch(&connection->sender);
    sim_prefetch(&connection->messages);
    sim_prefetch(&connection->flights);
    sim_prefetch(&connection->written_at);
}

/* And what sending over one of its links needs. */
static void fetch_link(const struct net_link *link)
{
    sim_prefetch(&link->spec);
    sim_prefetch(&link->jitter);
}

/* LEG-4: a message fits into the sockets, or they are empty. */
static bool has_window(const struct net_connection *connection, uint32_t bytes)
{
    return connection->params.window_bytes == 0 || connection->unread_bytes == 0 ||
           connection->unread_bytes + bytes <= connection->params.window_bytes;
}

/* Hand to the link what it may take. NET-7: a write is complete when no more than `socket_bytes` of
 * what was written are still to be sent. */
static void launch(struct net_connection *connection)
{
    while (connection->launched < connection->flights.count) {
        struct net_flight *flight = flight_at(connection, connection->launched);
        if (!has_window(connection, flight->bytes)) {
            return;
        }
        struct net_passage passage = net_link_send(&connection->data, sim_now(connection->sim),
                                                   flight->bytes, connection->params.socket_bytes);
        connection->written_at = sim_time_later(connection->written_at, passage.absorbed);
        flight->written = connection->written_at;
        flight->arrival = passage.arrival;
        connection->unread_bytes += flight->bytes;
        connection->launched++;
        if (connection->launched - connection->flights_written == 1) {
            sim_event_schedule(connection->sim, connection->written, flight->written);
        }
        if (connection->launched - connection->arrived == 1) {
            sim_event_schedule(connection->sim, connection->arrival, flight->arrival);
        }
    }
}

static void write_message(void *owner, const struct net_message *message)
{
    struct net_connection *connection = owner;
    uint32_t bytes = net_message_wire_bytes(message, connection->params.header_bytes);
    struct net_flight *flight = net_ring_push(&connection->flights, sizeof *flight);
    *flight = (struct net_flight){.message = *message,
                                  .channel = message->reader->channel,
                                  .index = message->reader->index,
                                  .bytes = bytes};
    connection->pending_bytes += netty_bytes(message, bytes);
    connection->is_unwritable |= connection->pending_bytes > connection->params.high_watermark;
    connection->messages++;
    connection->wire_bytes += bytes;
    sim_trace(connection->sim, NET_TRACE_MESSAGE, message->reader->index, message->bytes);
    launch(connection);
}

/* The oldest write is complete (BB-9, PRQ-4, PRQ-6). Netty tells so before it counts the bytes off,
 * so at one that makes the connection writable again only the latter starts a write. */
static void on_written(struct sim *sim, void *owner)
{
    struct net_connection *connection = owner;
    fetch_connection(connection);
    fetch_link(&connection->data);
    const struct net_flight *flight = flight_at(connection, connection->flights_written);
    struct net_message message = flight->message;
    connection->pending_bytes -= netty_bytes(&flight->message, flight->bytes);
    connection->flights_written++;
    net_channel_prefetch(flight->channel);
    if (connection->launched > connection->flights_written) {
        sim_event_again(sim, flight_at(connection, connection->flights_written)->written);
    }
    net_sender_on_written(&connection->sender, &message);
    if (connection->is_unwritable && connection->pending_bytes < connection->params.low_watermark) {
        connection->is_unwritable = false;
        net_sender_write_next(&connection->sender);
    }
}

/* RIC-3: step 1, then the rest. False, without credits only, when there is no buffer (LEG-3). */
static bool deliver(struct net_connection *connection, const struct net_flight *flight)
{
    const struct net_message *message = &flight->message;
    struct net_channel *channel = flight->channel;
    if (message->kind == NET_MESSAGE_BACKLOG) {
        net_channel_on_backlog(channel, message->backlog);
        return true;
    }
    struct net_received received = {
        .bytes = message->bytes,
        .sequence = message->sequence,
        .type = message->type,
    };
    bool has_buffer = net_channel_receive(channel, &received, message->backlog);
    sim_assert(connection->sim, has_buffer || connection->params.window_bytes > 0); /* INV-9 */
    return has_buffer;
}

/*
 * Read what has arrived, in order. LEG-3: a message without a buffer stops the reading of all that
 * follow, whatever channel they belong to. With credits there always is one.
 */
static void read_arrived(struct net_connection *connection)
{
    connection->is_in_client_loop = true;
    while (connection->arrived > 0 && connection->stalled_by == NULL) {
        struct net_flight flight = *flight_at(connection, 0);
        if (!deliver(connection, &flight)) {
            connection->stalled_by = flight.channel;
            break;
        }
        net_ring_pop(&connection->flights, sizeof flight);
        connection->unread_bytes -= flight.bytes;
        connection->arrived--;
        connection->launched--;
        connection->flights_written--;
    }
    connection->is_in_client_loop = false;
    launch(connection);
}

static void on_arrival(struct sim *sim, void *owner)
{
    struct net_connection *connection = owner;
    fetch_connection(connection);
    sim_assert(sim, connection->flights_written > connection->arrived);
    const struct net_flight *flight = flight_at(connection, connection->arrived);
    sim_trace(sim, NET_TRACE_ARRIVAL, flight->index, flight->message.bytes);
    connection->arrived++;
    if (connection->launched > connection->arrived) {
        const struct net_flight *next = flight_at(connection, connection->arrived);
        sim_event_again(sim, next->arrival);
        net_channel_prefetch_next(next->channel);
    }
    if (connection->launched > connection->arrived + 1) {
        net_gate_prefetch(flight_at(connection, connection->arrived + 1)->channel->gate);
    }
    read_arrived(connection);
}

static sim_time hand_over(struct net_connection *connection)
{
    return net_delay_draw(connection->params.handover, connection->params.jitter,
                          &connection->handovers);
}

/* PRQ-2: posted by a task or a flusher, so it takes a hand-over to the event loop. */
static void post_notification(void *owner, struct net_reader *reader)
{
    struct net_connection *connection = owner;
    sim_time due = sim_now(connection->sim) + hand_over(connection);
    connection->posted_until = sim_time_later(connection->posted_until, due);
    struct net_post *post = net_ring_push(&connection->posts, sizeof *post);
    *post = (struct net_post){.reader = reader, .due = connection->posted_until};
    if (connection->posts.count == 1) {
        sim_event_schedule(connection->sim, connection->server_loop, post->due);
    }
}

static const struct net_reader *posted_at(const struct net_connection *connection, uint32_t index)
{
    const struct net_post *post = net_ring_at(&connection->posts, index, sizeof *post);
    return post->reader;
}

/* Notifications come in swarms, one a channel: bring what the next ones need into the cache, the
 * reader of one, what another reads, and what that has queued. */
static void fetch_posts(const struct net_connection *connection)
{
    uint32_t count = connection->posts.count;
    if (count > 1) {
        sim_prefetch(net_items_ring(&posted_at(connection, 1)->sub->queue));
    }
    if (count > 2) {
        sim_prefetch(posted_at(connection, 2)->sub);
    }
    if (count > 4) {
        sim_prefetch(posted_at(connection, 4));
    }
}

static void on_server_loop(struct sim *sim, void *owner)
{
    struct net_connection *connection = owner;
    fetch_connection(connection);
    fetch_link(&connection->data);
    struct net_post post = *(struct net_post *)net_ring_pop(&connection->posts, sizeof post);
    if (connection->posts.count > 0) {
        const struct net_post *next = net_ring_at(&connection->posts, 0, sizeof *next);
        sim_event_again(sim, next->due);
        fetch_posts(connection);
    }
    net_sender_enqueue(&connection->sender, post.reader);
}

static void post_request(struct net_connection *connection, struct net_channel *channel,
                         enum request_kind kind, uint32_t bytes)
{
    sim_time due = sim_now(connection->sim);
    if (!connection->is_in_client_loop) {
        due += hand_over(connection);
    }
    if (connection->requests.count > 0) {
        const struct net_request *last =
            net_ring_at(&connection->requests, connection->requests.count - 1, sizeof *last);
        due = sim_time_later(due, last->due);
    }
    struct net_request *request = net_ring_push(&connection->requests, sizeof *request);
    *request =
        (struct net_request){.channel = channel, .due = due, .bytes = bytes, .kind = (uint8_t)kind};
    if (connection->requests.count == 1) {
        sim_event_schedule(connection->sim, connection->client_loop, due);
    }
}

/* RIC-4 */
static void on_credit(void *owner, struct net_channel *channel)
{
    post_request(owner, channel, REQUEST_CREDIT, 0);
}

static void on_resume(void *owner, struct net_channel *channel)
{
    post_request(owner, channel, REQUEST_RESUME, 0);
}

/* DBL-6 */
static void on_size(void *owner, struct net_channel *channel, uint32_t bytes)
{
    post_request(owner, channel, REQUEST_SIZE, bytes);
}

static uint32_t request_bytes(enum request_kind kind)
{
    switch (kind) {
    case REQUEST_CREDIT:
        return ADD_CREDIT_BYTES;
    case REQUEST_RESUME:
        return RESUME_BYTES;
    case REQUEST_SIZE:
        break;
    }
    return NEW_SIZE_BYTES;
}

static void send_control(struct net_connection *connection, const struct net_request *request,
                         uint32_t amount)
{
    uint32_t bytes = request_bytes((enum request_kind)request->kind);
    struct net_passage passage =
        net_link_send(&connection->control, sim_now(connection->sim), bytes, 0);
    struct net_control *control = net_ring_push(&connection->controls, sizeof *control);
    sim_prefetch(request->channel->reader);
    *control = (struct net_control){
        .reader = request->channel->reader,
        .arrival = passage.arrival,
        .amount = amount,
        .kind = request->kind,
    };
    if (connection->controls.count == 1) {
        sim_event_schedule(connection->sim, connection->control_arrival, control->arrival);
    }
}

/* RIC-4: the message is built when it is sent, with all credits so far. */
static void on_client_loop(struct sim *sim, void *owner)
{
    struct net_connection *connection = owner;
    fetch_connection(connection);
    fetch_link(&connection->control);
    struct net_request request =
        *(struct net_request *)net_ring_pop(&connection->requests, sizeof request);
    if (connection->requests.count > 0) {
        const struct net_request *next = net_ring_at(&connection->requests, 0, sizeof *next);
        sim_event_again(sim, next->due);
        net_channel_prefetch(next->channel);
    }
    uint32_t amount = request.bytes;
    if (request.kind == REQUEST_CREDIT && connection->params.window_bytes > 0) {
        connection->stalled_by = NULL; /* LEG-3: it got a buffer */
        read_arrived(connection);
        return;
    }
    if (request.kind == REQUEST_CREDIT) {
        amount = request.channel->is_released ? 0 : net_channel_take_credit(request.channel);
        if (amount == 0) {
            return;
        }
    }
    send_control(connection, &request, amount);
}

static void on_control_arrival(struct sim *sim, void *owner)
{
    struct net_connection *connection = owner;
    fetch_connection(connection);
    fetch_link(&connection->data);
    struct net_control control =
        *(struct net_control *)net_ring_pop(&connection->controls, sizeof control);
    if (connection->controls.count > 0) {
        const struct net_control *next = net_ring_at(&connection->controls, 0, sizeof *next);
        sim_event_again(sim, next->arrival);
        net_reader_prefetch(next->reader);
    }
    struct net_reader *reader = control.reader;
    switch ((enum request_kind)control.kind) {
    case REQUEST_CREDIT:
        sim_trace(sim, NET_TRACE_CREDIT, reader->index, control.amount);
        net_reader_add_credit(reader, control.amount);
        break;
    case REQUEST_RESUME:
        net_reader_resume(reader);
        break;
    case REQUEST_SIZE:
        net_subpartition_set_size_hint(reader->sub, control.amount);
        break;
    }
}

static void on_opening(struct sim *sim, void *owner)
{
    struct net_connection *connection = owner;
    struct net_reader *reader = connection->is_up ? NULL : connection->unopened;
    for (; reader != NULL; reader = reader->next) {
        net_reader_attach(reader);
    }
    connection->is_up = true;
    while (connection->unopened_count > 0 && connection->unopened->opens_at <= sim_now(sim)) {
        reader = connection->unopened;
        connection->unopened = reader->next;
        connection->unopened_count--;
        net_reader_open(reader);
    }
    if (connection->unopened_count > 0) {
        sim_event_schedule(sim, connection->opening, connection->unopened->opens_at);
    }
}

void net_connection_join(struct net_connection *connection, struct net_reader *reader)
{
    reader->next = NULL;
    reader->is_closed = true;
    if (connection->unopened_count++ == 0) {
        connection->unopened = reader;
    } else {
        connection->last_unopened->next = reader;
    }
    connection->last_unopened = reader;
}

void net_connection_open(struct net_connection *connection, struct net_reader *const *readers,
                         uint32_t count, sim_time up)
{
    connection->unopened_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        net_connection_join(connection, readers[i]);
        readers[i]->is_closed = readers[i]->opens_at > sim_now(connection->sim);
    }
    if (up > sim_now(connection->sim)) {
        sim_event_schedule(connection->sim, connection->opening, up);
    } else {
        on_opening(connection->sim, connection);
    }
}

void net_connection_init(struct net_connection *connection, struct sim *sim,
                         const struct net_connection_params *params)
{
    *connection = (struct net_connection){.sim = sim, .params = *params};
    if (params->high_watermark == 0) {
        connection->params.high_watermark = HIGH_WATERMARK;
        connection->params.low_watermark = LOW_WATERMARK;
    }
    net_link_init(&connection->data, params->data);
    net_link_init(&connection->control, params->control);
    if (params->horizon > 0) {
        connection->data.horizon = params->horizon;
        connection->control.horizon = params->horizon;
    }
    struct net_wire wire = {.is_writable = is_writable,
                            .write = write_message,
                            .post = post_notification,
                            .owner = connection};
    net_sender_init(&connection->sender, sim, &wire);
    connection->client = (struct net_client){
        .on_credit = on_credit, .resume = on_resume, .on_size = on_size, .owner = connection};
    uint32_t entity = params->entity;
    connection->opening = sim_event_create(sim, NET_RANK_LOOP, entity, on_opening, connection);
    connection->written = sim_event_create(sim, NET_RANK_WRITTEN, entity, on_written, connection);
    connection->arrival = sim_event_create(sim, NET_RANK_ARRIVAL, entity, on_arrival, connection);
    connection->control_arrival =
        sim_event_create(sim, NET_RANK_CONTROL, entity, on_control_arrival, connection);
    connection->server_loop =
        sim_event_create(sim, NET_RANK_LOOP, entity, on_server_loop, connection);
    connection->client_loop =
        sim_event_create(sim, NET_RANK_LOOP, entity + 1, on_client_loop, connection);
}

void net_connection_finish(struct net_connection *connection)
{
    net_ring_finish(&connection->flights);
    net_ring_finish(&connection->posts);
    net_ring_finish(&connection->requests);
    net_ring_finish(&connection->controls);
}

bool net_connection_audit(const struct net_reader *reader, struct sim_err *err)
{
    const struct net_connection *connection = reader->sender->wire.owner;
    struct net_under_way under_way = {0};
    for (uint32_t i = 0; i < connection->flights.count; i++) {
        net_under_way_add(&under_way, reader, &flight_at(connection, i)->message);
    }
    for (uint32_t i = 0; i < connection->controls.count; i++) {
        const struct net_control *control = net_ring_at(&connection->controls, i, sizeof *control);
        if (control->reader == reader && control->kind == REQUEST_CREDIT) {
            under_way.credit += control->amount;
        }
    }
    return net_sender_audit(&connection->sender, err) && net_reader_audit(reader, &under_way, err);
}

uint64_t net_connection_bytes(const struct net_reader *reader)
{
    const struct net_connection *connection = reader->sender->wire.owner;
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < connection->flights.count; i++) {
        const struct net_message *message = &flight_at(connection, i)->message;
        if (message->reader == reader && message->buffer != NULL) {
            bytes += message->bytes;
        }
    }
    return bytes;
}

bool net_connection_is_busy(const struct net_connection *connection)
{
    return connection->unopened_count > 0 || connection->launched > connection->arrived ||
           connection->posts.count + connection->requests.count + connection->controls.count > 0;
}
