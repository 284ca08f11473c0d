#include <stdio.h>
#include <stdlib.h>

#include "models/delay.h"
#include "models/world_internal.h"
#include "sim/random.h"

static int compare_readers(const void *left, const void *right)
{
    const struct net_reader *a = *(struct net_reader *const *)left;
    const struct net_reader *b = *(struct net_reader *const *)right;
    if (a->opens_at != b->opens_at) {
        return a->opens_at < b->opens_at ? -1 : 1;
    }
    return (a->index > b->index) - (a->index < b->index);
}

void net_world_seed_handovers(const struct net_world *world, struct net_connection *connection)
{
    char name[32];
    snprintf(name, sizeof name, "connection %u", connection->params.entity / 2);
    sim_stream_init(&connection->handovers, world->params.seed, world->params.replication, name,
                    "hand-over");
}

/* The connection needs a time, common to its channels, and each channel one of its own to send. */
static void open_connection(struct net_world *world, uint32_t index)
{
    const struct net_machine_spec *machine = &world->spec->machine;
    struct net_connection *connection = world->connections[index];
    uint32_t count = connection->unopened_count;
    struct net_reader **readers = sim_alloc(count, sizeof *readers);
    char name[32];
    snprintf(name, sizeof name, "connection %u", index);
    struct sim_stream stream;
    sim_stream_init(&stream, world->params.seed, world->params.replication, name, "start");
    sim_time up = (sim_time)sim_stream_below(&stream, (uint64_t)machine->connection_delay + 1);
    struct net_reader *reader = connection->unopened;
    for (uint32_t i = 0; i < count; i++, reader = reader->next) {
        reader->opens_at = up + net_delay_draw(machine->channel_delay, 1.0, &stream);
        readers[i] = reader;
    }
    qsort(readers, count, sizeof *readers, compare_readers);
    net_connection_open(connection, readers, count, up);
    free(readers);
}

/* SIM-5 */
void net_world_open_connections(struct net_world *world)
{
    for (uint32_t i = 0; i < world->connection_count; i++) {
        open_connection(world, i);
    }
}
