#ifndef MODELS_CONNECTION_H
#define MODELS_CONNECTION_H
/*
 * One TCP connection between two task managers, simulated: the sender's queue and event loop on the
 * producer's side, a link each way, and the client's event loop on the consumer's side.
 *
 * All remote channels from one producing task manager to one consuming task manager share it. A
 * message occupies the link for its size over the bandwidth and arrives after the latency. A write
 * is complete, and the sender's segment free, when its last byte is on the link or in the sockets'
 * buffers. Rules NET, PRQ-2, RIC-4; LINK: SIM-3.
 *
 * As a plain TCP connection (rules LEG) it has no credits: a message that finds no buffer in its
 * gate's pool stops the reading of the whole connection, what arrives lies in the sockets up to a
 * window, and when that is full the sender cannot get rid of anything.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/channel.h"
#include "models/link.h"
#include "models/ring.h"
#include "models/sender.h"
#include "models/spec.h"
#include "sim/sim.h"

struct net_connection_params {
    sim_time handover;      /* of a notification to an event loop, mean */
    double jitter;          /* of it, the random share */
    int64_t socket_bytes;   /* that the sockets absorb (NET-7) */
    int64_t window_bytes;   /* sent and not read at most; 0: credits rule (LEG-4) */
    int64_t high_watermark; /* of pending bytes; 0: Netty's defaults (NET-5, LEG-2) */
    int64_t low_watermark;
    uint32_t header_bytes;               /* of a BufferResponse (NET-4) */
    uint32_t entity;                     /* of its events; even, it uses this one and the next */
    const struct net_link_spec *data;    /* producer to consumer; borrowed */
    const struct net_link_spec *control; /* consumer to producer */
    sim_time horizon;                    /* the end of the run; 0: none */
};

/* A large job has tens of thousands: what an event needs lies in few cache lines. */
struct net_connection {
    struct net_sender sender;
    struct sim *sim;
    struct net_connection_params params;

    uint64_t messages;
    uint64_t wire_bytes;
    const struct net_channel *stalled_by; /* nothing is read until it has a buffer (LEG-3) */
    sim_event opening;
    uint32_t unopened_count;
    struct net_reader *unopened; /* readers that do not send yet, in order */

    struct net_ring flights;  /* of struct net_flight: written or arriving, in order */
    struct net_ring posts;    /* of struct net_post, at the server */
    struct net_ring requests; /* of struct net_request, at the client */
    struct net_ring controls; /* of struct net_control, on the way to the server */

    sim_time written_at;      /* of the last write */
    int64_t pending_bytes;    /* Netty's count of what is not written yet (NET-5) */
    int64_t unread_bytes;     /* of the launched messages */
    uint32_t launched;        /* messages at the head of `flights` that the link has got */
    uint32_t flights_written; /* of these: the write is complete */
    uint32_t arrived;         /* of these: not read yet (LEG-3) */
    sim_event written;
    sim_event arrival;
    sim_event control_arrival;
    sim_event server_loop;
    sim_event client_loop;
    bool is_unwritable;
    bool is_in_client_loop; /* what is posted now comes from the event loop itself */
    bool is_up;             /* they are attached */

    struct sim_stream handovers; /* its owner starts it where there is jitter */
    sim_time posted_until;       /* the last post is due */
    struct net_link data;
    struct net_reader *last_unopened;
    struct net_link control;
    struct net_client client;
};

_Static_assert(offsetof(struct net_connection, sender) == 0, "who has a sender finds the rest");
_Static_assert(offsetof(struct net_connection, messages) == 152, "within the third cache line");
_Static_assert(offsetof(struct net_connection, flights) == 192, "three cache lines");
_Static_assert(offsetof(struct net_connection, handovers) == 320, "five cache lines");
_Static_assert(offsetof(struct net_connection, data.spec) == NET_SENDER_REACH, "six cache lines");
_Static_assert(offsetof(struct net_connection, control.spec) == 512, "eight cache lines");

/* Storage is the caller's. It must not be moved afterwards (links). */
void net_connection_init(struct net_connection *connection, struct sim *sim,
                         const struct net_connection_params *params);
void net_connection_finish(struct net_connection *connection);

/* Note a reader of the connection's sender behind those in `unopened`; it is borrowed. */
void net_connection_join(struct net_connection *connection, struct net_reader *reader);

/*
 * At `up` the readers are attached and tell their backlogs (PRQ-8), so that credit can be asked
 * for; each sends from its `opens_at` on (SIM-5). These times ascend, and none is before `up`.
 * Those that have joined are among them.
 */
void net_connection_open(struct net_connection *connection, struct net_reader *const *readers,
                         uint32_t count, sim_time up);

/* INV-6, INV-9 and INV-11 of a channel between two task managers, INV-13 of the connection that it
 * uses; true, or false with the broken rule in *err. Only for readers of a connection's sender. */
bool net_connection_audit(const struct net_reader *reader, struct sim_err *err);

/* Bytes of data that are under way from a reader of the connection's sender. */
uint64_t net_connection_bytes(const struct net_reader *reader);

/* Something is under way or posted: an event of the connection is pending. */
bool net_connection_is_busy(const struct net_connection *connection);

#endif
