#ifndef MODELS_STATE_WRITER_H
#define MODELS_STATE_WRITER_H
/*
 * Writes the buffers in flight that an unaligned checkpoint persists, and keeps them from being
 * recycled until they are written.
 *
 * Stands for ChannelStateWriteRequestExecutor and ChannelStateCheckpointWriter: one thread and one
 * file for several subtasks of a task manager. It writes what it is given in order, at a given
 * bandwidth. The file is closed, which takes a time of its own, when all its subtasks have handed
 * in everything; no one of them is done before (rules CHK-9, CHK-10, CHK-12, CHK-16).
 */
#include <stdbool.h>
#include <stdint.h>

#include "models/channel.h"
#include "models/ring.h"
#include "sim/sim.h"

struct net_state_writer;

/* The file is closed at `at`, which is not before now. */
typedef void (*net_state_closed_fn)(void *owner, sim_time at);

/* One subtask of a file. */
struct net_state_member {
    struct net_state_writer *writer;
    struct net_state_member *next;
    int64_t bytes; /* that it persisted in this checkpoint */
    net_state_closed_fn on_closed;
    void *owner;
};

struct net_state_writer {
    struct sim *sim;
    double bytes_per_second;
    sim_time latency; /* to close a file */
    sim_time done_at; /* when all that was given is written */
    int64_t bytes;    /* of this checkpoint, all members */
    struct net_state_member *first;
    uint32_t members;
    uint32_t awaited;     /* members that may hand in more; 0: no checkpoint is under way */
    struct net_ring pins; /* of struct net_pin, in the order of writing */
    sim_event written;
};

/* `entity` is that of its event. */
void net_state_writer_init(struct net_state_writer *writer, struct sim *sim,
                           double bytes_per_second, sim_time latency, uint32_t entity);
void net_state_writer_finish(struct net_state_writer *writer);

/* One more subtask shares the file. The member's owner and callback are filled in before. */
void net_state_writer_join(struct net_state_writer *writer, struct net_state_member *member);

/* A checkpoint begins for this subtask: it has persisted nothing yet. */
void net_state_begin(struct net_state_member *member);

/* Persist `bytes` bytes of a sender's buffer, of a receive buffer, or of neither (what a
 * deserialiser has). The buffer is held until they are written. */
void net_state_add_output(struct net_state_member *member, const struct net_subpartition *sub,
                          struct net_buffer *buffer, uint32_t bytes);
void net_state_add_input(struct net_state_member *member, struct net_channel *channel,
                         net_segment segment, bool is_exclusive, uint32_t bytes);
void net_state_add_bytes(struct net_state_member *member, uint32_t bytes);

/* The subtask has handed in all. With the last one every member hears when the file is closed: at
 * once when there is nothing in it. */
void net_state_complete(struct net_state_member *member);

#endif
