#ifndef MODELS_STATE_WRITER_H
#define MODELS_STATE_WRITER_H
/*
 * Writes the buffers in flight that an unaligned checkpoint persists, and keeps them from being
 * recycled until they are written.
 *
 * Stands for ChannelStateWriter: a thread that writes what it is given in order, at a given
 * bandwidth, after the time it takes to open the state's file (rules CHK-9, CHK-10, CHK-12).
 */
#include <stdbool.h>
#include <stdint.h>

#include "models/channel.h"
#include "models/ring.h"
#include "sim/sim.h"

struct net_state_writer {
    struct sim *sim;
    double bytes_per_second;
    sim_time latency;     /* of the first byte of a checkpoint */
    sim_time done_at;     /* when all that was given is written */
    int64_t bytes;        /* of this checkpoint */
    struct net_ring pins; /* of struct net_pin, in the order of writing */
    sim_event written;
};

/* `entity` is that of its event. */
void net_state_writer_init(struct net_state_writer *writer, struct sim *sim,
                           double bytes_per_second, sim_time latency, uint32_t entity);
void net_state_writer_finish(struct net_state_writer *writer);

/* A checkpoint begins: nothing is persisted yet. */
void net_state_writer_begin(struct net_state_writer *writer);

/* Persist `bytes` bytes of a sender's buffer, of a receive buffer, or of neither (what a
 * deserialiser has). The buffer is held until they are written. */
void net_state_writer_add_output(struct net_state_writer *writer, struct net_buffer *buffer,
                                 uint32_t bytes);
void net_state_writer_add_input(struct net_state_writer *writer, struct net_channel *channel,
                                net_segment segment, bool is_exclusive, uint32_t bytes);
void net_state_writer_add_bytes(struct net_state_writer *writer, uint32_t bytes);

#endif
