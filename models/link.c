#include "models/link.h"

#include "models/window.h"

#define RECEIVE_SOCKET_BYTES 131072 /* Linux's default */

static sim_time duration(double bytes, double bytes_per_second)
{
    return (sim_time)(bytes * 1e9 / bytes_per_second + 0.5);
}

void net_link_init(struct net_link *link, const struct net_link_spec *spec)
{
    *link = (struct net_link){.spec = spec, .horizon = NET_LINK_NEVER - 1};
}

void net_link_seed(struct net_link *link, uint64_t seed, uint64_t replication, const char *name)
{
    sim_stream_init(&link->jitter, seed, replication, name, "jitter");
}

/* The part of the bandwidth that is there, and until when. Where phases overlap the slowest counts.
 */
static double factor_at(const struct net_link_spec *spec, sim_time at, sim_time *until)
{
    double factor = 1.0;
    *until = SIM_TIME_MAX;
    for (uint32_t i = 0; i < spec->slow_count; i++) {
        const struct net_link_phase *phase = &spec->slow[i];
        sim_time next = net_window_next(&phase->window, at);
        *until = next < *until ? next : *until;
        if (net_window_is_open(&phase->window, at) && phase->factor < factor) {
            factor = phase->factor;
        }
    }
    return factor;
}

/* When `bytes` bytes that begin at `from` are through, if the link has nothing else to do. */
static sim_time advance(const struct net_link *link, sim_time from, int64_t bytes)
{
    const struct net_link_spec *spec = link->spec;
    if (spec->slow_count == 0) {
        return from + duration((double)bytes, spec->bytes_per_second);
    }
    double left = (double)bytes;
    sim_time at = from;
    while (at <= link->horizon) {
        sim_time until;
        double rate = spec->bytes_per_second * factor_at(spec, at, &until);
        double can = rate * (double)(until - at) / 1e9;
        if (until == SIM_TIME_MAX || can >= left) {
            return at + duration(left, rate);
        }
        left -= can;
        at = until;
    }
    return NET_LINK_NEVER;
}

/*
 * When the first `through` of the bytes that are sent without a gap are through; not fewer than at
 * the last call. It goes on in the phase where that ended, since a link may be busy for a whole
 * run.
 */
static sim_time drain(struct net_link *link, int64_t through)
{
    const struct net_link_spec *spec = link->spec;
    while (link->passed_at <= link->horizon) {
        sim_time until;
        double rate = spec->bytes_per_second * factor_at(spec, link->passed_at, &until);
        double can = rate * (double)(until - link->passed_at) / 1e9;
        double left = (double)through - link->passed_bytes;
        if (until == SIM_TIME_MAX || can >= left) {
            return link->passed_at + (left > 0 ? duration(left, rate) : 0);
        }
        link->passed_bytes += can;
        link->passed_at = until;
    }
    return NET_LINK_NEVER;
}

/* An interface takes its part of every message at once, so that a stalled link blocks nobody else.
 */
static sim_time pass_nic(struct net_nic *nic, sim_time now, int64_t bytes)
{
    if (nic == NULL || nic->bytes_per_second <= 0) {
        return now;
    }
    nic->free_at =
        sim_time_later(nic->free_at, now) + duration((double)bytes, nic->bytes_per_second);
    return nic->free_at;
}

struct net_passage net_link_send(struct net_link *link, sim_time now, int64_t bytes,
                                 int64_t socket_bytes)
{
    const struct net_link_spec *spec = link->spec;
    if (link->free_at <= now) {
        link->busy_bytes = 0;
        link->passed_at = now;
        link->passed_bytes = 0;
    }
    link->busy_bytes += bytes;
    sim_time sent = advance(link, sim_time_later(now, link->free_at), bytes);
    sent = sim_time_later(sent, pass_nic(link->from, now, bytes));
    sent = sim_time_later(sent, pass_nic(link->to, now, bytes));
    sim_time absorbed = sent - duration((double)socket_bytes, spec->bytes_per_second);
    if (socket_bytes > 0 && spec->slow_count > 0) {
        int64_t through = link->busy_bytes - socket_bytes;
        absorbed = through > 0 ? drain(link, through) : now;
    }
    sim_time jitter = sim_dist_draw(&spec->jitter, &link->jitter);
    link->free_at = sent;
    link->last_arrival = sim_time_later(link->last_arrival, sent + spec->latency + jitter);
    return (struct net_passage){
        .sent = sent, .absorbed = sim_time_later(now, absorbed), .arrival = link->last_arrival};
}

int64_t net_link_window(const struct net_link_spec *data, const struct net_link_spec *control,
                        int64_t socket_bytes)
{
    double round_trip = (double)(data->latency + control->latency) / 1e9;
    return RECEIVE_SOCKET_BYTES + socket_bytes + (int64_t)(data->bytes_per_second * round_trip);
}
