#include <stdio.h>
#include <stdlib.h>

#include "models/delay.h"
#include "models/world_internal.h"
#include "sim/random.h"

static int compare_openings(const void *left, const void *right)
{
    const struct net_opening *a = left;
    const struct net_opening *b = right;
    if (a->at != b->at) {
        return a->at < b->at ? -1 : 1;
    }
    return (a->reader->index > b->reader->index) - (a->reader->index < b->reader->index);
}

/* The connection needs a time, common to its channels, and each channel one of its own to send. */
static void open_connection(struct net_world *world, uint32_t index, struct net_opening *openings,
                            uint32_t count)
{
    const struct net_machine_spec *machine = &world->spec->machine;
    char name[32];
    snprintf(name, sizeof name, "connection %u", index);
    struct sim_stream stream;
    sim_stream_init(&stream, world->params.seed, world->params.replication, name, "start");
    sim_time up = (sim_time)sim_stream_below(&stream, (uint64_t)machine->connection_delay + 1);
    for (uint32_t i = 0; i < count; i++) {
        openings[i].at = up + net_delay_draw(machine->channel_delay, 1.0, &stream);
    }
    qsort(openings, count, sizeof *openings, compare_openings);
    net_connection_open(world->connections[index], openings, count, up);
}

static uint32_t connection_of(const struct net_link_end *link)
{
    const struct net_connection *connection = link->channel->client->owner;
    return connection->params.entity / 2;
}

void net_world_seed_handovers(const struct net_world *world, struct net_connection *connection)
{
    char name[32];
    snprintf(name, sizeof name, "connection %u", connection->params.entity / 2);
    sim_stream_init(&connection->handovers, world->params.seed, world->params.replication, name,
                    "hand-over");
}

/* SIM-5: the readers by connection, which is what a counting sort does. */
void net_world_open_connections(struct net_world *world)
{
    uint32_t *first =
        sim_arena_alloc(world->arena, (size_t)world->connection_count + 2, sizeof *first);
    struct net_opening *openings =
        sim_arena_alloc(world->arena, world->link_count, sizeof *openings);
    for (uint32_t i = 0; i < world->link_count; i++) {
        if (world->links[i].channel->is_remote) {
            first[connection_of(&world->links[i]) + 2]++;
        }
    }
    for (uint32_t c = 0; c < world->connection_count; c++) {
        first[c + 2] += first[c + 1];
    }
    for (uint32_t i = 0; i < world->link_count; i++) {
        if (world->links[i].channel->is_remote) {
            openings[first[connection_of(&world->links[i]) + 1]++].reader =
                net_link_end_reader(&world->links[i]);
        }
    }
    for (uint32_t c = 0; c < world->connection_count; c++) {
        open_connection(world, c, &openings[first[c]], first[c + 1] - first[c]);
    }
}
