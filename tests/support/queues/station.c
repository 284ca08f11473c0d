#include "tests/support/queues/station.h"

#include <stdbool.h>
#include <stdlib.h>

#include "sim/arena.h"
#include "sim/histogram.h"
#include "sim/random.h"
#include "sim/sim.h"
#include "sim/stats.h"

/* A server that becomes free at an instant takes part in what arrives then. */
enum { RANK_DEPARTURE, RANK_ARRIVAL };

struct server {
    struct station *station;
    sim_event done;
    bool is_busy;
    sim_time arrived;
    sim_time started;
};

struct station {
    const struct station_params *params;
    struct sim_stream arrivals;
    struct sim_stream services;
    sim_event arrival;
    struct server *servers;
    sim_time *waiting; /* when they arrived; a ring */
    uint64_t waiting_size;
    uint64_t waiting_head;
    uint64_t waiting_count;
    struct sim_level number;
    struct sim_level busy;
    struct sim_histogram *sojourn;
    double waiting_sum;
    uint64_t came;
    uint64_t lost;
    uint64_t waited;
};

static void push_waiting(struct station *station, sim_time arrived)
{
    if (station->waiting_count == station->waiting_size) {
        uint64_t size = station->waiting_size != 0 ? 2 * station->waiting_size : 64;
        sim_time *grown = sim_alloc(size, sizeof *grown);
        for (uint64_t i = 0; i < station->waiting_count; i++) {
            grown[i] = station->waiting[(station->waiting_head + i) & (station->waiting_size - 1)];
        }
        free(station->waiting);
        station->waiting = grown;
        station->waiting_size = size;
        station->waiting_head = 0;
    }
    uint64_t tail = station->waiting_head + station->waiting_count++;
    station->waiting[tail & (station->waiting_size - 1)] = arrived;
}

static sim_time pop_waiting(struct station *station)
{
    station->waiting_count--;
    return station->waiting[station->waiting_head++ & (station->waiting_size - 1)];
}

static void serve(struct sim *sim, struct server *server, sim_time arrived)
{
    struct station *station = server->station;
    sim_time now = sim_now(sim);
    server->is_busy = true;
    server->arrived = arrived;
    server->started = now;
    sim_level_set(&station->busy, station->busy.value + 1, now);
    sim_event_schedule(sim, server->done,
                       now + sim_dist_draw(&station->params->service, &station->services));
}

static void on_arrival(struct sim *sim, void *owner)
{
    struct station *station = owner;
    sim_time now = sim_now(sim);
    sim_event_schedule(sim, station->arrival,
                       now + sim_dist_draw(&station->params->arrivals, &station->arrivals));
    station->came++;
    if (station->params->capacity != 0 && station->number.value == station->params->capacity) {
        station->lost++;
        return;
    }
    sim_level_set(&station->number, station->number.value + 1, now);
    for (uint32_t i = 0; i < station->params->servers; i++) {
        if (!station->servers[i].is_busy) {
            serve(sim, &station->servers[i], now);
            return;
        }
    }
    push_waiting(station, now);
}

static void on_departure(struct sim *sim, void *owner)
{
    struct server *server = owner;
    struct station *station = server->station;
    sim_time now = sim_now(sim);
    server->is_busy = false;
    sim_level_set(&station->number, station->number.value - 1, now);
    sim_level_set(&station->busy, station->busy.value - 1, now);
    sim_histogram_add(station->sojourn, now - server->arrived, 1);
    station->waiting_sum += (double)(server->started - server->arrived);
    station->waited += server->started > server->arrived;
    if (station->waiting_count > 0) {
        serve(sim, server, pop_waiting(station));
    }
}

static void create(struct station *station, struct sim *sim, const struct station_params *params)
{
    *station = (struct station){.params = params};
    sim_stream_init(&station->arrivals, params->seed, params->replication, "station", "arrivals");
    sim_stream_init(&station->services, params->seed, params->replication, "station", "services");
    sim_level_init(&station->number, 0, 0);
    sim_level_init(&station->busy, 0, 0);
    station->sojourn = sim_histogram_create();
    station->arrival = sim_event_create(sim, RANK_ARRIVAL, 0, on_arrival, station);
    station->servers = sim_alloc(params->servers, sizeof *station->servers);
    for (uint32_t i = 0; i < params->servers; i++) {
        struct server *server = &station->servers[i];
        server->station = station;
        server->done = sim_event_create(sim, RANK_DEPARTURE, i, on_departure, server);
    }
    sim_event_schedule(sim, station->arrival, sim_dist_draw(&params->arrivals, &station->arrivals));
}

static struct station_result result_of(const struct station *station, sim_int128 number,
                                       sim_int128 busy, sim_time now)
{
    const struct sim_histogram *sojourn = station->sojourn;
    sim_time elapsed = station->params->duration;
    double left = (double)sim_histogram_count(sojourn);
    return (struct station_result){
        .number = sim_level_mean(number, sim_level_integral(&station->number, now), elapsed),
        .busy = sim_level_mean(busy, sim_level_integral(&station->busy, now), elapsed),
        .sojourn = sim_histogram_mean(sojourn),
        .waiting = station->waiting_sum / left,
        .waited_share = (double)station->waited / left,
        .lost_share = (double)station->lost / (double)station->came,
        .sojourn_min = sim_histogram_min(sojourn),
        .sojourn_p50 = sim_histogram_quantile(sojourn, 0.5),
        .sojourn_p99 = sim_histogram_quantile(sojourn, 0.99),
        .sojourn_max = sim_histogram_max(sojourn),
        .left = sim_histogram_count(sojourn),
    };
}

struct station_result station_run(const struct station_params *params)
{
    struct sim *sim = sim_create();
    struct station station;
    create(&station, sim, params);
    sim_run(sim, params->warm_up);
    sim_int128 number = sim_level_integral(&station.number, sim_now(sim));
    sim_int128 busy = sim_level_integral(&station.busy, sim_now(sim));
    sim_histogram_clear(station.sojourn);
    station.waiting_sum = 0;
    station.came = station.lost = station.waited = 0;
    sim_run(sim, params->warm_up + params->duration);
    struct station_result result = result_of(&station, number, busy, sim_now(sim));
    free(station.waiting);
    free(station.servers);
    sim_histogram_destroy(station.sojourn);
    sim_destroy(sim);
    return result;
}
