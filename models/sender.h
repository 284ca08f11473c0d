#ifndef MODELS_SENDER_H
#define MODELS_SENDER_H
/*
 * The sending side of a connection: a reader for each remote channel, and the round robin of those
 * that may send.
 *
 * A reader may take a data buffer only while it has credit; events pass without. Readers that can
 * send queue up, each at most once, and get one turn of one buffer each. The sender hands messages
 * to a wire and goes on when a write is complete. Mirrors CreditBasedSequenceNumberingViewReader
 * and PartitionRequestQueue (rules CRD and PRQ).
 */
#include <stdbool.h>
#include <stdint.h>

#include "models/subpartition.h"
#include "sim/compiler.h"
#include "sim/sim.h"

struct net_sender;
struct net_channel;

enum net_message_kind {
    NET_MESSAGE_BUFFER,  /* BufferResponse with data or an event */
    NET_MESSAGE_BACKLOG, /* BacklogAnnouncement */
};

struct net_reader {
    struct net_subpartition_reader reader; /* of the subpartition */
    struct net_subpartition *sub;
    struct net_sender *sender;
    struct net_channel *channel; /* where its messages go */
    struct net_reader *next;     /* closed: that opens next; registered: in the queue */
    sim_time opens_at;           /* closed */
    int32_t credit;
    uint32_t index;         /* of the channel in the world, for the trace */
    bool has_no_first : 1;  /* its initial credit was 0 */
    bool is_closed : 1;     /* it tells its backlog, and sends nothing yet */
    bool is_registered : 1; /* it waits for the link */
    bool is_starved : 1;    /* has data, has no credit */
};

_Static_assert(sizeof(struct net_reader) == 64, "a reader is a cache line");

struct net_message {
    struct net_reader *reader;
    struct net_buffer
        *buffer; /* referenced until the write is complete; NULL for events and announcements */
    uint32_t bytes;
    uint32_t sequence;
    uint32_t backlog;
    uint8_t kind; /* enum net_message_kind */
    uint8_t type; /* enum net_element_type */
};

/* What carries messages. */
struct net_wire {
    bool (*is_writable)(void *owner); /* NET-5 */
    void (*write)(void *owner,
                  const struct net_message *message); /* then net_sender_on_written(), later */
    void (*post)(
        void *owner,
        struct net_reader *reader); /* a notification (PRQ-2): net_sender_enqueue(), later */
    void *owner;
};

/* A notification reads at most so many bytes of the connection that the sender begins. */
#define NET_SENDER_REACH 384u

struct net_sender {
    struct sim *sim;
    struct net_wire wire;
    struct net_reader *ready_head;
    struct net_reader *ready_tail;
    uint32_t ready_count;
};

void net_sender_init(struct net_sender *sender, struct sim *sim, const struct net_wire *wire);

/* A reader of `sub` with its initial credit (CRD-1). Attach it with net_reader_attach(). */
void net_reader_init(struct net_reader *reader, struct net_sender *sender,
                     struct net_subpartition *sub, struct net_channel *channel,
                     uint32_t initial_credit);

/* Subscribe to the subpartition: be told of what comes. */
void net_reader_subscribe(struct net_reader *reader);

/* Subscribe to the subpartition, and look at what is there already (PRQ-8). */
void net_reader_attach(struct net_reader *reader);

/* A closed reader may send from now on (SIM-5). */
void net_reader_open(struct net_reader *reader);

/* PRQ-3; after a notification, credit, or resume. */
void net_sender_enqueue(struct net_sender *sender, struct net_reader *reader);

/* PRQ-4 */
void net_sender_write_next(struct net_sender *sender);

/* The oldest write is complete: its buffer is released (BB-9), the next is written. */
void net_sender_on_written(struct net_sender *sender, const struct net_message *message);

/* Credit arrived (CRD-5), or the consumer resumes after a barrier (CRD-7). Both end in PRQ-3. */
void net_reader_add_credit(struct net_reader *reader, uint32_t credit);
void net_reader_resume(struct net_reader *reader);

/* Bring a reader that will be used soon, and what it reads, into the processor's cache. */
static inline void net_reader_prefetch(const struct net_reader *reader)
{
    sim_prefetch(reader->sub);
}

/* What is on its way between a reader and its channel, for the audit. Starts as {0}. */
struct net_under_way {
    uint64_t data;   /* messages of data, sent and not arrived */
    uint64_t bytes;  /* of data and events, sent and not arrived */
    uint64_t credit; /* in messages to the sender */
};

/* Count a message that was sent and did not arrive, if it is this reader's. */
void net_under_way_add(struct net_under_way *under_way, const struct net_reader *reader,
                       const struct net_message *message);

/* INV-6, INV-9 and the second half of INV-11; true, or false with the broken rule in *err. */
bool net_reader_audit(const struct net_reader *reader, const struct net_under_way *under_way,
                      struct sim_err *err);

/* INV-13 for the queue of readers; likewise. */
bool net_sender_audit(const struct net_sender *sender, struct sim_err *err);

/* Bytes of a message on the wire, header included (NET-4). `header` is 47 (2.2) or 43 (1.20). */
uint32_t net_message_wire_bytes(const struct net_message *message, uint32_t header);

#endif
